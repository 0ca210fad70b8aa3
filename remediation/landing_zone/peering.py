"""The peerings of a virtual network, as its document holds them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.kinds import VNET
from remediation.model import Resource, dig
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
    """One side of a peering. `state` is ARM's word; `remote` is None when the document names no network."""

    name: str
    state: str
    remote: ResourceId | None
    uses_remote_gateways: bool

    @property
    def connected(self) -> bool:
        return self.state.lower() == "connected"

    @property
    def leads_to_hub(self) -> bool:
        """Whether Virtual WAN made it: its other side lies in a subscription of Microsoft's."""
        return self.name.lower().startswith(_TO_A_HUB)


def peerings(network: Resource) -> Iterator[Peering]:
    """Every peering of a network; what is not an object is passed over."""
    for item in values_at(network.body, "properties.virtualNetworkPeerings[]"):
        if isinstance(item, Mapping):
            yield Peering(
                name=str(item.get("name") or ""),
                state=str(dig(item, "properties", "peeringState") or "unknown"),
                remote=next(ids_at(item, "properties.remoteVirtualNetwork.id"), None),
                uses_remote_gateways=dig(item, "properties", "useRemoteGateways") is True,
            )


def remote_prefixes(network: Resource) -> Iterator[str]:
    """The address space of the networks behind a network's connected peerings, as its own document has it."""
    for item in values_at(network.body, "properties.virtualNetworkPeerings[]"):
        if str(dig(item, "properties", "peeringState")).lower() == "connected":
            yield from map(str, values_at(item, "properties.remoteAddressSpace.addressPrefixes[]"))
