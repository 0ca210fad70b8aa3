"""`scan`: judge a whole estate, from files or live, and say what drifted. Nothing is written to Azure.

Exit status: 1 when a finding is at or above `--fail-on` (any finding unless told otherwise) or, with
`--fail-on-unknown`, when something could not be judged; else 0.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from remediation import baseline
from remediation.adapters.clock import SystemClock
from remediation.cli.output.progress import shown
from remediation.errors import InputError
from remediation.estates.scanning import Scan, scan
from remediation.model import Severity
from remediation.rules import judged_types, registry

if TYPE_CHECKING:
    from remediation.cli.estates.scan_live import Live
    from remediation.estates.estate import Estate

MOST_WARNINGS = 20
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def configure(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--estate", metavar="PATH", nargs="+", action="extend", help="files with ARM resources; - reads stdin"
    )
    source.add_argument("--subscription", metavar="ID", help="read a subscription live, as you are signed in")
    parser.add_argument("--baseline", metavar="PATH", help="what should be; defaults hold without one")
    parser.add_argument(
        "--open-world",
        metavar="TYPE",
        action="append",
        default=[],
        help="a resource type the estate's files do not cover, may be given repeatedly",
    )
    parser.add_argument("--export", metavar="FILE", help="write what a live scan read as an estate file")
    parser.add_argument("--format", choices=["table", "json", "sarif"], default="table", help="how to print")
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        default="info",
        help="exit 1 for findings from here on: info (unless told otherwise), low, medium, high, critical",
    )
    parser.add_argument(
        "--fail-on-unknown", action="store_true", help="exit 1 when something could not be judged"
    )


def run(args: argparse.Namespace) -> int:
    mistakes: list[str] = []
    threshold = _collect(mistakes, partial(_severity, args.fail_on))
    _collect(mistakes, partial(_check, args))
    clock = SystemClock()
    standard = _collect(mistakes, partial(_baseline, args.baseline, clock.now()))
    if args.subscription is None:
        estate = _collect(mistakes, partial(_estate, args))
        if threshold is None or standard is None or estate is None or mistakes:
            raise InputError(mistakes)
        subjects = tuple(estate.subjects(judged_types()))
        result = scan(estate, subjects, standard, clock.now())
    else:
        if threshold is None or standard is None or mistakes:
            raise InputError(mistakes)
        result = _live(args, standard)
    _warn(
        f"{failure.rule} failed on {failure.resource}: {type(failure.error).__name__}: {failure.error}"
        for failure in result.failures
    )
    _print(result, args)
    failed = any(finding.severity >= threshold for finding in result.findings)
    return int(failed or (args.fail_on_unknown and bool(result.unknowns)))


# Input -------------------------------------------------------------------------------------------


def _collect[T](mistakes: list[str], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except InputError as error:
        mistakes.extend(error.mistakes)
        return None


def _severity(text: str) -> Severity:
    known = {severity.text: severity for severity in Severity}
    if text.lower() not in known:
        raise InputError(f"--fail-on {text}: not a severity; use {', '.join(known)}")
    return known[text.lower()]


def _check(args: argparse.Namespace) -> None:
    mistakes = []
    if args.subscription is not None and not _GUID.fullmatch(args.subscription):
        mistakes.append(f"--subscription {args.subscription}: not a subscription id")
    if args.export and args.subscription is None:
        mistakes.append("--export: goes with --subscription; files are an export already")
    if args.open_world and args.subscription is not None:
        mistakes.append("--open-world: goes with --estate; a live scan knows what it could not read")
    mistakes += [
        f"--open-world {kind}: not a resource type such as Microsoft.Insights/diagnosticSettings"
        for kind in args.open_world
        if "/" not in kind.strip("/")
    ]
    if mistakes:
        raise InputError(mistakes)


def _baseline(path: str | None, now: datetime) -> baseline.Baseline:
    if path is None:
        return baseline.NOTHING
    from remediation.adapters.files import read_text

    text = read_text(path, Path.cwd())
    standard = baseline.read(text, name=path, known_rules=list(registry()))
    _warn(f"{path}: {line}" for line in standard.expired(now))
    return standard


def _estate(args: argparse.Namespace) -> "Estate":
    from remediation.estates.estate import Estate
    from remediation.estates.files import read_all

    estate = Estate(read_all(args.estate), args.open_world)
    _warn(estate.warnings)
    return estate


def _warn(lines: Sequence[str] | Iterator[str]) -> None:
    every = list(lines)
    for line in every[:MOST_WARNINGS]:
        sys.stderr.write(f"remediation: warning: {line}\n")
    if len(every) > MOST_WARNINGS:
        sys.stderr.write(f"remediation: warning: and {len(every) - MOST_WARNINGS} more of these\n")


def _note(lines: Sequence[str]) -> None:
    """What a table shows above its summary; documents for programs keep their shape."""
    for line in lines:
        sys.stderr.write(f"remediation: note: {line}\n")


# Live --------------------------------------------------------------------------------------------


def _live(args: argparse.Namespace, standard: baseline.Baseline) -> Scan:
    clock = SystemClock()
    with shown() as progress:
        live = _connect(args.subscription.lower(), progress.say)
        subjects = live.subjects(judged_types())
        progress.begin(len(subjects))
        result = scan(live, subjects, standard, clock.now(), progress.tick)
    if args.export:
        live.read_leads()
        _write(args.export, json.dumps(live.export(), indent=1) + "\n")
    return result


def _connect(subscription: str, say: Callable[[str], None]) -> "Live":
    """ARM as the engineer is signed in; ARM_ENDPOINT and ARM_STATIC_TOKEN lead to a lab instead."""
    from remediation.adapters.arm.cloud import ArmCloud
    from remediation.adapters.credentials import credential
    from remediation.cli.estates.scan_live import Live

    endpoint = os.environ.get("ARM_ENDPOINT", "").strip() or "https://management.azure.com"
    token = os.environ.get("ARM_STATIC_TOKEN", "").strip()
    identity = credential(endpoint=endpoint, static_token=token)
    return Live(ArmCloud(identity, endpoint=endpoint), subscription, SystemClock(), say)


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--export {path}: cannot be written: {error.strerror}") from error


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
