"""``python -m lab``: the lab with a seeded estate and the functions host, until Ctrl-C.

One JSON line on stdout says when it is ready; stderr tells people what to do with it.
"""

import argparse
import asyncio
import errno
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from lab.azurite import AzuriteMissingError
from lab.functions_host import HostError
from lab.logs import show
from lab.second_worker import SecondWorkerError
from lab.signals import until_interrupted
from lab.world import FETCH_EVERY, World

LONGEST_DELAY = 86_400.0

MOST_WORKERS = 4

HIGHEST_PORT, LONGEST = 65535, 6
HINT = """\
The lab runs on this machine only. Any bearer token is accepted; its text is the caller's name.
  see the estate   curl -H 'Authorization: Bearer alice' \\
                   '{arm}/subscriptions/{subscription}/resourceGroups?api-version=2021-04-01'
  watch it         {arm}/_lab/log  /_lab/events  /_lab/announcements  /_lab/cards
  see the page     {functions}/api/board?code={key}
{asking}  skip an hour     curl -X POST {arm}/_lab/advance -d '{{"seconds": 3600}}'
Ctrl-C ends it.
"""


ASKING = """\
  ask the app      export ARM_ENDPOINT={arm} ARM_STATIC_TOKEN=alice
                   .venv/bin/python -m remediation history --app rg-guard
"""


def main(argv: list[str] | None = None) -> int:
    parser = Parser(prog="python -m lab", description="A small Azure on loopback with the app in it.")
    parser.add_argument(
        "--port", type=_port, default=0, help="ARM's port on 127.0.0.1; any free one by default"
    )
    parser.add_argument("--seed", type=int, default=1, help="the estate's seed: names, addresses, sizes")
    parser.add_argument(
        "--storage", choices=["memory", "azurite"], default="memory", help="where queues and ledger are"
    )
    parser.add_argument(
        "--baseline",
        metavar="PATH",
        help="a baseline of your own, in place of the estate's",
    )
    parser.add_argument(
        "--changes",
        choices=["eventGrid", "activityLog"],
        default="eventGrid",
        help="whether changes are delivered, or fetched from the activity log every five seconds",
    )
    parser.add_argument(
        "--log-delay",
        type=float,
        metavar="SECONDS",
        help="how late the activity log tells of a change (5 where changes are fetched)",
    )
    parser.add_argument(
        "--workers", type=int, default=1, help="processes that do the app's work (2 wants --storage azurite)"
    )
    parser.add_argument(
        "--guards",
        type=int,
        choices=[1, 2],
        default=1,
        help="apps on the subscription that know nothing of each other",
    )
    parser.add_argument("--verbose", action="store_true", help="show the app's log")
    args = parser.parse_args(argv)
    show(logging.INFO if args.verbose else logging.WARNING)
    try:
        world = World(
            seed=args.seed,
            storage=args.storage,
            port=args.port,
            poll_interval=1,
            baseline_path=_file(args.baseline),
            changes=args.changes,
            log_delay=_delay(args),
            workers=_workers(args),
            guards=args.guards,
        )
        chosen = args.storage == "azurite" or args.baseline is not None
        asyncio.run(_run(world, chosen=chosen))
    except (HostError, AzuriteMissingError, SecondWorkerError, OSError) as error:
        print(f"lab: {_plainly(error, args.port)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while it was still starting
        return 130
    return 0


def _delay(args: argparse.Namespace) -> float:
    """Seconds, at least 0; raises OSError for what is no delay."""
    if args.log_delay is None:
        return FETCH_EVERY if args.changes == "activityLog" else 0.0
    if not 0 <= args.log_delay <= LONGEST_DELAY:
        raise OSError(f"--log-delay {args.log_delay:g}: must be 0 to {LONGEST_DELAY:g} seconds")
    return float(args.log_delay)


def _workers(args: argparse.Namespace) -> int:
    """1 to 4; raises OSError for another number, and for several on storage that one process has alone."""
    if not 1 <= args.workers <= MOST_WORKERS:
        raise OSError(f"--workers {args.workers}: must be 1 to {MOST_WORKERS}")
    if args.workers > 1 and args.storage == "memory":
        raise OSError(
            "--workers: several processes share the storage emulator alone, so add --storage azurite"
        )
    return int(args.workers)


class Parser(argparse.ArgumentParser):
    """Whose complaints are one line, as all others here."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"lab: {message}\n")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < LONGEST and int(text) <= HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"{text} is not a port; a port is a number from 0 to {HIGHEST_PORT}")
    return int(text)


def _file(path: str | None) -> Path | None:
    """The path made whole, since the app is started elsewhere; raises OSError where no file is."""
    if path is None:
        return None
    with open(path, encoding="utf-8"):  # noqa: PTH123  it is to be there
        return Path(path).resolve()


def _plainly(error: Exception, port: int) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} of 127.0.0.1 is taken; choose another with --port"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


async def _run(world: World, *, chosen: bool) -> None:
    """Run until Ctrl-C. `chosen`: storage or baseline are, and the line that says ready tells of them too."""
    async with world:
        ready: dict[str, Any] = {
            "arm": world.arm_url,
            "webhook": world.webhook_url,
            "functions": world.functions_url,
            "key": world.key,
            "subscription": world.subscription,
        }
        if chosen:
            ready |= {"storage": world.connection, "topic": world.topic_url}
        if world.others:
            ready |= {"others": [{"functions": other.url, "key": other.key} for other in world.others]}
        if world.guards:
            ready |= {"guards": [{"functions": other.url, "key": other.key} for other in world.guards]}
        asking = ASKING.format(**ready) if chosen and not world.connection.startswith("memory:") else ""
        if asking or os.environ.get("WEBSITE_AUTH_ENABLED"):
            world.show_the_app()
        print(json.dumps(ready), flush=True)
        print(HINT.format(asking=asking, **ready), file=sys.stderr, flush=True)
        await until_interrupted()


if __name__ == "__main__":
    raise SystemExit(main())
