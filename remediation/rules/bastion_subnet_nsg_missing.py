"""Rule bastion-subnet-nsg-missing."""

from collections.abc import Iterable, Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION, SUBNET, VNET
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.flows import flows, properties_of
from remediation.landing_zone.subnets import has_nsg, is_bastion_subnet, subnets_of, without_subnets
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubt, Verdict, ids_at, rule


def _hosts(network: Resource, _snapshot: Snapshot) -> Iterable[ResourceId]:
    """The Bastion hosts in a bare AzureBastionSubnet."""
    for subnet in subnets_of(network):
        if is_bastion_subnet(subnet) and has_nsg(subnet) is False:
            owners = ids_at(subnet.body, "properties.ipConfigurations[].id")
            yield from (host for owner in owners if (host := owner.up_to(BASTION)) is not None)


@rule(
    "bastion-subnet-nsg-missing",
    title="AzureBastionSubnet without a network security group",
    applies_to=(VNET,),
    about=SUBNET,
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "Bastion's own sign-in still stands before the machines; what is missing is the "
        "line in front of it.",
    },
    guidance=("R8",),
    needs=(Chosen(_hosts),),
    refuses=without_subnets,
)
def bastion_subnet_bare(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """The subnet of Bastion has no network security group.

    What it finds: a subnet named AzureBastionSubnet without an NSG.
    Why: a group holds Bastion to the few flows it needs; without one every host of the network, and of its
    peers, reaches the machines through which everybody's sessions go.
    Fix: none is applied; the commands that make a group with every required rule and attach it are printed.
    Fix safety: ALERT. A missing rule would cut every user of that Bastion off; rules must exist before the
    group is attached. A private-only host or custom ports need other rules than the printed ones.
    Unknown: when the subnet cannot be read.
    References: R8; Working with NSG access and Azure Bastion.
    """
    for subnet in subnets_of(subject):
        if not is_bastion_subnet(subnet):
            continue
        bare = has_nsg(subnet)
        if bare is None:
            yield Doubt(f"{subnet.id.name} of {subject.id.name} came without its properties", subnet.id)
        elif not bare:
            yield _violation(subject, subnet, snapshot)


def _violation(network: Resource, subnet: Resource, snapshot: Snapshot) -> Violation:
    hosts = list(_hosts(network, snapshot))
    private_only = any(_is_private_only(snapshot.get(host)) for host in hosts)
    evidence = {
        "bastionHosts": [host.text for host in hosts],
        "privateOnly": private_only,
        "blastRadius": "every user of this Bastion: a missing rule cuts all of them off",
    }
    return Violation(
        f"AzureBastionSubnet of {network.id.name} has no network security group",
        evidence,
        commands=tuple(_commands(network, subnet, private_only=private_only)),
        subject=subnet.id,
    )


def _is_private_only(host: object) -> bool:
    return isinstance(host, Resource) and host.properties("enablePrivateOnlyBastion") is True


def _commands(network: Resource, subnet: Resource, *, private_only: bool) -> Iterator[str]:
    """In the order in which they must be run: the group, its rules, and only then the subnet."""
    group = network.id.text.rpartition("/providers/")[0]
    kind = "Microsoft.Network/networkSecurityGroups"
    nsg = ResourceId.parse(f"{group}/providers/{kind}/nsg-{network.id.name}-bastion")
    yield commands.create_nsg(nsg, str(network.at("location") or ""))
    for flow in flows(private_only=private_only):
        yield commands.create_rule(nsg, flow.name, properties_of(flow))
    yield commands.attach_nsg(subnet.id, nsg.text)
