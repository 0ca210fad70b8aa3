"""Everything that leads, or may lead, to a target: all entries together, each lead once."""

from collections.abc import Callable, Iterator

from remediation.ways.entries import (
    appliances,
    balancers,
    firewalls,
    gateways,
    node_pools,
    private_links,
    public_addresses,
    scale_sets,
)
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target

type Entry = Callable[[Target, Landscape], Iterator[Lead]]

ENTRIES: tuple[Entry, ...] = (
    public_addresses.leads,
    balancers.leads,
    firewalls.leads,
    gateways.leads,
    appliances.leads,
    scale_sets.leads,
    node_pools.leads,
    private_links.leads,
)


def leads_to(target: Target, around: Landscape) -> tuple[Lead, ...]:
    """The leads to a target, in the order of the entries."""
    return tuple(dict.fromkeys(lead for entry in ENTRIES for lead in entry(target, around)))
