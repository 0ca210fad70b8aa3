"""A live document with differences put back: what would be there had nobody touched it.

From it follows what a difference does (both documents, judged by the same engine), and what a repair writes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from remediation.declared.declaration import Declaration, Document
from remediation.declared.difference import Difference
from remediation.declared.forms import PLURALS, SINGULARS, name_of, reference
from remediation.estates.door.normal import normal
from remediation.model import Resource, copied

_BESIDE = frozenset({"sku", "zones", "tags"})


def restored(live: Resource | None, declaration: Declaration, differences: Iterable[Difference]) -> Resource:
    """The document with these differences put back; one that is gone is what was declared."""
    kind = declaration.id.type
    declared = declaration.document
    if live is None:
        return Resource(declaration.id, copied(declared))
    document = copied(normal(dict(live.body), kind))
    for difference in differences:
        if difference.path:
            _put_back(
                document, declared, difference.parts, alone=difference.path.lower() in declaration.alone
            )
    return Resource(live.id, document)


def _put_back(live: Document, declared: Document, parts: tuple[str, ...], *, alone: bool) -> None:
    *above, last = parts
    mine: Any
    theirs: Any
    if not above and last in _BESIDE:
        mine, theirs = declared, live
    else:
        mine, theirs = _inside(declared, above), _inside(live, above)
    if not isinstance(theirs, list | dict):  # nothing is left in which it could stand
        of_live, of_declared = (
            (live, declared) if parts[0] in _BESIDE else (_inside(live, ()), _inside(declared, ()))
        )
        of_live[parts[0]] = copied(of_declared.get(parts[0]))
        return
    if isinstance(theirs, list):
        _put_element(theirs, mine if isinstance(mine, list) else [], last)
        return
    told = mine if isinstance(mine, Mapping) else {}
    names = {last, PLURALS.get(last, last), SINGULARS.get(last, last)}
    before = {name: theirs.pop(name, None) for name in names}
    for name in names:
        value = told.get(name)
        if value is None:
            continue
        theirs[name] = _joined(before[name], value) if alone and isinstance(value, list) else copied(value)


def _inside(document: Document, parts: Iterable[str]) -> Any:
    """What stands at a path of names: an object's members, or a list; None where it is not there."""
    at: Any = document
    first = True
    for part in (*parts, None):
        if isinstance(at, list):
            if part is None:
                return at
            at = next(
                (one for one in at if isinstance(one, dict) and name_of(one).lower() == part.lower()), None
            )
            continue
        if not isinstance(at, dict):
            return None
        inner = at if first and part in _BESIDE else _members(at)
        if part is None:
            return inner
        at, first = inner.get(part), False
    return at


def _members(element: Document) -> Document:
    """Where the members of a resource or a child stand; a resource without any gets a place for them."""
    inner = element.get("properties")
    return inner if isinstance(inner, dict) else element


def _put_element(live: list[Any], declared: list[Any], name: str) -> None:
    def is_it(one: Any) -> bool:
        return isinstance(one, Mapping) and name_of(one).lower() == name.lower()

    live[:] = [one for one in live if not is_it(one)]
    live += [copied(one) for one in declared if is_it(one)]


def _joined(live: Any, declared: list[Any]) -> list[Any]:
    """A list of which only some elements were declared: these, and what else is there."""
    held = live if isinstance(live, list) else []
    known = {reference(one) for one in held}
    return [*held, *(copied(one) for one in declared if reference(one) not in known)]
