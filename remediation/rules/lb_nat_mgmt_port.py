"""Rule lb-nat-mgmt-port."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import LOAD_BALANCER
from remediation.landing_zone import commands
from remediation.landing_zone.balancers import NAT_POOLS, NAT_RULES, RULES, forwarders, is_public
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import detected
from remediation.rule import Doubts, Verdict, rule, values_at, without_properties

# The command of the Azure CLI that takes a forwarder away, by its array in the document.
TAKE_AWAY = {
    NAT_RULES: "az network lb inbound-nat-rule delete",
    NAT_POOLS: "az network lb inbound-nat-pool delete",
    RULES: "az network lb rule delete",
}


@rule(
    "lb-nat-mgmt-port",
    title="Load balancer forwards a management port from the internet",
    applies_to=(LOAD_BALANCER,),
    severity=Severity.HIGH,
    guidance=("C0", "R13"),
    refuses=without_properties,
)
def forwards_management(subject: Resource, _snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A load balancer forwards SSH or RDP from a public address to a machine behind it.

    What it finds: an inbound NAT rule, NAT pool or load-balancing rule with a public frontend whose backend
    port is a management port, whatever the port is in front. Whether an NSG behind it still denies is not
    asked: the way is there.
    Why: it is a public address on the machine by another name, and unusual ports in front hide nothing.
    Fix: none is applied. A person deletes the rule.
    Fix safety: ALERT. Everybody who uses that frontend on that port loses it.
    Unknown: when the frontend a rule names is not in the document, or says neither public nor private; when
    a backend port cannot be read.
    References: C0, R13; load balancer, inbound NAT rules.
    """
    found: list[dict[str, Any]] = []
    doubts = Doubts()
    wanted = set(detected(baseline.management_ports))
    for kind, forwarder in forwarders(subject):
        ports = _backend(forwarder, wanted)
        public = is_public(subject, forwarder)
        name = str(forwarder.get("name"))
        if public is False or ports == []:
            continue
        if public is None or ports is None:
            what = "its backend port" if ports is None else "its frontend"
            doubts.add(f"{name} of {subject.id.name} cannot be judged: {what} cannot be read")
        else:
            found.append({"name": name, "kind": kind, "backend": ports, "frontendPort": _front(forwarder)})
    if found:
        yield _violation(subject, found)
    else:
        yield from doubts


def _backend(forwarder: Mapping[str, Any], wanted: set[tuple[int, str]]) -> list[str] | None:
    """The management ports it leads to, as ``tcp/22``; None when its port cannot be read.

    Port 0 with protocol All is every port.
    """
    protocol = next(values_at(forwarder, "properties.protocol"), None)
    port = _number(next(values_at(forwarder, "properties.backendPort"), None))
    if port is None:
        return None
    spoken = str(protocol or "all").lower()
    return [
        f"{transport}/{number}"
        for number, transport in sorted(wanted)
        if port in {number, 0} and spoken in {transport, "all"}
    ]


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if type(value) is int else None


def _front(forwarder: Mapping[str, Any]) -> str:
    first = next(values_at(forwarder, "properties.frontendPort"), None)
    if first is not None:
        return str(first)
    start = next(values_at(forwarder, "properties.frontendPortRangeStart"), "?")
    return f"{start}-{next(values_at(forwarder, 'properties.frontendPortRangeEnd'), '?')}"


def _violation(balancer: Resource, found: list[dict[str, Any]]) -> Violation:
    ways = ", ".join(f"{one['name']} ({one['frontendPort']} to {', '.join(one['backend'])})" for one in found)
    by_hand = tuple(
        commands.words(
            TAKE_AWAY[one["kind"]],
            "--resource-group", balancer.id.resource_group,
            "--lb-name", balancer.id.name,
            "--name", one["name"],
            "--subscription", balancer.id.subscription,
        )
        for one in found
    )  # fmt: skip
    message = f"{balancer.id.name} forwards management ports from the internet: {ways}"
    blast = "everybody who connects through these frontend ports"
    return Violation(message, {"forwarders": found, "blastRadius": blast}, commands=by_hand)
