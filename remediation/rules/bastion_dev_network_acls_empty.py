"""Rule bastion-dev-network-acls-empty."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone.bastion.host import sku_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Verdict, rule, values_at

RULES = "properties.networkAcls.ipRules[].addressPrefix"


@rule(
    "bastion-dev-network-acls-empty",
    title="Developer Bastion open to every address",
    applies_to=(BASTION,),
    severity=Severity.LOW,
    because={
        Severity.LOW: "Strangers see the sign-in page; a right on the machine is still asked of them.",
    },
    guidance=("C12",),
)
def developer_without_acls(subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A Developer Bastion takes connections from anywhere.

    What it finds: a host of SKU Developer whose networkAcls name no address range.
    Why: a dedicated host is kept behind an NSG on its subnet. Developer has no subnet; its list of address
    ranges is the only gate in front of the sign-in page.
    Fix: none is applied. Add the ranges your people connect from to networkAcls.ipRules.
    Fix safety: ALERT. Whoever connects from outside those ranges loses access.
    Unknown: when the SKU is in no table.
    References: C12; Azure Bastion, Developer SKU.
    """
    if sku_of(subject) != "Developer" or any(
        isinstance(prefix, str) and prefix for prefix in values_at(subject.body, RULES)
    ):
        return
    evidence = {
        "networkAcls": subject.properties("networkAcls"),
        "blastRadius": "people who connect from outside the ranges that are added",
    }
    yield Violation(f"{subject.id.name} takes connections from any address", evidence)
