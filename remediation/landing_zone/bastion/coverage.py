"""How a Bastion host outside a network reaches the machines in it: over a peering or a Virtual WAN."""

from collections.abc import Iterator
from dataclasses import dataclass

from remediation.kinds import BASTION, HUB_CONNECTION, VIRTUAL_HUB, VNET
from remediation.landing_zone.bastion.host import MEMBERS, hosts_in, sku_of, switched_on
from remediation.landing_zone.facts import BASTION_SWITCHES
from remediation.landing_zone.peering import peerings, peers
from remediation.landing_zone.virtual_wan import attachments, remotes, wan_of
from remediation.model import Resource, Snapshot, Unread
from remediation.resource_id import ResourceId
from remediation.rule import Follow, Listed, Need

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
    """`found`: hosts that reach the network; `doubts`: why there may be others; `hubs`: its own."""

    found: tuple[ResourceId, ...] = ()
    doubts: tuple[str, ...] = ()
    hubs: tuple[ResourceId, ...] = ()


def paths_to(network: Resource, snapshot: Snapshot) -> Paths:
    """The hosts that reach a network from outside."""
    across = [*_over_peerings(network, snapshot)]
    around = attachments(network.id, snapshot)
    for hub in {each.hub_id: each.hub for each in around.found}.values():
        across += [hub] if isinstance(hub, Unread) else _over_wan(hub, network.id.subscription, snapshot)
    doubts = [answer.reason for answer in across if isinstance(answer, Unread)]
    return Paths(
        found=tuple(answer for answer in across if isinstance(answer, ResourceId)),
        doubts=tuple(dict.fromkeys([*doubts, *([around.doubt] if around.doubt else [])])),
        hubs=tuple(each.hub_id for each in around.found),
    )


def _over_peerings(network: Resource, snapshot: Snapshot) -> Iterator[ResourceId | Unread]:
    """Dedicated hosts, Basic or higher, in networks whose peering is connected."""
    for peering in peerings(network):
        if not peering.connected or peering.leads_to_hub or peering.remote is None:
            continue
        peer = snapshot.get(peering.remote)
        if isinstance(peer, Resource):
            yield from hosts_in(peer)
        else:
            yield peer or Unread(f"peered network {peering.remote.text} does not exist")


def _over_wan(hub: Resource, subscription: str, snapshot: Snapshot) -> Iterator[ResourceId | Unread]:
    """Hosts with IP-based connection in any network of the hub's Virtual WAN.

    Hubs and connections are those known from the `subscription` of the network that is judged.
    """
    members = set(_hubs_of_the_same_wan(hub, subscription, snapshot))
    connections = snapshot.listed(HUB_CONNECTION, f"/subscriptions/{subscription}")
    for connection in () if isinstance(connections, Unread) else connections:
        if connection.id.up_to(VIRTUAL_HUB) in members:
            for identity in remotes(connection):
                yield from _with_ip_connect(identity, snapshot)


def _hubs_of_the_same_wan(hub: Resource, subscription: str, snapshot: Snapshot) -> Iterator[ResourceId]:
    """The hub itself, and those that name the same Virtual WAN."""
    yield hub.id
    listed, wan = snapshot.listed(VIRTUAL_HUB, f"/subscriptions/{subscription}"), wan_of(hub)
    if wan is not None and not isinstance(listed, Unread):
        yield from (each.id for each in listed if wan_of(each) == wan)


def _with_ip_connect(network: ResourceId, snapshot: Snapshot) -> Iterator[ResourceId | Unread]:
    document = snapshot.get(network)
    if not isinstance(document, Resource):
        yield document or Unread(f"network {network.text} does not exist")
        return
    for identity in hosts_in(document):
        host = snapshot.get(identity)
        if not isinstance(host, Resource):
            yield host or Unread(f"Bastion host {identity.text} does not exist")
        elif _reaches_by_address(host):
            yield identity


def _reaches_by_address(host: Resource) -> bool:
    offered = sku_of(host) in BASTION_SWITCHES["enableIpConnect"]
    return offered and switched_on(host, "enableIpConnect") is True
