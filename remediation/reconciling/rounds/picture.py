"""What a round reads: each list once, each document once, and everything in it as of after the round began.

A document that stands in its parent's is answered from there. Others are asked for one by one while they are
few, and from then on by the list of their type, so that a round costs no more with a larger estate, apart
from pages. What has no list (diagnostic settings of a host, groups of a firewall policy) is asked once. The
admin rules in force on a network, which only a request per network tells, are taken from that network's own
last look where it was made lately; see `Remembered`.

A picture may be seconds old when it is looked at. Nothing is told or written from it.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy

from remediation.arm_lists import LISTED, is_broad, parent_to_list_first
from remediation.errors import PermanentError
from remediation.judging.gathering import Reads
from remediation.kinds import EFFECTIVE_ADMIN_RULE, INLINE_CHILDREN
from remediation.model import Documents, Listing, Resource
from remediation.resource_id import ResourceId

PAGE = 200
FEW = 2
"""So many documents of a type and subscription are asked for one by one."""


type Remembered = Callable[[Listing], Sequence[Resource] | None]
"""What an earlier look was told and still holds; None where it has to be asked."""


def _nothing(_: Listing) -> Sequence[Resource] | None:
    return None


class Picture:
    """The reading half of a cloud, each thing read once. `few` is how many are read one by one.

    `asked` counts requests, pages of lists by what a page of ARM usually holds.
    """

    def __init__(self, cloud: Reads, remembered: Remembered = _nothing, few: int = FEW) -> None:
        self._cloud = cloud
        self._remembered = remembered
        self._few = few
        self._asked: dict[tuple[str, str], int] = {}
        self._documents: dict[str, Resource | PermanentError | None] = {}
        self._lists: dict[tuple[str, str], Documents | PermanentError] = {}
        self._indexes: dict[tuple[str, str], Mapping[str, Resource]] = {}
        self.asked = 0

    def expect_many(self) -> None:
        """Much is going to be asked for: lists are worth their price at once."""
        self._few = 0

    def get(self, resource: ResourceId) -> Resource | None:
        parent = resource.parent if resource.type in INLINE_CHILDREN else None
        if parent is not None:
            return self._inline(resource, parent)
        if resource.key not in self._documents:
            self._documents[resource.key] = self._found(resource)
        return _given(self._documents[resource.key])

    def list(self, listing: Listing) -> Sequence[Resource]:
        if listing.key not in self._lists:
            try:
                self._lists[listing.key] = Documents.of(self._listed(listing))
            except PermanentError as error:
                self._lists[listing.key] = error
        return _given(self._lists[listing.key])

    def _inline(self, resource: ResourceId, parent: ResourceId) -> Resource | None:
        """A child out of its parent's document, which holds it whole."""
        document = self.get(parent)
        children = () if document is None else document.properties(INLINE_CHILDREN[resource.type]) or ()
        wanted = resource.name.lower()
        for child in children:
            if str(child.get("name", "")).lower() == wanted:
                return Resource(resource, child)
        return None

    def _found(self, resource: ResourceId) -> Resource | PermanentError | None:
        index = self._index(resource) if resource.type in LISTED else None
        if index is not None:
            return index.get(resource.key)
        self.asked += 1
        try:
            return self._cloud.get(resource)
        except PermanentError as error:
            return error

    def _index(self, resource: ResourceId) -> Mapping[str, Resource] | None:
        """The documents of a type by id, once its list is read or worth reading; None where it is not."""
        listing = Listing(resource.type, f"/subscriptions/{resource.subscription}")
        if listing.key not in self._lists:
            asked = self._asked[listing.key] = self._asked.get(listing.key, 0) + 1
            if asked <= self._few:
                return None
        if listing.key not in self._indexes:
            try:
                listed = self.list(listing)
            except PermanentError:  # each may be readable by itself
                return None
            self._indexes[listing.key] = {one.id.key: one for one in listed}
        return self._indexes[listing.key]

    def _listed(self, listing: Listing) -> Sequence[Resource]:
        remembered = self._remembered(listing) if listing.type == EFFECTIVE_ADMIN_RULE else None
        if remembered is not None:
            return remembered
        scope = ResourceId.parse(listing.scope)
        above = parent_to_list_first(listing.type, scope) if is_broad(scope) else None
        if above is None or listing.type in INLINE_CHILDREN:
            found = self._cloud.list(listing)
            self.asked += 1 + len(found) // PAGE
            return found
        parents = self.list(Listing(above, listing.scope))
        return [each for one in parents for each in self.list(Listing(listing.type, one.id.text))]


def _given[T](found: T | PermanentError) -> T:
    """What was found; a refusal anew, since one and the same would gather a traceback at each."""
    if isinstance(found, PermanentError):
        raise copy(found)
    return found
