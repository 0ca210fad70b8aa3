"""Documents by id, children found in their parents: what a change is laid over."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from remediation.errors import InvalidResourceId
from remediation.estates.contents import FOLDED
from remediation.resource_id import ResourceId

type Document = dict[str, Any]


class Documents:
    """Documents by lower-cased id, in the order they came in."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._found: dict[str, Document] = {}
        for document in documents:
            self.put(document)

    def __iter__(self) -> Iterator[Document]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def put(self, document: Document) -> None:
        self._found[str(document.get("id")).lower().rstrip("/")] = document

    def get(self, identity: str) -> Document | None:
        return self._found.get(identity.lower().rstrip("/"))

    def take(self, identity: str) -> Document | None:
        return self._found.pop(identity.lower().rstrip("/"), None)

    def below(self, scope: str) -> list[str]:
        """Keys of everything under a scope."""
        return [key for key in self._found if key.startswith(f"{scope.lower().rstrip('/')}/")]

    def find(self, identity: str) -> Document | None:
        """A document, or a child out of its parent's."""
        found = self.get(identity)
        if found is not None:
            return found
        parent = parent_of(identity)
        holder = None if parent is None else self.get(parent[0])
        return None if holder is None or parent is None else child_in(holder, parent[1], parent[2])


def parent_of(identity: str) -> tuple[str, str, str] | None:
    """For a child that its parent's document holds: the parent's id, the array, and its own name."""
    try:
        own = ResourceId.parse(identity)
    except InvalidResourceId:
        return None
    if own.type not in FOLDED or own.parent is None:
        return None
    return own.parent.text, FOLDED[own.type], own.name


def child_in(holder: Document, array: str, name: str) -> Document | None:
    return next((one for one in elements(holder, array) if name_of(one) == name.lower()), None)


def elements(holder: Mapping[str, Any], array: str) -> list[Document]:
    """The objects of an array under ``properties``."""
    properties = holder.get("properties")
    found = properties.get(array) if isinstance(properties, Mapping) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def name_of(child: Mapping[str, Any]) -> str:
    return str(child.get("name") or str(child.get("id") or "").rpartition("/")[2]).lower()
