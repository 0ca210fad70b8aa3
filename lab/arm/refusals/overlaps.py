"""Networks that cannot be peered because their addresses overlap, in the codes and texts users report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm.errors import ArmError
from lab.arm.refusals.ranges import Network, known_networks, overlap

if TYPE_CHECKING:
    from lab.arm.documents.tree import Document


def _space(network: Document) -> list[Network]:
    return known_networks((network["properties"].get("addressSpace") or {}).get("addressPrefixes") or ())


def check_overlap(peering_id: str, local: Document, remote: Document) -> None:
    """Refuse a new peering whose networks overlap, or whose first overlaps with one the second knows."""
    start = (
        f"Cannot create or update peering {peering_id}. Virtual networks {local['id']} and {remote['id']} "
        "cannot be peered because"
    )
    own = _space(local)
    shared = overlap(own, _space(remote))
    if shared:
        text = f"{start} their address spaces overlap. Overlapping address prefixes: {_named(shared)}."
        raise ArmError(400, "VnetAddressSpacesOverlap", text)
    for peering in remote["properties"].get("virtualNetworkPeerings", ()):
        third = (peering["properties"].get("remoteVirtualNetwork") or {}).get("id", "")
        space = (peering["properties"].get("remoteAddressSpace") or {}).get("addressPrefixes") or ()
        shared = overlap(own, known_networks(space))
        if shared and third.lower() != local["id"].lower():
            text = (
                f"{start} address space of the first virtual network overlaps with address space of virtual "
                f"network {third} already peered with the second virtual network. Overlapping address "
                f"prefixes: {_named(shared)}."
            )
            raise ArmError(400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", text)


def _named(networks: list[Network]) -> str:
    return ", ".join(map(str, networks))
