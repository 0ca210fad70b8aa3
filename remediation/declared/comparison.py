"""One declaration held against one live document: what differs, and nothing that only looks as if.

Only what is declared is compared, by what ARM means by it. A list of children is the whole list: what stands
in it and was not declared differs; a child that was declared by itself speaks for itself alone. Expressions
that a snapshot left are not compared, nor is a list in which one stands.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from remediation.declared.declaration import Declaration
from remediation.declared.difference import Difference
from remediation.declared.forms import (
    HALVES,
    REFERENCES,
    SINGULARS,
    by_name,
    declared_members,
    is_expression,
    is_known,
    is_silent,
    members,
    name_of,
    points,
    reference,
    scalar,
)
from remediation.declared.kinds import BACK, KINDS, NAMING, SERVERS, Kind
from remediation.estates.door.normal import by_name as named
from remediation.estates.door.normal import normal
from remediation.model import Resource

TAGS = "tags"
IGNORED = (TAGS,)
"""What nobody hears of unless they ask."""
_BESIDE = ("sku", "zones", TAGS)  # members beside `properties` that say how a resource is set
_SWITCHED = frozenset({"logs", "metrics"})
_ALL_LOGS = "alllogs"

type Elements = Mapping[str, Mapping[str, Any]]


def compare(
    declaration: Declaration, live: Resource | None, ignore: Collection[str] = IGNORED
) -> tuple[Difference, ...]:
    """Every difference, in the order of the declaration; () where there is none.

    `live` is None for what is gone. `ignore` are names of members that nobody wants to hear of.
    """
    if live is None:
        return tuple(_gone(declaration))
    kind = declaration.id.type
    walk = _Walk(KINDS[kind], declaration.alone, frozenset(one.lower() for one in ignore))
    return tuple(walk.resource(declaration.document, normal(dict(live.body), kind)))


def _gone(declaration: Declaration) -> Iterator[Difference]:
    """What is not there any more: the resource, or what was declared of one that others declare."""
    if declaration.itself:
        yield Difference("", shown(declaration.document), None)
        return
    for key, value in _inner(declaration.document).items():
        if key in REFERENCES:
            yield Difference(key, reference(value), None)
        elif isinstance(value, list):
            yield from (
                Difference(f"{key}/{name_of(one)}", shown(one), None)
                for one in value
                if isinstance(one, dict)
            )


class _Walk:
    """Both documents, walked along the declared one."""

    def __init__(self, kind: Kind, alone: Collection[str], ignore: Collection[str]) -> None:
        self._kind = kind
        self._alone = alone
        self._ignore = ignore

    def resource(self, declared: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Difference]:
        for key in _BESIDE:
            if declared.get(key) is not None:
                yield from self._member(key, key, declared[key], live.get(key))
        told, there = declared_members(_inner(declared)), members(_inner(live))
        for key, value in told.items():
            if key not in self._kind.skipped and (not self._kind.only or key in self._kind.only):
                yield from self._member(key, key, value, named(there, key))

    def _member(self, path: str, key: str, declared: Any, live: Any) -> Iterator[Difference]:
        if key in SERVERS or key.lower() in self._ignore or is_expression(declared):
            return
        if key == TAGS:
            yield from _tags(declared, live)
        elif key in REFERENCES or points(declared):
            yield from self._references(path, key, declared, live)
        elif isinstance(declared, list):
            yield from self._list(path, key, declared, live if isinstance(live, list) else [])
        elif isinstance(declared, dict):
            there = live if isinstance(live, dict) else {}
            if there or not is_silent(dict(declared), key):
                yield from self._object(path, declared, there)
        elif not _same(key, declared, live):
            yield Difference(path, declared, None if live in ("", [], {}) else live)

    def _object(
        self, path: str, declared: Mapping[str, Any], live: Mapping[str, Any], skipped: Collection[str] = ()
    ) -> Iterator[Difference]:
        told, there = declared_members(declared), members(live)
        for key, value in told.items():
            if key in skipped or (key == "privateIPAddress" and not _is_static(told)):
                continue
            yield from self._member(f"{path}/{key}", key, value, named(there, key))

    def _list(self, path: str, key: str, declared: list[Any], live: list[Any]) -> Iterator[Difference]:
        if declared and all(points(one) for one in declared):
            yield from self._references(path, key, declared, live)
            return
        mine, theirs = by_name(declared), by_name(live)
        if mine is not None and theirs is not None:
            yield from self._children(path, key, mine, theirs)
        elif is_known(declared):
            yield from _set(path, key, declared, live)

    def _children(self, path: str, key: str, declared: Elements, live: Elements) -> Iterator[Difference]:
        skipped = NAMING | BACK.get(key, frozenset())
        for name, child in declared.items():
            at, there = f"{path}/{name_of(child)}", live.get(name)
            if is_expression(name_of(child)):
                continue
            if there is not None:
                yield from self._object(at, child, there, skipped)
                yield from self._fronts(path, at, child, there)
            elif not _is_off(key, child):
                yield Difference(at, shown(child), None)
        if path.lower() in self._alone or any(is_expression(name) for name in declared):
            return
        if key == "logs" and _ALL_LOGS in declared:
            return
        for name, child in live.items():
            if name not in declared and not _is_off(key, child):
                yield Difference(f"{path}/{name_of(child)}", None, shown(child))

    def _fronts(
        self, path: str, at: str, declared: Mapping[str, Any], live: Mapping[str, Any]
    ) -> Iterator[Difference]:
        """An address in front that a child declared in full says nothing of."""
        if "/" in path or path.lower() in self._alone:
            return
        told, there = declared_members(declared), members(live)
        for key in self._kind.fronts:
            target = reference(there.get(key))
            if key not in told and target is not None:
                yield Difference(f"{at}/{key}", None, next(iter(_ids(there[key]).values())))

    def _references(self, path: str, key: str, declared: Any, live: Any) -> Iterator[Difference]:
        """What a member points to; one that should point nowhere says nothing, but for a rule's side."""
        mine, theirs = _ids(declared), _ids(live)
        if not is_known(list(mine)) or not (mine or key in HALVES):
            return
        missing = mine.keys() - theirs.keys()
        more = set() if path.lower() in self._alone else theirs.keys() - mine.keys()
        if missing or more:
            several = isinstance(declared, list) or len(theirs) > 1
            before, after = list(mine.values()), list(theirs.values())
            if several:
                yield Difference(path, before or None, after or None)
            else:
                yield Difference(path, next(iter(before), None), next(iter(after), None))


