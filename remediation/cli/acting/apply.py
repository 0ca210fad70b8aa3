"""`apply FINDING`: make a proposed repair, if it is proven now and nothing but the team's threshold held it.

FINDING is the id that card, page and list show. What would be written is shown first, and asked about unless
--yes is given; what has changed by then is shown again and not written.
"""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from remediation.cli.acting import hands, telling
from remediation.cli.acting.hands import NotDoneError
from remediation.cli.on_call import desk
from remediation.errors import InputError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("finding", metavar="FINDING", help="the id of an open finding")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, write nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    hands.configure(parser)


def run(args: argparse.Namespace) -> int:
    ours = hands.chosen(args)
    found = ours.show(args.finding)
    may = found["can"]["apply"]
    if args.format == "table":
        telling.show(found)
    if args.dry_run or not may["ok"]:
        return _not_now(args, found, may)
    if not args.yes:
        _ask()
    try:
        told = ours.ask("apply", found["id"], found["etag"], {})
    except NotDoneError as error:
        return not_done(error)
    telling.done(told, args.format)
    return 0


def _not_now(args: argparse.Namespace, found: Mapping[str, Any], may: Mapping[str, Any]) -> int:
    if args.format == "json":
        telling.as_json({"dryRun": args.dry_run, "finding": found})
    if not may["ok"]:
        desk.warn(f"not applied: {may['why']}")
        return 1
    return 0


def _ask() -> None:
    """Whether to go on, of whoever sits there; that nobody does is a mistake."""
    if not sys.stdin.isatty():
        raise InputError("--yes: is missing, and nobody is there to be asked")
    sys.stderr.write("apply it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise InputError("nothing was applied")


def not_done(error: NotDoneError) -> int:
    """Say why, and show what it is now where it has changed."""
    desk.warn(f"not done: {error}")
    if error.finding is not None:
        telling.show(error.finding)
    return 1
