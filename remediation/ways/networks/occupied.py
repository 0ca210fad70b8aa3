"""Which addresses of a network are held by interfaces that were read, for targets whose own is not known."""

from collections.abc import Sequence

from remediation.kinds import NIC, SCALE_SET_NIC, VNET
from remediation.landing_zone.machines import configurations
from remediation.landing_zone.subnets import subnet_prefixes
from remediation.model import Resource
from remediation.nsg.spaces.addresses import parse_addresses
from remediation.nsg.spaces.sets import contains
from remediation.rule import ids_at, values_at
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Target


def in_subnet_of(target: Target, address: str, around: Landscape) -> bool:
    """Whether an address may lie in a target's subnet; it may in one that was not read."""
    document = None if target.subnet is None else around.get(target.subnet)
    spans = (
        [parse_addresses(text.strip()) for text in subnet_prefixes(document)]
        if isinstance(document, Resource)
        else []
    )
    known = [span for span in spans if span is not None]
    own = parse_addresses(address)
    return not known or own is None or any(contains(span, own[0]) for span in known)


def taken_by_another(target: Target, address: str, around: Landscape) -> bool:
    """Whether an interface that was read holds an address in the target's network."""
    network = "" if target.network is None else target.network.key
    kinds = (NIC, SCALE_SET_NIC)
    indexes = (one for kind in kinds for one in around.indexes(kind, target.network, _held))
    return any((network, address) in held for held in indexes)


def _held(nics: Sequence[Resource]) -> frozenset[tuple[str, str]]:
    """(key of the network, address) of every ip configuration in a list."""
    found = set()
    for nic in nics:
        for configuration in configurations(nic):
            subnet = next(ids_at(configuration, "properties.subnet.id"), None)
            network = None if subnet is None else subnet.up_to(VNET)
            for address in values_at(configuration, "properties.privateIPAddress"):
                found.add((network.key if network is not None else "", str(address)))
    return frozenset(found)
