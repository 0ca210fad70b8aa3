"""An estate by ids: plain look-ups in plain documents, nothing interpreted."""

from collections.abc import Sequence
from typing import Any

type Document = dict[str, Any]


class World:
    """Documents of an estate; ids and types compare without case."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._found: dict[str, Document] = {}
        self._by_type: dict[str, list[Document]] = {}
        for document in documents:
            self._by_type.setdefault(document["type"].lower().rsplit("/", 1)[-1], []).append(document)
            self._index(document)

    def _index(self, value: Any) -> None:
        if isinstance(value, dict):
            if "id" in value and "properties" in value:
                self._found[value["id"].lower()] = value
            for inner in value.values():
                self._index(inner)
        elif isinstance(value, list):
            for inner in value:
                self._index(inner)

    def get(self, identity: str | None) -> Document | None:
        return self._found.get(identity.lower()) if identity else None

    def of(self, kind: str) -> Sequence[Document]:
        """All documents of a type, named by its last word: `virtualNetworks`, `rules` of an admin."""
        return self._by_type.get(kind.lower(), ())

    def properties(self, identity: str | None) -> dict[str, Any]:
        """Of the resource with the id; {} where it is not there."""
        found = self.get(identity)
        return {} if found is None else dict(found["properties"])


def id_in(properties: dict[str, Any], key: str) -> str:
    """The id that a property refers to, lower case; "" where it refers to none."""
    found = properties.get(key)
    return str(found["id"]).lower() if found else ""


def ids_in(properties: dict[str, Any], key: str) -> list[str]:
    return [str(one["id"]).lower() for one in properties.get(key) or []]


def parent(identity: str, levels: int = 1) -> str:
    """The resource something is an element of: its id without so many pairs of type and name."""
    return "/".join(identity.lower().split("/")[: -2 * levels])


def prefixes_of(subnet: dict[str, Any]) -> list[str]:
    properties = subnet["properties"]
    one = properties.get("addressPrefix")
    return [*([one] if one else []), *(properties.get("addressPrefixes") or [])]
