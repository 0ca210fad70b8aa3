"""Rule bastion-coverage-gap."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import VNET
from remediation.landing_zone.bastion.host import hosts_in
from remediation.landing_zone.bastion.network_machines import NICS, machines_in, may_hold_machines, places_in
from remediation.landing_zone.bastion.reach import HOSTS, PATHS, Hosts, Reaching
from remediation.landing_zone.joining.peering import peerings
from remediation.landing_zone.joining.virtual_wan import connections_of
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
    a dedicated host (Basic or higher) in a peered network, nor a Standard or Premium host with IP-based
    connection in a network of the same Virtual WAN. A peering counts for what it carries: its state and
    access on both sides, the subnets that take part, IPv4, and the address space it knows.
    Why: machines without a supported way in get an unsupported one sooner or later.
    Fix: none is applied. Deploy a host here, or peer this network with one that has a host.
    Fix safety: ALERT. Nothing is touched.
    Unknown: when the network came without its subnets, or NICs, hosts, a peered network or a hub on which it
    depends cannot be read.
    References: C0, R3, R5, R12; Bastion and virtual network peering; Azure Bastion and Virtual WAN.
    """
    if not _may_be_left_out(subject, snapshot, _baseline):
        return
    machines = machines_in(subject, snapshot)
    if not machines.nics:
        if machines.doubt:
            yield Doubt(machines.doubt)
        return
    hosts, unsure = Hosts(snapshot), Doubts()
    left: dict[ResourceId, list[Reaching]] = {}
    for nic, places in places_in(subject, machines.nics, snapshot).items():
        doubts = Doubts()
        found = [hosts.reaching(place, doubts) for place in places]
        if any(one.hosts for one in found):
            continue
        if doubts:
            unsure.extend(doubts)
        else:
            left[nic] = found
    if left:
        yield _violation(subject, left, snapshot)
    else:
        yield from unsure


def _violation(network: Resource, left: Mapping[ResourceId, list[Reaching]], snapshot: Snapshot) -> Violation:
    nics = list(left)
    refused = [pair for found in left.values() for one in found for pair in one.refused]
    reasons = dict.fromkeys((one.host.text, answer.reason) for one, answer in refused)
    evidence: dict[str, Any] = {
        "machines": len(nics),
        "networkInterfaces": [nic.text for nic in nics[:MOST_SHOWN]],
        "peerings": [
            {"to": str(peering.remote), "peeringState": peering.state or "unknown"}
            for peering in peerings(network)
        ],
        "hubs": [each.hub_id.text for each in Doubts().ask(connections_of, network.id, snapshot) or ()],
        "blastRadius": "none: nothing is there yet",
    }
    if reasons:
        evidence["hostsOutOfReach"] = [
            {"host": host, "reason": reason} for host, reason in list(reasons)[:MOST_SHOWN]
        ]
    count = "a machine" if len(nics) == 1 else f"{len(nics)} machines"
    because = f": {next(iter(reasons))[1]}" if reasons else ""
    return Violation(f"no Bastion reaches {count} in {network.id.name}{because}", evidence)
