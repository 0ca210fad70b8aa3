"""Which parts that tell people are down: the webhook, the drift topic, the account of the dead letters.

Each is noted where every worker and health see it, and is over with the first success. What passes by
itself is trouble only when it lasts. A part that is down stops nothing but itself.
"""

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from remediation.errors import BastionGuardError, TransientError, UnreadableError
from remediation.ledger.keys import change, plain
from remediation.ledger.unreadable import fetch, readable, record_of
from remediation.ports import Clock, Ledger
from remediation.structs import converted

PARTITION = "parts-down"
CARDS, TOPIC, LETTERS = "cards", "topic", "dead-letters"
LASTS = timedelta(minutes=5)
"""What passes by itself is told when it has lasted for so long."""
UNRESOLVED = "UnresolvedReference"
"""The code where a secret is a reference to a vault that the platform has not resolved."""


class Trouble(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part that is down: `reason` as it was said, since when, and when it was last found so.

    `passing` says that it may mend itself; `told` that people were told; `over` that it works again.
    """

    part: str
    reason: str
    code: str = ""
    since: datetime
    at: datetime
    passing: bool = False
    told: bool = False
    over: bool = False

    @property
    def serious(self) -> bool:
        """Whether people are to know: a person must act, or it has lasted."""
        return not self.over and (not self.passing or self.at - self.since >= LASTS)


class PartsDown:
    """The troubles of all parts, in the ledger. `news`: this process has noted some since they were told."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.news = False
        self._ledger = ledger
        self._clock = clock

    def failed(self, part: str, error: BastionGuardError) -> Trouble:
        """Note that a part failed; returns the trouble as it is known now, with when it began."""
        self.news, now = True, self._clock.now()
        fresh = Trouble(
            part=part,
            reason=str(error)[:600],
            code=str(getattr(error, "code", "")),
            since=now,
            at=now,
            passing=isinstance(error, TransientError),
        )

        def noted(value: dict[str, object] | None) -> dict[str, object]:
            known = None if value is None else converted(value, Trouble)
            if known is None or known.over:
                told = known is not None and known.told
                return _plain(msgspec.structs.replace(fresh, told=told))
            return _plain(msgspec.structs.replace(fresh, since=known.since, told=known.told))

        with suppress(UnreadableError):
            row = change(self._ledger, PARTITION, part, noted, Trouble)
            return fresh if row is None else record_of(row, Trouble)
        return fresh

    def works(self, part: str) -> None:
        """Note that a part works. What people were told of is kept until they know that it is over."""
        with suppress(UnreadableError):
            known = fetch(self._ledger, PARTITION, part, Trouble)
            if known is None or known.over:
                return
            self.news = True
            if known.told:
                self._put(msgspec.structs.replace(known, over=True))
            else:
                self.forget(part)

    def told(self, trouble: Trouble) -> None:
        self._put(msgspec.structs.replace(trouble, told=True))

    def forget(self, part: str) -> None:
        row = self._ledger.read(PARTITION, part)
        if row is not None:
            self._ledger.delete(row)

    def of(self, part: str) -> Trouble | None:
        """The trouble of one part; None while it works, or where nobody can tell."""
        with suppress(UnreadableError):
            known = fetch(self._ledger, PARTITION, part, Trouble)
            return None if known is None or known.over else known
        return None

    def all(self) -> list[Trouble]:
        """Every part's, those included that are over and still to be told."""
        rows = self._ledger.rows(PARTITION)
        return [each for each, _ in readable(self._ledger, rows, lambda row: record_of(row, Trouble))]

    def _put(self, trouble: Trouble) -> None:
        with suppress(UnreadableError):
            self._ledger.put(PARTITION, trouble.part, _plain(trouble))


def _plain(trouble: Trouble) -> dict[str, object]:
    value: dict[str, object] = plain(trouble)
    return value
