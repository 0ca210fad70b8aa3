"""Hears of every write: a deployer's begins a word, anybody else's may be in what was read as that word.

That is noted before it is decided whether to look: what a deployment has written must be seen by a look that
began after it, and whoever skips or merges a message has to know.
"""

from datetime import datetime, timedelta

import msgspec

from remediation.baseline import DeclaredPolicy
from remediation.declared.deployed.places import Place, place_of
from remediation.ledger.declaring.declarations import Declarations, declared_in
from remediation.ledger.declaring.deployments import Deployments
from remediation.ledger.declaring.records import DeclarationRecord, UnderWay
from remediation.messages import Message
from remediation.resource_id import ResourceId

LATE = timedelta(hours=1)
"""An event that comes later than that tells who spoke, and no longer what he left."""
SKEW = timedelta(seconds=10)
"""By how much Azure's clock and ours may differ."""


class Hearer:
    """Notes who wrote a target. With nobody named as a deployer it does nothing."""

    def __init__(self, book: Declarations, deployments: Deployments, policy: DeclaredPolicy) -> None:
        self._book = book
        self._deployments = deployments
        self._deployers = frozenset(policy.deployers)

    def hear(self, message: Message, target: ResourceId, now: datetime, made: datetime) -> bool:
        """Note a write that an event tells of; whether a look has to see it that nobody has made yet.

        `made` is a moment on our clock by which the write was certainly made. Raises ConflictError,
        UnreadableError.
        """
        written, place = message.event_time, place_of(_changed(message, target))
        if not self._deployers or place is None or written is None or not _tells_of_a_write(message):
            return False
        if self._is_deployer(message):
            return self._deployer(message, place, written, now, made)
        self._book.amend(place.resource, lambda known: _foreign(known, place.resource, written, now))
        return False

    def is_deployer(self, actor: dict[str, str]) -> bool:
        """Whether a principal's word is the declaration."""
        return bool(
            self._deployers & {actor.get("objectId", "").lower(), actor.get("appId", "").lower()} - {""}
        )

    def _is_deployer(self, message: Message) -> bool:
        return self.is_deployer(message.actor)

    def _deployer(
        self, message: Message, place: Place, written: datetime, now: datetime, made: datetime
    ) -> bool:
        word = UnderWay(
            deployment=message.correlation_id,
            by=message.actor.get("objectId") or message.actor.get("appId", ""),
            who=message.actor.get("name", ""),
            written=written,
            since=made,
            heard=now,
            whole=not place.child,
            children=[place.child] if place.child else [],
        )
        if message.correlation_id:
            self._deployments.heard(message.correlation_id, now)
        late = now - written > LATE
        kept = self._book.amend(
            place.resource, lambda known: _deployed(known, place.resource, word, late=late)
        )
        return kept is not None and kept.under_way is not None and kept.under_way.read is None


def _changed(message: Message, target: ResourceId) -> ResourceId:
    return ResourceId.parse(message.changed) if message.changed else target


def _tells_of_a_write(message: Message) -> bool:
    """Whether this is an event, told for the first time: what is replayed was heard of when it came in."""
    return message.reason == "event" and bool(message.actor) and not message.replay_id


def _foreign(
    known: DeclarationRecord | None, resource: ResourceId, written: datetime, now: datetime
) -> DeclarationRecord | None:
    """A write by anybody else; it is known to be `clean` where it came after what was read as the word.

    One that is not, and one that nobody has decided about yet, are no less in doubt for a later write.
    """
    if known is None:
        return DeclarationRecord(id=resource.text, kept=now, foreign=written)
    foreign = _later(known.foreign, written)
    under_way, read = known.under_way, known.read
    if under_way is None and known.declaration is None:
        return msgspec.structs.replace(known, kept=now, foreign=foreign)
    after = under_way is None and (read is None or written > read + SKEW)
    overwritten = under_way is not None and under_way.whole and written < under_way.written
    doubt = known.doubt or (known.foreign if known.is_doubtful else None)
    if not (after or overwritten):
        doubt = written if doubt is None else min(doubt, written)
    clean = foreign if after or overwritten else known.clean
    return msgspec.structs.replace(known, foreign=foreign, clean=clean, doubt=doubt)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _deployed(
    known: DeclarationRecord | None, resource: ResourceId, word: UnderWay, *, late: bool
) -> DeclarationRecord | None:
    """A deployer's write: a word begins, or goes on; what is older than what stands is nothing."""
    if known is None:
        return DeclarationRecord(id=resource.text, kept=word.heard, under_way=None if late else word)
    before, standing = known.under_way, declared_in(known)
    if before is not None and word.written <= before.written and not _adds(before, word):
        return None
    spoken = None if standing is None or before is not None else standing.source.at
    if spoken is not None and word.written <= spoken:
        return None
    if late:
        return msgspec.structs.replace(known, declaration=None, under_way=None, kept=word.heard)
    if before is not None and before.read is None:
        word = _joined(before, word)  # nobody has seen yet what was written before: it is seen together
    clean, doubt = known.clean, known.doubt
    if word.whole and known.foreign is not None:
        clean = known.foreign if known.foreign < word.written else None
        doubt = None if doubt is None or doubt < word.written else doubt
    return msgspec.structs.replace(known, under_way=word, clean=clean, doubt=doubt, id=resource.text)


def _adds(before: UnderWay, word: UnderWay) -> bool:
    """Whether an event that came out of order tells of more than is known."""
    return (word.whole and not before.whole) or bool(set(word.children) - set(before.children))


def _joined(before: UnderWay, word: UnderWay) -> UnderWay:
    latest = word if word.written >= before.written else before
    return msgspec.structs.replace(
        latest,
        since=max(before.since, word.since),
        heard=max(before.heard, word.heard),
        whole=before.whole or word.whole,
        children=sorted({*before.children, *word.children}),
    )
