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
from remediation.plain import plain
from remediation.rules import judged_types

if TYPE_CHECKING:
    from remediation.declared.declaration import Declared

NOTHING_JUDGED = 3


def configure(parser: argparse.ArgumentParser) -> None:
    configure_source(parser)
    configure_declared(parser)
    parser.add_argument("--export", metavar="FILE", help="write what a live scan read as an estate file")
    parser.add_argument("--format", choices=["table", "json", "sarif"], default="table", help="how to print")
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
    else:
        if standard is None or mistakes:
            raise InputError(mistakes)
        result = _live(args, standard, declared)
    warn(
        f"{failure.rule} failed on {failure.resource}: {type(failure.error).__name__}: {failure.error}"
        for failure in result.failures
    )
    _print(result, args)
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
    if mistakes:
        raise InputError(mistakes)


def _note(lines: Sequence[str]) -> None:
    """What a table shows above its summary; documents for programs keep their shape."""
    for line in lines:
        sys.stderr.write(f"remediation: note: {plain(line)}\n")


# Live --------------------------------------------------------------------------------------------


def _live(args: argparse.Namespace, standard: baseline.Baseline, declared: "Declared | None") -> Scan:
    clock = SystemClock()
    with shown() as progress:
        live = connect(args.subscription.lower(), progress.say)
        subjects = live.subjects(judged_types())
        progress.begin(len(subjects))
        result = scan(live, subjects, standard, clock.now(), progress.tick)
    if declared is not None:
        result = drift_of_live(declared, live, standard).beside(result)
    if args.export:
        live.read_leads()
        into_file.write("--export", args.export, json.dumps(live.export(), indent=1) + "\n")
    return result


# Output ------------------------------------------------------------------------------------------


def _print(result: Scan, args: argparse.Namespace) -> None:
    if args.format == "table":
        from rich.console import Console

        from remediation.cli.output.scan_table import show

        show(result, Console(highlight=False))
        return
    _note(result.notes)
    document = result.to_json()
    if args.format == "sarif":
        from remediation.cli.output.scan_sarif import sarif

        document = sarif(result, args.estate or ())
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
