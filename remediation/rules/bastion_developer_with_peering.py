"""Rule bastion-developer-with-peering."""

from collections.abc import Iterator
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone.bastion.host import developers_for, hosts_in, in_its_network, network_of, sku_of
from remediation.landing_zone.bastion.network_machines import NICS, machines_in
from remediation.landing_zone.peering import peerings, peers
from remediation.model import Resource, Severity, Snapshot, Unread, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Listed, Verdict, rule

HOSTS = Listed(BASTION, "subscription")


def _is_developer(bastion: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return sku_of(bastion) == "Developer"


@rule(
    "bastion-developer-with-peering",
    title="Developer Bastion cannot reach peered networks",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
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
    sku = sku_of(subject)
    if isinstance(sku, Unread):
        yield Doubt(sku.reason)
        return
    if sku != "Developer":
        return
    network = network_of(subject, snapshot)
    if isinstance(network, Unread):
        yield Doubt(network.reason)
        return
    unreached: dict[str, list[str]] = {}
    doubts: list[str] = []
    for peering in peerings(network):
        if peering.connected and peering.remote is not None and not peering.leads_to_hub:
            _look_at(peering.remote, snapshot, unreached, doubts)
    if unreached:
        yield _violation(subject, network.id, unreached)
    else:
        yield from (Doubt(reason) for reason in dict.fromkeys(doubts))


def _look_at(
    remote: ResourceId, snapshot: Snapshot, unreached: dict[str, list[str]], doubts: list[str]
) -> None:
    """Note the machines of a peered network that has no Bastion, or why that is not known."""
    peer = snapshot.get(remote)
    if not isinstance(peer, Resource):
        doubts.append(peer.reason if peer else f"peered network {remote.text} does not exist")
        return
    hosts = snapshot.listed(BASTION, f"/subscriptions/{remote.subscription}")
    if hosts_in(peer) or (not isinstance(hosts, Unread) and developers_for(peer, hosts)):
        return
    machines = machines_in(peer, snapshot)
    if isinstance(hosts, Unread) and (machines.nics or machines.doubt):
        doubts.append(hosts.reason)
    elif machines.nics:
        unreached[remote.text] = [nic.text for nic in machines.nics]
    elif machines.doubt:
        doubts.append(machines.doubt)


def _violation(bastion: Resource, network: ResourceId, unreached: dict[str, list[str]]) -> Violation:
    evidence: dict[str, Any] = {
        "sku": "Developer",
        "virtualNetworkId": network.text,
        "unreachedNetworks": unreached,
        "blastRadius": "everybody who reaches the machines of its network through this host",
    }
    names = ", ".join(identity.rpartition("/")[2] for identity in unreached)
    return Violation(f"{bastion.id.name} is Developer and cannot reach the machines in {names}", evidence)
