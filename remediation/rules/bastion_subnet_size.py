"""Rule bastion-subnet-size."""

from collections.abc import Iterator
from datetime import UTC, datetime

from remediation.baseline import Baseline
from remediation.kinds import SUBNET, VNET
from remediation.landing_zone.bastion.subnet import bastion_subnet, ipv4_prefixes, members_of
from remediation.landing_zone.facts import LONGEST_BASTION_PREFIX, SMALLER_BASTION_SUBNETS_UNTIL
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Doubt, Verdict, rule


@rule(
    "bastion-subnet-size",
    title="Bastion subnet too small",
    applies_to=(VNET,),
    about=SUBNET,
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "A host in it can neither grow nor be deployed again.",
        Severity.LOW: "The subnet was large enough when it was made, and hosts from that time go on working.",
    },
    guidance=("C6", "C11"),
)
def bastion_subnet_size(subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """AzureBastionSubnet is smaller than a Bastion host needs.

    What it finds: none of the subnet's IPv4 ranges is a /26 or larger.
    Severity: medium; low for a /27 whose document shows that it was made before 2021-11-02, when that was
    enough: hosts from that time go on working.
    Why: every scale unit takes an address. A host in a smaller subnet cannot be deployed anew or scaled.
    Fix: none is applied. Make a larger subnet and deploy the host again; a subnet in use cannot grow.
    Fix safety: ALERT. Everybody who uses that host is without it meanwhile.
    Unknown: when the network came without its subnets, or the subnet shows no IPv4 range.
    References: C6, C11; Azure Bastion FAQ; Azure Bastion configuration settings, subnet size.
    """
    subnet = bastion_subnet(subject)
    if subnet is None:
        return
    ranges = ipv4_prefixes(subnet)
    if not ranges:
        yield Doubt(f"subnet {subnet.id.text} shows no IPv4 range", subnet.id)
        return
    widest = min(ranges, key=lambda each: each.prefixlen)
    if widest.prefixlen <= LONGEST_BASTION_PREFIX:
        return
    old_enough = widest.prefixlen == LONGEST_BASTION_PREFIX + 1 and _is_old(subnet)
    evidence = {
        "addressPrefixes": [str(each) for each in ranges],
        "largestNeeded": f"/{LONGEST_BASTION_PREFIX}",
        "inUseBy": list(members_of(subnet)),
        "blastRadius": "everybody who uses the Bastion host in it",
    }
    message = f"{subnet.id.name} of {subject.id.name} is a /{widest.prefixlen}; Bastion needs a /26 or larger"
    severity = Severity.LOW if old_enough else Severity.MEDIUM
    yield Violation(message, evidence, severity, subject=subnet.id)


def _is_old(subnet: Resource) -> bool:
    """Whether the document itself shows a date of creation before the rule changed; most show none."""
    try:
        made = datetime.fromisoformat(str(subnet.at("systemData", "createdAt")))
    except ValueError:
        return False
    return (made if made.tzinfo else made.replace(tzinfo=UTC)) < SMALLER_BASTION_SUBNETS_UNTIL