def _inner(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found = document.get("properties")
    return found if isinstance(found, dict) else {}


def _is_static(told: Mapping[str, Any]) -> bool:
    """Whether an address was asked for: one that was not is Azure's to give."""
    return scalar(told.get("privateIPAllocationMethod", "")) == "static"


def _is_off(key: str, child: Mapping[str, Any]) -> bool:
    """Whether a child does nothing: a log that is switched off, the address of a pool's own interface."""
    told = members(child)
    return (key in _SWITCHED and told.get("enabled") is False) or "networkInterfaceIPConfiguration" in told


def _same(key: str, declared: Any, live: Any) -> bool:
    if is_silent(declared, key) and is_silent(live, key):
        return True
    if key == "logAnalyticsDestinationType" and live is None:
        return True  # many services keep it and never show it
    return scalar(declared, key) == scalar(live, key)


def _set(path: str, key: str, declared: list[Any], live: list[Any]) -> Iterator[Difference]:
    """Lists without names are sets; one that was declared empty says nothing, but for a rule's side."""
    if {_form(one, key) for one in declared} == {_form(one, key) for one in live}:
        return
    if not declared and key not in HALVES:
        return
    singular = SINGULARS.get(key)
    if singular and len(declared) <= 1 and len(live) <= 1:
        at = f"{path.removesuffix(key)}{singular}"
        yield Difference(at, next(iter(declared), None), next(iter(live), None))
    else:
        yield Difference(path, declared or None, live or None)


def _form(value: Any, key: str) -> str:
    if isinstance(value, dict):
        told = {
            name: _form(inner, name)
            for name, inner in sorted(members(value).items())
            if name not in SERVERS and not is_silent(inner, name)
        }
        return msgspec.json.encode(told).decode()
    if isinstance(value, list):
        return msgspec.json.encode(sorted(_form(one, key) for one in value)).decode()
    return scalar(value, key)


def _ids(value: Any) -> dict[str, str]:
    """The ids a member points to as they are spelled, by their lower-cased forms."""
    every = value if isinstance(value, list) else [value]
    found = {}
    for one in every:
        told = one.get("id") if isinstance(one, dict) else one
        if (key := reference(one)) is not None:
            found[key] = str(told)
    return found


def _tags(declared: Any, live: Any) -> Iterator[Difference]:
    """Tags by their names without case, values as they are."""
    there = {str(name).lower(): value for name, value in live.items()} if isinstance(live, dict) else {}
    for name, value in declared.items() if isinstance(declared, dict) else ():
        found = there.get(str(name).lower())
        if not is_expression(value) and str(value) != str(found if found is not None else ""):
            yield Difference(f"{TAGS}/{name}", value, found)


def shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """A child or a resource as a difference shows it: what it says, without what only the server sets."""
    inner = document.get("properties")
    beside = {
        key: value for key, value in document.items() if key in ("sku", "zones", "category", "categoryGroup")
    }
    told = inner if isinstance(inner, dict) else document
    kept = {
        key: value for key, value in told.items() if key not in SERVERS and key not in {"id", "name", "type"}
    }
    return {key: value for key, value in {**beside, **kept}.items() if not is_silent(value)}
