"""Rule bastion-coverage-gap."""

from collections.abc import Iterator
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION, VNET
from remediation.landing_zone.bastion.coverage import HOSTS, PATHS, Paths, paths_to
from remediation.landing_zone.bastion.host import developers_for, hosts_in
from remediation.landing_zone.bastion.network_machines import NICS, machines_in, may_hold_machines
from remediation.landing_zone.peering import peerings
from remediation.landing_zone.subnets import without_subnets
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Doubts, Verdict, rule

MOST_SHOWN = 20


def _may_be_left_out(network: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return may_hold_machines(network) and not hosts_in(network)


@rule(
    "bastion-coverage-gap",
    title="Machines that no Bastion reaches",
    applies_to=(VNET,),
    severity=Severity.INFO,
    guidance=("C0", "R3", "R5", "R12"),
    closer=(HOSTS, NICS, *PATHS),
    suspects=_may_be_left_out,
    refuses=without_subnets,
)
def coverage_gap(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A network holds virtual machines that no Bastion host reaches.

    What it finds: NICs of virtual machines (or of scale sets) in the network, and neither a host in it, nor
    a dedicated host (Basic or higher) in a network peered with it and connected, nor a Standard or Premium
    host with IP-based connection in a network of the same Virtual WAN.
    Why: machines without a supported way in get an unsupported one sooner or later.
    Fix: none is applied. Deploy a host here, or peer this network with one that has a host.
    Fix safety: ALERT. Nothing is touched.
    Unknown: when the network came without its subnets, or NICs, hosts, a peered network or a hub on which it
    depends cannot be read.
    References: C0, R3, R5, R12; Bastion and virtual network peering; Azure Bastion and Virtual WAN.
    """
    if not _may_be_left_out(subject, snapshot, _baseline):
        return
    doubts = Doubts()
    hosts = doubts.ask(snapshot.need_list, BASTION, f"/subscriptions/{subject.id.subscription}")
    if developers_for(subject, hosts or ()):
        return
    machines = machines_in(subject, snapshot)
    if not machines.nics:
        if machines.doubt:
            yield Doubt(machines.doubt)
        return
    paths = paths_to(subject, snapshot, doubts)
    if paths.found:
        return
    if doubts:
        yield from doubts
    else:
        yield _violation(subject, machines.nics, paths)


def _violation(network: Resource, nics: tuple[ResourceId, ...], paths: Paths) -> Violation:
    evidence: dict[str, Any] = {
        "machines": len(nics),
        "networkInterfaces": [nic.text for nic in nics[:MOST_SHOWN]],
        "peerings": [
            {"to": str(peering.remote), "peeringState": peering.state} for peering in peerings(network)
        ],
        "hubs": [hub.text for hub in paths.hubs],
        "blastRadius": "none: nothing is there yet",
    }
    count = "a machine" if len(nics) == 1 else f"{len(nics)} machines"
    return Violation(f"no Bastion reaches {count} in {network.id.name}", evidence)
