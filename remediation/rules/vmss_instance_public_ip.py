"""Rule vmss-instance-public-ip."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import SCALE_SET
from remediation.landing_zone import commands
from remediation.landing_zone.owners import owner_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Group, Verdict, rule, values_at, without_properties
from remediation.ways.entries.scale_sets import public_configurations

_AT = (
    "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[{}]"
    ".properties.ipConfigurations[{}].properties.publicIPAddressConfiguration"
)


def _gives_any(scale_set: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return any(public_configurations(scale_set))


@rule(
    "vmss-instance-public-ip",
    title="Scale set gives every instance a public IP address",
    applies_to=(SCALE_SET,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Instances stand on the internet by themselves, past Bastion, from when they are "
        "made or updated.",
    },
    guidance=("C0", "R13"),
    closer=(Group(),),
    suspects=_gives_any,
    refuses=without_properties,
)
def instances_have_addresses(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """The model of a scale set gives each of its instances a public IP address of its own.

    What it finds: publicIPAddressConfiguration on an ip configuration of the model. Instances that are made
    later get an address too; those of today keep theirs until they are updated to a model without it.
    Why: people reach machines through Bastion; an address of its own bypasses it and every control in it, and
    a list of public addresses does not show these: they live below the scale set.
    Fix: none is applied; the commands that take the addresses out of the model and bring the instances up to
    it are printed for a person to run. Where a service keeps the scale set (AKS), it is changed through that
    service instead.
    Fix safety: ALERT. It would also cut the instances' own way out and any partner's allow-list.
    Unknown: when the scale set came as a mere reference, without its properties.
    References: C0, R13; networking for virtual machine scale sets, public IPv4 per virtual machine.
    """
    found = list(public_configurations(subject))
    if found:
        yield _violation(subject, found, snapshot)


def _violation(
    scale_set: Resource, found: list[tuple[int, int, Mapping[str, Any]]], snapshot: Snapshot
) -> Violation:
    message = f"{scale_set.id.name} gives every instance a public address of its own"
    evidence = {
        "ipConfigurations": [str(configuration.get("name") or "") for _, _, configuration in found],
        "subnets": sorted({
            str(subnet) for _, _, one in found for subnet in values_at(one, "properties.subnet.id")
        }),
        "instances": scale_set.at("sku", "capacity"),
        "blastRadius": "partners who let these addresses in, and the instances' own way out",
    }  # fmt: skip
    owner = owner_of(scale_set, snapshot)
    if owner is not None:
        return Violation(message, evidence, fix=owner.no_fix)
    paths = [_AT.format(interface, configuration) for interface, configuration, _ in found]
    update = commands.words(
        "az vmss update-instances",
        "--resource-group", scale_set.id.resource_group,
        "--name", scale_set.id.name,
        "--instance-ids", "*",
        "--subscription", scale_set.id.subscription,
    )  # fmt: skip
    by_hand = (commands.remove_properties(scale_set.id, paths), update)
    return Violation(message, evidence, commands=by_hand)
