"""Copies of ARM documents with something changed throughout: documents are values, never edited in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

type Document = dict[str, Any]

CONTAINERS = (dict, list)  # walks skip scalars without a call: this is the lab's hot path
IN_MOTION = frozenset({"Updating", "Deleting"})


@dataclass(frozen=True, slots=True)
class Reference:
    """`holder` refers to `target`, which shows it under `member`."""

    target: str
    member: str
    holder: str


def arranged(values: Document, order: Iterable[str]) -> Document:
    """The same members in the order given; what the order does not name follows at the end."""
    result = {key: values[key] for key in order if key in values}
    return result | {key: value for key, value in values.items() if key not in result}


def present(**values: Any) -> Document:
    """Only what is not None: ARM leaves unset members out."""
    return {key: value for key, value in values.items() if value is not None}


def stamped(value: Any, etag: str) -> Any:
    """A copy in which parent and children share `etag`, as recorded."""
    if isinstance(value, dict):
        return {
            key: etag if key == "etag" else stamped(item, etag) if isinstance(item, CONTAINERS) else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [stamped(item, etag) for item in value]
    return value


def in_state(value: Any, state: str, steady: frozenset[str] = frozenset()) -> Any:
    """A copy whose provisioning states say `state`, except below the members named in `steady`."""
    if isinstance(value, dict):
        return {
            key: state
            if key == "provisioningState"
            else (item if key in steady else in_state(item, state, steady))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [in_state(item, state, steady) for item in value]
    return value


def settled(value: Any, state: str = "Succeeded") -> Any:
    """A copy in which whatever was in motion has arrived."""
    if isinstance(value, dict):
        return {
            key: state
            if key == "provisioningState" and item in IN_MOTION
            else (settled(item, state) if isinstance(item, CONTAINERS) else item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [settled(item, state) for item in value]
    return value


def own_state(doc: Document, state: str) -> Document:
    """A copy whose own provisioning state says `state`; its children keep theirs."""
    return doc | {"properties": doc.get("properties", {}) | {"provisioningState": state}}


def nodes(doc: Document) -> Iterator[Document]:
    """The document and every object in it that has an id and properties of its own, in their order."""
    pending: list[Any] = [doc]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value.get("id"), str) and (
                value is doc or isinstance(value.get("properties"), dict)
            ):
                yield value
            pending.extend([item for item in reversed(value.values()) if isinstance(item, CONTAINERS)])
        elif isinstance(value, list):
            pending.extend(reversed(value))


def references(value: Any) -> list[str]:
    """The ids in a list of `{"id": ...}` objects or in a single one."""
    items = value if isinstance(value, list) else [value]
    return [item["id"] for item in items if isinstance(item, dict) and isinstance(item.get("id"), str)]
