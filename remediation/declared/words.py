"""Differences in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remediation.declared.declaration import Declaration, Source
from remediation.declared.difference import Difference
from remediation.declared.kinds import KINDS
from remediation.resource_id import ResourceId

MOST_NAMED = 3
_LONGEST = 80


def message(
    declaration: Declaration, differences: Sequence[Difference], name: str, lines: Sequence[str] = ()
) -> str:
    """The fault in one sentence: what is otherwise than who declared, and the worst that it does."""
    does = f" ({lines[0]})" if lines else ""
    if any(not one.path for one in differences):
        word = KINDS[declaration.id.type].word
        return f"the {word} {name} is gone, which {declaration.names} declares{does}"
    told = [_said(one) for one in differences[:MOST_NAMED]]
    more = len(differences) - len(told)
    rest = f"; and {more} more" if more else ""
    return f"{name} is not what {declaration.names} declares: {'; '.join(told)}{rest}{does}"


def name_of(resource: ResourceId) -> str:
    """A resource as people say it; a child with its parent's name, a setting with its resource's."""
    above = resource.parent or resource.extended
    return resource.name if above is None else f"{above.name}/{resource.name}"


def declared_in(source: Source) -> dict[str, Any]:
    """Where a word stands, as facts."""
    return {"file": source.name, "line": source.line, "address": source.address or None}


def place(source: Source) -> str:
    """Where a word stands, in words."""
    where = f", line {source.line}" if source.line else f", {source.address}" if source.address else ""
    return f"{source.name}{where}{',' if where else ''}"


def _said(difference: Difference) -> str:
    path = difference.path
    if difference.declared is None and isinstance(difference.live, Mapping):
        return f"{path} was declared by nobody"
    if difference.live is None and isinstance(difference.declared, Mapping):
        return f"{path} is gone"
    if difference.declared is None:
        return f"{path} is {_value(difference.live)}, declared by nobody"
    live = "not set" if difference.live is None else _value(difference.live)
    return f"{path} is {live}, declared {_value(difference.declared)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return _short(", ".join(_value(one) for one in value)) or "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return _short(text.rpartition("/")[2] if text.startswith("/subscriptions/") else text)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def left_out(counts: Mapping[str, int]) -> Iterator[str]:
    """What was not compared, by type, the most first."""
    for kind, number in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        yield f"{number} {kind.removeprefix('microsoft.')}"
