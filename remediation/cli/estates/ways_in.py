"""`ways-in`: who on the internet can reach which machine, and how, judged along the whole path.

Exit status: 0; with `--fail-on-open` 1 when a way is open; 3 when the input holds nothing to judge.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from remediation.adapters.clock import SystemClock
from remediation.baseline import Baseline
from remediation.cli.estates.declared import (
    Exporting,
    configure_declared,
    drift_of_live,
    held_against,
    read_declared,
)
from remediation.cli.estates.inputs import (
    check_source,
    collect,
    configure_source,
    connect,
    estate_of,
    read_baseline,
)
from remediation.cli.output import into_file
from remediation.cli.output.progress import shown
from remediation.errors import InputError
from remediation.estates.ways_in import Source
from remediation.plain import plain
from remediation.ways.report import Machine, Report

if TYPE_CHECKING:
    from remediation.declared.drift import Drift

HIGHEST_PORT = 65535
MOST_NAMED = 5
NOTHING_JUDGED = 3
OWNER_TAG = "owner"


class Live(Source, Exporting, Protocol):
    """A subscription that is read as it is asked for."""


type Azure = Callable[[str, Callable[[str], None]], Live]
"""Answers reads about a subscription; is told where to say that it waits."""


class Engine(Protocol):
    """Judges every way of what can be read; `ports` are the baseline's unless given."""

    def __call__(self, source: Source, baseline: Baseline, ports: Sequence[int] = ()) -> Report: ...


def configure(parser: argparse.ArgumentParser) -> None:
    configure_source(parser)
    configure_declared(parser)
    parser.add_argument("--machine", metavar="NAME_OR_ID", help="one machine alone, by its name or its id")
    parser.add_argument(
        "--port",
        metavar="N",
        nargs="+",
        action="extend",
        default=[],
        help="ports to ask about; the baseline's management ports unless given",
    )
    parser.add_argument(
        "--format", choices=["table", "json", "html"], default="table", help="html: one page with a map"
    )
    parser.add_argument("--output", metavar="PATH", help="write there instead of printing")
    parser.add_argument("--fail-on-open", action="store_true", help="exit 1 when a way is open")


def run(args: argparse.Namespace, engine: Engine | None = None, azure: Azure = connect) -> int:
    mistakes: list[str] = []
    ports = collect(mistakes, partial(_ports, args.port))
    collect(mistakes, partial(check_source, args))
    if args.output is not None:
        collect(mistakes, partial(into_file.check, "--output", args.output))
    standard = collect(mistakes, partial(read_baseline, args.baseline, SystemClock().now()))
    declared = collect(mistakes, partial(read_declared, args.declared))
    there = None if args.subscription else collect(mistakes, partial(estate_of, args))
    if mistakes or ports is None or standard is None:
        raise InputError(mistakes)
    judge = engine or _engine()
    drift: Drift | None
    if there is not None:
        report = judge(there.estate, standard, ports)
        drift = None if declared is None else held_against(declared, there, standard)
    else:
        with shown("reading the subscription") as progress:
            live = azure(args.subscription.lower(), progress.say)
            report = judge(live, standard, ports)
            drift = None if declared is None else drift_of_live(declared, live, standard)
    if not (report.machines or report.networks or report.unknowns):
        sys.stderr.write("remediation: nothing to judge: no machine, and nothing that leads to one\n")
        return NOTHING_JUDGED
    if args.machine is not None:
        report = replace(report, machines=(_chosen(args.machine, report.machines),))
    _tell(report, args, drift)
    return int(args.fail_on_open and any(machine.verdict == "open" for machine in report.machines))


def _engine() -> Engine:
    """Late: bad input is told without waiting for it."""
    from remediation.estates.ways_in import report

    return report


# Input -------------------------------------------------------------------------------------------


def _ports(asked: Sequence[str]) -> tuple[int, ...]:
    wrong = [text for text in asked if not _is_port(text)]
    if wrong:
        raise InputError(
            f"--port {text}: not a port; a port is a number from 0 to {HIGHEST_PORT}" for text in wrong
        )
    return tuple(dict.fromkeys(map(int, asked)))


def _is_port(text: str) -> bool:
    digits = text.strip()
    return digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) <= HIGHEST_PORT


def _chosen(asked: str, machines: Iterable[Machine]) -> Machine:
    """The machine of that id or name; an instance is also `SET/INSTANCE`."""
    wanted = asked.strip().rstrip("/").lower()
    found = [machine for machine in machines if wanted in _names(machine)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(f"--machine {asked}: no such machine in what was read")
    ids = ", ".join(machine.id.text for machine in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    raise InputError(f"--machine {asked}: {len(found)} machines have this name, give an id: {ids}{more}")


def _names(machine: Machine) -> set[str]:
    parent = machine.id.parent
    qualified = f"{parent.name}/{machine.id.name}".lower() if parent else ""
    return {machine.id.key, machine.id.name.lower(), qualified} - {""}


# Output ------------------------------------------------------------------------------------------


def _tell(report: Report, args: argparse.Namespace, drift: "Drift | None") -> None:
    for finding in drift.findings if drift is not None else ():
        for line in (finding.message, *finding.evidence.get("effects", ())):
            sys.stderr.write(f"remediation: note: {plain(line)}\n")
    text = _text(report, args, drift)
    if args.output is None:
        sys.stdout.write(text)
    else:
        into_file.write("--output", args.output, text)
        sys.stderr.write(f"remediation: wrote {plain(args.output)}\n")


def _text(report: Report, args: argparse.Namespace, drift: "Drift | None") -> str:
    if args.format == "json":
        beside = {} if drift is None else {"drift": [finding.to_json() for finding in drift.findings]}
        return json.dumps({**report.to_json(), **beside}, indent=2) + "\n"
    if args.format == "html":
        from remediation.cli.output.ways_page.page import page

        about = f"subscription {args.subscription}" if args.subscription else ", ".join(args.estate)
        return page(report, SystemClock().now(), about=about, owner_tag=OWNER_TAG)
    from rich.console import Console

    from remediation.cli.output.ways_table import show

    console = Console(highlight=False, no_color=True if args.output else None)
    with console.capture() as captured:  # rich would end the process when the reader goes away
        show(report, console)
    return captured.get()
