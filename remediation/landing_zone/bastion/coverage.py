"""How a Bastion host outside a network reaches the machines in it: over a peering or a Virtual WAN."""

from collections.abc import Iterator
from dataclasses import dataclass

from remediation.kinds import BASTION, HUB_CONNECTION, VIRTUAL_HUB, VNET
from remediation.landing_zone.bastion.host import MEMBERS, hosts_in, is_on, offers
from remediation.landing_zone.peering import peerings, peers
from remediation.landing_zone.virtual_wan import attachments, remotes, wan_of
from remediation.model import Resource, Snapshot
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Follow, Listed, Need

HOSTS = Listed(BASTION, "subscription")
_ELSEWHERE = Follow(
    "properties.remoteVirtualNetwork.id", to=VNET, then=(Follow(MEMBERS, to=BASTION),)
)  # fmt: skip
PATHS: tuple[Need, ...] = (
    peers(),
    Listed(VIRTUAL_HUB, "subscription"),
    Listed(HUB_CONNECTION, "subscription", then=(_ELSEWHERE,)),
)


@dataclass(frozen=True, slots=True)
class Paths:
    """`found`: hosts that reach the network; `hubs`: its own."""

    found: tuple[ResourceId, ...] = ()
    hubs: tuple[ResourceId, ...] = ()


def paths_to(network: Resource, snapshot: Snapshot, doubts: Doubts) -> Paths:
    """The hosts that reach a network from outside; why there may be others is noted in `doubts`."""
    found = [*_over_peerings(network, snapshot, doubts)]
    around = doubts.ask(attachments, network.id, snapshot) or ()
    for attachment in {each.hub_id: each for each in around}.values():
        with doubts.noted():
            found += _over_wan(attachment.hub(snapshot), network.id.subscription, snapshot, doubts)
    return Paths(tuple(found), tuple(each.hub_id for each in around))


def _over_peerings(network: Resource, snapshot: Snapshot, doubts: Doubts) -> Iterator[ResourceId]:
    """Dedicated hosts, Basic or higher, in networks whose peering is connected."""
    for peering in peerings(network):
        if not peering.connected or peering.leads_to_hub or peering.remote is None:
            continue
        with doubts.noted():
            yield from hosts_in(snapshot.existing(peering.remote, "peered network"))


def _over_wan(hub: Resource, subscription: str, snapshot: Snapshot, doubts: Doubts) -> Iterator[ResourceId]:
    """Hosts with IP-based connection in any network of the hub's Virtual WAN.

    Hubs and connections are those known from the `subscription` of the network that is judged.
    """
    members = set(_hubs_of_the_same_wan(hub, subscription, snapshot))
    for connection in snapshot.listed_if_read(HUB_CONNECTION, f"/subscriptions/{subscription}"):
        if connection.id.up_to(VIRTUAL_HUB) in members:
            for identity in remotes(connection):
                with doubts.noted():
                    yield from _with_ip_connect(snapshot.existing(identity, "network"), snapshot, doubts)


def _hubs_of_the_same_wan(hub: Resource, subscription: str, snapshot: Snapshot) -> Iterator[ResourceId]:
    """The hub itself, and those that name the same Virtual WAN."""
    yield hub.id
    wan = wan_of(hub)
    if wan is not None:
        listed = snapshot.listed_if_read(VIRTUAL_HUB, f"/subscriptions/{subscription}")
        yield from (each.id for each in listed if wan_of(each) == wan)


def _with_ip_connect(network: Resource, snapshot: Snapshot, doubts: Doubts) -> Iterator[ResourceId]:
    for identity in hosts_in(network):
        with doubts.noted():
            host = snapshot.existing(identity, "Bastion host")
            if offers(host, "enableIpConnect") and is_on(host, "enableIpConnect"):
                yield identity
