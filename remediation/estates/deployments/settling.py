"""What Azure adds to a new resource by itself: the default rules of a group, the state of a peering."""

from collections.abc import Iterable, Iterator
from typing import Any

from remediation.estates.deployments.documents import Document, Documents, elements
from remediation.kinds import NSG, VIRTUAL_MACHINE, VNET
from remediation.resource_id import ResourceId

# Publishers of images of one system alone, as they stand in the marketplace.
_SYSTEMS = {
    "Windows": ("microsoftwindowsserver", "microsoftwindowsdesktop", "microsoftvisualstudio"),
    "Linux": (
        *("canonical", "redhat", "suse", "debian", "oracle", "openlogic", "almalinux", "kinvolk"),
        *("microsoftcblmariner", "resf", "credativ", "coreos"),
    ),
}


def settle(new: Iterable[Document], after: Documents) -> None:
    """Add to new documents what follows from them, in place."""
    for document in new:
        kind = _type(document)
        if kind == NSG:
            properties = document.setdefault("properties", {})
            if isinstance(properties, dict):
                properties.setdefault("securityRules", [])
                properties.setdefault("defaultSecurityRules", list(default_rules()))
        elif kind == VIRTUAL_MACHINE:
            _tell_system(document)
    for network in after:
        for peering in elements(network, "virtualNetworkPeerings") if _type(network) == VNET else ():
            _connect(str(network.get("id")), peering, after)


def _tell_system(machine: Document) -> None:
    """The system of a machine by the publisher of its image, which Azure writes into its disk."""
    properties = machine.get("properties")
    storage = properties.get("storageProfile") if isinstance(properties, dict) else None
    image = storage.get("imageReference") if isinstance(storage, dict) else None
    publisher = str(image.get("publisher")).lower() if isinstance(image, dict) else ""
    for system, publishers in _SYSTEMS.items():
        if publisher in publishers and isinstance(storage, dict):
            disk = storage.setdefault("osDisk", {})
            if isinstance(disk, dict):
                disk.setdefault("osType", system)


def _type(document: Document) -> str:
    text = document.get("id")
    return ResourceId.parse(text).type if isinstance(text, str) and text.startswith("/sub") else ""


def _connect(network: str, peering: Document, after: Documents) -> None:
    """Both halves there: connected. One half: it waits. The other network not there: unknown."""
    properties = peering.get("properties")
    if not isinstance(properties, dict) or properties.get("peeringState") is not None:
        return
    other = after.get(_remote(peering))
    if other is None or not isinstance(other.get("properties"), dict):
        return
    answering = [one for one in elements(other, "virtualNetworkPeerings") if _remote(one) == network.lower()]
    properties["peeringState"] = "Connected" if answering else "Initiated"
    if answering:
        properties.setdefault("peeringSyncLevel", "FullyInSync")
    for one in answering:
        if isinstance(one.get("properties"), dict):
            one["properties"] |= {"peeringState": "Connected", "peeringSyncLevel": "FullyInSync"}


def _remote(peering: Document) -> str:
    properties = peering.get("properties")
    remote = properties.get("remoteVirtualNetwork") if isinstance(properties, dict) else None
    return str(remote.get("id")).lower() if isinstance(remote, dict) else ""


def default_rules() -> Iterator[dict[str, Any]]:
    """The six rules that every group has below its own."""
    inbound = (
        ("AllowVnetInBound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow"),
        ("AllowAzureLoadBalancerInBound", 65001, "AzureLoadBalancer", "*", "Allow"),
        ("DenyAllInBound", 65500, "*", "*", "Deny"),
    )
    outbound = (
        ("AllowVnetOutBound", 65000, "VirtualNetwork", "VirtualNetwork", "Allow"),
        ("AllowInternetOutBound", 65001, "*", "Internet", "Allow"),
        ("DenyAllOutBound", 65500, "*", "*", "Deny"),
    )
    for direction, rules in (("Inbound", inbound), ("Outbound", outbound)):
        for name, priority, source, destination, access in rules:
            properties = {
                "protocol": "*", "sourcePortRange": "*", "destinationPortRange": "*",
                "sourceAddressPrefix": source, "destinationAddressPrefix": destination,
                "access": access, "priority": priority, "direction": direction,
            }  # fmt: skip
            yield {"name": name, "properties": properties}
