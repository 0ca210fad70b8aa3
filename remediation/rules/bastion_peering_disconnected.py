"""Rule bastion-peering-disconnected."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import in_its_network, is_developer, network_of
from remediation.landing_zone.joining.members import own_space
from remediation.landing_zone.joining.peering import Peering, peerings, peerings_to, peers, says_its_peerings
from remediation.model import Resource, Severity, Snapshot, UndecidedError, Violation
from remediation.nsg.spaces.addresses import cidrs
from remediation.nsg.spaces.sets import EMPTY, Ranges, subtract
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Verdict, rule

MOST_RANGES = 3


@rule(
    "bastion-peering-disconnected",
    title="Peering of Bastion's network is not connected",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "People are locked out of what lies behind these peerings; nobody is let in by it.",
    },
    guidance=("R5",),
    needs=in_its_network(peers()),
)
def peering_disconnected(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A network is peered with that of a Bastion host, but the peering is not connected, or not in sync.

    What it finds: a peering of the host's network, or the one that leads back to it, in any state but
    Connected, or without one that leads back; and one that does not know a range which the network on its
    other side has today. Developer hosts, which cannot use peerings, are left out. A peering whose access is
    off, or that joins chosen subnets, is one that somebody wanted: machines it leaves out are told of by
    bastion-coverage-gap.
    Why: a hub's Bastion reaches its spokes through connected peerings only. A side that was deleted and made
    again stays Disconnected or Initiated until the other side is made again too. A range that was added to a
    network is not reached until the peering is synchronised.
    Fix: none is applied. Make both sides again, or synchronise; the commands that show them are printed.
    Fix safety: ALERT. Traffic between the two networks starts to flow again.
    Unknown: when the host's network, or the network on the other side of a peering that looks connected,
    cannot be read; when a peering came without its state and nothing leads back.
    References: R5; Bastion and virtual network peering; virtual network peering states; update the address
    space of a peered network.
    """
    if is_developer(subject):
        return
    network = network_of(subject, snapshot)
    broken: list[_Broken] = []
    doubts = Doubts()
    for peering in peerings(network):
        if peering.broken:
            broken.append(_Broken(network.id, peering, peering.state))
        elif peering.remote is not None and not peering.leads_to_hub:
            with doubts.noted():
                other = snapshot.existing(peering.remote, "peered network")
                broken += _between(network, peering, other)
    if broken:
        yield _violation(subject, network.id, broken)
    else:
        yield from doubts


@dataclass(frozen=True, slots=True)
class _Broken:
    """A peering of the network `side`, what is wrong with it in words, and what it does not know."""

    side: ResourceId
    peering: Peering
    fault: str
    unknown: Ranges = EMPTY


def _between(network: Resource, peering: Peering, other: Resource) -> Iterator[_Broken]:
    """What is wrong with one peering of the host's network that looks connected, and with the way back."""
    back = peerings_to(other, network.id)
    if not back and not peering.connected:
        raise UndecidedError(f"peering {peering.name} came without its state, and nothing leads back")
    if not back and says_its_peerings(other):
        yield _Broken(network.id, peering, "nothing leads back")
    yield from (_Broken(other.id, one, one.state) for one in back if one.broken)
    yield from _out_of_sync(network, peering, other)
    for one in back:
        yield from _out_of_sync(other, one, network)


def _out_of_sync(network: Resource, peering: Peering, other: Resource) -> Iterator[_Broken]:
    """A peering of whole networks that does not know all of the other one's ranges, and does not deny it."""
    known = peering.remote_ranges
    if known is None or peering.in_sync or not peering.complete:
        return
    unknown = subtract(own_space(other), known)
    if unknown:
        shown = cidrs(unknown)
        more = f" and {len(shown) - MOST_RANGES} more" if len(shown) > MOST_RANGES else ""
        yield _Broken(
            network.id, peering, f"out of sync, without {', '.join(shown[:MOST_RANGES])}{more}", unknown
        )


def _violation(bastion: Resource, network: ResourceId, broken: list[_Broken]) -> Violation:
    evidence: dict[str, Any] = {
        "virtualNetworkId": network.text,
        "peerings": [_shown(one) for one in broken],
        "blastRadius": "traffic between the two networks",
    }
    names = ", ".join(f"{one.peering.name} ({one.fault})" for one in broken)
    by_hand = dict.fromkeys(command for one in broken for command in _commands(one))
    return Violation(
        f"{bastion.id.name} cannot reach through peering {names}", evidence, commands=tuple(by_hand)
    )


def _shown(one: _Broken) -> dict[str, Any]:
    return {
        "networkId": one.side.text,
        "name": one.peering.name,
        "peeringState": one.peering.state or "unknown",
        "to": str(one.peering.remote),
        **({"unknownPrefixes": cidrs(one.unknown)} if one.unknown else {}),
    }


def _commands(one: _Broken) -> Iterator[str]:
    """Look at both sides before one is made again: the options of the old one are lost with it."""
    peering = f"{one.side.text}/virtualNetworkPeerings/{one.peering.name}" if one.peering.name else ""
    if peering and one.unknown:
        yield commands.words("az network vnet peering sync", "--ids", peering)
        return
    if peering:
        yield commands.words("az network vnet peering show", "--ids", peering)
    if one.peering.remote is not None:
        yield commands.words(
            "az network vnet show", "--ids", one.peering.remote.text, "--query", "virtualNetworkPeerings"
        )
