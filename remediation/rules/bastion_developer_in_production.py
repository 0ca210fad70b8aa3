"""Rule bastion-developer-in-production."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone.bastion.host import network_id, sku_of
from remediation.landing_zone.facts import PRODUCTION
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Doubt, Verdict, rule


@rule(
    "bastion-developer-in-production",
    title="Shared Developer Bastion in production",
    applies_to=(BASTION,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "When production is down, the way in to its machines may be down or taken too.",
    },
    guidance=("C12", "R1"),
    by_environment=True,
)
def developer_in_production(subject: Resource, _snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """Production machines are reached through the shared Developer pool.

    What it finds: a host of SKU Developer whose environment is production.
    Why: Developer is a free pool shared with strangers: one session at a time, no peering, no scaling, no
    promise of being there when production is down and somebody has to get in.
    Fix: none is applied. Deploy a dedicated host: it needs a subnet AzureBastionSubnet (/26 or larger) and a
    Standard static public IP address, which a Developer host has not.
    Fix safety: ALERT. Nothing is touched. Replacing the host ends its sessions.
    Unknown: when the baseline names environments and none is the host's, or its SKU is in no table. Where the
    baseline names no environment at all, the rule says nothing.
    References: C12, R1; Azure Bastion SKU comparison.
    """
    sku = sku_of(subject)
    if sku != "Developer":
        return
    environment = baseline.environment_of(subject)
    if environment is None:
        yield Doubt("its environment is not known: no environments entry matches and there is no default")
        return
    if environment.lower() != PRODUCTION:
        return
    network = network_id(subject)
    evidence = {
        "sku": sku,
        "environment": environment,
        "virtualNetworkId": network.text if network else None,
        "blastRadius": "everybody who reaches the machines of that network through this host",
    }
    message = f"{subject.id.name} serves {environment} from the shared Developer pool"
    yield Violation(message, evidence)
