"""Rule bastion-subnet-route-table."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import SUBNET, VNET
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.subnet import bastion_subnet
from remediation.model import Resource, Severity, Snapshot, Violation, dig
from remediation.rule import Doubt, Verdict, rule


@rule(
    "bastion-subnet-route-table",
    title="Route table on the Bastion subnet",
    applies_to=(VNET,),
    about=SUBNET,
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Bastion's answers and its calls to its control plane go astray, for "
        "everybody who uses it.",
    },
    guidance=("C6",),
)
def bastion_subnet_route_table(
    subject: Resource, _snapshot: Snapshot, _baseline: Baseline
) -> Iterator[Verdict]:
    """AzureBastionSubnet has a route table, which Bastion does not support.

    What it finds: the subnet names a route table. The platform normally refuses this.
    Why: own routes send Bastion's answers to browsers, or its calls to its control plane, somewhere else;
    sessions then fail for reasons nobody can see.
    Fix: none is applied; the command that detaches the table is printed for a person to run.
    Fix safety: ALERT. The routing of that Bastion changes; other subnets of the table keep it.
    Unknown: when the network came without its subnets, or the subnet's route table has no id.
    References: C6; Azure Bastion FAQ, user-defined routes.
    """
    subnet = bastion_subnet(subject)
    table = None if subnet is None else subnet.properties("routeTable")
    if subnet is None or table is None:
        return
    identity = dig(table, "id")
    if not isinstance(identity, str) or not identity:
        yield Doubt(f"the route table of subnet {subnet.id.text} has no id", subnet.id)
        return
    evidence = {"routeTableId": identity, "blastRadius": "the routing of the Bastion host in this subnet"}
    message = f"{subnet.id.name} of {subject.id.name} has route table {identity.rpartition('/')[2]}"
    detach = commands.words(
        "az network vnet subnet update", "--ids", subnet.id.text, "--remove", "routeTable"
    )
    yield Violation(message, evidence, commands=(detach,), subject=subnet.id)
