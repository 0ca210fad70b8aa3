"""What is made of a list that was read, once for each list: an index of it by id, say.

A list of a whole subscription is handed in again and again, for one resource after the other.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from remediation.model import Resource

_MOST_KEPT = 64
_kept: OrderedDict[tuple[int, Callable[..., Any]], tuple[Sequence[Resource], Any]] = OrderedDict()


def worked_out[T](documents: Sequence[Resource], build: Callable[[Sequence[Resource]], T]) -> T:
    """What `build` makes of a list of documents, made once for a list that is handed in again and again.

    Lists that were read do not change. The list is held beside the result, so that its identity cannot come
    back as another's; the last few lists are kept.
    """
    key = id(documents), build
    if key not in _kept:
        _kept[key] = documents, build(documents)
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return cast("T", _kept[key][1])


def by_id(documents: Sequence[Resource]) -> dict[str, Resource]:
    """Documents by the keys of their ids, in the order of the list."""
    return {one.id.key: one for one in documents}


def among(documents: Sequence[Resource], keys: Iterable[str]) -> Sequence[Resource]:
    """Those documents of a list that the keys of some ids name, in its order; the list is not walked."""
    places = worked_out(documents, _places)
    return [documents[at] for at in sorted(places[key] for key in keys if key in places)]


def _places(documents: Sequence[Resource]) -> dict[str, int]:
    return {one.id.key: at for at, one in enumerate(documents)}
