"""What ARM holds, and how two states of a document differ, as lines for people."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from demo.act import Diff, PortRow, Sign
from lab.world import World
from remediation.nsg import difference, exposure, parse
from remediation.telling.cards.words import kind_and_name

type Document = Mapping[str, Any]

_ARMS_OWN = frozenset({"id", "type", "etag", "provisioningState", "resourceGuid", "systemData"})
_NAMES = ("name", "categoryGroup", "category")
_FIRST = ("name", "priority", "access", "direction", "protocol")


def held(world: World, resource: str) -> dict[str, Any] | None:
    """The document ARM holds now, a rule's included; None when there is none. No request is made."""
    parent, kind, name = _split(resource)
    if kind != "securityrules":
        return world.found(resource)
    nsg = world.found(parent)
    rules = [] if nsg is None else nsg["properties"].get("securityRules", [])
    return next((rule for rule in rules if rule["name"].lower() == name.lower()), None)


def _split(resource: str) -> tuple[str, str, str]:
    parent, kind, name = resource.rsplit("/", 2)
    return parent, kind.lower(), name


def diff(resource: str, before: Document | None, after: Document | None, *, written: bool = True) -> Diff:
    """Both states, line by line; what ARM alone writes (ids, etags, states) is left out."""
    verb = "deleted" if after is None else "created" if before is None else "changed"
    verb = verb if written else f"would be {verb}"
    _, name = kind_and_name(resource)
    old, new = (list(_lines(each)) if each is not None else [] for each in (before, after))
    return Diff(f"{_what(resource)} {name} {verb}", tuple(_compared(old, new)), written)


def _what(resource: str) -> str:
    kinds = {"securityrules": "rule", "diagnosticsettings": "diagnostic setting", "bastionhosts": "Bastion"}
    return kinds.get(_split(resource)[1], "resource")


def _compared(old: list[str], new: list[str]) -> Iterator[tuple[Sign, str]]:
    for operation, from_old, to_old, from_new, to_new in difflib.SequenceMatcher(a=old, b=new).get_opcodes():
        if operation == "equal":
            yield from ((" ", text) for text in old[from_old:to_old])
        else:
            yield from (("-", text) for text in old[from_old:to_old])
            yield from (("+", text) for text in new[from_new:to_new])


def _lines(document: Document) -> Iterator[str]:
    properties = document.get("properties", {})
    top = {key: value for key, value in document.items() if key != "properties"}
    leaves = dict(_leaves({**top, **properties}))
    for path in sorted(leaves, key=_place):
        yield f"{path}: {leaves[path]}"


def _place(path: str) -> tuple[int, str]:
    """A rule reads best as people say it: name, priority, access first; the rest by name."""
    return (_FIRST.index(path) if path in _FIRST else len(_FIRST)), path


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _ARMS_OWN:
                yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            label = next((item[key] for key in _NAMES if item.get(key)), number)
            rest = {key: inner for key, inner in item.items() if key not in _NAMES}
            yield from _leaves(rest.get("properties", rest), f"{path}[{label}]")
    elif value not in (None, "", []):
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return "/".join(text.rsplit("/", 2)[1:]) if text.startswith("/subscriptions/") else text


def ports(before: Document, after: Document, wanted: tuple[int, ...]) -> tuple[PortRow, ...]:
    """What the internet reaches of the NSG on these TCP ports, by the exact evaluator."""
    old, new = parse(before), parse(after)
    return tuple(PortRow(port, exposure(old, port).verdict, exposure(new, port).verdict) for port in wanted)


def traffic(before: Document, after: Document) -> tuple[str, ...]:
    """Which traffic a change let in or shut out, in lines."""
    return tuple(difference(parse(before), parse(after)).summary(6))
