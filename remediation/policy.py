"""The numbers and scopes that steer a worker; settings fill them in, tests choose their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from remediation.resource_id import ResourceId


def _no_jitter() -> float:
    return 0.5


@dataclass(frozen=True, slots=True)
class Policy:
    """How long, how often, how wide.

    `subscriptions` are the only ones ever asked about (lower case); empty means none. A `lease` is renewed
    when a third of it is over, for `longest_hold` at most, which outlives the host's functionTimeout: who
    still holds it then is stuck. `card_lease` is for how long a sender takes a card. What was recorded within
    `in_hand` is left to its worker to announce. `margin` is how far before the high-water mark an event must
    lie to be old news. `poll_for` bounds the wait for a child rule's write inside one invocation. `work_for`
    is how long an invocation goes on with another step; with one more look and write it must stay below
    functionTimeout. What is older than `retention` is forgotten. What neighbours ask for is gathered for
    `gather` seconds before a round.
    """

    subscriptions: frozenset[str]
    owner: str = "worker"
    lease: timedelta = timedelta(seconds=75)
    longest_hold: timedelta = timedelta(minutes=6)
    in_hand: timedelta = timedelta(minutes=6)
    card_lease: timedelta = timedelta(seconds=90)
    margin: timedelta = timedelta(seconds=120)
    poll_for: timedelta = timedelta(seconds=60)
    work_for: timedelta = timedelta(seconds=90)
    max_attempts: int = 12
    first_delay: float = 10.0
    longest_delay: float = 900.0
    pending_delay: float = 20.0
    pending_patience: timedelta = timedelta(hours=2)
    most_writes: int = 12
    fan_out: int = 50
    most_swept: int = 5000
    gather: float = 5.0
    look_again_after: timedelta = timedelta(hours=24)
    retention: timedelta = timedelta(days=30)
    jitter: Callable[[], float] = field(default=_no_jitter)

    def covers(self, resource: ResourceId) -> bool:
        return resource.subscription in self.subscriptions

    def delay(self, attempt: int, asked: float | None = None) -> float:
        """Seconds before the next try: doubling, capped, spread, and never less than what was asked for."""
        grown: float = min(self.longest_delay, self.first_delay * 2 ** min(attempt, 16))
        spread = 0.75 + 0.5 * self.jitter()
        return max(grown * spread, asked or 0.0)
