"""Reads that are known to be wanted go out together; each is made once, and answered when it is asked for.

What rules need is a tree: the subnets of a group, their machines, what stands before each. Read one after the
other that is a dozen answers of ARM in a row. Here a whole level goes out at once, and with it what follows
from ids alone (the network above a subnet, the lists of a subscription, a group), before the documents are
there. Nothing is read that the rules would not ask for of what exists; a document that a list of the same
level holds is not asked for by itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from remediation.arm_lists import LISTED, parent_to_list_first
from remediation.errors import BastionGuardError, TransientError
from remediation.judging.reads import Reads
from remediation.kinds import INLINE_CHILDREN, LOAD_BALANCER, NIC, PUBLIC_IP, SUBNET
from remediation.model import Listing, Resource
from remediation.ports import Together
from remediation.resource_id import ResourceId
from remediation.rule import Above, Follow, Group, Listed, Need, follow, group_of, listing

IN_LISTS = frozenset({NIC, PUBLIC_IP, LOAD_BALANCER})
"""Types whose list of a subscription holds the very documents that a read of each gives."""

MANY = 8
"""Beyond so many documents of a type and subscription, wanted at once, their list is read instead."""

type Ask = ResourceId | Listing


class Ahead:
    """The reading half of a cloud for one look: whatever it has read, it answers again."""

    def __init__(self, cloud: Reads, together: Together) -> None:
        self._cloud = cloud
        self._together = together
        self._documents: dict[str, Resource | BastionGuardError | None] = {}
        self._lists: dict[tuple[str, str], Sequence[Resource] | BastionGuardError] = {}

    def get(self, resource: ResourceId) -> Resource | None:
        """As the cloud; raises what it raised."""
        if not self._is_known(resource):
            return self._cloud.get(resource)
        found = self._documents[resource.key]
        if isinstance(found, BastionGuardError):
            raise found
        return found

    def list(self, wanted: Listing) -> Sequence[Resource]:
        """As the cloud; raises what it raised."""
        found = self._lists.get(wanted.key)
        if found is None:
            return self._cloud.list(wanted)
        if isinstance(found, BastionGuardError):
            raise found
        return found

    def fetch(self, wanted: Iterable[Ask]) -> bool:
        """Read what is not known yet, all of it together. False when some of it will only be known later."""
        asks = [ask for ask in wanted if not self._is_known(ask)]
        below = {ask.key: ask for ask in asks if isinstance(ask, Listing) and _above(ask) is not None}
        done = self._read(_above(ask) or ask if isinstance(ask, Listing) else ask for ask in _in_bulk(asks))
        done = done and self._read(
            ask for ask in asks if not isinstance(ask, Listing)
        )  # in no list after all
        return done and all(self._read_below(one) for one in below.values())

    def _read(self, wanted: Iterable[Ask]) -> bool:
        asks = list({_name(ask): ask for ask in wanted if not self._is_known(ask)}.values())
        answers = list(self._together([partial(self._ask, ask) for ask in asks]))
        for ask, answer in zip(asks, answers, strict=False):
            if isinstance(ask, Listing):
                self._lists[ask.key] = answer
            else:
                self._documents[ask.key] = answer
        return not any(isinstance(answer, TransientError) for answer in answers)

    def _read_below(self, wanted: Listing) -> bool:
        """A list that ARM gives parent by parent: where there is no parent there is nothing to ask."""
        above = _above(wanted)
        assert above is not None
        parents = self._lists[above.key]
        if isinstance(parents, BastionGuardError):
            self._lists[wanted.key] = parents
            return True
        each = [Listing(wanted.type, parent.id.text) for parent in parents]
        answers = list(self._together([partial(self._ask, one) for one in each]))
        errors = [answer for answer in answers if isinstance(answer, BastionGuardError)]
        children = tuple(
            child for answer in answers if not isinstance(answer, BastionGuardError) for child in answer
        )
        self._lists[wanted.key] = errors[0] if errors else children
        return not any(isinstance(error, TransientError) for error in errors)

    def prepare(self, subject: Resource, needs: Iterable[Need]) -> None:
        """Read level by level what needs lead to; what only a judgement can tell is left to whoever asks."""
        self._documents[subject.id.key] = subject
        tree = tuple(needs)
        while wanted := _without_listed(_Wanted(self).of(subject, tree)):
            if not self.fetch(wanted):
                return

    def known(self, resource: ResourceId) -> Resource | None:
        """A document that is there already."""
        found = self._documents.get(resource.key) if self._is_known(resource) else None
        return found if isinstance(found, Resource) else None

    def listed(self, wanted: Listing) -> Sequence[Resource] | None:
        """A list that is there already; empty where it was refused, None where it was not read."""
        found = self._lists.get(wanted.key)
        return () if isinstance(found, BastionGuardError) else found

    def is_read(self, ask: Ask) -> bool:
        return self._is_known(ask)

    def _is_known(self, ask: Ask) -> bool:
        if isinstance(ask, Listing):
            return ask.key in self._lists
        if ask.key not in self._documents:
            self._find_in_list(ask)
        return ask.key in self._documents

    def _find_in_list(self, resource: ResourceId) -> None:
        found = self._lists.get(_list_of(resource).key) if resource.type in LISTED else None
        for one in () if found is None or isinstance(found, BastionGuardError) else found:
            if one.id.key == resource.key:
                self._documents[resource.key] = Resource(resource, one.body)

    def _ask(self, ask: Ask) -> Any:
        """The answer, or the error that is one: of several that go out together none hides another's."""
        try:
            return tuple(self._cloud.list(ask)) if isinstance(ask, Listing) else self._cloud.get(ask)
        except BastionGuardError as error:
            return error


