"""`python -m lab.arm [--port N]`: the lab's ARM as a process. Prints one JSON line when it is ready."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from lab.arm.arm import Arm
from lab.arm.server import application
from lab.arm.serving import serving
from lab.arm.settings import Settings


async def run(port: int, *, throttling: bool) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    arm = Arm(settings=Settings(throttling=throttling))
    async with serving(application(arm), port) as url:
        print(json.dumps({"arm": url}), flush=True)
        await stop.wait()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.arm", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on loopback; any free one by default")
    parser.add_argument(
        "--throttling", action="store_true", help="refuse requests when a token bucket is empty"
    )
    arguments = parser.parse_args()
    try:
        asyncio.run(run(arguments.port, throttling=arguments.throttling))
    except (OSError, OverflowError) as problem:
        sys.stderr.write(f"lab.arm: cannot serve on port {arguments.port}: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
