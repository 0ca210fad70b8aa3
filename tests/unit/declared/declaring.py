"""Declarations as short as what they are about, and what differs from them."""

from typing import Any

from remediation.declared.comparison import IGNORED, compare
from remediation.declared.declaration import Declaration, Declared, Source
from remediation.declared.gathering import Gathering
from remediation.model import Resource
from tests.builders import Document

SOURCE = Source("snapshot", "main.snapshot.json")


def declared(*documents: Document) -> Declared:
    """What some documents of one snapshot declare."""
    gathering = Gathering(lambda _: SOURCE)
    for document in documents:
        gathering.take(document)
    return gathering.declared()


def declaration(*documents: Document) -> Declaration:
    """The one declaration that some documents come to."""
    (found,) = declared(*documents).declarations.values()
    return found


def paths(
    told: Document | Declaration, live: Document | None, ignore: tuple[str, ...] = IGNORED
) -> list[str]:
    """The paths of what differs."""
    return [path for path, _, _ in differing(told, live, ignore)]


def differing(
    told: Document | Declaration, live: Document | None, ignore: tuple[str, ...] = IGNORED
) -> list[tuple[str, Any, Any]]:
    """Path, declared and live value of what differs."""
    one = told if isinstance(told, Declaration) else declaration(told)
    found = compare(one, None if live is None else Resource(one.id, live), ignore)
    return [(each.path, each.declared, each.live) for each in found]


def properties(document: Document, **members: Any) -> Document:
    """The document with some members of its ``properties`` set."""
    return {**document, "properties": {**document["properties"], **members}}


def template(document: Document) -> Document:
    """A resource as a template has it: nothing that only the server sets, nothing that says nothing."""
    return {key: _template(value) for key, value in document.items() if key not in _SERVERS}


_SERVERS = frozenset({"etag", "provisioningState", "defaultSecurityRules", "subnets", "type"})


def _template(value: Any) -> Any:
    if isinstance(value, dict):
        told = {key: _template(inner) for key, inner in value.items() if key not in _SERVERS}
        return {key: inner for key, inner in told.items() if inner not in ([], None, "")}
    return [_template(one) for one in value] if isinstance(value, list) else value
