"""`--declared`: what a team's files declare, held against an estate or against what was read live."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from remediation.adapters.clock import SystemClock
from remediation.cli.estates.inputs import EstateOfFiles
from remediation.errors import PermanentError
from remediation.model import Resource
from remediation.resource_id import ResourceId

if TYPE_CHECKING:
    from remediation.baseline import Baseline
    from remediation.declared.declaration import Declared
    from remediation.declared.drift import Drift


class Exporting(Protocol):
    """What was read of a subscription, and can be read more of, as an estate file."""

    def get(self, resource: ResourceId) -> Resource | None: ...

    def read_leads(self) -> None: ...

    def export(self) -> dict[str, Any]: ...


def configure_declared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--declared",
        metavar="PATH",
        action="append",
        help="what your team declared, to be held against what is there: a Bicep snapshot, terraform show "
        "-json of a state, or a list of resources; may be given repeatedly",
    )


def read_declared(paths: Sequence[str] | None) -> "Declared | None":
    """What the files declare, None where none were given; raises InputError with a line for each mistake."""
    if not paths:
        return None
    from remediation.declared.files import read_all

    return read_all(paths)


def held_against(declared: "Declared", there: EstateOfFiles, baseline: "Baseline") -> "Drift":
    """What differs; raises InputError where the estate holds nothing of the declared subscriptions."""
    from remediation.declared.drift import drift

    return drift(declared, there.estate, there.files, baseline, SystemClock().now(), baseline.declared.ignore)


def drift_of_live(declared: "Declared", live: Exporting, baseline: "Baseline") -> "Drift":
    """The same of a subscription; what is declared and nobody asked for is read first."""
    from remediation.estates.estate import Estate
    from remediation.estates.files import file_of

    live.read_leads()
    for declaration in declared.declarations.values():
        with suppress(PermanentError):  # a refusal is kept as one
            live.get(declaration.id)
    files = [file_of("the subscription", [live.export()])]
    return held_against(declared, EstateOfFiles(Estate(files), files), baseline)
