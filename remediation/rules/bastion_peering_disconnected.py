"""Rule bastion-peering-disconnected."""

from collections.abc import Iterator
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import in_its_network, is_developer, network_of
from remediation.landing_zone.peering import Peering, peerings, peers
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Verdict, rule


@rule(
    "bastion-peering-disconnected",
    title="Peering of Bastion's network is not connected",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    guidance=("R5",),
    needs=in_its_network(peers()),
)
def peering_disconnected(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A network is peered with that of a Bastion host, but the peering is not connected.

    What it finds: a peering of the host's network, or the one that leads back to it, in any state but
    Connected. Developer hosts, which cannot use peerings, are left out.
    Why: a hub's Bastion reaches its spokes through connected peerings only. A side that was deleted and made
    again stays Disconnected or Initiated until the other side is made again too.
    Fix: none is applied. Make both sides again; the commands that show them are printed.
    Fix safety: ALERT. Traffic between the two networks starts to flow again.
    Unknown: when the host's network, or the network on the other side of a peering that looks connected,
    cannot be read.
    References: R5; Bastion and virtual network peering; virtual network peering states.
    """
    if is_developer(subject):
        return
    network = network_of(subject, snapshot)
    broken: list[tuple[ResourceId, Peering]] = []
    doubts = Doubts()
    for peering in peerings(network):
        if not peering.connected:
            broken.append((network.id, peering))
        elif peering.remote is not None and not peering.leads_to_hub:
            with doubts.noted():
                broken += _broken_back(network.id, peering.remote, snapshot)
    if broken:
        yield _violation(subject, network.id, broken)
    else:
        yield from doubts


def _broken_back(
    network: ResourceId, remote: ResourceId, snapshot: Snapshot
) -> Iterator[tuple[ResourceId, Peering]]:
    """The peerings back to the host's network that are not connected."""
    for peering in peerings(snapshot.existing(remote, "peered network")):
        if peering.remote == network and not peering.connected:
            yield remote, peering


def _violation(bastion: Resource, network: ResourceId, broken: list[tuple[ResourceId, Peering]]) -> Violation:
    evidence: dict[str, Any] = {
        "virtualNetworkId": network.text,
        "peerings": [
            {
                "networkId": side.text,
                "name": peering.name,
                "peeringState": peering.state,
                "to": str(peering.remote),
            }
            for side, peering in broken
        ],
        "blastRadius": "traffic between the two networks",
    }
    names = ", ".join(f"{peering.name} ({peering.state})" for _, peering in broken)
    by_hand = [command for side, peering in broken for command in _commands(side, peering)]
    return Violation(
        f"{bastion.id.name} cannot reach through peering {names}", evidence, commands=tuple(by_hand)
    )


def _commands(side: ResourceId, peering: Peering) -> Iterator[str]:
    """Look at both sides before one is made again: the options of the old one are lost with it."""
    if peering.name:
        yield commands.words(
            "az network vnet peering show", "--ids", f"{side.text}/virtualNetworkPeerings/{peering.name}"
        )
    if peering.remote is not None:
        yield commands.words(
            "az network vnet show", "--ids", peering.remote.text, "--query", "virtualNetworkPeerings"
        )
