"""Every change of what is in force: a baseline taken in, broken or mended, a stop and its end, a lost ledger.

A change holds as soon as the record is written. Then it is kept in the history, told, and where the mode or
the baseline changed everything is looked at: not before every worker has read the record anew, since a look
by yesterday's baseline would be wasted. What a crash leaves undone stands in the record, and a timer does
it.

Before the mode becomes enforce people are told what is about to be written; writing does not wait for them.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from remediation.baseline import Baseline
from remediation.baseline.difference import differences
from remediation.baseline.text import parse
from remediation.errors import BastionGuardError, ConfigurationError, ConflictError, UnreadableError
from remediation.ledger.decided.changes import Change, Changes, What, new_id
from remediation.ledger.decided.in_force import NO_BASELINE, InForce, Standing, Stop
from remediation.ledger.decided.texts import Text, Texts
from remediation.ledger.keys import TRIES
from remediation.messages import Message
from remediation.ports import Ports
from remediation.reconciling.in_force.ahead import repairs_ahead
from remediation.reconciling.in_force.news import news_of
from remediation.telling.announcing import Herald

log = logging.getLogger("bastion_guard.in_force")

UNREACHABLE_FOR = timedelta(minutes=5)
"""How long a source may be out of reach before people are told; a minute's silence of a network is none."""
IN_HAND = timedelta(minutes=2)
"""What is owed for less than that, whoever changed it is about to do."""
MOST_OWED = 50
LOST = (
    "its record of what is in force is gone although there was one: somebody deleted the ledger's table, "
    "or put the record aside"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a source holds now: the text and the values in it, or why it cannot be used.

    `by` is who put it there, where the source tells. `mistakes` are (place, kind) without values.
    """

    source: str
    text: str = ""
    standard: Baseline | None = None
    by: str = ""
    mistakes: tuple[tuple[str, str], ...] = ()
    unreachable: bool = False


type Decided = tuple[InForce, Sequence[Change]]


class Keeper:
    """Changes what is in force. `refresh` is how long a worker may judge by what it has read before."""

    def __init__(
        self, ports: Ports, herald: Herald, subscriptions: Collection[str], refresh: timedelta
    ) -> None:
        self._standing = Standing(ports.ledger)
        self._changes = Changes(ports.ledger)
        self._texts = Texts(ports.ledger)
        self._ledger = ports.ledger
        self._queue = ports.queue
        self._clock = ports.clock
        self._herald = herald
        self._subscriptions = subscriptions
        self._refresh = refresh

    # The source ----------------------------------------------------------------------------------

    def take_in(self, found: Found, *, lost: bool = False) -> InForce:
        """Put a good baseline in force; nothing changes where it is in force already.

        `lost`: there was a record and it is gone. Then everything is stopped until a person starts it again.
        Raises ConfigurationError for one that the ledger cannot keep.
        """
        standard = found.standard
        assert standard is not None
        if standard.hash != NO_BASELINE:
            self._keep_text(standard.hash, Text(found.text, found.source))

        def decide(known: InForce | None) -> Decided | None:
            if known is None:
                return self._begun(found, standard, lost=lost)
            if known.hash == standard.hash and known.source == found.source and not known.mistakes:
                return None
            return self._taken_in(known, found, standard)

        return self._known(self._change(decide))

    def note_broken(self, found: Found) -> InForce | None:
        """Note that the source cannot be used; what is in force stays. None where nothing ever was."""

        def decide(known: InForce | None) -> Decided | None:
            if known is None:
                return None
            now, mistakes = self._clock.now(), list(found.mistakes)
            since = known.broken_since or now
            due = not found.unreachable or now - since >= UNREACHABLE_FOR
            news = due and not (known.broken_told and known.mistakes == mistakes)
            if known.mistakes == mistakes and not news:
                return None
            told = known.broken_told or news
            wanted = msgspec.structs.replace(known, mistakes=mistakes, broken_since=since, broken_told=told)
            lines = [f"{path}: {kind}" for path, kind in mistakes]
            change = self._new("invalid", known, wanted, *lines, source=found.source, mistakes=lines)
            return wanted, [change] if news else []

        return self._change(decide)

    def _begun(self, found: Found, standard: Baseline, *, lost: bool) -> Decided:
        now = self._clock.now()
        stop = Stop("Bastion Guard", now, LOST) if lost else None
        begun = InForce(
            since=now,
            hash=standard.hash,
            mode=standard.mode,
            source=found.source,
            by=found.by,
            stop=stop,
        )
        if stop is None:
            return begun, [self._new("first", None, begun, source=found.source, by=found.by)]
        return begun, [self._new("stopped", None, begun, by=stop.by, reason=LOST, source=found.source)]

    def _taken_in(self, known: InForce, found: Found, standard: Baseline) -> Decided:
        now = self._clock.now()
        changes: list[Change] = []
        wanted = msgspec.structs.replace(
            known, source=found.source, mistakes=[], broken_since=None, broken_told=False
        )
        if known.broken_told:
            changes.append(self._new("valid", known, wanted, source=found.source))
        if known.hash != standard.hash:
            wanted = msgspec.structs.replace(
                wanted, hash=standard.hash, mode=standard.mode, by=found.by, since=now
            )
            told = self._difference(known, found)
            changes.append(
                self._new("changed", known, wanted, source=found.source, by=found.by, difference=told)
            )
        return wanted, changes

    def _keep_text(self, name: str, text: Text) -> None:
        try:
            self._texts.keep(name, text)
        except UnreadableError as error:
            # Judged by from the source all the same; a restart without it suffers, and health names it.
            log.warning("baseline.text_unreadable", extra={"reason": str(error)})

    def _difference(self, known: InForce, found: Found) -> list[dict[str, str]]:
        """What is different in the new text; without the old one that is all there is to say."""
        try:
            before = self._texts.get(known.hash)
            was = {} if before is None else parse(before.text, "baseline")
            now = parse(found.text, "baseline") if found.text else {}
        except (UnreadableError, ConfigurationError):
            return [{"path": "baseline", "before": known.hash, "after": "another one"}]
        return [
            {"path": each.path, "before": each.before, "after": each.after} for each in differences(was, now)
        ]

    # Stop and start ------------------------------------------------------------------------------

    def stop(self, by: str, reason: str) -> InForce:
        """Stop all writing, for every worker; one stop at a time, the first one stays."""

        def decide(known: InForce | None) -> Decided | None:
            now = self._clock.now()
            before = known or InForce(since=now)
            if before.stop is not None:
                return None
            wanted = msgspec.structs.replace(before, stop=Stop(by, now, reason))
            return wanted, [self._new("stopped", before, wanted, by=by, reason=reason)]

        return self._known(self._change(decide))

    def start(self, by: str, reason: str) -> InForce | None:
        """End the stop; None where nothing was ever in force. Nothing changes where there is no stop."""

        def decide(known: InForce | None) -> Decided | None:
            if known is None or known.stop is None:
                return None
            wanted = msgspec.structs.replace(known, stop=None)
            return wanted, [self._new("started", known, wanted, by=by, reason=reason)]

        return self._change(decide)

    def declare(self, *, files: bool) -> None:
        """Note whether any file declares, for every worker to look for what it says."""

        def decide(known: InForce | None) -> Decided | None:
            if known is None or known.files == files:
                return None
            return msgspec.structs.replace(known, files=files), []

        self._change(decide)

    # One change ----------------------------------------------------------------------------------

    def _change(self, decide: Callable[[InForce | None], Decided | None]) -> InForce | None:
        """Write what is decided, again where somebody else wrote meanwhile; then do what is owed for it."""
        for _ in range(TRIES):
            read = self._standing.read()
            known, row = (None, None) if read is None else read
            decided = decide(known)
            if decided is None:
                return known
            wanted, changes = decided
            changes = [self._foretold(change) for change in changes]
            owed = [*wanted.owed, *changes][-MOST_OWED:]
            wanted = msgspec.structs.replace(wanted, owed=owed)
            try:
                self._standing.write(wanted, row)
            except ConflictError:
                continue
            self._settle(changes)
            return wanted
        raise ConflictError("what is in force keeps changing")

    def _new(self, what: What, known: InForce | None, wanted: InForce, *about: str, **facts: Any) -> Change:
        now = self._clock.now()
        before = "" if known is None else f"{known.effective_hash} {known.since.isoformat()}"
        return Change(
            id=new_id(now, what, before, wanted.effective_hash if what == "changed" else "", *about),
            at=now,
            what=what,
            hash=wanted.effective_hash,
            text_hash=wanted.hash,
            mode=wanted.effective_mode,
            before="" if known is None else known.effective_hash,
            text_before="" if known is None else known.hash,
            mode_before="" if known is None else known.effective_mode,
            **facts,
        )

    def _foretold(self, change: Change) -> Change:
        """A change to enforce with what is about to be written, told before it holds."""
        if (change.mode_before, change.mode) != ("observe", "enforce"):
            return change
        change = msgspec.structs.replace(change, ahead=repairs_ahead(self._ledger))
        try:
            self._tell(change)
        except BastionGuardError as error:
            log.warning("change.not_foretold", extra={"change": change.id, "reason": str(error)})
        return change

    # What is owed --------------------------------------------------------------------------------

    def settle(self) -> None:
        """Do what changes of a while ago still owe: whoever made them did not come to it."""
        read = self._standing.read()
        if read is not None:
            late = self._clock.now() - IN_HAND
            self._settle([change for change in read[0].owed if change.at <= late])

    def _settle(self, changes: Iterable[Change]) -> None:
        """Keep, queue and tell; what cannot be done now stays owed."""
        done: list[Change] = []
        for change in changes:
            try:
                self._changes.keep(change)
                self._look_at_everything(change)
                self._tell(change)
            except BastionGuardError as error:
                log.warning("change.owed", extra={"change": change.id, "reason": str(error)})
                continue
            log.info("in_force.changed", extra={"what": change.what, "hash": change.hash, "by": change.by})
            done.append(change)
        try:
            if done:
                self._standing.settled(done)
        except BastionGuardError as error:
            log.warning("change.owed", extra={"changes": len(done), "reason": str(error)})

    def _look_at_everything(self, change: Change) -> None:
        if change.what not in {"changed", "started"}:
            return
        delay = self._refresh.total_seconds() + 1
        for one in sorted(self._subscriptions):
            look = Message(sweep=f"/subscriptions/{one}", reason="baseline", force=True)
            self._queue.send(look, delay=delay)

    def _tell(self, change: Change) -> None:
        """Recorded with what it owes; a channel that does not take it now gets it from the sweep."""
        news = news_of(change, self._subscriptions)
        if news is None:
            return
        records = self._herald.record_ours(news.about, news.record, once=news.once)
        try:
            self._herald.announce(news.about, records.values())
        except BastionGuardError as error:
            log.warning("announcements.delayed", extra={"reason": str(error)})

    def _known(self, known: InForce | None) -> InForce:
        assert known is not None
        return known
