"""`$filter` of the lists of resources and groups: clauses of the form `name eq 'value'`, joined by and."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.arm import ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.arm.documents.tree import Document

CLAUSE = re.compile(r"(\w+) eq '([^']*)'", re.IGNORECASE)


def _lower(value: object) -> str:
    return str(value or "").replace(" ", "").lower()


def _type(doc: Document) -> str:
    return ids.node_type(doc["id"])


READ: dict[str, Callable[[Document], object]] = {
    "resourcetype": _type,
    "name": lambda doc: doc.get("name"),
    "resourcegroup": lambda doc: ids.parse(doc["id"]).group,
    "location": lambda doc: doc.get("location"),
}


def matching(text: str) -> Callable[[Document], bool]:
    """Whether a document passes a filter; clauses of other kinds do not restrict [?]."""
    clauses = [(name.lower(), value) for name, value in CLAUSE.findall(text)]
    wanted = dict(clauses)

    def passes(doc: Document) -> bool:
        tags = {key.lower(): value for key, value in (doc.get("tags") or {}).items()}
        if "tagname" in wanted and wanted["tagname"].lower() not in tags:
            return False
        if "tagvalue" in wanted and tags.get(wanted.get("tagname", "").lower()) != wanted["tagvalue"]:
            return False
        return all(_lower(READ[name](doc)) == _lower(value) for name, value in clauses if name in READ)

    return passes
