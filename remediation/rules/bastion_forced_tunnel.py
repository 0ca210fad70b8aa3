"""Rule bastion-forced-tunnel."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION, VIRTUAL_NETWORK_GATEWAY
from remediation.landing_zone.bastion.host import in_its_network, is_developer, network_of
from remediation.landing_zone.joining.peering import peerings, peers
from remediation.landing_zone.joining.virtual_wan import (
    ROUTING,
    attachments,
    secures_internet,
    static_default_route,
)
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubts, Follow, Verdict, ids_at, rule

MEMBERS = "properties.subnets[].properties.ipConfigurations[].id"
GATEWAYS = Follow(MEMBERS, to=VIRTUAL_NETWORK_GATEWAY)

type Evidence = tuple[str, str]
"""What forces the tunnel, in words, and the id of the resource that does."""


@rule(
    "bastion-forced-tunnel",
    title="Forced tunnelling reaches Bastion's network",
    applies_to=(BASTION,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Nobody reaches a machine over this Bastion while it lasts.",
    },
    guidance=("C6", "C10"),
    needs=(*in_its_network(GATEWAYS, peers(GATEWAYS)), *ROUTING),
)
def forced_tunnel(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A default route over a gateway or hub reaches the network of a Bastion host.

    What it finds: a virtual network gateway with a default site, in the host's network or in a peered one
    whose gateways it uses; or a static default route in the route table of a Virtual WAN hub that the
    network's connection learns. A secured hub is left to rule bastion-vwan-default-route, so that one fault
    is told once. Default routes that a gateway learns by BGP are not in ARM and not seen; Developer hosts
    stand outside their network.
    Why: Bastion must answer browsers and its control plane directly. Forced into a tunnel, it stops working.
    Fix: none is applied. Keep the route away from AzureBastionSubnet: remove the default site or the static
    route, or turn route propagation off.
    Fix safety: ALERT. The way out of everything behind that gateway or hub changes.
    Unknown: when the host's network, a gateway that serves it, hubs or a route table it learns from cannot
    be read.
    References: C6, C10; Azure Bastion FAQ, forced tunnelling; VPN Gateway, default site.
    """
    if is_developer(subject):
        return
    network = network_of(subject, snapshot)
    doubts = Doubts()
    evidence = [*_by_gateway(network, snapshot, doubts), *_by_hub(network.id, snapshot, doubts)]
    if evidence:
        yield _violation(subject, evidence)
    else:
        yield from doubts


def _by_gateway(network: Resource, snapshot: Snapshot, doubts: Doubts) -> Iterator[Evidence]:
    """Default sites of the gateways in the network itself, and of those it uses across a peering."""
    yield from _default_sites(network, snapshot, doubts)
    for peering in peerings(network):
        if not (peering.uses_remote_gateways and peering.connected):  # else no route comes across it
            continue
        if peering.leads_to_hub or peering.remote is None:
            continue
        with doubts.noted():
            peer = snapshot.existing(peering.remote, "peered network")
            yield from _default_sites(peer, snapshot, doubts)


def _default_sites(network: Resource, snapshot: Snapshot, doubts: Doubts) -> Iterator[Evidence]:
    owners = (member.up_to(VIRTUAL_NETWORK_GATEWAY) for member in ids_at(network.body, MEMBERS))
    for identity in dict.fromkeys(owner for owner in owners if owner is not None):
        with doubts.noted():
            gateway = snapshot.existing(identity, "gateway")
            if any(ids_at(gateway.body, "properties.gatewayDefaultSite.id")):
                yield f"the default site of gateway {identity.name}", identity.text


def _by_hub(network: ResourceId, snapshot: Snapshot, doubts: Doubts) -> Iterator[Evidence]:
    for each in doubts.ask(attachments, network, snapshot) or ():
        open_questions = Doubts()
        learns = open_questions.ask(each.takes_default_route)
        secured = open_questions.ask(secures_internet, each, snapshot)
        table = open_questions.ask(static_default_route, each, snapshot)
        if learns is False or secured or table == "":
            continue  # certainly not, whatever is open beside it
        doubts.extend(open_questions)
        if not open_questions:
            yield f"a static default route of hub {each.hub_id.name}", str(table)


def _violation(bastion: Resource, found: list[Evidence]) -> Violation:
    evidence = {
        "defaultRoutes": [{"by": words, "resourceId": identity} for words, identity in found],
        "blastRadius": "the way out of everything behind the same gateway or hub",
    }
    message = f"{bastion.id.name} stands where {' and '.join(words for words, _ in found)} takes all traffic"
    return Violation(message, evidence)
