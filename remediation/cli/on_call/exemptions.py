"""`exemptions [--end ID | --until ID TIME]`: what is left alone now, by whose word and until when.

Without options a list: of the baseline, of tags, and those that people gave with `undo`. The last ones have
an id, by which they are ended, shortened or prolonged; the app looks at once.

Exit status: 3 where some that people gave cannot be read.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from remediation.cli.on_call import desk
from remediation.plain import plain
from remediation.telling.cards.words import kind_and_name

if TYPE_CHECKING:
    from remediation.on_call.exemptions import Listed


NOT_ALL = 3
NONE = "nothing is left alone now\n"
UNLISTED = "what they leave alone is not listed, and not repaired (docs/runbook.md, unreadable-records)"


def configure(parser: argparse.ArgumentParser) -> None:
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--end", metavar="ID", help="leave it alone no longer")
    change.add_argument(
        "--until",
        metavar=("ID", "TIME"),
        nargs=2,
        help="have it end at 2026-10-20T18:00Z, or 4h from now; sooner or later than it would",
    )
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    from remediation.on_call.exemptions import read_until

    tools = desk.tools(args)
    exempter = tools.exempter(desk.whoever(tools))
    if args.end is not None:
        _print([exempter.end(args.end)], args.format, "ended: ")
    elif args.until is not None:
        identity, time = args.until
        moved = exempter.move(identity, read_until(time, tools.ports.clock.now()))
        _print([moved], args.format, "changed: ")
    else:
        listed, unlisted = exempter.listed(), exempter.unlisted()
        _print(listed, args.format, none="" if unlisted else NONE)
        for why in unlisted:
            desk.warn(f"records of exemptions cannot be read: {why}; {UNLISTED}")
        return NOT_ALL if unlisted else 0
    return 0


def _print(found: "list[Listed]", form: str, head: str = "", none: str = NONE) -> None:
    if form == "json":
        sys.stdout.write(json.dumps([one.to_json() for one in found], indent=2) + "\n")
        return
    if not found:
        sys.stdout.write(none)
    for one in found:
        name = kind_and_name(one.resource)[1]
        about = f"rule {one.opening} of {name}" if one.opening else name
        sys.stdout.write(f"{head}{one.id or '-':<8}  until {one.until:%Y-%m-%d %H:%M} UTC  {plain(about)}\n")
        by = f" by {one.by}" if one.by else ""
        why = f": {one.reason}" if one.reason else ""
        sys.stdout.write(f"          {plain(one.rule)}  {one.source}{plain(by)}{plain(why)}\n")
