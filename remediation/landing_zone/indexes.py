"""What is made of a list that was read, once for each list: an index of it by id, say."""

from collections.abc import Callable, Iterable, Sequence

from remediation.model import Documents, Resource


def worked_out[T](documents: Sequence[Resource], build: Callable[[Sequence[Resource]], T]) -> T:
    """What `build` makes of a list of documents: of one that was read, once."""
    return documents.once(build) if isinstance(documents, Documents) else build(documents)


def by_id(documents: Sequence[Resource]) -> dict[str, Resource]:
    """Documents by the keys of their ids, in the order of the list."""
    return {one.id.key: one for one in documents}


def among(documents: Sequence[Resource], keys: Iterable[str]) -> Sequence[Resource]:
    """Those documents of a list that the keys of some ids name, in its order; the list is not walked."""
    places = worked_out(documents, _places)
    return [documents[at] for at in sorted(places[key] for key in keys if key in places)]


def _places(documents: Sequence[Resource]) -> dict[str, int]:
    return {one.id.key: at for at, one in enumerate(documents)}
