"""Which Bastion hosts reach a place in a network, and over what: the network, a peering, a Virtual WAN.

Bastion reaches machines over IPv4, so that a peering has to carry that. Whether answers find their way back
is asked apart from it (`routing.way_back`): routes are read only where that matters.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from remediation.kinds import BASTION, HUB_CONNECTION, VIRTUAL_HUB, VNET
from remediation.landing_zone.bastion.host import MEMBERS, developers_for, hosts_in, is_on, offers
from remediation.landing_zone.facts import BASTION_SUBNET, DEVELOPERS_SOURCE
from remediation.landing_zone.joining.carrying import Carried, Joints, Place
from remediation.landing_zone.joining.peering import peerings, peers
from remediation.landing_zone.joining.views import existing, listed_if_read
from remediation.landing_zone.joining.virtual_wan import connections_of, remotes, wan_of
from remediation.landing_zone.subnets import is_bastion_subnet, subnet_prefixes, subnets_of
from remediation.model import Resource, Unread, View
from remediation.nsg.spaces.addresses import V4_SPACE, parse_addresses
from remediation.nsg.spaces.sets import Ranges, from_pairs, intersect
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Follow, Listed, Need

HOSTS = Listed(BASTION, "subscription")
_ELSEWHERE = Follow(
    "properties.remoteVirtualNetwork.id", to=VNET, then=(Follow(MEMBERS, to=BASTION),)
)  # fmt: skip
ACROSS_WAN: tuple[Need, ...] = (
    Listed(VIRTUAL_HUB, "subscription"),
    Listed(HUB_CONNECTION, "subscription", then=(_ELSEWHERE,)),
)
PATHS: tuple[Need, ...] = (peers(), *ACROSS_WAN)

type Over = Literal["network", "peering", "ip-connect", "developer"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A host, where it stands, and over what it would reach a machine.

    `prefixes` are the IPv4 prefixes it comes from: those of AzureBastionSubnet, for Developer the platform's
    own address.
    """

    host: ResourceId
    over: Over
    place: Place
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reaching:
    """Hosts that reach a place, the nearest first; `refused` are others with why they do not."""

    hosts: tuple[Standing, ...] = ()
    refused: tuple[tuple[Standing, Carried], ...] = ()


@dataclass(frozen=True, slots=True)
class _Near:
    """What is known around a network: its hosts and those of its peers, peers that were not read, doubts."""

    hosts: tuple[Standing, ...]
    unread: tuple[Place, ...]
    doubts: Doubts


