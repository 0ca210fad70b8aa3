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
    shareable_links,
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


BESIDE_THE_INTERNET: tuple[Entry, ...] = (shareable_links.leads,)
"""Ways that come in through Bastion, which no public source sees: told, but no business of a group."""


def leads_to(target: Target, around: Landscape) -> tuple[Lead, ...]:
    """The leads to a target, in the order of the entries."""
    return _all(ENTRIES, target, around)


def every_lead_to(target: Target, around: Landscape) -> tuple[Lead, ...]:
    """The same with what comes in through Bastion without a sign-in to Azure."""
    return _all((*ENTRIES, *BESIDE_THE_INTERNET), target, around)


def _all(entries: tuple[Entry, ...], target: Target, around: Landscape) -> tuple[Lead, ...]:
    return tuple(dict.fromkeys(lead for entry in entries for lead in entry(target, around)))
