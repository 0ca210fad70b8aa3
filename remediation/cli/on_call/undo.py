"""`undo ID`: take a repair back while the resource is still as we left it.

ID is that of a write, as the card and `history` show it, or of the finding it has repaired; all writes of the
same repair go back together. The finding is exempt for a while, so that the app does not repair it again at
once. With `--app` the app does it where people sign in to it; else this needs its settings, and a sign-in
that may write the resource.
"""

import argparse
import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from remediation.cli.acting import hands, telling
from remediation.cli.acting.apply import not_done
from remediation.cli.on_call import desk
from remediation.errors import InputError
from remediation.plain import plain

if TYPE_CHECKING:
    from remediation.on_call.tools import OnCall
    from remediation.on_call.undo import Undo

USUAL = "4h"
LONGEST = timedelta(days=90)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a write of the history, or a finding")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, write nothing")
    parser.add_argument("--exempt-for", metavar="TIME", help="leave the finding alone for 30m, 4h, 2d ...")
    parser.add_argument("--format", choices=["table", "json"], default="table", help="how to print")
    desk.configure(parser)


def run(args: argparse.Namespace) -> int:
    from remediation.on_call.still_ours import ChangedSinceError

    exempt_for = None if args.exempt_for is None else _length(args.exempt_for)
    theirs = None if args.dry_run else hands.over_http(args)
    if theirs is not None:
        return _by_the_app(theirs, args, _asked() if exempt_for is None else exempt_for)
    tools = desk.tools(args)
    undoer = tools.undoer(desk.whoever(tools))
    try:
        undo = undoer.plan(_write_of(tools, args.id))
        if args.dry_run or not undo.steps:
            _tell(undo, args.format, {"dryRun": args.dry_run})
            return 0
        if args.format == "table":
            _tell(undo, args.format, {})
        exempt_for = _asked() if exempt_for is None else exempt_for
        written = undoer.undo(undo, exempt_for)
    except ChangedSinceError as error:
        desk.warn(str(error))
        for line in error.lines:
            sys.stderr.write(f"    {plain(line)}\n")
        if error.command:
            desk.warn("over what it says today (the app closes it again unless it is exempt):")
            sys.stderr.write(f"    {plain(error.command)}\n")
        return 1
    _done(undo, written, exempt_for, args.format)
    return 0


def _by_the_app(theirs: hands.Hands, args: argparse.Namespace, exempt_for: timedelta) -> int:
    """Have the app take it back, in the name of whoever is signed in here."""
    try:
        told = theirs.ask("undo", args.id, "", {"exemptFor": f"{round(exempt_for.total_seconds() / 60)}m"})
    except hands.NotDoneError as error:
        return not_done(error)
    telling.done(told, args.format)
    return 0


def _write_of(tools: "OnCall", identity: str) -> str:
    """The write that an id names, itself or by the finding it has repaired."""
    from remediation.on_call.listing.identity import parts_of
    from remediation.on_call.listing.pages import find_in

    parts = parts_of(identity)
    if parts is None:
        return identity
    found = find_in(tools.ports.ledger, parts)
    if found is None or not found[1].write_id:
        raise InputError(f"{identity}: no finding of this id was repaired")
    return found[1].write_id


def _length(text: str) -> timedelta:
    from remediation.on_call.times import span

    try:
        length = span(text)
    except InputError as error:
        raise InputError(f"--exempt-for: {error}") from error
    if not timedelta(0) < length <= LONGEST:
        raise InputError(f"--exempt-for {text}: must be more than nothing and at most {LONGEST.days}d")
    return length


def _asked() -> timedelta:
    """For how long, from whoever sits there; that nobody does is a mistake."""
    if not sys.stdin.isatty():
        raise InputError("--exempt-for: is missing; without it the app would repair it again at once")
    sys.stderr.write(f"leave the finding alone for how long? [{USUAL}] ")
    sys.stderr.flush()
    return _length(sys.stdin.readline().strip() or USUAL)


def _tell(undo: "Undo", form: str, more: dict[str, Any]) -> None:
    if form == "json":
        sys.stdout.write(json.dumps({**undo.to_json(), **more}, indent=2) + "\n")
        return
    from rich.console import Console
    from rich.text import Text

    from remediation.cli.output.replay_table import diff_line

    console = Console(highlight=False)
    if not undo.steps:
        console.print("nothing to undo: everything is as it was before already")
        return
    dry = "would be taken back" if more.get("dryRun") else "is taken back"
    console.print(Text(f"{plain(undo.record.title)}: {dry}", style="bold"))
    for step in undo.steps:
        console.print(Text(f"  {step.write.method} {plain(step.write.id.text)}"), soft_wrap=True)
        for line in step.diff:
            console.print(diff_line(line), soft_wrap=True)
        for text in step.traffic:
            console.print(Text(f"    {plain(text)}", style="dim"), soft_wrap=True)


def _done(undo: "Undo", written: list[str], exempt_for: timedelta, form: str) -> None:
    if form == "json":
        seconds = int(exempt_for.total_seconds())
        _tell(undo, form, {"dryRun": False, "written": written, "exemptForSeconds": seconds})
        return
    for write_id in written:
        sys.stdout.write(f"done: {write_id}\n")
    sys.stdout.write(f"{undo.record.rule} is left alone there for {exempt_for}\n")
