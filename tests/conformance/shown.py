"""What a recorded answer shows: resources, their versions, and every id in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.arm import ids

if TYPE_CHECKING:
    from tests.conformance.recordings import Interaction

type Document = dict[str, Any]


def resources_in(interaction: Interaction) -> list[Document]:
    """The resources an answer shows: itself, or the items of its list that belong to the path's type."""
    body, path = interaction.body, interaction.arm_path
    if interaction.method != "GET" or interaction.status != 200 or not isinstance(body, dict):
        return []
    if path.complete:
        return [body] if isinstance(body.get("id"), str) and "name" in body else []
    items = body.get("value") if isinstance(body.get("value"), list) else []
    return [
        item
        for item in items or []
        if isinstance(item.get("id"), str) and ids.parse(item["id"]).kind == path.kind
    ]


def version_of(document: Document) -> Any:
    """What must stay the same while nobody writes a resource: its etag, or all of it if it has none."""
    return document.get("etag", document)


def ids_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["id"]] if isinstance(value.get("id"), str) else []
        return own + [each for item in value.values() for each in ids_in(item)]
    return [each for item in value for each in ids_in(item)] if isinstance(value, list) else []
