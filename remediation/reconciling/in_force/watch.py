"""What a worker knows of what is in force, and the guard that asks again before every write.

A worker reads the record at most every so often while it judges, since judging by yesterday's baseline does
no harm that the look at everything would not mend. Before a write what it knows may be a few seconds old and
no more: what is not in force is not written by, however long ago the judgement began.
"""

from datetime import datetime, timedelta

from remediation.errors import ConfigurationError, Mistake, NotInForceError, TransientError, UnreadableError
from remediation.ledger.decided.in_force import InForce, Standing
from remediation.ports import Clock, Ledger

BEFORE_A_WRITE = timedelta(seconds=10)
"""How old what a worker knows may be when it writes: a burst of repairs shares one read of the ledger."""


class Watch:
    """The record as this process last read it; shared by its threads."""

    def __init__(self, ledger: Ledger, clock: Clock, refresh: timedelta) -> None:
        self._standing = Standing(ledger)
        self._clock = clock
        self._refresh = refresh
        self._last: tuple[datetime, InForce | None] | None = None

    def latest(self) -> InForce | None:
        """The record, at most `refresh` old; None where there is none. Raises as `read`."""
        return self._within(self._refresh)

    def before_a_write(self) -> InForce | None:
        """The same, only seconds old: a stop reaches a worker that writes sooner than one that looks."""
        return self._within(min(self._refresh, BEFORE_A_WRITE))

    def _within(self, age: timedelta) -> InForce | None:
        last = self._last
        if last is not None and last[0] <= self._clock.now() < last[0] + age:
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
            known = self._watch.before_a_write()
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
