"""Resource groups, the one type without a provider in its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm.ids import GROUPS

if TYPE_CHECKING:
    from lab.arm.documents.tree import Document


def group_document(group_id: str, name: str, location: str, tags: Document | None = None) -> Document:
    doc: Document = {"id": group_id, "name": name, "type": GROUPS, "location": location}
    if tags is not None:
        doc["tags"] = tags
    return doc | {"properties": {"provisioningState": "Succeeded"}}
