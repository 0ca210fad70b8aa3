"""Functions of templates on lists and objects; what lies in them may be unknown, how many there are not."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from remediation.estates.deployments.templates.values import ExpressionError, Unknown, as_text, bounded, call

_MOST = 10_000


def found(members: Mapping[str, Any], key: str) -> str | None:
    """The spelling under which an object has a member; names compare without case."""
    if key in members:
        return key
    wanted = key.lower()
    return next((name for name in members if name.lower() == wanted), None)


def _concat(*parts: Any) -> Any:
    if any(isinstance(part, Unknown) for part in parts):
        return call("concat", parts)
    if parts and isinstance(parts[0], list):
        return bounded([element for part in parts for element in part])
    return bounded("".join(map(as_text, parts)))


def _union(*parts: Any) -> Any:
    if any(isinstance(part, Unknown) for part in parts):
        return call("union", parts)
    if all(isinstance(part, list) for part in parts):
        merged: list[Any] = []
        for element in (one for part in parts for one in part):
            if element not in merged:
                merged.append(element)
        return bounded(merged)
    whole: dict[str, Any] = {}
    for part in parts:
        whole = _merged(whole, part, 0)
    return bounded(whole)


def _merged(one: dict[str, Any], other: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """Members of both, the later ones first; objects within them are merged likewise."""
    if depth > 100:
        raise ExpressionError("is nested deeper than Azure takes")
    whole = dict(one)
    for key, value in other.items():
        name = found(whole, key) or key
        both = isinstance(whole.get(name), dict) and isinstance(value, dict)
        whole[name] = _merged(whole[name], value, depth + 1) if both else value
    return whole


def _shallow(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}


def _intersection(*parts: Any) -> Any:
    first, others = parts[0], parts[1:]
    if isinstance(first, list):
        return [one for one in first if all(one in other for other in others)]
    return {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}


def _contains(whole: Any, part: Any) -> Any:
    if isinstance(whole, Unknown) or isinstance(part, Unknown):
        return call("contains", (whole, part))
    if isinstance(whole, dict):
        return found(whole, str(part)) is not None
    if isinstance(whole, list):
        doubtful = part not in whole and any(isinstance(one, Unknown) for one in whole)
        return call("contains", (whole, part)) if doubtful else part in whole
    return as_text(part) in whole


def _empty(value: Any) -> bool:
    return value is None or len(value) == 0


def _range(start: int, count: int) -> list[int]:
    if not 0 <= count <= _MOST:
        raise ExpressionError("a range has at most 10000 numbers")
    return list(range(start, start + count))


def _object(*parts: Any) -> dict[str, Any]:
    keys = parts[::2]
    if any(not isinstance(key, str) for key in keys):
        raise ExpressionError("a name is not known")
    return dict(zip(keys, parts[1::2], strict=True))


def _index(whole: Any, part: Any) -> int:
    if isinstance(whole, list):
        return whole.index(part) if part in whole else -1
    return int(whole.lower().find(part.lower()))


def _last_index(whole: Any, part: Any) -> int:
    if isinstance(whole, list):
        return len(whole) - 1 - whole[::-1].index(part) if part in whole else -1
    return int(whole.lower().rfind(part.lower()))


def _flat(lists: list[Any]) -> list[Any]:
    if any(not isinstance(one, list) for one in lists):
        raise ExpressionError("a list within it is not known")
    return bounded([element for one in lists for element in one])


def _items(members: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": members[key]} for key in sorted(members, key=str.lower)]


def _first(whole: Any) -> Any:
    return whole[0] if whole else ("" if isinstance(whole, str) else None)


def _last(whole: Any) -> Any:
    return whole[-1] if whole else ("" if isinstance(whole, str) else None)


def _chained(paths: tuple[Any, ...]) -> Iterator[Any]:
    for path in paths:
        yield from path if isinstance(path, list) else [path]


def _try_get(whole: Any, *paths: Any) -> Any:
    """`tryGet`, for a chain of keys; null where any part of it is not there."""
    for key in _chained(paths):
        if isinstance(whole, Unknown) or isinstance(key, Unknown):
            return call("tryGet", (whole, *paths))
        if isinstance(whole, dict) and isinstance(key, str):
            name = found(whole, key)
            whole = None if name is None else whole[name]
        elif isinstance(whole, list) and isinstance(key, int):
            whole = whole[key] if 0 <= key < len(whole) else None
        else:
            return None
    return whole


# Their arguments may be unknown themselves.
OF_ANY: Mapping[str, Callable[..., Any]] = {
    "concat": _concat,
    "union": _union,
    "contains": _contains,
    "createarray": lambda *parts: list(parts),
    "createobject": _object,
    "tryget": _try_get,
}
# Their arguments are known, what lies in them need not be.
OF_PARTS: Mapping[str, Callable[..., Any]] = {
    "array": lambda value: value if isinstance(value, list) else [value],
    "length": len,
    "empty": _empty,
    "range": _range,
    "first": _first,
    "last": _last,
    "take": lambda whole, count: whole[: max(0, count)],
    "skip": lambda whole, count: whole[max(0, count) :],
    "items": _items,
    "objectkeys": lambda members: sorted(members, key=str.lower),
    "shallowmerge": _shallow,
    "flatten": _flat,
    "indexof": _index,
    "lastindexof": _last_index,
}
# Everything about them has to be known.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "intersection": _intersection,
    "indexfromend": lambda whole, place: whole[-place],
    "tryindexfromend": lambda whole, place: whole[-place] if 1 <= place <= len(whole) else None,
}
