"""What certainly lies in the tag VirtualNetwork of a network: its own address space, and that of its peers.

A peer whose access is off on either side, or that is not connected, is left out; of peered subnets only those
that take part are in, and of a peering that is out of sync what it knows. The tag holds more than that (what
lies behind gateways, what routes name): this is the part that documents of networks prove.
"""

from collections.abc import Iterable, Iterator

from remediation.landing_zone.joining.peering import Peering, peerings, peerings_to, says_its_peerings
from remediation.landing_zone.subnets import subnet_prefixes, subnets_of
from remediation.model import Resource, View
from remediation.nsg.spaces.addresses import parse_addresses
from remediation.nsg.spaces.sets import Ranges, from_pairs
from remediation.rule import values_at

_SPACE = "properties.addressSpace.addressPrefixes[]"


def own_space(network: Resource) -> Ranges:
    """The address space of a network, as far as it can be read."""
    texts = map(str, values_at(network.body, _SPACE))
    return from_pairs(pair for text in texts if (pair := parse_addresses(text.strip())) is not None)


def member_prefixes(network: Resource, view: View, subnet: str | None = None) -> Iterator[str]:
    """The prefixes, as documents write them, seen from a subnet; None for one that is not known."""
    yield from map(str, values_at(network.body, _SPACE))
    for peering in peerings(network):
        if peering.connected and peering.access and peering.remote is not None:
            other = view.get(peering.remote)
            known = other if isinstance(other, Resource) else None
            if known is None or _lets_in(known, network):
                yield from _of_family(peering, _across(peering, known, subnet))


def _lets_in(other: Resource, network: Resource) -> bool:
    """Whether the other network's own side is there, connected and open; or its peerings are not listed."""
    if not says_its_peerings(other):
        return True
    return any(not peering.broken and peering.access for peering in peerings_to(other, network.id))


def _across(peering: Peering, other: Resource | None, subnet: str | None) -> Iterable[str]:
    """What a peering adds: all it knows of the other network, or the subnets of it that take part."""
    if peering.complete:
        return peering.remote_space or ()
    near, far = peering.local_subnets or frozenset(), peering.remote_subnets or frozenset()
    if other is None or subnet is None or subnet.lower() not in near:
        return ()
    taking_part = (one for one in subnets_of(other) if one.id.name.lower() in far)
    return [prefix for one in taking_part for prefix in subnet_prefixes(one)]


def _of_family(peering: Peering, prefixes: Iterable[str]) -> Iterator[str]:
    if peering.only_ipv6 is not None:
        yield from (prefix for prefix in prefixes if ":" in prefix or not peering.only_ipv6)
