"""What the timer `fetch_changes` does for each subscription: fetch, or check what was delivered."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from remediation.intake.accepting import Accepting
from remediation.intake.fetching import troubles
from remediation.intake.fetching.checking import Checker
from remediation.intake.fetching.progress import Fetched
from remediation.intake.fetching.rounds import Rounds
from remediation.intake.fetching.windows import Windows
from remediation.ledger.inbox import Inbox
from remediation.ledger.pressure import Pressure

if TYPE_CHECKING:
    from remediation.app.assembly import Foundation


def fetching(base: "Foundation", accepting: Accepting) -> Mapping[str, Callable[[], object]]:
    """The work of one run, by subscription: one that fails stops no other."""
    rounds = rounds_of(base, accepting)
    one = _fetch if rounds.fetches else _check
    return {
        f"changes {subscription}": partial(one, base, rounds, subscription)
        for subscription in sorted(base.settings.subscriptions)
    }


def rounds_of(base: "Foundation", accepting: Accepting) -> Rounds:
    ports, fetched = base.ports, Fetched(base.ports.ledger)
    windows = Windows(base.adapters.activity_log(), fetched, ports.clock)
    return Rounds(
        windows,
        fetched,
        Pressure(ports.ledger),
        ports.queue,
        accepting.messages,
        ports.clock,
        accepting.measures,
        fetches=base.settings.changes_from == "activityLog",
    )


def _fetch(base: "Foundation", rounds: Rounds, subscription: str) -> None:
    progress = rounds.fetch(subscription)
    wrong = troubles.of_reading(progress, base.ports.clock.now())
    troubles.tell(base.herald, rounds.fetched, progress, wrong)


def _check(base: "Foundation", rounds: Rounds, subscription: str) -> None:
    checked = Checker(rounds, Inbox(base.ports.ledger), base.adapters.gauge()).check(subscription)
    wrong = troubles.of_reading(checked.progress, base.ports.clock.now())
    troubles.tell(base.herald, rounds.fetched, checked.progress, wrong | {troubles.MISSED: checked.why})
