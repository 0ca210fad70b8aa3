"""Functions of templates on numbers, and comparisons."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from remediation.estates.deployments.templates.values import ExpressionError


def _divided(one: int, other: int) -> int:
    """Whole numbers, towards zero."""
    if other == 0:
        raise ExpressionError("divides by nothing")
    return int(math.copysign(abs(one) // abs(other), one * other)) if one else 0


def _rest(one: int, other: int) -> int:
    return one - other * _divided(one, other)


def _several(numbers: tuple[Any, ...]) -> list[Any]:
    return numbers[0] if len(numbers) == 1 and isinstance(numbers[0], list) else list(numbers)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "add": lambda one, other: one + other,
    "sub": lambda one, other: one - other,
    "mul": lambda one, other: one * other,
    "div": _divided,
    "mod": _rest,
    "min": lambda *numbers: min(_several(numbers)),
    "max": lambda *numbers: max(_several(numbers)),
    "equals": lambda one, other: type(one) is type(other) and one == other,
    "less": lambda one, other: one < other,
    "lessorequals": lambda one, other: one <= other,
    "greater": lambda one, other: one > other,
    "greaterorequals": lambda one, other: one >= other,
    "not": lambda one: not _truth(one),
    "true": lambda: True,
    "false": lambda: False,
    "null": lambda: None,
}


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ExpressionError("neither true nor false")
    return value
