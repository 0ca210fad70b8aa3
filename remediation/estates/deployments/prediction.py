"""What a change would leave behind, whatever it was described in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

type Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a resource of an input stands: the file, the line where it has one, and its address there."""

    path: str
    line: int | None = None
    address: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"file": self.path, "line": self.line, "address": self.address or None}


@dataclass(frozen=True, slots=True)
class Patch:
    """A reference that is set on a resource by something that is no resource of its own.

    `member` of the resource `id`, or of its ip configuration `part`, is `target`, or (`many`) has it as an
    element; with `gone` it no longer is, or has. Where `element` says anything, that is the element itself,
    and `target` its name.
    """

    id: str
    member: str
    target: str
    part: str = ""
    many: bool = False
    gone: bool = False
    element: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Prediction:
    """The resources that would be there after a change, and what is known of those before it.

    resources  whole documents with their ids, as ARM would be sent them; expressions in brackets are unknown
    removed    ids that the change deletes
    before     documents as the input says they are now
    patches    references that are set or taken away when all resources are there
    earlier    the same, as they are before the change
    kept       lower-cased ids of resources that are read before they are written: what is not said stays
    origins    where each resource stands, by lower-cased id
    doubts     (id or address, reason) of what cannot be told
    doubtful   ids that may or may not come, with the reason
    unread     ids that stand for one that nobody knows yet, with the reason
    complete   lower-cased ids of groups in which nothing else is left
    named      what to call a resource that has no id of its own, by the lower-cased id it was given
    """

    resources: list[Document] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    before: list[Document] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    earlier: list[Patch] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    origins: dict[str, Origin] = field(default_factory=dict)
    doubts: list[tuple[str, str]] = field(default_factory=list)
    doubtful: Mapping[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()
    named: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
