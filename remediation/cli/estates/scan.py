"""`scan`: judge a whole estate, from files or live, and say what drifted. Nothing is written to Azure.

Exit status: 1 when a finding is at or above `--fail-on` (any finding unless told otherwise) or, with
`--fail-on-unknown`, when something could not be judged; 3 when nothing could; else 0.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from remediation import baseline
from remediation.adapters.clock import SystemClock
from remediation.cli.estates.declared import (
    configure_declared,
    drift_of_live,
    held_against,
    read_declared,
)
from remediation.cli.estates.inputs import (
    EstateOfFiles,
    check_source,
    collect,
    configure_source,
    connect,
    estate_of,
    read_baseline,
    threshold,
    warn,
)
from remediation.cli.output import into_file
from remediation.cli.output.progress import shown
from remediation.errors import InputError
from remediation.estates.scanning import Scan, scan
from remediation.model import Severity
from remediation.plain import plain
from remediation.rules import judged_types

if TYPE_CHECKING:
    from remediation.declared.declaration import Declared
    from remediation.estates.ways_in import Source
    from remediation.ways.report import Report

NOTHING_JUDGED = 3


def configure(parser: argparse.ArgumentParser) -> None:
    configure_source(parser)
    configure_declared(parser)
    parser.add_argument("--export", metavar="FILE", help="write what a live scan read as an estate file")
    parser.add_argument(
        "--format",
        choices=["table", "json", "sarif", "html", "markdown", "junit"],
        default="table",
        help="how to print; html: one page, with a map of the ways in",
    )
    parser.add_argument("--output", metavar="PATH", help="write there instead of printing")
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        default="info",
        help="exit 1 for findings from here on: info (the default), low, medium, high, critical, never",
    )
    parser.add_argument(
        "--fail-on-unknown", action="store_true", help="exit 1 when something could not be judged"
    )


def run(args: argparse.Namespace) -> int:
    mistakes: list[str] = []
    least = collect(mistakes, partial(threshold, args.fail_on))
    collect(mistakes, partial(_check, args))
    clock = SystemClock()
    standard = collect(mistakes, partial(read_baseline, args.baseline, clock.now()))
    declared = collect(mistakes, partial(read_declared, args.declared))
    if args.subscription is None:
        there = collect(mistakes, partial(estate_of, args))
        if standard is None or there is None or mistakes:
            raise InputError(mistakes)
        result = _of_files(standard, there, declared)
        ways = _ways(there.estate, standard, args)
    else:
        if standard is None or mistakes:
            raise InputError(mistakes)
        result, ways = _live(args, standard, declared)
    warn(
        f"{failure.rule} failed on {failure.resource}: {type(failure.error).__name__}: {failure.error}"
        for failure in result.failures
    )
    _tell(result, ways, least, args)
    failed = least is not None and any(one.severity >= least for one in result.findings)
    if failed or (args.fail_on_unknown and result.unknowns):
        return 1
    if result.evaluated or result.findings:
        return 0
    sys.stderr.write("remediation: nothing was judged: no rule could say anything about what was given\n")
    return NOTHING_JUDGED


def _of_files(standard: baseline.Baseline, there: EstateOfFiles, declared: "Declared | None") -> Scan:
    estate = there.estate
    result = scan(estate, tuple(estate.subjects(judged_types())), standard, SystemClock().now())
    result = replace(result, notes=(*result.notes, *estate.lacking.told()))
    return result if declared is None else held_against(declared, there, standard).beside(result)


# Input -------------------------------------------------------------------------------------------


def _check(args: argparse.Namespace) -> None:
    mistakes: list[str] = []
    collect(mistakes, partial(check_source, args))
    if args.export and args.subscription is None:
        mistakes.append("--export: goes with --subscription; files are an export already")
    for option, path in (("--export", args.export), ("--output", args.output)):
        if path is not None:
            collect(mistakes, partial(into_file.check, option, path))
    if mistakes:
        raise InputError(mistakes)


def _note(lines: Sequence[str]) -> None:
    """What a table shows above its summary; documents for programs keep their shape."""
    for line in lines:
        sys.stderr.write(f"remediation: note: {plain(line)}\n")


# Live --------------------------------------------------------------------------------------------


def _live(
    args: argparse.Namespace, standard: baseline.Baseline, declared: "Declared | None"
) -> "tuple[Scan, Report | None]":
    clock = SystemClock()
    with shown() as progress:
        live = connect(args.subscription.lower(), progress.say)
        subjects = live.subjects(judged_types())
        progress.begin(len(subjects))
        result = scan(live, subjects, standard, clock.now(), progress.tick)
        ways = _ways(live, standard, args)
    if declared is not None:
        result = drift_of_live(declared, live, standard).beside(result)
    if args.export:
        live.read_leads()
        into_file.write("--export", args.export, json.dumps(live.export(), indent=1) + "\n")
    return result, ways


def _ways(source: "Source", standard: baseline.Baseline, args: argparse.Namespace) -> "Report | None":
    """The ways in, for the one format that draws them."""
    if args.format != "html":
        return None
    from remediation.estates.ways_in import report

    return report(source, standard)


# Output ------------------------------------------------------------------------------------------


def _tell(result: Scan, ways: "Report | None", least: Severity | None, args: argparse.Namespace) -> None:
    """Print the answer, or write it where `--output` says."""
    if args.format in {"json", "sarif", "junit"}:  # the others tell them themselves
        _note(result.notes)
    told = _text(result, ways, least, args)
    if args.output is None:
        sys.stdout.write(told)
    else:
        into_file.write("--output", args.output, told)
        sys.stderr.write(f"remediation: wrote {plain(args.output)}\n")


def _text(result: Scan, ways: "Report | None", least: Severity | None, args: argparse.Namespace) -> str:
    about = f"subscription {args.subscription}" if args.subscription else ", ".join(args.estate)
    now = SystemClock().now()
    match args.format:
        case "sarif":
            from remediation.cli.output.scan_sarif import sarif

            return json.dumps(sarif(result, args.estate or ()), indent=2) + "\n"
        case "html":
            from remediation.cli.output.scan_reports.page import page

            return page(result, ways, now, about=about)
        case "markdown":
            from remediation.cli.output.scan_reports.markdown import markdown

            return markdown(result, now, about=about)
        case "junit":
            from remediation.cli.output.scan_reports.junit import junit

            return junit(result, now, least, unknown_fails=args.fail_on_unknown)
        case "json":
            return json.dumps(result.to_json(), indent=2) + "\n"
    return _table(result, args)


def _table(result: Scan, args: argparse.Namespace) -> str:
    from rich.console import Console

    from remediation.cli.output.scan_table import show

    console = Console(highlight=False, no_color=True if args.output else None)
    with console.capture() as captured:  # rich would end the process when the reader goes away
        show(result, console)
    return captured.get()
