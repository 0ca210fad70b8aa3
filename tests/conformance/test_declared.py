"""What clients sent, held against what Azure answered: a resource just written differs in nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remediation.declared.comparison import compare
from remediation.declared.declaration import Declaration, Source
from remediation.declared.gathering import Gathering
from remediation.declared.kinds import CHILDREN
from remediation.kinds import VNET
from remediation.model import Resource
from remediation.resource_id import ResourceId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.conformance.recordings import Interaction, Session

WRITTEN = Source("snapshot", "what was sent")
WRITES = frozenset({"PUT", "PATCH", "DELETE"})


def pairs(session: Session) -> Iterator[tuple[Declaration, Resource]]:
    """What each write declares, with each answer that shows it before anything else was written."""
    for at, written in enumerate(session.interactions):
        if written.method != "PUT" or written.status not in {200, 201} or not isinstance(written.sent, dict):
            continue
        gathering = Gathering(lambda _: WRITTEN)
        gathering.take({**written.sent, "id": written.path})
        for declaration in gathering.declared().declarations.values():
            for body in answers(session.interactions[at:]):
                live = shown(ResourceId.parse(written.path), declaration.id, body)
                if live is not None:
                    yield declaration, live


def answers(interactions: Sequence[Interaction]) -> Iterator[dict[str, Any]]:
    first = interactions[0]
    if isinstance(first.body, dict):
        yield first.body
    for one in interactions[1:]:
        if one.method in WRITES:
            return
        if one.path.lower() == first.path.lower() and one.status == 200 and isinstance(one.body, dict):
            yield one.body


def shown(written: ResourceId, declared: ResourceId, body: dict[str, Any]) -> Resource | None:
    """The declared resource in the answer about the written one: itself, its child, its parent."""
    if written == declared:
        return Resource(declared, body)
    if written.type == VNET:
        subnets = body["properties"]["subnets"]
        own = (one for one in subnets if one["name"].lower() == declared.name.lower())
        return next((Resource(declared, one) for one in own), None)
    return Resource(declared, {"id": declared.text, "properties": {CHILDREN[written.type]: [body]}})


def test_what_was_just_written_differs_in_nothing(recorded: list[Session]) -> None:
    every = [(session.name, *pair) for session in recorded for pair in pairs(session)]

    told = [
        (name, declaration.id.text, difference.path)
        for name, declaration, live in every
        for difference in compare(declaration, live)
    ]

    assert len(every) > 100
    assert told == []
