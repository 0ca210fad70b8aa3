"""What a look has read as a small estate, in which what differs is judged as in any other.

It is open: what was not read is not known, and what depends on it is unknown and never closed.
"""

from collections.abc import Iterator

from remediation.arm_lists import LISTED
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.model import Resource, Snapshot, Unread

_NAME = "what was read"


def estate_of(snapshot: Snapshot | None) -> tuple[Estate, list[EstateFile]]:
    """The estate, and the files that it is made of."""
    documents = {one.id.key: one for one in _read(snapshot)} if snapshot is not None else {}
    elements = [{**one.body, "id": one.id.text, "name": one.id.name} for one in documents.values()]
    files = [EstateFile(_NAME, elements)]
    whole = frozenset() if snapshot is None else frozenset(_whole_lists(snapshot))
    return Estate(files, sorted(kind for kind in LISTED if kind not in whole)), files


def _read(snapshot: Snapshot) -> Iterator[Resource]:
    for listed in snapshot.lists.values():
        yield from () if isinstance(listed, Unread) else listed
    yield from (one for one in snapshot.resources.values() if isinstance(one, Resource))
    yield snapshot.subject


def _whole_lists(snapshot: Snapshot) -> Iterator[str]:
    """Types of which everything in the subscription was listed."""
    for (kind, scope), listed in snapshot.lists.items():
        if "/providers/" not in scope and not isinstance(listed, Unread):
            yield kind
