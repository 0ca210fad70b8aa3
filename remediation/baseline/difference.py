"""What is different between two baselines, as values that people can read: path, before, after.

Lists are compared by what stands in them and not by their order: exemptions by resource and rule,
environments by name, everything else by its whole content. A text of today is compared with one of long
ago, so nothing here needs either of them to be free of mistakes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from remediation.plain import clipped, plain

MOST = 100
"""Differences that are named; how many there are beside is said."""
LONGEST = 200
NOT_SET = "not set"
_NAMED_BY = {"exemptions": ("resource", "rule"), "environments": ("name",)}


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what it was; `before` or `after` is "not set" where there is none."""

    path: str
    before: str
    after: str

    @property
    def text(self) -> str:
        return f"{self.path}: {self.before} -> {self.after}"


def differences(before: Any, after: Any) -> list[Difference]:
    """What is different between two parsed documents, at most about `MOST` values."""
    found = list(_between(before, after, ""))
    if len(found) <= MOST:
        return found
    left = Difference("and so on", f"{len(found) - MOST} more values", "are different")
    return [*found[:MOST], left]


def _between(before: Any, after: Any, path: str) -> Iterator[Difference]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_mappings(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_mappings(_by_name(before, path), _by_name(after, path), path)
    elif isinstance(before, Mapping | list) and after is None:
        yield from _between(before, type(before)(), path)
    elif isinstance(after, Mapping | list) and before is None:
        yield from _between(type(after)(), after, path)
    elif before != after or isinstance(before, bool) != isinstance(after, bool):
        yield Difference(path or "baseline", _shown(before), _shown(after))


def _of_mappings(before: Mapping[Any, Any], after: Mapping[Any, Any], path: str) -> Iterator[Difference]:
    for key in sorted({*before, *after}, key=str):
        step = plain(clipped(str(key), LONGEST))
        joint = step if step.startswith("[") or not path else f".{step}"
        yield from _between(before.get(key), after.get(key), f"{path}{joint}")


def _by_name(values: Sequence[Any], path: str) -> dict[str, Any]:
    """The elements of a list by what they are, so that one more in front changes no other."""
    keys = _NAMED_BY.get(path)
    named: dict[str, Any] = {}
    for number, value in enumerate(values):
        if keys and isinstance(value, Mapping):
            name = ", ".join(_shown(value.get(key)) for key in keys)
        elif isinstance(value, Mapping | list):
            name = str(number)
        else:
            name = _shown(value)
        unique = name if f"[{name}]" not in named else f"{name}, number {number}"
        named[f"[{unique}]"] = value
    return named


def _shown(value: Any) -> str:
    match value:
        case None:
            return NOT_SET
        case str():
            text = value
        case bool():
            text = str(value).lower()
        case date() | int() | float():
            text = str(value)
        case _:
            text = json.dumps(value, default=str)
    return plain(clipped(text, LONGEST))
