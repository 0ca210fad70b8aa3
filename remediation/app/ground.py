"""What a process judges by: it begins with what is in force, and stays in step with it.

The app's own functions take a changed source in. Whoever works at a desk with the app's ledger only reads
what is in force: the baseline of a laptop is nobody's.

A path lies in the package, so its text changes with a deployment. Then an instance of the old package may
live beside one of the new for a while: what is newer than the process is not turned back by it.
"""

import logging
import threading
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from remediation.app.source import Source
from remediation.baseline import Baseline
from remediation.errors import BastionGuardError, TransientError, UnreadableError
from remediation.ledger.decided.in_force import InForce, Standing
from remediation.messages import Message
from remediation.model.own import the_baseline
from remediation.ports import Ports
from remediation.reconciling.in_force.effective import UNKNOWN, held_back, kept_text, with_stop
from remediation.reconciling.in_force.keeper import Found, Keeper
from remediation.reconciling.in_force.watch import Watch
from remediation.telling.announcing import Herald

log = logging.getLogger("bastion_guard.in_force")

CANNOT = "what is in force cannot be read in the ledger; `python -m remediation set-aside` sets it aside"


class Marker(Protocol):
    """Says outside the ledger that there was one."""

    def is_set(self) -> bool: ...

    def set(self, now: datetime) -> None: ...


class Ground:
    """The baseline of one process. `started` is when that began."""

    def __init__(
        self,
        source: Source,
        ports: Ports,
        keeper: Keeper,
        watch: Watch,
        marker: Marker,
        started: datetime,
    ) -> None:
        self._source = source
        self._ports = ports
        self._keeper = keeper
        self._watch = watch
        self._marker = marker
        self._started = started
        self._seen: Found | None = None
        self._text: Baseline | None = None
        self._lock = threading.Lock()

    def begin(self) -> Baseline:
        """The baseline to judge by, its source taken in.

        Raises ConfigurationError where the source cannot be used and the ledger holds no good one, and
        TransientError where the ledger does not answer.
        """
        with self._lock:
            try:
                known = self._taken_in()
            except UnreadableError as error:
                log.error("in_force.unreadable", extra={"reason": str(error)})  # noqa: TRY400
                return held_back(_standard(self._good()), CANNOT)
            self._mark()
            self._watch.forget()
            return self._judged_by(known)

    def in_step(self, by: Baseline) -> Baseline:
        """The baseline to judge by now, where the last was `by`; that itself where nothing changed."""
        try:
            known = self._watch.latest()
            if known is not None:
                return by if known.effective_hash == by.hash else self._judged_by(known)
        except UnreadableError:
            return by if by.hash == UNKNOWN else held_back(by, CANNOT)
        except TransientError:
            return by  # nothing can be recorded either; before a write it is asked again
        return self.begin()

    def look_at_source(self) -> bool:
        """Take a changed source in, note a broken one, and do what earlier changes left undone.

        Returns whether another baseline is in force now because of that.
        """
        with self._lock:
            try:
                before = self._watch.read()
                known = self._taken_in()
                self._keeper.settle()
            except UnreadableError as error:
                log.error("in_force.unreadable", extra={"reason": str(error)})  # noqa: TRY400
                return False
            self._watch.forget()
            return before is not None and before.hash != known.hash

    def in_force(self) -> InForce | None:
        """What is in force as this process last read it, for health; None where nobody can tell."""
        try:
            return self._watch.latest()
        except BastionGuardError:
            return None

    # Taking in -----------------------------------------------------------------------------------

    def _taken_in(self) -> InForce:
        """The record after a look at the source."""
        read = Standing(self._ports.ledger).read()
        if read is None:
            return self._keeper.take_in(self._good(), lost=self._marker.is_set())
        before, self._seen = self._seen, self._source.look()
        if not self._counts(read[0], before, self._seen):
            return read[0]
        if self._seen.standard is None:
            log.error("baseline.invalid", extra={"mistakes": [": ".join(one) for one in self._seen.mistakes]})
            return self._keeper.note_broken(self._seen) or read[0]
        return self._keeper.take_in(self._seen)

    def _good(self) -> Found:
        """What the source holds; raises ConfigurationError with every mistake in it."""
        self._seen = self._source.good()
        return self._seen

    def _counts(self, known: InForce, before: Found | None, now: Found) -> bool:
        """Whether what the source holds is news: a blob's always, a package's only to who came after it."""
        if self._source.is_blob:
            return True
        if before is None:
            return self._started >= max(known.since, known.broken_since or known.since)
        return (before.text, before.mistakes) != (now.text, now.mistakes)

    def _mark(self) -> None:
        """Have a marker outside the ledger; a deployment may have taken it away."""
        try:
            if not self._marker.is_set():
                self._marker.set(self._ports.clock.now())
        except BastionGuardError as error:
            log.warning("ledger.unmarked", extra={"reason": str(error)})  # the next start tries again

    def _judged_by(self, known: InForce) -> Baseline:
        """The baseline of a record: from the source, from an earlier time, or from the ledger's copy."""
        seen = None if self._seen is None else self._seen.standard
        for standard in (self._text, seen):
            if standard is not None and standard.hash == known.hash:
                self._text = standard
                return with_stop(known, standard)
        self._text = kept_text(self._ports.ledger, known)
        return with_stop(known, self._text)


class DeskGround:
    """What somebody at a desk judges by: what is in force, else what BASELINE names there; read and no more.

    `chosen`: a baseline was named for this once, to see what it would lead to.
    """

    def __init__(self, source: Source, ports: Ports, watch: Watch, *, chosen: bool) -> None:
        self._source = source
        self._ports = ports
        self._watch = watch
        self._chosen = chosen

    def begin(self) -> Baseline:
        """Raises ConfigurationError where neither can be used."""
        known = None if self._chosen else self._watch.read()
        if known is None:
            return _standard(self._source.good())
        return with_stop(known, kept_text(self._ports.ledger, known))

    def in_step(self, by: Baseline) -> Baseline:
        return by

    def look_at_source(self) -> bool:
        return False

    def in_force(self) -> InForce | None:
        return self._watch.latest()


def _standard(found: Found) -> Baseline:
    assert found.standard is not None
    return found.standard


def close_old_news(herald: Herald, subscriptions: Collection[str]) -> None:
    """End what earlier releases told of a broken baseline: that nobody could look at a resource."""
    about = the_baseline(subscriptions)
    records = herald.record_reached(about, Message(target=about.text, reason="sweep"))
    herald.announce(about, records.values())
