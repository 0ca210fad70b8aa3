"""Sets of integers as sorted, disjoint, half-open intervals, kept in one flat tuple.

`(0, 10, 20, 30)` holds 0..9 and 20..29. In this form a point is inside exactly when an odd number of
boundaries lies at or below it, so that cutting one set with another is a bisection and a slice; nothing
is ever expanded into its members. Ports and addresses of both families use the same functions.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

type Ranges = tuple[int, ...]

EMPTY: Ranges = ()


def from_pairs(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """Half-open pairs in any order, overlapping or touching, as one set."""
    ordered = sorted(pairs)
    if len(ordered) == 1:
        return ordered[0]
    flat: list[int] = []
    for low, high in ordered:
        if flat and low <= flat[-1]:
            flat[-1] = max(flat[-1], high)
        else:
            flat += (low, high)
    return tuple(flat)


def pairs(ranges: Ranges) -> Iterator[tuple[int, int]]:
    """The half-open intervals of a set, ascending."""
    edges = iter(ranges)
    return zip(edges, edges, strict=True)


def union(*sets: Ranges) -> Ranges:
    """What is in any of the sets."""
    filled = [ranges for ranges in sets if ranges]
    if len(filled) == 1:
        return filled[0]
    if len(filled) == 2:
        small, large = sorted(filled, key=len)
        return _joined(large, *small) if len(small) == 2 else from_pairs([*pairs(small), *pairs(large)])
    spans: list[tuple[int, int]] = []
    for ranges in filled:
        spans += pairs(ranges)
    return from_pairs(spans)


def _joined(ranges: Ranges, low: int, high: int) -> Ranges:
    """A set with one more interval, for which the rest of it need not be looked at."""
    first, beyond = bisect_left(ranges, low), bisect_right(ranges, high)
    inner = () if first & 1 else (low,), () if beyond & 1 else (high,)
    return ranges[:first] + inner[0] + inner[1] + ranges[beyond:]


def intersect(left: Ranges, right: Ranges) -> Ranges:
    """What is in both sets; the work follows the smaller one."""
    if left is right:
        return left
    if len(left) > len(right):
        left, right = right, left
    flat: list[int] = []
    for low, high in pairs(left):
        first, last = bisect_right(right, low), bisect_left(right, high)
        if first & 1:
            flat.append(low)
        flat += right[first:last]
        if last & 1:
            flat.append(high)
    return tuple(flat)


def subtract(left: Ranges, right: Ranges) -> Ranges:
    """What is in `left` and not in `right`."""
    flat: list[int] = []
    for low, high in pairs(left):
        first, last = bisect_right(right, low), bisect_left(right, high)
        if not first & 1:
            flat.append(low)
        flat += right[first:last]
        if not last & 1:
            flat.append(high)
    return tuple(flat)


def contains(ranges: Ranges, point: int) -> bool:
    return bool(bisect_right(ranges, point) & 1)


def covers(outer: Ranges, inner: Ranges) -> bool:
    """Whether every member of `inner` is in `outer`."""
    return not subtract(inner, outer)


def size(ranges: Ranges) -> int:
    """How many integers the set holds."""
    return sum(ranges[1::2]) - sum(ranges[::2])
