"""Rule bastion-subnet-foreign-resources."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.errors import InvalidResourceId
from remediation.kinds import BASTION, SUBNET, VNET
from remediation.landing_zone.bastion.subnet import bastion_subnet, members_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Doubt, Verdict, rule


@rule(
    "bastion-subnet-foreign-resources",
    title="Something else in the Bastion subnet",
    applies_to=(VNET,),
    about=SUBNET,
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "What stands beside Bastion takes addresses that it needs, and gets its open ports.",
    },
    guidance=("C11",),
)
def foreign_resources(subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """Something other than Bastion has an address in AzureBastionSubnet.

    What it finds: an ip configuration in the subnet that is not a Bastion host's.
    Why: the subnet is Bastion's alone. Whatever else stands in it takes the addresses that scaling needs,
    and gets the open ports of Bastion's NSG.
    Fix: none is applied. Move the resource into a subnet of its own.
    Fix safety: ALERT. The moved resource gets another address.
    Unknown: when the network came without its subnets, or an ip configuration has an id that is none.
    References: C11; Azure Bastion FAQ, sharing AzureBastionSubnet.
    """
    subnet = bastion_subnet(subject)
    if subnet is None:
        return
    foreign, unreadable = [], []
    for member in members_of(subnet):
        try:
            if ResourceId.parse(member).up_to(BASTION) is None:
                foreign.append(member)
        except InvalidResourceId as error:
            unreadable.append(str(error))
    if foreign:
        evidence = {"ipConfigurations": foreign, "blastRadius": "the resources that have to move"}
        count = "an address that is" if len(foreign) == 1 else f"{len(foreign)} addresses that are"
        message = f"{subnet.id.name} of {subject.id.name} holds {count} not Bastion's"
        yield Violation(message, evidence, subject=subnet.id)
    elif unreadable:
        yield Doubt(f"an ip configuration of subnet {subnet.id.text} {unreadable[0]}", subnet.id)
