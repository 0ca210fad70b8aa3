"""What template expressions evaluate to: JSON values, and in their place what is known only later.

An `Unknown` is an expression that stays, reduced as far as it goes, in the words a template would use. The
same expression is the same unknown wherever it stands, so that what refers to it still meets.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remediation.errors import InputError

LONGEST_TEXT = 1_048_576
LONGEST_LIST = 100_000
MOST_VALUES = 2_000_000
_LONGEST_EXPRESSION = 2_000


class ExpressionError(ValueError):
    """An expression cannot be read, or Azure would refuse to evaluate it; the text says why."""


class TooMuchError(InputError):
    """A template asks for more than any deployment has."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value known only after deployment; `text` is its expression without the brackets around it."""

    text: str

    def __str__(self) -> str:
        return f"[{self.text}]"

    def member(self, key: object) -> "Unknown":
        """What stands at a key or an index of it."""
        plain = isinstance(key, str) and key.isidentifier()
        return Unknown(_cut(f"{self.text}.{key}" if plain else f"{self.text}[{written(key)}]"))


class Place(dict[str, Any]):
    """An object of which not every member is known: those that are missing are unknown, not absent."""

    def __init__(self, text: str, known: Mapping[str, Any]) -> None:
        super().__init__(known)
        self.text = text


def call(name: str, arguments: Iterator[Any] | list[Any] | tuple[Any, ...]) -> Unknown:
    """The unknown result of a function."""
    return Unknown(_cut(f"{name}({', '.join(map(written, arguments))})"))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_EXPRESSION else f"{text[:_LONGEST_EXPRESSION]}…"


def written(value: Any) -> str:
    """A value as an expression."""
    match value:
        case Unknown():
            return value.text
        case Place():
            return value.text
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bool():
            return f"{str(value).lower()}()"
        case None:
            return "null()"
        case int() | float():
            return str(value)
        case list():
            return f"createArray({', '.join(map(written, value[:20]))}{', …' if len(value) > 20 else ''})"
        case dict():
            pairs = [written(part) for pair in list(value.items())[:20] for part in pair]
            return f"createObject({', '.join(pairs)}{', …' if len(value) > 20 else ''})"
        case _:
            return str(value)


def unknowns(value: Any) -> Iterator[Unknown]:
    """Every unknown in a value."""
    stack = [value]
    while stack:
        match stack.pop():
            case Unknown() as found:
                yield found
            case dict() as members:
                stack += members.values()
            case list() as elements:
                stack += elements


def is_known(value: Any) -> bool:
    """Whether nothing in a value is unknown."""
    return next(unknowns(value), None) is None


def as_json(value: Any) -> Any:
    """A value as JSON, unknowns as their expressions; raises TooMuchError where that has no end."""
    left = [MOST_VALUES]

    def shown(one: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise TooMuchError("a value of the template has more parts than any deployment")
        match one:
            case Unknown():
                return str(one)
            case dict():
                return {key: shown(member) for key, member in one.items()}
            case list():
                return [shown(element) for element in one]
            case _:
                return one

    return shown(value)


def bounded[T](value: T) -> T:
    """The value; raises ExpressionError where it is longer than Azure would take."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ExpressionError("the text is longer than Azure takes")
    if isinstance(value, list | dict) and len(value) > LONGEST_LIST:
        raise ExpressionError("the list is longer than Azure takes")
    return value


def as_text(value: Any) -> str:
    """A known value as `string()` writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
