"""Rule nsg-mgmt-open-to-azure-cloud."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import NSG
from remediation.landing_zone.facts import is_multi_tenant
from remediation.landing_zone.surroundings import ATTACHED, Surroundings, without_rules
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.nsg import Access, Context, Decider, Direction, Nsg, detected, flow_allowed
from remediation.nsg.matching import matches
from remediation.rule import Doubt, Verdict, rule


@rule(
    "nsg-mgmt-open-to-azure-cloud",
    title="Management port open to other customers of Azure",
    applies_to=(NSG,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Other customers of Azure are let in, by a tag that anybody can send from.",
    },
    guidance=("R14",),
    needs=ATTACHED,
    refuses=without_rules,
)
def open_to_azure_cloud(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A network security group lets a service tag that anybody can send from reach SSH or RDP.

    What it finds: a management port is allowed, by first-match evaluation, from AzureCloud, from one of its
    regions, or from AzureConnectors, from which the workflows of all customers send. Control planes
    (ApiManagement, AzureDatabricks and the like) are the services themselves and not meant.
    Why: such a tag holds the addresses of everybody's machines in Azure; renting one is enough to get in.
    Fix: none is applied. A person narrows the rule to the addresses that are meant.
    Fix safety: ALERT. The tag may have a legitimate use that only its owner knows.
    Unknown: when another rule whose content is not known may decide first; a tag that rules name on other
    ports only is not asked about.
    References: R14; virtual network service tags.
    """
    around = Surroundings.of(subject, snapshot)
    nsg, context = around.parsed, around.known
    open_ports: dict[str, list[str]] = {}
    deciders: dict[Decider, None] = {}
    doubts: list[str] = []
    for port, protocol in detected(baseline.management_ports):
        for tag in _tags(nsg, port, protocol, context):
            by, certain = _lets_in(nsg, tag, port, protocol, context)
            if by:
                open_ports.setdefault(tag, []).append(f"{protocol}/{port}")
                deciders.update(dict.fromkeys(by))
            elif not certain:
                doubts.append(
                    f"whether {tag} reaches {protocol.upper()} {port} depends on rules that cannot be read"
                )
    if open_ports:
        yield _violation(open_ports, deciders)
    else:
        yield from (Doubt(doubt) for doubt in doubts[:1])


def _tags(nsg: Nsg, port: int, protocol: str, context: Context) -> list[str]:
    """The multi-tenant tags that rules of the NSG let in on the port asked about, each as first spelled."""
    found: dict[str, str] = {}
    for match in matches(nsg.custom, Direction.INBOUND, protocol, port, context):
        for tag in match.rule.source.tags if match.rule.access is not Access.DENY else ():
            if is_multi_tenant(tag):
                found.setdefault(tag.lower(), tag)
    return list(found.values())


def _lets_in(
    nsg: Nsg, tag: str, port: int, protocol: str, context: Context
) -> tuple[tuple[Decider, ...], bool]:
    """The rules that let the tag in by naming it, and whether the answer is certain.

    What a wider rule lets in anyway is another finding.
    """
    answer = flow_allowed(nsg, Direction.INBOUND, tag, "*", port, protocol, context)
    naming = tuple(decider for decider in answer.allowed_by if _names(nsg, decider.name, tag))
    return naming, not answer.unknown


def _names(nsg: Nsg, name: str, tag: str) -> bool:
    found = nsg.rule(name)
    return found is not None and tag.lower() in {own.lower() for own in found.source.tags}


def _violation(open_ports: dict[str, list[str]], deciders: dict[Decider, None]) -> Violation:
    rules = [decider.name for decider in deciders]
    tags = ", ".join(open_ports)
    ports = sorted({port for ports in open_ports.values() for port in ports})
    message = f"{', '.join(ports)} can be reached from {tags} through {', '.join(rules)}"
    return Violation(message, {"openFrom": open_ports, "rules": rules})