class _Wanted:
    """What is to be read next for a tree of needs, seen from what is known."""

    def __init__(self, ahead: Ahead) -> None:
        self._ahead = ahead
        self._asks: dict[object, Ask] = {}
        self._done: set[tuple[str, bool, int]] = set()

    def of(self, subject: Resource, needs: Sequence[Need]) -> list[Ask]:
        self._reach(subject, needs, is_there=True)
        return list(self._asks.values())

    def _reach(self, resource: Resource, needs: Sequence[Need], *, is_there: bool) -> None:
        for need in needs:
            place = resource.id.key, is_there, id(need)
            if place in self._done:
                continue
            self._done.add(place)
            if isinstance(need, Listed):
                self._list(listing(resource, need), need)
            else:
                for identity in _meant(resource, need):
                    self._get(resource, identity, need)

    def _get(self, resource: Resource, identity: ResourceId, need: Need) -> None:
        document = self._ahead.known(identity)
        if document is None and not self._ahead.is_read(identity):
            self._asks[_name(identity)] = identity
            self._reach(_guessed(identity, resource), need.then, is_there=False)
        elif document is not None:
            self._reach(document, need.then, is_there=True)

    def _list(self, wanted: Listing, need: Listed) -> None:
        found = self._ahead.listed(wanted)
        if found is None:
            self._asks[_name(wanted)] = wanted
        for neighbour in found or ():
            self._reach(neighbour, need.then, is_there=True)


def _meant(resource: Resource, need: Need) -> Iterator[ResourceId]:
    match need:
        case Follow():
            yield from follow(resource, need)
        case Group():
            group = group_of(resource)
            yield from () if group is None else (group,)
        case Above():
            above = resource.id.up_to(need.to)
            yield from () if above is None else (above,)


def _guessed(identity: ResourceId, named_by: Resource) -> Resource:
    """What is known of a document before it is read: an interface named by a subnet lies in that subnet."""
    if named_by.id.type != SUBNET or identity.type != NIC:
        return Resource(identity, {})
    inside = {"properties": {"subnet": {"id": named_by.id.text}}}
    return Resource(identity, {"properties": {"ipConfigurations": [inside]}})


def _without_listed(asks: Sequence[Ask]) -> list[Ask]:
    """The same without what stands in a list that is asked for with it."""
    lists = {ask.key for ask in asks if isinstance(ask, Listing)}
    return [
        ask
        for ask in asks
        if isinstance(ask, Listing) or ask.type not in IN_LISTS or _list_of(ask).key not in lists
    ]


def _in_bulk(asks: Sequence[Ask]) -> list[Ask]:
    """The same, with one list in place of many documents that stand in it."""
    lists = [_list_of(ask) for ask in asks if isinstance(ask, ResourceId) and ask.type in LISTED]
    counts = Counter(one.key for one in lists)
    bulky = {one.key: one for one in lists if counts[one.key] > MANY}
    single = [
        ask
        for ask in asks
        if isinstance(ask, Listing) or ask.type not in LISTED or _list_of(ask).key not in bulky
    ]
    return [*bulky.values(), *single]


def _above(wanted: Listing) -> Listing | None:
    """The list of parents that comes before a list of a whole scope; None where ARM lists it at once."""
    if wanted.type in INLINE_CHILDREN:
        return None
    above = parent_to_list_first(wanted.type, ResourceId.parse(wanted.scope))
    return None if above is None else Listing(above, wanted.scope)


def _list_of(resource: ResourceId) -> Listing:
    return Listing(resource.type, f"/subscriptions/{resource.subscription}")


def _name(ask: Ask) -> object:
    return ask.key if isinstance(ask, Listing) else ("", ask.key)
