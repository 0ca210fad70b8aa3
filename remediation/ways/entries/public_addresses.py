"""A public address on a machine's own interface.

Basic without any group on the path is open, Standard is closed (public IP addresses, "Secure by default").
"""

from collections.abc import Iterator

from remediation.kinds import SCALE_SET_NIC
from remediation.model import Resource, Unread
from remediation.nsg.spaces.addresses import Family
from remediation.rule import ids_at
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.way import Hop, Kind


def leads(target: Target, around: Landscape) -> Iterator[Lead]:
    """The address of the ip configuration, where it has one of the configuration's family."""
    for identity in ids_at(target.configuration, "properties.publicIPAddress.id"):
        address = around.get(identity)
        if isinstance(address, Unread):
            hops = (Hop("public IP", identity),)
            yield Lead(_kind(target), identity, None, target.family, doubt=address.reason, through=hops)
        elif address is not None and version_of(address) == target.family:
            yield lead_from(address, target)


def lead_from(address: Resource, target: Target) -> Lead:
    """What an address leads to, when an ip configuration of its family holds it."""
    hops = (Hop("public IP", address.id),)
    sku, text = sku_of(address), text_of(address)
    return Lead(_kind(target), address.id, text, target.family, sku=sku, through=hops)


def version_of(address: Resource) -> Family:
    """The family of a public address; IPv4 where it does not say, which is ARM's default."""
    version, text = address.properties("publicIPAddressVersion"), text_of(address)
    if version is None and text is not None:
        return "ipv6" if ":" in text else "ipv4"
    return "ipv6" if str(version).lower() == "ipv6" else "ipv4"


def text_of(address: Resource) -> str | None:
    """The address itself; None before Azure gives it out."""
    text = address.properties("ipAddress")
    return text if isinstance(text, str) and text else None


def sku_of(document: Resource) -> str:
    """`basic` or `standard`, as far as it decides what is open without a group; Basic where none is named.

    StandardV2 is closed without a group as Standard is.
    """
    return str(document.at("sku", "name") or "Basic").lower().removesuffix("v2")


def _kind(target: Target) -> Kind:
    nic = target.nic
    return "scale-set-ip" if nic is not None and nic.id.type == SCALE_SET_NIC else "public-ip"
