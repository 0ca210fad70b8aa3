"""The snapshot as it would be after some writes, as far as ARM's documented semantics tell. Pure.

Used to judge a fix before it is written, and by dry runs. A child rule's write changes its NSG's document;
an extension's write changes the list on its resource; everything else replaces the document.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from remediation.kinds import SECURITY_RULE
from remediation.model import Resource, Snapshot, Unread, Write
from remediation.nsg import RuleChange, apply_changes

if TYPE_CHECKING:
    from remediation.resource_id import ResourceId


def after(snapshot: Snapshot, writes: Iterable[Write]) -> Snapshot:
    """The snapshot with the writes applied in order."""
    subject = snapshot.subject.id
    for of_rules, several in groupby(writes, lambda write: _is_rule_of(subject, write)):
        if of_rules:
            snapshot = _with_rules(snapshot, several)
        else:
            for write in several:
                snapshot = _apply(snapshot, write)
    return snapshot


def _is_rule_of(subject: "ResourceId", write: Write) -> bool:
    return write.id.type == SECURITY_RULE and write.id.parent == subject


def _with_rules(snapshot: Snapshot, writes: Iterable[Write]) -> Snapshot:
    """All at once: there may be a thousand, and each makes a copy of the document."""
    bodies = ((write.id.name, None if write.body is None else dict(write.body)) for write in writes)
    changes = [RuleChange(name, None, body) for name, body in bodies]
    document = apply_changes(snapshot.subject.body, changes)
    return replace(snapshot, subject=Resource(snapshot.subject.id, document))


def _apply(snapshot: Snapshot, write: Write) -> Snapshot:
    if write.id == snapshot.subject.id and write.body is not None:
        return replace(snapshot, subject=Resource(snapshot.subject.id, write.body))
    if write.id.extended is not None:
        return _in_list(snapshot, write)
    written = None if write.body is None else Resource(write.id, write.body)
    return replace(snapshot, resources={**snapshot.resources, write.id.key: written})


def _in_list(snapshot: Snapshot, write: Write) -> Snapshot:
    on: ResourceId | None = write.id.extended
    assert on is not None
    key = (write.id.type, on.key)
    listed = snapshot.lists.get(key)
    if listed is None or isinstance(listed, Unread):
        return snapshot
    kept = [resource for resource in listed if resource.id != write.id]
    if write.body is not None:
        kept.append(Resource(write.id, {"id": write.id.text, "name": write.id.name, **write.body}))
    return replace(snapshot, lists={**snapshot.lists, key: tuple(kept)})
