"""`history`: what was judged, written and announced, and what was not done; one entry in full; a page.

`history report` tells every write of a time, for an auditor.

Reads the ledger of the deployed app (`AzureWebJobsStorage`) and asks ARM nothing.
"""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from remediation.cli.on_call import desk, history_report
from remediation.cli.output import into_file
from remediation.errors import InputError

if TYPE_CHECKING:
    from remediation.on_call.history import Historian, Page

KEYS = ("since", "until", "resource", "rule", "actor", "replay", "kind", "limit", "next")
OPTIONS = {key: f"--{key}" for key in KEYS}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="one entry in full; or: report, all writes")
    parser.add_argument("--since", metavar="TIME", help="2026-10-20T03:00Z, or 6h for six hours ago (24h)")
    parser.add_argument("--until", metavar="TIME", help="as --since; now unless given")
    parser.add_argument("--resource", metavar="ID", help="only this resource, by id or by its bare name")
    parser.add_argument("--rule", metavar="RULE", help="only what concerns this rule")
    parser.add_argument("--actor", metavar="TEXT", help="only what whom this text names set off")
    parser.add_argument("--replay", metavar="ID", help="only what this replay led to")
    parser.add_argument(
        "--kind", metavar="KIND", help="judged, written, announced, waiting, skipped or baseline"
    )
    parser.add_argument("--limit", metavar="N", type=int, help="at most so many entries (100, 500 at most)")
    parser.add_argument("--next", metavar="TEXT", help="the page that follows, as the one before names it")
    parser.add_argument("--html", metavar="FILE", help="write a page to read or mail, instead of printing")
    parser.add_argument(
        "--format", choices=["table", "json", "html", "csv"], default="table", help="html, csv: of a report"
    )
    parser.add_argument("--output", metavar="FILE", help="where a report goes, instead of being printed")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:

    tools = desk.tools(args)
    historian = tools.history()
    if args.id == history_report.WORD:
        others = [OPTIONS[key] for key in KEYS[2:] if getattr(args, key) is not None]
        return history_report.run(args, historian, tools.ports.clock.now(), others)
    _refuse_what_is_for_a_report(args)
    if args.id is not None:
        return _one(historian, args)
    told = _page(historian, args, tools.ports.clock.now())
    if args.html:
        from remediation.on_call.history_page import page

        entries = [historian.entry(line.id) or line.to_json() for line in told.lines]
        into_file.write("--html", args.html, page(entries, tools.ports.clock.now(), told.note))
    elif args.format == "json":
        _print_json([line.to_json() for line in told.lines])
    else:
        from rich.console import Console

        from remediation.cli.output.history_table import show

        show(told.lines, Console(highlight=False))
    _warn_of_more(told)
    return 0


def _refuse_what_is_for_a_report(args: argparse.Namespace) -> None:
    if args.format in {"html", "csv"}:
        raise InputError(f"--format {args.format}: goes with history report; --html FILE writes a page")
    if args.output:
        raise InputError("--output: goes with history report")


def _warn_of_more(told: "Page") -> None:
    """What is not in the list, on standard error, so that it never is taken for all there was."""
    if told.next:
        desk.warn(f"there is more: the same with --next {told.next}")
    if told.note:
        desk.warn(told.note)


def _page(historian: "Historian", args: argparse.Namespace, now: Any) -> "Page":
    from remediation.on_call.history import read

    wanted = {key: getattr(args, key) for key in OPTIONS if getattr(args, key) is not None}
    try:
        return historian.page(read(wanted, now))
    except InputError as error:
        raise desk.with_options(error, OPTIONS) from error


def _one(historian: "Historian", args: argparse.Namespace) -> int:
    given = [option for key, option in OPTIONS.items() if getattr(args, key) is not None]
    if given:
        raise InputError(f"{given[0]}: does not go with one entry's id")
    entry = historian.entry(args.id)
    if entry is None:
        forgotten = historian.extent().note_on(args.id)
        raise InputError(f"{args.id}: the history has no entry of this id{forgotten}")
    if args.html:
        from remediation.adapters.clock import SystemClock
        from remediation.on_call.history_page import page

        into_file.write("--html", args.html, page([entry], SystemClock().now()))
    elif args.format == "json":
        _print_json(entry)
    else:
        from rich.console import Console

        from remediation.cli.output.history_table import show_entry

        show_entry(entry, Console(highlight=False))
    return 0


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
