"""Whose word is in force at a look, and what a deployment left, kept from what the look has read.

A document is a deployment's word only where the look began after its last write and nobody else's write is in
it. Where that cannot be told no word stands, until somebody declares again.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from remediation.baseline import DeclaredPolicy
from remediation.declared.comparison import compare
from remediation.declared.declaration import Declaration, Source
from remediation.declared.deployed.left import left, left_children, subnets_of
from remediation.declared.difference import Difference
from remediation.declared.forms import name_of
from remediation.declared.standing import in_force
from remediation.kinds import DIAGNOSTIC_SETTING, SUBNET, VNET
from remediation.ledger.declaring.declarations import Declarations, declared_in
from remediation.ledger.declaring.deployments import Deployments
from remediation.ledger.declaring.records import DeclarationRecord, UnderWay
from remediation.model import Resource, Snapshot, Unread
from remediation.reconciling.declaring.hearing import SKEW
from remediation.resource_id import ResourceId

log = logging.getLogger("bastion_guard.declared")
NAMED_BY = 8
"""Characters of a correlation id by which people call a deployment."""


@dataclass(frozen=True, slots=True)
class Word:
    """What is declared of one resource at a look, and what is there.

    `declaration` is None where a deployment has written what no look has seen yet. `ends` is when the
    deployment that is under way has ended, unless it writes again; None where none is. `deploying` names it.
    """

    id: ResourceId
    declaration: Declaration | None
    live: Resource | None
    ends: datetime | None = None
    differences: tuple[Difference, ...] = ()
    deploying: str = ""

    @property
    def in_force(self) -> bool:
        return self.ends is None and self.declaration is not None


class Attending:
    """Brings the records of a target up to what a look has seen; one that `keeps` nothing only says so."""

    def __init__(
        self, book: Declarations, deployments: Deployments, policy: DeclaredPolicy, *, keeps: bool = True
    ) -> None:
        self._book = book
        self._keeps = keeps
        self._deployments = deployments
        self._ignore = policy.ignore
        self._settle = timedelta(minutes=policy.settle_minutes)

    def words(
        self,
        records: Sequence[DeclarationRecord],
        target: ResourceId,
        snapshot: Snapshot | None,
        began: datetime,
        read: datetime | None = None,
    ) -> list[Word]:
        """What is declared of a target and of what is looked at with it; None as snapshot: it is gone.

        `began` is the start of the look, and all was read by `read`: at once, unless told otherwise. Raises
        ConflictError, UnreadableError.
        """
        moments = began, read or began
        found: dict[str, Word] = {}
        for record in records:
            resource = ResourceId.parse(record.id)
            live = live_of(resource, target, snapshot)
            if not isinstance(live, Unread):
                known = self._up_to_date(record, resource, live, *moments)
                for word in self._words(known, resource, live, began):
                    other = found.get(word.id.key)
                    found[word.id.key] = word if other is None else _younger(other, word)
        return list(found.values())

    def _up_to_date(
        self,
        record: DeclarationRecord,
        resource: ResourceId,
        live: Resource | None,
        began: datetime,
        read: datetime,
    ) -> DeclarationRecord:
        """The record with what this look has seen of a deployment's writes, and without what has ended."""

        def seen(known: DeclarationRecord | None) -> DeclarationRecord | None:
            if known is None:
                return None
            known = _captured(known, resource, live, began, read)
            known = self._without_doubt(known, resource, live)
            return self._ended(known, began)

        wanted = seen(record)
        if wanted is None or wanted == record:
            return record
        if not self._keeps:
            return wanted
        return self._book.amend(resource, seen) or record

    def _without_doubt(
        self, record: DeclarationRecord, resource: ResourceId, live: Resource | None
    ) -> DeclarationRecord:
        """Whether somebody's write is in what was read as a deployment's word: then it is nobody's word."""
        declaration = declared_in(record)
        under_way = record.under_way
        if (
            not record.is_doubtful
            or declaration is None
            or (under_way is not None and under_way.read is None)
        ):
            return record
        is_word, holds = declaration.source.sort == "deployment", _may_hold(record)
        decided = msgspec.structs.replace(record, clean=record.foreign, doubt=None)
        if is_word and holds and (_holds(record) or not self._differs(declaration, resource, live)):
            log.info("declared.doubtful", extra={"target": resource.text})
            return msgspec.structs.replace(decided, declaration=None)
        return decided

    def _differs(self, declaration: Declaration, resource: ResourceId, live: Resource | None) -> bool:
        every = subnets_of(declaration) if resource.type == VNET else [declaration]
        return any(compare(one, _inside(one.id, resource, live), self._ignore) for one in every)

    def _ended(self, record: DeclarationRecord, now: datetime) -> DeclarationRecord:
        under_way = record.under_way
        if under_way is None or under_way.read is None or self._ends(under_way) > now:
            return record
        return msgspec.structs.replace(record, under_way=None)

    def _ends(self, under_way: UnderWay) -> datetime:
        return self._deployments.ends(under_way.deployment, under_way.heard, self._settle)

    def _words(
        self, record: DeclarationRecord, resource: ResourceId, live: Resource | None, began: datetime
    ) -> Iterator[Word]:
        under_way, declaration = record.under_way, declared_in(record)
        ends = None if under_way is None else max(self._ends(under_way), began)
        deploying = "" if under_way is None else _who(under_way)
        if under_way is not None and under_way.read is None:
            yield Word(resource, None, live, ends, deploying=deploying)
        elif declaration is not None:
            every = subnets_of(declaration) if resource.type == VNET else [declaration]
            for one in every:
                there = _inside(one.id, resource, live)
                yield Word(one.id, one, there, ends, compare(one, there, self._ignore), deploying)


