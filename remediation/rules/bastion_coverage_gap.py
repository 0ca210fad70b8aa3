"""Rule bastion-coverage-gap."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import VNET
from remediation.landing_zone.bastion.disputed import groups_before, in_dispute, may_let_in
from remediation.landing_zone.bastion.host import hosts_in
from remediation.landing_zone.bastion.network_machines import NICS, machines_in, may_hold_machines, places_in
from remediation.landing_zone.bastion.reach import HOSTS, PATHS, Hosts, Reaching
from remediation.landing_zone.joining.peering import peerings
from remediation.landing_zone.joining.virtual_wan import connections_of
from remediation.landing_zone.subnets import without_subnets
from remediation.model import Resource, Severity, Snapshot, UndecidedError, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubt, Doubts, Verdict, rule

MOST_SHOWN = 20


def _may_be_left_out(network: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return may_hold_machines(network) and not hosts_in(network)


def _groups_in_dispute(network: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    """The groups before machines that a host would reach, were access across a peering not off."""
    left = _reaching(network, machines_in(network, snapshot).nics, snapshot, Doubts())
    disputed = [nic for nic, found in left.items() if in_dispute(found)]
    groups = groups_before(network, snapshot) if disputed else {}
    return (group for nic in disputed for group in groups.get(nic.key, ()))


@rule(
    "bastion-coverage-gap",
    title="Machines that no Bastion reaches",
    applies_to=(VNET,),
    severity=Severity.INFO,
    because={
        Severity.INFO: "Nobody is let in by it; whether these machines need Bastion is a decision.",
    },
    guidance=("C0", "R3", "R5", "R12"),
    closer=(HOSTS, NICS, *PATHS, Chosen(_groups_in_dispute)),
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
    depends cannot be read; when access across a peering is off and a rule names Bastion's addresses, or there
    is no group at all.
    References: C0, R3, R5, R12; Bastion and virtual network peering; Azure Bastion and Virtual WAN.
    """
    if not _may_be_left_out(subject, snapshot, _baseline):
        return
    machines = machines_in(subject, snapshot)
    if not machines.nics:
        if machines.doubt:
            yield Doubt(machines.doubt)
        return
    unsure = Doubts()
    left: dict[ResourceId, list[Reaching]] = {}
    for nic, found in _reaching(subject, machines.nics, snapshot, unsure).items():
        with unsure.noted():
            _refuse_disputed(nic, found, subject, snapshot)
            left[nic] = found
    if left:
        yield _violation(subject, left, snapshot)
    else:
        yield from unsure


def _reaching(
    network: Resource, nics: Iterable[ResourceId], snapshot: Snapshot, unsure: Doubts
) -> dict[ResourceId, list[Reaching]]:
    """The NICs of machines that no host is known to reach and none may, with whoever is kept from them."""
    hosts = Hosts(snapshot)
    left: dict[ResourceId, list[Reaching]] = {}
    for nic, places in places_in(network, nics, snapshot).items():
        doubts = Doubts()
        found = [hosts.reaching(place, doubts) for place in places]
        if any(one.hosts for one in found):
            continue
        if doubts:
            unsure.extend(doubts)
        else:
            left[nic] = found
    return left


def _refuse_disputed(nic: ResourceId, found: list[Reaching], network: Resource, snapshot: Snapshot) -> None:
    """Where access is off, whether a host gets to a NIC by a rule of its groups: then nobody can tell."""
    prefixes = in_dispute(found)
    if prefixes and may_let_in(groups_before(network, snapshot).get(nic.key, ()), prefixes, snapshot):
        shown = ", ".join(dict.fromkeys(prefixes))
        raise UndecidedError(
            f"access across the peering is off, and whether {nic.name} takes packets from {shown} all the "
            f"same is disputed"
        )


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
