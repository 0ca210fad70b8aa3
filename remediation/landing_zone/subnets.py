"""Subnets as their virtual network's document holds them."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.kinds import NSG
from remediation.landing_zone.facts import BASTION_SUBNET
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at


def subnets_of(network: Resource) -> Iterator[Resource]:
    """The subnets of a network; one without an id of its own gets it from its name."""
    for body in values_at(network.body, "properties.subnets[]"):
        identity = next(ids_at(body, "id"), None) or _by_name(network, body)
        if isinstance(body, Mapping) and identity is not None:
            yield Resource(identity, body)


def without_subnets(network: Resource) -> str | None:
    """Refuses a network that came without its list of subnets, which ARM always shows."""
    if isinstance(network.properties("subnets"), list):
        return None
    return f"network {network.id.name} came without its subnets"


def _by_name(network: Resource, body: object) -> ResourceId | None:
    name = next(values_at(body, "name"), None)
    return network.id.child("subnets", name) if isinstance(name, str) and name else None


def subnet_prefixes(subnet: Resource) -> Sequence[str]:
    """A subnet's address prefixes, from whichever of the two forms it has."""
    many = [str(prefix) for prefix in subnet.properties("addressPrefixes") or ()]
    one = subnet.properties("addressPrefix")
    return many or ([str(one)] if one else [])


def is_bastion_subnet(subnet: Resource) -> bool:
    return subnet.id.name.lower() == BASTION_SUBNET


def has_nsg(subnet: Resource) -> bool | None:
    """Whether a subnet has an NSG; None when it came as a mere reference."""
    if not isinstance(subnet.properties(), Mapping):
        return None
    return any(nsg.type == NSG for nsg in ids_at(subnet.body, "properties.networkSecurityGroup.id"))


def is_delegated(subnet: Resource) -> bool:
    """Whether a service has the subnet to itself, so that no virtual machine can be in it."""
    return any(isinstance(one, Mapping) for one in values_at(subnet.body, "properties.delegations[]"))
