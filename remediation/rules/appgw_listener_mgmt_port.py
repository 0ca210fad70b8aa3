"""Rule appgw-listener-mgmt-port."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.baseline import Baseline
from remediation.kinds import APPLICATION_GATEWAY, NSG, SUBNET
from remediation.landing_zone import commands
from remediation.landing_zone.owners import owner_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import detected
from remediation.nsg.spaces.sets import Ranges, union
from remediation.rule import Doubts, Follow, Group, Verdict, rule, without_properties
from remediation.ways.fronts.gateway import Listener, listeners, without_a_listener
from remediation.ways.fronts.listening import let_in
from remediation.ways.grading import severity_of
from remediation.ways.landscape import Landscape


@rule(
    "appgw-listener-mgmt-port",
    title="Application gateway passes a public port on to a management port",
    applies_to=(APPLICATION_GATEWAY,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Strangers are passed on to a port where people sign in, or nothing is "
        "proven to stop them.",
        Severity.MEDIUM: "The group in front of the gateway lets in nobody, or only a few named addresses.",
    },
    guidance=("C0", "R13"),
    needs=(
        Follow(
            "properties.gatewayIPConfigurations[].properties.subnet.id",
            to=SUBNET,
            then=(Follow("properties.networkSecurityGroup.id", to=NSG),),
        ),
        Follow("properties.frontendIPConfigurations[].properties.publicIPAddress.id"),
        Group(),
    ),
    refuses=without_properties,
)
def passes_management_on(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A layer-4 listener of an application gateway leads from a public address to SSH or RDP.

    What it finds: a listener of protocol Tcp or Tls with a public front, whose rule has backend settings with
    a management port, whatever the port is in front. Listeners of HTTP and HTTPS never match. It is silent
    where the group of the gateway's subnet lets in approved sources alone.
    Severity: high; a few named addresses (an office) in that group make it medium, and so does a group that
    lets in nobody.
    Why: it is a public address on the machines of the pool by another name. They see the gateway's own
    address, which default rule 65000 admits.
    Fix: none is applied; the commands that take the rule and the listener away are printed for a person to
    run. Where a service keeps the gateway, it is changed through that service.
    Fix safety: ALERT. Everybody who uses that front on that port loses it.
    Unknown: when the front, a port or the protocol of a listener, or the listener of a rule is not in the
    document.
    References: C0, R13; Application Gateway, TCP/TLS proxy overview.
    """
    found: list[_Open] = []
    doubts = Doubts()
    around = Landscape(snapshot)
    wanted = {port for port, protocol in detected(baseline.management_ports) if protocol == "tcp"}
    for listener in listeners(subject):
        if listener.back is not None and listener.back not in wanted:
            continue
        if listener.doubt and (not listener.public or listener.back is None or listener.port is None):
            doubts.add(listener.doubt)
            continue
        one = _judged(subject, listener, around, baseline)
        if one is not None:
            found.append(one)
    for reason in without_a_listener(subject):
        doubts.add(reason)
    if found:
        yield _violation(subject, found, snapshot)
    else:
        yield from doubts


@dataclass(frozen=True, slots=True)
class _Open:
    listener: Listener
    severity: Severity
    latent: str


def _judged(subject: Resource, listener: Listener, around: Landscape, baseline: Baseline) -> _Open | None:
    """How bad a listener is; None where the group before it lets in approved sources alone."""
    passed = [let_in(subject, listener, around.get(one), around) for one in listener.public]
    sources: Ranges = union(*(one.sources for one in passed))
    severity = severity_of(sources, baseline)
    if severity is not None:
        return _Open(listener, severity, "")
    if sources:
        return None
    unread = any(one.unread for one in passed)
    why = "" if unread else next(one.why for one in passed)
    return _Open(listener, Severity.HIGH if unread else Severity.MEDIUM, why)


def _violation(subject: Resource, found: Sequence[_Open], snapshot: Snapshot) -> Violation:
    ways = ", ".join(f"{one.listener.name} ({one.listener.port} to {one.listener.back})" for one in found)
    evidence = {
        "listeners": [
            {
                "name": one.listener.name,
                "rule": one.listener.rule,
                "frontPort": one.listener.port,
                "backendPort": one.listener.back,
            }
            for one in found
        ],
        "blastRadius": "everybody who connects through these ports of the gateway",
    }
    message = f"{subject.id.name} passes public ports on to management ports: {ways}"
    severity = max(one.severity for one in found)
    latent = found[0].latent if all(one.latent for one in found) else ""
    owner = owner_of(subject, snapshot)
    if owner is not None:
        return Violation(message, evidence, severity, owner.no_fix, latent=latent)
    by_hand = tuple(line for one in found for line in _commands(subject, one.listener))
    return Violation(message, evidence, severity, commands=by_hand, latent=latent)


def _commands(gateway: Resource, listener: Listener) -> Iterator[str]:
    """The rule goes first: Azure keeps a listener that a rule refers to."""
    for what, name in (("routing-rule", listener.rule), ("listener", listener.name)):
        yield commands.words(
            f"az network application-gateway {what} delete",
            "--resource-group", gateway.id.resource_group,
            "--gateway-name", gateway.id.name,
            "--name", name,
            "--subscription", gateway.id.subscription,
        )  # fmt: skip
