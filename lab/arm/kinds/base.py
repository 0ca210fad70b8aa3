"""What a resource type has to say for itself, and the helpers their modules share."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from lab.arm.documents.tree import Document, references
from lab.arm.errors import ArmError, OperationError, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lab.arm.clock import Clock
    from lab.arm.documents.store import Record, Store
    from lab.arm.settings import Settings

NETWORK = "Microsoft.Network"


class Pending(Enum):
    """How a write goes on after it was answered."""

    UPDATING = "an operation runs and the state says Updating until it ends"
    SETTLED = "an operation URL is given, but the state already says Succeeded"
    NONE = "nothing runs and no operation URL is given"


class Patch(Enum):
    """What PATCH does to a type."""

    NO = "not supported"
    TAGS = "replaces the tags, synchronously"
    LONG = "replaces the tags in a long-running operation"


@dataclass(frozen=True, slots=True)
class World:
    """What a type may look at and, in `finish`, change."""

    store: Store
    clock: Clock
    settings: Settings


@dataclass(frozen=True, slots=True)
class Put:
    """A PUT as a type sees it: the canonical id, what was sent, and what is there now."""

    world: World
    id: str
    name: str
    kind_name: str
    body: Document
    existing: Document | None = None
    parent: Document | None = None
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> Document:
        """The properties of the request; an absent object counts as empty."""
        properties = self.body.get("properties")
        return properties if isinstance(properties, dict) else {}

    @property
    def before(self) -> Document:
        """The properties as they are now, empty on create."""
        found: Document = (self.existing or {}).get("properties", {})
        return found

    @property
    def location(self) -> str:
        mine = self.body.get("location") or (self.existing or {}).get("location")
        return str(mine or (self.parent or {}).get("location") or "").replace(" ", "").lower()

    def kept(self, member: str, make: Callable[[], Any]) -> Any:
        """A generated member: what it was, or made now."""
        return self.before[member] if member in self.before else make()


def always(_: Put, __: Document) -> Pending:
    return Pending.UPDATING


def nothing(*_: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource type, as data and functions.

    `shape` builds the document a PUT leaves; `check` refuses one (ArmError); `doom` names the error
    an accepted operation will end with; `finish` adds what appears only on success;
    `steady` names members whose states never say Updating; `linked` brings neighbours up to date
    with the document of that id after a write or delete has ended.
    """

    name: str
    shape: Callable[[Put], Document]
    pending: Callable[[Put, Document], Pending] = always
    check: Callable[[Put, Document], None] = nothing
    doom: Callable[[Put, Document], OperationError | None] = nothing
    finish: Callable[[World, Document], Document] = lambda _, doc: doc
    check_delete: Callable[[World, Record, Document], None] = nothing
    linked: Callable[[World, str], None] = nothing
    patch: Patch = Patch.NO
    supersedes: bool = False
    steady: frozenset[str] = field(default_factory=frozenset)

    @property
    def label(self) -> str:
        """The type as operations are named after it: NetworkSecurityGroup."""
        last = self.name.rpartition("/")[2]
        singular = (
            last[:-3] + "y" if last.endswith("ies") else last[:-2] if last.endswith("sses") else last[:-1]
        )
        return singular[:1].upper() + singular[1:]


def new_guid() -> str:
    return str(uuid.uuid4())


CARRIED = ("extendedLocation", "identity", "managedBy", "plan")  # top-level members any type hands back


def top(put: Put, keys: str, **members: Any) -> Document:
    """A document with its members in the recorded order of the type; `tags` only if tags were sent."""
    known = {
        "name": put.name,
        "id": put.id,
        "etag": "",
        "type": put.kind_name,
        "location": put.location,
        "tags": put.body.get("tags"),
        "zones": put.body.get("zones"),
        **members,
    }
    doc = {key: known[key] for key in keys.split() if known.get(key) is not None}
    if "location" not in keys:
        return doc
    return doc | {key: put.body[key] for key in CARRIED if put.body.get(key) is not None and key not in doc}


def sku_of(put: Put, default: str) -> Document:
    """The SKU sent; without one, that of the resource as it is, else the type's default."""
    held = (put.existing or {}).get("sku") or {}
    return {"name": default, "tier": "Regional"} | held | (put.body.get("sku") or {})


def in_use(code: str, what: str, resource_id: str, users: list[str]) -> ArmError:
    """[?] Codes are reported by users; the text is that of the groups, for which it is recorded."""
    return ArmError(
        400,
        code,
        f"{what} {resource_id} cannot be deleted because it is in use by the following resources: "
        f"{', '.join(users)}.",
    )


def named_children(put: Put, member: str) -> list[Document]:
    """The children of that member in the request, checked to be named objects."""
    items = put.sent.get(member) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("name") for item in items):
        raise bad_request(f"'{member}' of {put.id} must be a list of objects that have a name.")
    return items


def sub_put(put: Put, member: str, item: Document) -> Put:
    """The PUT of a child that came inside its parent's."""
    name = str(item["name"])
    before = next((each for each in put.before.get(member, ()) if each["name"].lower() == name.lower()), None)
    return Put(
        put.world, f"{put.id}/{member}/{name}", name, f"{put.kind_name}/{member}", item, before, put.parent
    )


def reference(value: Any) -> Document | None:
    """`{"id": ...}` and nothing else of what was sent for a reference."""
    found = references(value) if isinstance(value, dict) else []
    return {"id": found[0]} if found else None


def reference_list(value: Any) -> list[Document] | None:
    found = references(value) if isinstance(value, list) else []
    return [{"id": each} for each in found] if found else None


def others(sent: Document, known: frozenset[str] | set[str]) -> Document:
    """Members sent that the type's module does not treat survive: newer api-versions only add keys."""
    return {key: value for key, value in sent.items() if key not in known and value is not None}
