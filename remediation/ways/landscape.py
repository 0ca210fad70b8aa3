"""What a view shows around machines, each question asked once, with what could not be read beside it.

A way may begin where the machine's own documents do not say so: an address in a balancer's pool, a firewall's
translation. Those are looked for in every subscription in sight of the machine's network: its own, those of
its peers, and those of the hubs it is connected to.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from remediation.kinds import HUB_CONNECTION, SUBNET, VNET
from remediation.landing_zone.indexes import by_id, worked_out
from remediation.landing_zone.joining.peering import peerings
from remediation.landing_zone.joining.virtual_wan import remotes
from remediation.landing_zone.subnets import subnets_of
from remediation.model import Resource, UndecidedError, Unread, View
from remediation.resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Found:
    """Documents of a kind, list by list as they were read; `doubts` say why there may be others."""

    lists: tuple[Sequence[Resource], ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """All of them, each once."""
        return tuple({one.id.key: one for each in self.lists for one in each}.values())


class Landscape:
    """Documents by id and by kind, from a view that does not change meanwhile."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._sights: dict[str, tuple[str, ...]] = {}
        self._found: dict[tuple[str, tuple[str, ...]], Found] = {}
        self._memo: dict[Any, Any] = {}

    def need(self, resource: ResourceId) -> Resource | None:
        """A document, or None where ARM has none; raises UndecidedError where it was not read."""
        found = self.get(resource)
        if isinstance(found, Unread):
            raise UndecidedError(found.reason)
        return found

    def get(self, resource: ResourceId) -> Resource | Unread | None:
        """A document, from its subscription's list where it was not read by itself."""
        found = self.view.get(resource)
        if isinstance(found, Unread) and resource.type == SUBNET:
            return self._in_its_network(resource) or found
        if isinstance(found, Unread):
            for index in self._lists_with(resource):
                if resource.key in index:
                    return index[resource.key]
        return found

    def _in_its_network(self, subnet: ResourceId) -> Resource | None:
        """A subnet as its network's document holds it, where that was read."""
        network = None if subnet.parent is None else self.get(subnet.parent)
        if not isinstance(network, Resource):
            return None
        return self.once(("subnets", network.id.key), lambda: by_id(tuple(subnets_of(network)))).get(
            subnet.key
        )

    def _lists_with(self, resource: ResourceId) -> tuple[dict[str, Resource], ...]:
        listed = self.in_scopes(resource.type, (self._scope(resource),)).lists
        return tuple(worked_out(each, by_id) for each in listed)

    def listed(self, kind: str, scope: ResourceId | str) -> Sequence[Resource] | Unread:
        """A list as the view has it: a landscape is a view too, which knows more documents."""
        return self.view.listed(kind, scope)

    def sight(self, network: ResourceId | None) -> tuple[str, ...]:
        """The subscriptions (as scopes) from which a way may lead into a network."""
        if network is None:
            return ()
        known = self._sights.get(network.key)
        if known is None:
            found = {self._scope(each): None for each in self._around(network)}
            known = self._sights[network.key] = tuple(found)
        return known

    def all_of(self, kind: str, network: ResourceId | None) -> Found:
        """Every document of a kind from which a way may lead into a network."""
        return self.in_scopes(kind, self.sight(network))

    def in_scopes(self, kind: str, scopes: tuple[str, ...]) -> Found:
        """Every document of a kind in some subscriptions."""
        found = self._found.get((kind, scopes))
        if found is None:
            found = self._found[kind, scopes] = self._look(kind, scopes)
        return found

    def indexes[T](
        self, kind: str, network: ResourceId | None, build: Callable[[Sequence[Resource]], T]
    ) -> tuple[T, ...]:
        """What `build` makes of each list of a kind from which a way may lead into a network.

        The same resource may be in several, where a view knows more than one subscription.
        """
        return tuple(worked_out(each, build) for each in self.all_of(kind, network).lists)

    def once[T](self, key: tuple[Any, ...], build: Callable[[], T]) -> T:
        """What was worked out before under a key, else what `build` makes now."""
        if key not in self._memo:
            self._memo[key] = build()
        return cast("T", self._memo[key])

    def recalled[T](self, key: tuple[Any, ...], build: Callable[["Landscape"], T]) -> T:
        """What `build` made before of the very same documents, in whatever landscape; else what it makes now.

        For what takes long and is asked again for one group after the other. `build` asks the landscape it is
        given and nothing else: what that answered is compared, document by document.
        """
        known = _recalled.get(key)
        if known is None or not all(self._still(one, answer) for one, answer in known[0].items()):
            watched = _Watched(self.view)
            known = _recalled[key] = watched.answers, build(Landscape(watched))
            if len(_recalled) > _MOST_KEPT:
                _recalled.popitem(last=False)
        return cast("T", known[1])

    def _still(self, asked: Any, answer: Any) -> bool:
        now = self.view.get(asked) if isinstance(asked, ResourceId) else self.view.listed(*asked)
        return now is answer or (isinstance(now, Unread) and now == answer)

    def _look(self, kind: str, scopes: tuple[str, ...]) -> Found:
        lists: list[Sequence[Resource]] = []
        doubts: list[str] = []
        for scope in scopes:
            listed = self.view.listed(kind, scope)
            if isinstance(listed, Unread):
                doubts.append(listed.reason)
            else:
                lists.append(listed)
        return Found(tuple(lists), tuple(doubts))

    def _around(self, network: ResourceId) -> Iterator[ResourceId]:
        yield network
        document = self.get(network)
        if not isinstance(document, Resource):
            return
        for peering in peerings(document):
            if peering.remote is not None and peering.remote.type == VNET:
                yield peering.remote
        connections = self.view.listed(HUB_CONNECTION, self._scope(network))
        for connection in () if isinstance(connections, Unread) else connections:
            if network in set(remotes(connection)):
                yield connection.id

    @staticmethod
    def _scope(resource: ResourceId) -> str:
        return f"/subscriptions/{resource.subscription}"


class _Watched:
    """A view that notes what it answered."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.answers: dict[ResourceId | tuple[str, ResourceId | str], Any] = {}

    def get(self, resource: ResourceId) -> Resource | Unread | None:
        found = self.answers[resource] = self._view.get(resource)
        return found

    def listed(self, kind: str, scope: ResourceId | str) -> Sequence[Resource] | Unread:
        found = self.answers[kind, scope] = self._view.listed(kind, scope)
        return found


_MOST_KEPT = 64
_recalled: OrderedDict[tuple[Any, ...], tuple[dict[Any, Any], Any]] = OrderedDict()