def live_of(resource: ResourceId, target: ResourceId, snapshot: Snapshot | None) -> Resource | Unread | None:
    """What a look has read of a resource; None where it is gone for certain."""
    if snapshot is None:
        return None
    if resource == target:
        return snapshot.subject
    if resource.type == SUBNET:
        return _inside(resource, target, snapshot.subject)
    if resource.type == DIAGNOSTIC_SETTING:
        listed = snapshot.listed(DIAGNOSTIC_SETTING, target)
        if isinstance(listed, Unread):
            return listed
        return next((Resource(resource, one.body) for one in listed if _is(one.id, resource)), None)
    return Unread("it is not looked at with this target")


def _is(one: ResourceId, other: ResourceId) -> bool:
    return one.name.lower() == other.name.lower()


def _inside(resource: ResourceId, target: ResourceId, live: Resource | None) -> Resource | None:
    """A subnet as its network's document holds it; any other resource is that document's own."""
    if resource == target or live is None:
        return live
    subnets = live.properties("subnets")
    wanted = resource.name.lower()
    for subnet in subnets if isinstance(subnets, list) else ():
        if name_of(subnet).lower() == wanted:
            return Resource(resource, subnet)
    return None


def _captured(
    record: DeclarationRecord, resource: ResourceId, live: Resource | None, began: datetime, read: datetime
) -> DeclarationRecord:
    """The record with a deployment's word, where this look is the first to see all of it.

    What others wrote until the document was `read` may stand in it, so that moment is kept.
    """
    under_way, before = record.under_way, declared_in(record)
    if under_way is None or under_way.read is not None or began < under_way.since:
        return record
    source = _source(under_way)
    made: Declaration | None = None
    if live is not None and under_way.whole:
        made = left(resource, live.body, source)
    elif live is not None:
        made = left_children(resource, live.body, under_way.children, source, before)
    if before is not None and made is not None and in_force(before, made) is before:
        made = before  # somebody has declared otherwise since
    return msgspec.structs.replace(
        record,
        declaration=None if made is None else made.to_json(),
        kept=began,
        read=read,
        confirmed=False,
        under_way=msgspec.structs.replace(under_way, read=began),
    )


def _name(under_way: UnderWay) -> str:
    return f"deployment {under_way.deployment[:NAMED_BY]}" if under_way.deployment else "a deployment"


def _who(under_way: UnderWay) -> str:
    by = under_way.who or under_way.by
    return f"{_name(under_way)} ({by})" if by else _name(under_way)


def _source(under_way: UnderWay) -> Source:
    return Source(
        "deployment",
        _name(under_way),
        at=under_way.written,
        by=under_way.who or under_way.by,
        deployment=under_way.deployment,
    )


def _may_hold(record: DeclarationRecord) -> bool:
    """Whether a foreign write was made before the document was read, as far as two clocks tell."""
    made = record.doubt or record.foreign
    return record.read is not None and made is not None and made <= record.read + SKEW


def _holds(record: DeclarationRecord) -> bool:
    """Whether one is in the document for certain: between the deployment's last write and the look's start.

    A round knows of a document only by when it had been read, which may have been long before.
    """
    declaration, made = declared_in(record), record.doubt or record.foreign
    spoken = None if declaration is None else declaration.source.at
    if record.read is None or made is None or spoken is None:
        return False
    return spoken + SKEW < made < record.kept - SKEW


def _younger(one: Word, other: Word) -> Word:
    """A subnet's own word and its network's: the younger; what is under way is heard in either."""
    ends = max((each.ends for each in (one, other) if each.ends is not None), default=None)
    if one.declaration is None or other.declaration is None:
        return replace(one if one.declaration is None else other, ends=ends)
    winner = one if in_force(one.declaration, other.declaration) is one.declaration else other
    return replace(winner, ends=ends)
