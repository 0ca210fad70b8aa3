"""AzureBastionSubnet as its network's document holds it."""

import ipaddress
from collections.abc import Mapping

from remediation.landing_zone.facts import BASTION_SUBNET
from remediation.landing_zone.subnets import without_subnets
from remediation.model import Resource, UndecidedError, dig
from remediation.rule import values_at


def bastion_subnet(network: Resource) -> Resource | None:
    """The subnet of that name (compared without case), None where the network has none.

    Raises UndecidedError where the network came without its subnets, or the subnet as a mere reference.
    """
    refusal = without_subnets(network)
    if refusal is not None:
        raise UndecidedError(refusal)
    for subnet in network.properties("subnets"):
        name = _name(subnet)
        if name.lower() != BASTION_SUBNET:
            continue
        identity = network.id.child("subnets", name)
        if isinstance(dig(subnet, "properties"), Mapping):
            return Resource(identity, subnet)
        raise UndecidedError(f"subnet {identity.text} came without its properties", identity)
    return None


def _name(subnet: object) -> str:
    named = dig(subnet, "name") or str(dig(subnet, "id") or "").rstrip("/").rpartition("/")[2]
    return str(named)


def ipv4_prefixes(subnet: Resource) -> tuple[ipaddress.IPv4Network, ...]:
    """The subnet's IPv4 ranges, from whichever of the two forms it has; what is no range is left out."""
    texts = [*values_at(subnet.body, "properties.addressPrefixes[]"), subnet.properties("addressPrefix")]
    ranges = {parsed for text in texts if (parsed := _range(text)) is not None}
    return tuple(sorted(ranges))


def _range(text: object) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(text, strict=False) if isinstance(text, str) else None
    except ValueError:
        return None


def members_of(subnet: Resource) -> tuple[str, ...]:
    """Ids of what has an address in the subnet, as written, Bastion's own ip configurations included."""
    return tuple(str(text) for text in values_at(subnet.body, "properties.ipConfigurations[].id"))
