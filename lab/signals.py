"""Running until somebody says stop."""

import asyncio
import signal


async def until_interrupted() -> None:
    """Return at the first SIGINT or SIGTERM; a second one is the system's own again."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    try:
        await asked.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
