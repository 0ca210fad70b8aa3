"""Rule bastion-developer-with-peering."""

from collections.abc import Iterator
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone.bastion.host import (
    developers_for,
    hosts_in,
    in_its_network,
    is_developer,
    network_of,
    sku_of,
)
from remediation.landing_zone.bastion.network_machines import NICS, machines_in
from remediation.landing_zone.joining.peering import peerings, peers
from remediation.model import Resource, Severity, Snapshot, UndecidedError, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Listed, Verdict, rule

HOSTS = Listed(BASTION, "subscription")


def _is_developer(bastion: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return is_developer(bastion)


@rule(
    "bastion-developer-with-peering",
    title="Developer Bastion cannot reach peered networks",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "People are locked out of the peered networks; nobody is let in by it.",
    },
    guidance=("C12",),
    closer=in_its_network(peers(NICS, HOSTS)),
    suspects=_is_developer,
)
def developer_with_peering(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A Developer Bastion stands where peered networks hold machines that it cannot reach.

    What it finds: a host of SKU Developer, and a network peered and connected with its own that holds
    virtual machines and no Bastion.
    Why: Developer does not work across peerings. The machines over there have no supported way in, and
    people make one.
    Fix: none is applied. Choose Basic or higher for this network, or give the other one a host of its own.
    Fix safety: ALERT. Another SKU needs a subnet and a public address first, and replaces the host.
    Unknown: when the host's network, a peered network or the NICs in it cannot be read, or the SKU is in no
    table.
    References: C12; Azure Bastion, Developer SKU; Bastion and virtual network peering.
    """
    if sku_of(subject) != "Developer":
        return
    network = network_of(subject, snapshot)
    unreached: dict[str, list[str]] = {}
    doubts = Doubts()
    for peering in peerings(network):
        if peering.connected and peering.remote is not None and not peering.leads_to_hub:
            with doubts.noted():
                unreached |= _machines_left_out(peering.remote, snapshot)
    if unreached:
        yield _violation(subject, network.id, unreached)
    else:
        yield from doubts


def _machines_left_out(remote: ResourceId, snapshot: Snapshot) -> dict[str, list[str]]:
    """The id of a peered network without a Bastion, with the NICs of the machines in it."""
    peer = snapshot.existing(remote, "peered network")
    machines = machines_in(peer, snapshot)
    if hosts_in(peer) or not (machines.nics or machines.doubt):
        return {}
    if developers_for(peer, snapshot.need_list(BASTION, f"/subscriptions/{remote.subscription}")):
        return {}
    if not machines.nics:
        raise UndecidedError(str(machines.doubt))
    return {remote.text: [nic.text for nic in machines.nics]}


def _violation(bastion: Resource, network: ResourceId, unreached: dict[str, list[str]]) -> Violation:
    evidence: dict[str, Any] = {
        "sku": "Developer",
        "virtualNetworkId": network.text,
        "unreachedNetworks": unreached,
        "blastRadius": "everybody who reaches the machines of its network through this host",
    }
    names = ", ".join(identity.rpartition("/")[2] for identity in unreached)
    return Violation(f"{bastion.id.name} is Developer and cannot reach the machines in {names}", evidence)
