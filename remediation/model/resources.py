"""What was read: documents as ARM returned them, and everything that was read for one judgement.

Part of a judgement may be unread. A rule asks with `need`, `need_list` and `existing`: what cannot be told
is raised as `UndecidedError` and becomes a doubt where rules are called. `get` and `listed` answer Unread
instead, for the few places that go on with what else is known.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, cast

from remediation.kinds import HUB_CONNECTION, LEADS, TERMINAL_STATES
from remediation.resource_id import ResourceId

type Json = Mapping[str, Any]

_SAID_BY_EVENTS = frozenset({*LEADS, HUB_CONNECTION})


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Resource:
    """One ARM document, kept exactly as ARM returned it, so that unknown properties survive a write."""

    id: ResourceId
    body: Json

    @classmethod
    def of(cls, body: Json) -> "Resource":
        """Wrap a document by its own id; raises InvalidResourceId when it has none."""
        return cls(ResourceId.parse(body.get("id")), body)

    def at(self, *path: str) -> Any:
        """The value at a path of keys, or None where any part of it is missing."""
        return dig(self.body, *path)

    def properties(self, *path: str) -> Any:
        """The value at a path below ``properties``, or None."""
        return dig(self.body, "properties", *path)

    @property
    def etag(self) -> str | None:
        etag = self.body.get("etag")
        return etag if isinstance(etag, str) else None

    @property
    def settled(self) -> bool:
        """Whether ARM is done with it; a type without provisioning states always is."""
        return str(self.properties("provisioningState") or "").lower() in TERMINAL_STATES

    @property
    def tags(self) -> Mapping[str, str]:
        """Tags with lower-cased names (ARM compares names without case); empty when there are none."""
        tags = self.body.get("tags")
        return {str(k).lower(): str(v) for k, v in tags.items()} if isinstance(tags, Mapping) else {}


def copied[T](value: T) -> T:
    """A copy of JSON that shares no object or array with it."""
    if isinstance(value, dict):
        return cast("T", {key: copied(each) for key, each in value.items()})
    if isinstance(value, list):
        return cast("T", [copied(each) for each in value])
    return value


def dig(value: Any, *path: str) -> Any:
    """Follow keys through nested objects; None where any part is missing or is not an object."""
    for key in path:
        if type(value) is not dict and not isinstance(value, Mapping):  # the second is slow, the first usual
            return None
        value = value.get(key)
    return value


class Documents(tuple[Resource, ...]):  # noqa: SLOT001  what is worked out of it lives in its dict
    """A list as it was read. What is worked out of it is worked out once, and lives no longer than it does.

    A list of a whole subscription is handed in again and again, for one resource after the other, and is the
    largest thing that is held: nothing but its reader may keep it.
    """

    @classmethod
    def of(cls, found: Iterable[Resource]) -> "Documents":
        """A list as it is, if it is one of these already: what was worked out of it comes along."""
        return found if isinstance(found, cls) else cls(found)

    def once[T](self, build: Callable[[Sequence[Resource]], T]) -> T:
        """What `build` makes of the list, or has made before."""
        worked_out = cast("dict[Callable[..., Any], Any]", self.__dict__)
        if build not in worked_out:
            worked_out[build] = build(self)
        return cast("T", worked_out[build])


@dataclass(frozen=True, slots=True)
class Unread:
    """Something a judgement needs and could not be read. What depends on it is unknown, never compliant.

    `asked` is false for what nobody exports unless asked to: that is told once, and not of every resource.
    """

    reason: str
    asked: bool = True


class UndecidedError(Exception):
    """Whether something is wrong cannot be told, for a reason in words.

    `subject` names a part of the judged resource where only that is doubtful.
    """

    def __init__(self, reason: str, subject: ResourceId | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Listing:
    """A list derived from ARM: the resources of `type` on or under `scope`, a resource or subscription id."""

    type: str
    scope: str

    @property
    def key(self) -> tuple[str, str]:
        return self.type.lower(), self.scope.lower()


class View(Protocol):
    """Documents as far as they were read: by id, and list by list. A Snapshot is one."""

    def get(self, resource: ResourceId) -> Resource | Unread | None: ...

    def listed(self, kind: str, scope: ResourceId | str) -> Sequence[Resource] | Unread: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that was read for the judgement of one resource, at about one moment.

    `resources` maps id keys to a document, to None (ARM said 404) or to Unread; `lists` does the same for
    derived lists; what was never asked of ARM is Unread as well.
    `moment` is when it was read, for what holds for a time only (a just-in-time request); None is not known.
    `left_alone` are children of the subject, by lower-case name, that no write may touch, and why.
    """

    subject: Resource
    resources: Mapping[str, Resource | Unread | None] = field(default_factory=dict)
    lists: Mapping[tuple[str, str], Sequence[Resource] | Unread] = field(default_factory=dict)
    moment: datetime | None = None
    left_alone: Mapping[str, str] = field(default_factory=dict)
    _worked_out: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once[T](self, key: Hashable, build: Callable[[], T]) -> T:
        """What several rules work out of the same documents: what was made under a key before, or is now."""
        if key not in self._worked_out:
            self._worked_out[key] = build()
        return cast("T", self._worked_out[key])

    def apart(self) -> "Snapshot":
        """The same for what is kept by `once` and has to read on.

        What is kept must not hold its keeper: only the garbage collector would end both, long after their
        judgement, and with them the lists that were read for it.
        """
        return replace(self)

    def get(self, resource: ResourceId) -> Resource | Unread | None:
        key = resource.key
        if key == self.subject.id.key:
            return self.subject
        return self.resources[key] if key in self.resources else Unread(f"{resource.text} was not read")

    def listed(self, kind: str, scope: ResourceId | str) -> Sequence[Resource] | Unread:
        text = scope if isinstance(scope, str) else scope.text
        found = self.lists.get((kind.lower(), text.lower()))
        return Unread(f"the list of {kind} of {text} was not read") if found is None else found

    def need(self, resource: ResourceId) -> Resource | None:
        """A document, or None where ARM has none; raises UndecidedError where it was not read."""
        found = self.get(resource)
        if isinstance(found, Unread):
            raise UndecidedError(found.reason)
        return found

    def existing(self, resource: ResourceId, what: str) -> Resource:
        """A document that has to be there; raises UndecidedError where it is not, or was not read."""
        found = self.need(resource)
        if found is None:
            raise UndecidedError(f"{what} {resource.text} does not exist")
        return found

    def need_list(self, kind: str, scope: ResourceId | str) -> Sequence[Resource]:
        """A list; raises UndecidedError where it was not read."""
        found = self.listed(kind, scope)
        if isinstance(found, Unread):
            raise UndecidedError(found.reason)
        return found

    def listed_if_read(self, kind: str, scope: ResourceId | str) -> Sequence[Resource]:
        """A list, empty where it was not read: only where somebody else raises the doubt."""
        found = self.listed(kind, scope)
        return () if isinstance(found, Unread) else found

    def read_ids(self) -> Iterator[str]:
        """Keys of every resource whose change may change this judgement, for the reverse index.

        A subscription's list of what ways in lead through is no reason to look again: events of those kinds
        say whom they concern.
        """
        yield from self.resources
        for kind, scope in self.lists:
            if kind not in _SAID_BY_EVENTS or "/providers/" in scope:
                yield scope
