"""The peerings of a virtual network, as its document holds them: one side each, as ARM means it.

A peering joins whole networks, or with `peerCompleteVnets` off those of its subnets that it names, perhaps in
IPv6 alone. What it says of the other network is what it knew when it was last synchronised.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remediation.kinds import VNET
from remediation.model import Resource, dig
from remediation.nsg.spaces.addresses import parse_addresses
from remediation.nsg.spaces.sets import Ranges, from_pairs
from remediation.resource_id import ResourceId
from remediation.rule import Follow, Need, ids_at, values_at

REMOTES = "properties.virtualNetworkPeerings[].properties.remoteVirtualNetwork.id"
# How a connection to a Virtual WAN hub shows in the network's own peerings (unconfirmed: never recorded).
_TO_A_HUB = "remotevnettohubpeering_"


def peers(*then: Need) -> Follow:
    """Read the networks on the other side of a network's peerings, then go on from each."""
    return Follow(REMOTES, to=VNET, then=then)


@dataclass(frozen=True, slots=True)
class Peering:
    """One side of a peering; None stands for what its document does not say, or says in no way we know.

    state           ARM's word for it; "" where there is none, as in templates, which is not *disconnected*
    remote          the network on the other side
    access          whether this side lets traffic across; ARM leaves it on where nobody says otherwise
    complete        whether whole networks take part
    local_subnets   where not: the names (lower case) of the subnets of this network that do
    remote_subnets  and those of the other
    only_ipv6       whether it carries no IPv4
    sync            whether it knows the other network's address space of today, in ARM's word; "" unsaid
    remote_space    the address space of the other network, as far as this side knows of it
    """

    name: str
    state: str
    remote: ResourceId | None
    uses_remote_gateways: bool = False
    access: bool | None = True
    complete: bool | None = True
    local_subnets: frozenset[str] | None = None
    remote_subnets: frozenset[str] | None = None
    only_ipv6: bool | None = False
    sync: str = ""
    remote_space: tuple[str, ...] | None = None

    @property
    def connected(self) -> bool:
        return self.state.lower() == "connected"

    @property
    def broken(self) -> bool:
        """Whether its state says that it is not connected."""
        return bool(self.state) and not self.connected

    @property
    def leads_to_hub(self) -> bool:
        """Whether Virtual WAN made it: its other side lies in a subscription of Microsoft's."""
        return self.name.lower().startswith(_TO_A_HUB)

    @property
    def in_sync(self) -> bool | None:
        """Whether it says that it knows all of the other network's address space; None where it is silent."""
        return self.sync.lower() == "fullyinsync" if self.sync else None

    @property
    def remote_ranges(self) -> Ranges | None:
        """The addresses of the other network that it knows; None where it names none that can be read."""
        if self.remote_space is None:
            return None
        pairs = [parse_addresses(text.strip()) for text in self.remote_space]
        return from_pairs(pair for pair in pairs if pair is not None) or None


def says_its_peerings(network: Resource) -> bool:
    """Whether a network came with the list of its peerings, which ARM always shows, were it empty."""
    return isinstance(network.properties("virtualNetworkPeerings"), list)


def peerings(network: Resource) -> Iterator[Peering]:
    """Every peering of a network; what is not an object is passed over."""
    for item in values_at(network.body, "properties.virtualNetworkPeerings[]"):
        if isinstance(item, Mapping):
            yield _read(item)


def peerings_to(network: Resource, remote: ResourceId) -> tuple[Peering, ...]:
    """The peerings of a network that lead to one other: of a hub's hundreds, no more than these are read."""
    return tuple(
        _read(item)
        for item in values_at(network.body, "properties.virtualNetworkPeerings[]")
        if isinstance(item, Mapping) and _leads_to(item, remote.key)
    )


def _leads_to(item: Mapping[str, Any], key: str) -> bool:
    try:  # without `dig`: a hub's hundreds of peerings are asked for each of its spokes
        text = item["properties"]["remoteVirtualNetwork"]["id"]
    except (KeyError, TypeError):
        return False
    return isinstance(text, str) and text.strip().removesuffix("/").lower() == key


def _read(item: Mapping[str, Any]) -> Peering:
    properties = dig(item, "properties")
    space = dig(properties, "remoteAddressSpace", "addressPrefixes")
    return Peering(
        name=str(item.get("name") or ""),
        state=str(dig(properties, "peeringState") or ""),
        remote=next(ids_at(item, "properties.remoteVirtualNetwork.id"), None),
        uses_remote_gateways=dig(properties, "useRemoteGateways") is True,
        access=_flag(properties, "allowVirtualNetworkAccess", otherwise=True),
        complete=_flag(properties, "peerCompleteVnets", otherwise=True),
        local_subnets=_names(properties, "localSubnetNames"),
        remote_subnets=_names(properties, "remoteSubnetNames"),
        only_ipv6=_flag(properties, "enableOnlyIPv6Peering", otherwise=False),
        sync=str(dig(properties, "peeringSyncLevel") or ""),
        remote_space=tuple(map(str, space)) if isinstance(space, list) else None,
    )


def _flag(properties: Any, name: str, *, otherwise: bool) -> bool | None:
    """A switch, `otherwise` where it is not set; None where it is neither on nor off."""
    value = dig(properties, name)
    if value is None:
        return otherwise
    return value if isinstance(value, bool) else None


def _names(properties: Any, name: str) -> frozenset[str] | None:
    """Names of subnets in lower case; None where there is no list of them."""
    value = dig(properties, name)
    return frozenset(str(one).lower() for one in value) if isinstance(value, list) else None
