"""`history report`: what was changed in a time, on which proof and by whose word, for an auditor."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from remediation.cli.on_call import desk
from remediation.cli.output import into_file
from remediation.errors import InputError

if TYPE_CHECKING:
    from remediation.on_call.chronicle.report import Span
    from remediation.on_call.history import Historian

WORD = "report"
FORMATS = ("csv", "html", "json")


def run(args: argparse.Namespace, historian: "Historian", now: Any, others: Iterable[str]) -> int:
    """Print the report, or write it to --output; `others` are given options that do not go with it."""
    from remediation.on_call.chronicle import report

    for option in others:
        raise InputError(f"{option}: does not go with a report, which tells all of a time")
    wanted = {key: getattr(args, key) for key in ("since", "until") if getattr(args, key) is not None}
    try:
        span = report.read(wanted, now)
    except InputError as error:
        raise desk.with_options(error, {key: f"--{key}" for key in wanted}) from error
    note = span.note(historian.extent())
    lines = _lines(args.format, historian, span, note, now)
    if args.output:
        into_file.write("--output", args.output, lines)
    else:
        sys.stdout.writelines(lines)
    if note:
        desk.warn(note)
    return 0


def _lines(form: str, historian: "Historian", span: "Span", note: str, now: Any) -> Iterator[str]:
    """The report as text, written while it is read: a month can hold ten thousand writes."""
    from remediation.on_call.chronicle import report

    entries = historian.writes(span.since, span.until)
    if form == "html":
        from remediation.on_call.history_page import report_page

        found = list(entries)
        yield report_page(found, report.summary(found, span), now, note)
    elif form == "json":
        yield json.dumps(list(entries), indent=2) + "\n"
    else:
        yield from report.as_csv(entries, note)
