"""The command line: plays the stories, writes the report; status 1 when one did not end as told."""

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from demo.play import play
from demo.report import write
from demo.watch import Watch
from lab.arm.state.faults import Faults
from lab.azurite import AzuriteMissingError
from lab.functions_host import HostError

FAILED, BAD_INPUT = 1, 2


def main(argv: list[str] | None = None) -> int:
    """Run the demo; what stands in its way is one line on stderr and status 2."""
    args = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without these characters
    _quiet_logs(verbose=args.verbose)
    watch = Watch(Console(highlight=False), args.pace)
    try:
        args.report.parent.mkdir(parents=True, exist_ok=True)
        played = asyncio.run(play(args.seed, args.storage, watch, faults=args.fault))
        watch.closing(played.acts, played.figures, played.seconds)
        watch.written([str(path) for path in write(played, args.report)])
    except (HostError, AzuriteMissingError, OSError) as error:
        sys.stderr.write(f"demo: {error}\n")
        return BAD_INPUT
    return 0 if played.ok else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Watch an Azure estate drift and come back."
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="decides names, addresses and the order of the acts"
    )
    parser.add_argument(
        "--storage", choices=["memory", "azurite"], default="memory", help="where queues and ledger are"
    )
    parser.add_argument(
        "--report", type=Path, default=Path("demo-report"), help="the report's path without .html, .json"
    )
    parser.add_argument(
        "--pace", type=float, default=0.12, help="seconds to read each piece; a terminal only"
    )
    parser.add_argument("--fault", type=_fault, action="append", default=[], metavar="JSON",
                        help="something ARM does wrong, as POST /_lab/faults takes it")  # fmt: skip
    parser.add_argument("--verbose", action="store_true", help="show the app's log on stderr")
    return parser


def _fault(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError("a JSON object is expected")
    try:
        Faults().add(value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return value


def _quiet_logs(*, verbose: bool) -> None:
    """The play is the output: without --verbose not even warnings are shown (the checks tell of them)."""
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    else:
        logging.getLogger().addHandler(logging.NullHandler())
