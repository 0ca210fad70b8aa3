"""What commands over estates share: where documents come from, and what is wrong with the answer.

Mistakes are collected, so that one run names all of them.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from remediation import baseline
from remediation.adapters.clock import SystemClock
from remediation.cli import az_profile
from remediation.declared.rule import DECLARED_DRIFT
from remediation.errors import InputError
from remediation.model import Severity
from remediation.plain import plain
from remediation.rules import registry

if TYPE_CHECKING:
    from remediation.cli.estates.scan_live import Live
    from remediation.estates.estate import Estate
    from remediation.estates.files import EstateFile

MOST_WARNINGS = 20
NEVER = "never"
SIGNED_IN = "signed-in"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def configure_source(parser: argparse.ArgumentParser) -> None:
    """Files or a subscription, and the baseline to hold them against."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--estate", metavar="PATH", nargs="+", action="extend", help="files with ARM resources; - reads stdin"
    )
    source.add_argument(
        "--subscription",
        metavar="ID",
        nargs="?",
        const=SIGNED_IN,
        help="read a subscription live, as you are signed in: by id or name; without, the one of `az login`",
    )
    parser.add_argument("--baseline", metavar="PATH", help="what should be; defaults hold without one")
    parser.add_argument(
        "--open-world",
        metavar="TYPE",
        action="append",
        default=[],
        help="a resource type the estate's files do not cover, may be given repeatedly",
    )


def collect[T](mistakes: list[str], read: Callable[[], T]) -> T | None:
    """What `read` gives; None where it finds mistakes, which are added to the others."""
    try:
        return read()
    except InputError as error:
        mistakes.extend(error.mistakes)
        return None


def threshold(text: str) -> Severity | None:
    """The severity from which findings count; None for never."""
    if text.lower() == NEVER:
        return None
    known = {severity.text: severity for severity in Severity}
    if text.lower() not in known:
        raise InputError(f"--fail-on {text}: not a severity; use {', '.join(known)} or {NEVER}")
    return known[text.lower()]


def the_subscription(text: str) -> str:
    """The id of a subscription, in lower case; of its name, or of none at all, as the Azure CLI knows it.

    Raises InputError where there is none.
    """
    identity = az_profile.chosen() if text == SIGNED_IN else text
    if not identity:
        raise InputError("--subscription: the Azure CLI has chosen none: run az login, or give an id")
    if not _GUID.fullmatch(identity):
        identity = az_profile.named(identity)
    if not _GUID.fullmatch(identity):
        raise InputError(f"--subscription {text}: not a subscription id")
    return identity.lower()


def check_source(args: argparse.Namespace) -> None:
    mistakes: list[str] = []
    if args.subscription is not None:
        args.subscription = (
            collect(mistakes, lambda: the_subscription(args.subscription)) or args.subscription
        )
    if args.open_world and args.subscription is not None:
        mistakes.append("--open-world: goes with --estate; what is read live knows what it could not read")
    mistakes += [
        f"--open-world {kind}: not a resource type such as Microsoft.Insights/diagnosticSettings"
        for kind in args.open_world
        if "/" not in kind.strip("/")
    ]
    if mistakes:
        raise InputError(mistakes)


def read_baseline(path: str | None, now: datetime) -> baseline.Baseline:
    if path is None:
        return baseline.NOTHING
    from remediation.adapters.files import read_text

    text = read_text(path, Path.cwd())
    standard = baseline.read(text, name=path, known_rules=[*registry(), DECLARED_DRIFT.id])
    warn(f"{path}: {line}" for line in standard.expired(now))
    return standard


@dataclass(frozen=True, slots=True)
class EstateOfFiles:
    """An estate with the files it was made of."""

    estate: "Estate"
    files: "Sequence[EstateFile]"


def estate_of(args: argparse.Namespace) -> EstateOfFiles:
    from remediation.estates.estate import Estate
    from remediation.estates.files import read_all

    files = read_all(args.estate)
    estate = Estate(files, args.open_world)
    warn(estate.warnings)
    return EstateOfFiles(estate, files)


def connect(subscription: str, say: Callable[[str], None]) -> "Live":
    """ARM as the engineer is signed in; ARM_ENDPOINT and ARM_STATIC_TOKEN lead to a lab instead."""
    from remediation.adapters.arm.cloud import ArmCloud
    from remediation.adapters.credentials import credential
    from remediation.cli.estates.scan_live import Live

    endpoint = os.environ.get("ARM_ENDPOINT", "").strip() or "https://management.azure.com"
    token = os.environ.get("ARM_STATIC_TOKEN", "").strip()
    identity = credential(endpoint=endpoint, static_token=token)
    return Live(ArmCloud(identity, endpoint=endpoint), subscription, SystemClock(), say)


def warn(lines: Sequence[str] | Iterator[str]) -> None:
    every = list(lines)
    for line in every[:MOST_WARNINGS]:
        sys.stderr.write(f"remediation: warning: {plain(line)}\n")
    if len(every) > MOST_WARNINGS:
        sys.stderr.write(f"remediation: warning: and {len(every) - MOST_WARNINGS} more of these\n")
