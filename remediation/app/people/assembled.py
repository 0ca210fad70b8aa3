"""Puts together what answers people, on what settings and baseline decide."""

from collections.abc import Callable
from dataclasses import dataclass

from remediation.adapters.apps.own_key import OwnKey
from remediation.app.building import Building
from remediation.app.people.changing import Changing
from remediation.app.people.reading import Reading
from remediation.app.people.signing_in import SigningIn
from remediation.baseline import People
from remediation.on_call.tools import OnCall


@dataclass(frozen=True, slots=True)
class ForPeople:
    """What answers GET, and what answers POST."""

    reads: Reading
    changes: Changing


def for_people(built: Building, tools: Callable[[], OnCall]) -> ForPeople:
    """What answers people; who may do what is asked of the baseline that is in force then."""
    made: list[SigningIn] = []

    def signing_in() -> SigningIn:
        if not made:
            base = built.foundation()
            made.append(
                SigningIn(
                    trusted=base.settings.signs_in,
                    people=people,
                    readers=base.settings.replay_principals,
                    opens=OwnKey(base.settings.own_host, base.ports.clock).opens,
                )
            )
        return made[0]

    def people() -> People:
        return built.parts().baseline.people

    reads = Reading(tools, signing_in)
    return ForPeople(reads, Changing(tools, signing_in, reads.count_anew))
