"""Reads the tags that say whose a resource is: its own, its group's, its subscription's.

What the look at a resource has read already is used first. A group or a subscription is asked for once, and
its answer serves every resource below it for some minutes; a nearer tag makes asking further away needless.
"""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from remediation.baseline import Routing, Tags
from remediation.errors import InvalidResourceId, PermanentError
from remediation.findings import FindingRecord
from remediation.kinds import RESOURCE_GROUP, SUBSCRIPTION
from remediation.model import Finding, Resource, Snapshot
from remediation.ports import Clock
from remediation.resource_id import ResourceId

REMEMBERED = timedelta(minutes=10)
MOST = 5000


class Reader(Protocol):
    """The one thing that is asked of a Cloud; an estate answers it as well."""

    def get(self, resource: ResourceId) -> Resource | None: ...


class TagReader:
    """Tags of resources, safe to share among threads. Raises TransientError while ARM does not answer."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[datetime, Mapping[str, str] | None]] = {}

    def tags_of(self, resource: ResourceId, routing: Routing, snapshot: Snapshot | None = None) -> Tags:
        """The tags of a resource's three levels, as far as they decide who owns it; None for what is unread.

        A part of a resource (a subnet, a rule) has the tags of the whole.
        """
        own = self._tags(whole(resource), snapshot)
        if not routing.owner_tags or _names_owner(own, routing):
            return Tags(own, {}, {})
        group = self._above(resource, RESOURCE_GROUP, snapshot)
        if _names_owner(group, routing):
            return Tags(own, group, {})
        return Tags(own, group, self._above(resource, SUBSCRIPTION, snapshot))

    def _above(self, resource: ResourceId, kind: str, snapshot: Snapshot | None) -> Mapping[str, str] | None:
        above = scope_of(resource, kind)
        return {} if above is None else self._tags(above, snapshot, keep=True)

    def _tags(
        self, resource: ResourceId, snapshot: Snapshot | None, *, keep: bool = False
    ) -> Mapping[str, str] | None:
        seen = None if snapshot is None else snapshot.get(resource)
        if isinstance(seen, Resource):
            return seen.tags
        if not keep:
            return self._asked(resource)
        with self._lock:
            known = self._known.get(resource.key)
        if known is not None and self._clock.now() < known[0] + REMEMBERED:
            return known[1]
        tags = self._asked(resource)
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[resource.key] = self._clock.now(), tags
        return tags

    def _asked(self, resource: ResourceId) -> Mapping[str, str] | None:
        """What ARM says now; nothing there has no tags, what may not be read is not known."""
        try:
            found = self._reader.get(resource)
        except PermanentError:
            return None
        return {} if found is None else found.tags


class Ownership:
    """Asks for the tags of what a look has found, where a baseline's routes or owners depend on tags."""

    def __init__(self, reader: TagReader, routing: Routing) -> None:
        self._reader = reader
        self._routing = routing

    def of(
        self, findings: Iterable[Finding], repaired: Iterable[FindingRecord], snapshot: Snapshot | None
    ) -> dict[str, Tags]:
        """Tags by the key of each finding's resource; none where nothing depends on them."""
        if not (self._routing.owner_tags or self._routing.routes):
            return {}
        about = [finding.resource for finding in findings]
        about += [ResourceId.parse(record.resource) for record in repaired]
        unique = {resource.key: resource for resource in about}
        return {
            key: self._reader.tags_of(resource, self._routing, snapshot) for key, resource in unique.items()
        }


def scope_of(resource: ResourceId, kind: str) -> ResourceId | None:
    """The id of a resource's group or subscription; None where it has none."""
    subscription = f"/subscriptions/{resource.subscription}"
    group = resource.resource_group
    if kind == RESOURCE_GROUP and not group:
        return None
    text = f"{subscription}/resourceGroups/{group}" if kind == RESOURCE_GROUP else subscription
    try:
        return ResourceId.parse(text)
    except InvalidResourceId:
        return None


def whole(resource: ResourceId) -> ResourceId:
    """The resource that a part of one belongs to (a subnet's network); itself where it is no part."""
    while (above := resource.parent or resource.extended) is not None:
        resource = above
    return resource


def _names_owner(tags: Mapping[str, str] | None, routing: Routing) -> bool:
    """Whether a level answers for every owner tag, so that nothing further away is asked."""
    return bool(tags) and all((tags or {}).get(tag, "").strip() for tag in routing.owner_tags)
