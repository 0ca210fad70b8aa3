"""Two words about one resource made one, or refused where they cannot both be true."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remediation.declared.comparison import compare
from remediation.declared.declaration import Declaration, Declared, Document, Source
from remediation.declared.difference import Difference
from remediation.declared.forms import name_of
from remediation.errors import InputError
from remediation.model import Resource
from remediation.resource_id import ResourceId


def properties_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands under ``properties``; nothing where that is no object."""
    found = document.get("properties")
    return found if isinstance(found, Mapping) else {}


def contradictions(one: Declaration, other: Declaration) -> list[Difference]:
    """Where two declarations of a resource cannot both be true: what both speak of, and differently."""
    found = compare(one, Resource(other.id, other.document))
    return [*_missing(one, other, found), *_other_values(found)]


def _other_values(found: Iterable[Difference]) -> list[Difference]:
    return [
        difference for difference in found if difference.live is not None and difference.declared is not None
    ]


def _missing(one: Declaration, other: Declaration, found: Iterable[Difference]) -> list[Difference]:
    """Children that one of two whole lists has and the other has not."""
    alone = one.alone | other.alone
    lists = {
        key for key in properties_of(one.document)
        if isinstance(properties_of(other.document).get(key), list) and key.lower() not in alone
    }  # fmt: skip
    return [
        difference
        for difference in found
        if len(difference.parts) == 2 and difference.parts[0] in lists
        and (difference.live is None) != (difference.declared is None)
    ]  # fmt: skip


def refuse(found: Sequence[Difference], identity: ResourceId, one: Source, other: Source) -> None:
    """Raise InputError where two words contradict each other, with both values of the first place."""
    if not found:
        return
    names = one.name if one.name == other.name else f"{one.name} and {other.name}"
    verb = "contradicts itself" if one.name == other.name else "contradict each other"
    path = found[0].path or "the resource"
    raise InputError(
        f"{names}: {verb}: {identity.text}: {path} is declared as {_said(found[0].declared)} and as "
        f"{_said(found[0].live)}; nothing of it is compared, give the one that is in force"
    )


def _said(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def joined(first: Document, second: Document) -> Document:
    """What both say; where both do, the second."""
    found = dict(first)
    for key, value in second.items():
        before = found.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            found[key] = joined(dict(before), dict(value))
        elif value not in (None, "", []) or key not in found:
            found[key] = value
    return found


def together(every: Iterable[Declared]) -> Declared:
    """Several inputs as one; raises InputError where two of them contradict each other."""
    found: dict[str, Declaration] = {}
    left_out: Counter[str] = Counter()
    unplaced: dict[str, None] = {}
    for one in every:
        left_out += one.left_out
        unplaced |= dict.fromkeys(one.unplaced)
        for key, declaration in one.declarations.items():
            found[key] = _both(found[key], declaration) if key in found else declaration
    return Declared(found, left_out, tuple(unplaced))


def _both(one: Declaration, other: Declaration) -> Declaration:
    refuse(contradictions(one, other), one.id, one.source, other.source)
    first, second = (one, other) if other.itself else (other, one)
    properties = dict(properties_of(first.document))
    alone = set(first.alone | second.alone)
    for key, value in properties_of(second.document).items():
        held = properties.get(key)
        if isinstance(held, list) and isinstance(value, list):
            properties[key] = _one_list(held, value)
            if not {key.lower()} <= first.alone & second.alone:
                alone.discard(key.lower())
        elif value not in (None, "", []) or key not in properties:
            properties[key] = value
    document = {**joined(first.document, second.document), "properties": properties}
    children = {**first.children, **second.children}
    return Declaration(
        one.id, document, second.source, frozenset(alone), one.itself or other.itself, children
    )


def _one_list(held: list[Any], more: list[Any]) -> list[Any]:
    """The elements of both, those of one name once."""
    names = {name_of(one).lower() for one in more if isinstance(one, Mapping)} - {""}
    rest = [
        one
        for one in held
        if not (isinstance(one, Mapping) and name_of(one).lower() in names) and one not in more
    ]
    return [*rest, *more]
