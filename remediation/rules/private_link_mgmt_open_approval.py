"""Rule private-link-mgmt-open-approval."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import LOAD_BALANCER, PRIVATE_LINK_SERVICE
from remediation.landing_zone import commands
from remediation.landing_zone.owners import owner_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import detected
from remediation.rule import Doubts, Follow, Group, Verdict, ids_at, rule, without_properties
from remediation.ways.balancing import Forwarder, read
from remediation.ways.fronts.private_link import asks_first, destination_of, fronts_of

_FRONTS = "properties.loadBalancerFrontendIpConfigurations[].id"


def _open_to_anybody(service: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return not asks_first(service)


@rule(
    "private-link-mgmt-open-approval",
    title="Private Link service lets any subscription connect to a management port",
    applies_to=(PRIVATE_LINK_SERVICE,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Any customer of Azure can come to a port where people sign in, from a "
        "network of their own.",
    },
    guidance=("C0", "R14"),
    closer=(Follow(_FRONTS, to=LOAD_BALANCER), Group()),
    suspects=_open_to_anybody,
    refuses=without_properties,
)
def approves_anybody(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A Private Link service approves connections of any subscription, and leads to SSH or RDP.

    What it finds: autoApproval names every subscription (*), which can all see the service, and a rule of the
    load balancer that it stands on has a management port behind; a service that leads to an address without a
    load balancer has every port. Whether a group there still denies is not asked.
    Why: any customer of Azure can put an endpoint of the service into a network of their own and try to sign
    in; no public address is needed, and no list of those shows it.
    Fix: none is applied; the command after which each connection has to be approved is printed for a person
    to run. Connections that were approved stay.
    Fix safety: ALERT. Customers who connect anew wait for somebody's consent.
    Unknown: when the load balancer, or the ports of a rule, cannot be read.
    References: C0, R14; Private Link service, visibility and auto-approval.
    """
    if asks_first(subject):
        return
    doubts = Doubts()
    found = list(_ways(subject, snapshot, set(detected(baseline.management_ports)), doubts))
    if found:
        yield _violation(subject, found, snapshot)
    else:
        yield from doubts


def _ways(
    service: Resource, snapshot: Snapshot, wanted: set[tuple[int, str]], doubts: Doubts
) -> Iterator[dict[str, Any]]:
    """The rules that lead from the fronts of a service to a management port."""
    address = destination_of(service)
    if address:
        yield {
            "name": address,
            "frontPort": "any",
            "backend": [f"{name}/{port}" for port, name in sorted(wanted)],
        }
    fronts = fronts_of(service)
    balancers = dict.fromkeys(one.up_to(LOAD_BALANCER) for one in ids_at(service.body, _FRONTS))
    for identity in balancers:
        balancer = None if identity is None else doubts.ask(snapshot.existing, identity, "load balancer")
        for forwarder in read(balancer).forwarders if balancer is not None else ():
            if forwarder.frontend in fronts:
                yield from _way(forwarder, wanted, doubts)


def _way(forwarder: Forwarder, wanted: set[tuple[int, str]], doubts: Doubts) -> Iterator[dict[str, Any]]:
    name, translation = forwarder.id.name, forwarder.translation
    if translation is None:
        doubts.add(f"the ports of {name} cannot be read")
        return
    led = [(port, protocol) for port, protocol in sorted(wanted) if translation.front_of(port, protocol)]
    if led:
        front = "any" if translation.front is None else translation.front
        yield {"name": name, "frontPort": front, "backend": [f"{protocol}/{port}" for port, protocol in led]}


def _violation(service: Resource, found: Sequence[dict[str, Any]], snapshot: Snapshot) -> Violation:
    ways = ", ".join(f"{one['name']} ({one['frontPort']} to {', '.join(one['backend'])})" for one in found)
    message = f"{service.id.name} lets any subscription connect to management ports: {ways}"
    evidence = {
        "rules": list(found),
        "alias": service.properties("alias"),
        "blastRadius": "customers who connect to the service for the first time",
    }
    owner = owner_of(service, snapshot)
    if owner is not None:
        return Violation(message, evidence, fix=owner.no_fix)
    by_hand = commands.set_property(service.id, "properties.autoApproval.subscriptions", "[]")
    return Violation(message, evidence, commands=(by_hand,))
