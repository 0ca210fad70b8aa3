"""What a worker knows of what is in force, and the guard that asks again before every write.

A worker reads the record at most every so often while it judges, since judging by yesterday's baseline does
no harm that the look at everything would not mend. Before a write it reads it always: what is not in force
is not written by, however long ago the judgement began.
"""

from datetime import datetime, timedelta

from remediation.errors import ConfigurationError, Mistake, NotInForceError, TransientError, UnreadableError
from remediation.ledger.decided.in_force import InForce, Standing
from remediation.ports import Clock, Ledger


class Watch:
    """The record as this process last read it; shared by its threads."""

    def __init__(self, ledger: Ledger, clock: Clock, refresh: timedelta) -> None:
        self._standing = Standing(ledger)
        self._clock = clock
        self._refresh = refresh
        self._last: tuple[datetime, InForce | None] | None = None

    def latest(self) -> InForce | None:
        """The record, at most `refresh` old; None where there is none. Raises as `read`."""
        last = self._last
        if last is not None and last[0] <= self._clock.now() < last[0] + self._refresh:
            return last[1]
        return self.read()

    def read(self) -> InForce | None:
        """The record as it is now; raises TransientError, and UnreadableError where it is damaged."""
        asked = self._clock.now()
        found = self._standing.read()
        known = None if found is None else found[0]
        self._last = asked, known
        return known

    def forget(self) -> None:
        """Read again the next time: somebody knows that it has changed."""
        self._last = None


class StillInForce:
    """Lets a write pass only while what it was judged by is in force.

    `judged_by` is the hash of the worker's baseline. Without a watch nothing is compared: then nobody but
    this process works on the ledger.
    """

    def __init__(self, watch: Watch | None, judged_by: str) -> None:
        self._watch = watch
        self._judged_by = judged_by

    def check(self) -> None:
        """Raise NotInForceError unless it still holds; TransientError where nobody can tell."""
        if self._watch is None:
            return
        try:
            known = self._watch.read()
        except UnreadableError as error:
            raise TransientError(f"what is in force cannot be read: {error.why}") from error
        if known is None or known.effective_hash != self._judged_by:
            now = "nothing" if known is None else known.effective_hash
            raise NotInForceError(f"judged by {self._judged_by}, and {now} is in force now")


class InForceToTheEnd(StillInForce):
    """The same for one command at a desk, which ends with what it was begun with."""

    def check(self) -> None:
        """Raise ConfigurationError where it does not hold any more."""
        try:
            super().check()
        except NotInForceError as error:
            kind = f"is not what is in force: {error}; repeat the command, without a baseline of its own"
            raise ConfigurationError(Mistake.at("baseline", kind)) from error
