"""How the broken parts are handed in: each guard by what it is, and the app without it."""

from collections.abc import Callable
from typing import Any

from remediation.ledger.claims import Claims
from remediation.ledger.counters import Counters
from remediation.ledger.readers import Readers
from remediation.policy import Policy
from remediation.ports import Ledger
from remediation.reconciling.handing_on import Later
from remediation.reconciling.look import Looker
from remediation.reconciling.reconciler import Reconciler
from remediation.reconciling.writing import Writer
from remediation.telling.announcing import Herald
from remediation.telling.sender import Sender
from tests.simulation import broken_parts as broken
from tests.simulation.plant import Parts

type Change = Callable[[Reconciler, Ledger, Policy], None]


def reconciling(change: Change, kind: type[Reconciler] = Reconciler) -> Parts:
    """A Reconciler of which something is exchanged once it is built."""

    def build(*ports: Any) -> Reconciler:
        made = kind(*ports)
        change(made, ports[1], ports[6])
        return made

    return {"Reconciler": build}


def claiming(kind: type[Claims]) -> Parts:
    def change(made: Reconciler, ledger: Ledger, policy: Policy) -> None:
        made._claims = made._writer._claims = made._later._claims = kind(ledger, policy.owner, policy.lease)

    return reconciling(change)


def writing(kind: type[Writer]) -> Parts:
    def change(made: Reconciler, _: Ledger, policy: Policy) -> None:
        old = made._writer
        made._writer = kind(old._cloud, old._clock, old._claims, old._journal, old._counters, policy)

    return reconciling(change)


def sending(change: Callable[[Sender, Ledger], None], kind: type[Sender] = Sender) -> Parts:
    def build(*ports: Any, **named: Any) -> Sender:
        made = kind(*ports, **named)
        change(made, ports[0])
        return made

    return {"Sender": build}


def heralding(kind: type[Herald]) -> Parts:
    def change(made: Reconciler, ledger: Ledger, _: Policy) -> None:
        made._herald = made._later._herald = kind(ledger, made._herald._announcer, made._herald._clock)

    return {**reconciling(change), "Herald": kind}


def counting(kind: type[Counters]) -> Parts:
    def change(made: Reconciler, ledger: Ledger, _: Policy) -> None:
        made._writer._counters = kind(ledger)

    return reconciling(change)


def looking(kind: type[Looker]) -> Parts:
    def change(made: Reconciler, ledger: Ledger, _: Policy) -> None:
        old = made._looker
        made._looker = kind(old._cloud, old._clock, ledger, old._baseline)

    return reconciling(change)


def indexing(kind: type[Readers]) -> Parts:
    def change(made: Reconciler, ledger: Ledger, _: Policy) -> None:
        made._readers = kind(ledger)

    return reconciling(change)


def handing_on(kind: type[Later]) -> Parts:
    def change(made: Reconciler, _: Ledger, __: Policy) -> None:
        old = made._later
        made._later = kind(
            old._queue, old._clock, old._policy, old._claims, old._pressure, old._herald, old._measures
        )

    return reconciling(change)


def untouched(*_: object) -> None:
    """Nothing is exchanged: the class itself is the broken one."""


MISSING: dict[str, Parts] = {
    "the mark that asks the holder to look again": claiming(broken.NoLookAgain),
    "releasing only while no mark is set": claiming(broken.MarkForgottenOnRelease),
    "asking for another look before letting go": {"Reconciler": broken.ReleasesFirst},
    "waiting for the lease of a claim that may be ours": claiming(broken.UnsureClaim),
    "one worker per target": claiming(broken.Sharing),
    "the margin before the high-water mark": {"Reconciler": broken.NoMargin},
    "a high-water mark for complete looks only": looking(broken.BlindlyComplete),
    "the proof of a write": looking(broken.Crude),
    "the confirming read": writing(broken.NoConfirmingRead),
    "a fresh look after a crash": writing(broken.BlindResume),
    "the budget of writes": counting(broken.Unlimited),
    "a successor on the queue before returning": handing_on(broken.ReturnsFirst),
    "the moment a neighbour changed": indexing(broken.Forgetful),
    "storing before announcing": heralding(broken.TellsFirst),
    "announcing before marking as announced": heralding(broken.MarksFirst),
    "leaving to a living worker what it announces": heralding(broken.NotInHand),
    "posting before noting that people know": sending(untouched, broken.SettlesFirst),
    "taking a card before posting it": sending(
        lambda made, ledger: setattr(made, "_cards", broken.Untaken(ledger))
    ),
}
"""Each guard by what it is, and the app without it."""
