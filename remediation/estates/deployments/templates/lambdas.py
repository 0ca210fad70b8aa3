"""Functions of templates that call a function of the template for each element."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from remediation.estates.deployments.templates.syntax import Call, Node
from remediation.estates.deployments.templates.values import ExpressionError, Unknown, as_text

NAMES = ("map", "filter", "reduce", "sort", "toObject", "groupBy", "mapValues")


def is_lambda(node: Node) -> bool:
    return isinstance(node, Call) and node.name.lower() == "lambda"


def _elements(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ExpressionError("no list")
    return value


def _decided(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ExpressionError("neither true nor false")
    return value


def _key(value: Any) -> str:
    if isinstance(value, Unknown):
        raise ExpressionError("a name is not known")
    return as_text(value)


def _filter(elements: Any, keep: Callable[..., Any]) -> list[Any]:
    return [one for at, one in enumerate(_elements(elements)) if _decided(keep(one, at))]


def _reduce(elements: Any, start: Any, step: Callable[..., Any]) -> Any:
    for at, one in enumerate(_elements(elements)):
        start = step(start, one, at)
    return start


def _sort(elements: Any, before: Callable[..., Any]) -> list[Any]:
    def compare(one: Any, other: Any) -> int:
        return -1 if _decided(before(one, other)) else int(_decided(before(other, one)))

    return sorted(_elements(elements), key=functools.cmp_to_key(compare))


def _object(elements: Any, key: Callable[..., Any], value: Callable[..., Any] = lambda one, _: one) -> Any:
    return {_key(key(one, at)): value(one, at) for at, one in enumerate(_elements(elements))}


def _groups(elements: Any, key: Callable[..., Any]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for at, one in enumerate(_elements(elements)):
        groups.setdefault(_key(key(one, at)), []).append(one)
    return groups


def _values(members: Any, change: Callable[..., Any]) -> dict[str, Any]:
    return {name: change(value) for name, value in members.items()}


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "map": lambda elements, change: [change(one, at) for at, one in enumerate(_elements(elements))],
    "filter": _filter,
    "reduce": _reduce,
    "sort": _sort,
    "toobject": _object,
    "groupby": _groups,
    "mapvalues": _values,
}