class Hosts:
    """Answers for many places of one view; what is around each network is read once.

    `across_wan`: whether hosts behind hubs of a Virtual WAN are looked for too, and `pool` whether Developer
    hosts are: both are found in lists of the network's subscription.
    """

    def __init__(self, view: View, *, across_wan: bool = True, pool: bool = True) -> None:
        self.view = view
        self._pool = pool
        self._joints = Joints(view)
        self._across_wan = across_wan
        self._around: dict[str, _Near] = {}
        self._behind_hubs: dict[str, tuple[tuple[Standing, ...], Doubts]] = {}

    def reaching(self, place: Place, doubts: Doubts) -> Reaching:
        """Who reaches a place; why there may be others is noted in `doubts`."""
        near = self._near(place.network)
        doubts.extend(near.doubts)
        found: list[Standing] = []
        refused: list[tuple[Standing, Carried]] = []
        for one in near.hosts:
            answer = self._joints.carries(one.place, place, "ipv4")
            if answer.verdict == "yes":
                found.append(one)
            elif answer.verdict == "no":
                refused.append((one, answer))
            else:
                doubts.add(answer.reason)
        for elsewhere in near.unread:
            answer = self._joints.carries(elsewhere, place, "ipv4")
            if answer.verdict != "no":
                doubts.add(answer.reason)
        known = {one.host for one in found}
        found += [one for one in self._over_wan(place.network, doubts) if one.host not in known]
        return Reaching(tuple(found), tuple(refused))

    def _near(self, network: ResourceId) -> _Near:
        if network.key not in self._around:
            doubts = Doubts()
            hosts: list[Standing] = []
            unread: list[Place] = []
            with doubts.noted():
                document = existing(self.view, network, "network")
                peered = {one.remote: None for one in peerings(document) if not one.leads_to_hub}
                others = {one: self.view.get(one) for one in peered if one is not None}
                hosts += _standing_in(document, "network")
                for other in others.values():
                    hosts += _standing_in(other, "peering") if isinstance(other, Resource) else ()
                hosts += self._of_the_pool(document, doubts) if self._pool else ()
                unread += [Place(one, BASTION_SUBNET) for one, it in others.items() if isinstance(it, Unread)]
            self._around[network.key] = _Near(tuple(hosts), tuple(unread), doubts)
        return self._around[network.key]

    def _of_the_pool(self, network: Resource, doubts: Doubts) -> Iterator[Standing]:
        hosts = self.view.listed(BASTION, f"/subscriptions/{network.id.subscription}")
        if isinstance(hosts, Unread):
            doubts.add(hosts.reason)
            return
        for identity in developers_for(network, hosts):
            yield Standing(identity, "developer", Place(network.id), (DEVELOPERS_SOURCE,))

    def _over_wan(self, network: ResourceId, doubts: Doubts) -> tuple[Standing, ...]:
        """Hosts with IP-based connection in any network of the same Virtual WAN."""
        if not self._across_wan:
            return ()
        if network.key not in self._behind_hubs:
            unsure = Doubts()
            found: dict[ResourceId, Standing] = {}
            around = unsure.ask(connections_of, network, self.view) or ()
            for attachment in {each.hub_id: each for each in around}.values():
                with unsure.noted():
                    hub = attachment.hub(self.view)
                    found |= {one.host: one for one in self._of_wan(hub, network.subscription, unsure)}
            self._behind_hubs[network.key] = tuple(found.values()), unsure
        standing, unsure = self._behind_hubs[network.key]
        doubts.extend(unsure)
        return standing

    def _of_wan(self, hub: Resource, subscription: str, doubts: Doubts) -> Iterator[Standing]:
        """Hubs and connections are those known from the `subscription` of the network that is judged."""
        members = set(_hubs_of_the_same_wan(hub, subscription, self.view))
        for connection in listed_if_read(self.view, HUB_CONNECTION, f"/subscriptions/{subscription}"):
            if connection.id.up_to(VIRTUAL_HUB) in members:
                for identity in remotes(connection):
                    with doubts.noted():
                        network = existing(self.view, identity, "network")
                        yield from self._with_ip_connect(network, doubts)

    def _with_ip_connect(self, network: Resource, doubts: Doubts) -> Iterator[Standing]:
        for one in _standing_in(network, "ip-connect"):
            with doubts.noted():
                host = existing(self.view, one.host, "Bastion host")
                if offers(host, "enableIpConnect") and is_on(host, "enableIpConnect"):
                    yield one


def place_of(network: ResourceId, subnet: str | None, *addresses: str) -> Place:
    """A place by texts, of which those that are no address or prefix are left out."""
    return Place(network, subnet, _ranges(addresses))


def _standing_in(network: Resource, over: Over) -> Iterator[Standing]:
    """The dedicated hosts of a network, where they stand."""
    hosts = hosts_in(network)
    if not hosts:
        return
    prefixes = tuple(
        prefix
        for subnet in subnets_of(network)
        if is_bastion_subnet(subnet)
        for prefix in subnet_prefixes(subnet)
        if _ranges([prefix])
    )
    place = Place(network.id, BASTION_SUBNET, _ranges(prefixes))
    yield from (Standing(host, over, place, prefixes) for host in hosts)


def _ranges(texts: Iterable[str]) -> Ranges:
    """The IPv4 addresses that some texts hold."""
    pairs = [parse_addresses(text.strip()) for text in texts]
    return intersect(from_pairs(pair for pair in pairs if pair is not None), V4_SPACE)


def _hubs_of_the_same_wan(hub: Resource, subscription: str, view: View) -> Iterator[ResourceId]:
    """The hub itself, and those that name the same Virtual WAN."""
    yield hub.id
    wan = wan_of(hub)
    if wan is not None:
        listed = listed_if_read(view, VIRTUAL_HUB, f"/subscriptions/{subscription}")
        yield from (each.id for each in listed if wan_of(each) == wan)
