"""Scale sets whose instances were not read: their model says what every instance gets.

An instance that was read is a machine of its own, with its interface and address below the scale set; the
model then tells nothing more. Its NAT pools and pools are asked with the other load balancers.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remediation.kinds import NIC, SCALE_SET, SCALE_SET_NIC, SUBNET, VNET
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.targets import family_of
from remediation.ways.way import Hop, Kind

_KIND: Kind = "scale-set-ip"
_INTERFACES = "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[]"
_PUBLIC = "properties.publicIPAddressConfiguration"


def leads(target: Target, _around: Landscape) -> Iterator[Lead]:
    """The public address that every instance of a model gets on an ip configuration."""
    if target.nic is not None or target.machine.type != SCALE_SET:
        return
    for public in values_at(target.configuration, _PUBLIC):
        version = str(next(values_at(public, "properties.publicIPAddressVersion"), "IPv4")).lower()
        if version == target.family:
            yield Lead(
                kind=_KIND,
                entry=target.machine,
                address=None,
                family=target.family,
                sku=_sku(public),
                through=(Hop("public IP", target.machine, str(public.get("name") or "")),),
            )


def model_targets(scale_set: Resource) -> Iterator[Target]:
    """The ip configurations every instance gets; none of a model that leaves interfaces to its machines."""
    for interface in values_at(scale_set.body, _INTERFACES):
        name = str(interface.get("name") or "default") if isinstance(interface, Mapping) else "default"
        group = next(ids_at(interface, "properties.networkSecurityGroup.id"), None)
        for configuration in values_at(interface, "properties.ipConfigurations[]"):
            if isinstance(configuration, Mapping):
                yield _target(scale_set.id, name, configuration, group)


def unseen_models(scale_sets: Sequence[Resource], around: Landscape) -> Iterator[Target]:
    """The targets of those models of which no instance was read."""
    for scale_set in scale_sets:
        targets = list(model_targets(scale_set))
        if not any(_instances_seen(scale_set.id, target, around) for target in targets):
            yield from targets


def public_configurations(scale_set: Resource) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """Where a model gives public addresses: positions of interface and ip configuration, and the latter."""
    for at, interface in enumerate(values_at(scale_set.body, _INTERFACES)):
        for position, configuration in enumerate(values_at(interface, "properties.ipConfigurations[]")):
            if any(isinstance(one, Mapping) for one in values_at(configuration, _PUBLIC)):
                yield at, position, configuration


def _target(
    scale_set: ResourceId, interface: str, configuration: Mapping[str, Any], group: ResourceId | None
) -> Target:
    subnet = next(ids_at(configuration, "properties.subnet.id"), None)
    subnet = None if subnet is None else subnet.up_to(SUBNET)
    own = scale_set.child("networkInterfaces", interface)
    return Target(
        machine=scale_set,
        nic=None,
        configuration=configuration,
        id=own.child("ipConfigurations", str(configuration.get("name") or "default")),
        address=None,
        family=family_of(configuration, None),
        subnet=subnet,
        network=None if subnet is None else subnet.up_to(VNET),
        group=group,
    )


def _instances_seen(scale_set: ResourceId, target: Target, around: Landscape) -> bool:
    seen = (one for kind in (SCALE_SET_NIC, NIC) for one in around.indexes(kind, target.network, _scale_sets))
    return any(scale_set.key in each for each in seen)


def _scale_sets(nics: Sequence[Resource]) -> frozenset[str]:
    """Keys of the scale sets to whose instances interfaces belong, by their id or by their machine's."""
    found = set()
    for nic in nics:
        above = nic.id.up_to(SCALE_SET)
        of_machine = next(ids_at(nic.body, "properties.virtualMachine.id"), None)
        above = above or (of_machine.up_to(SCALE_SET) if of_machine is not None else None)
        if above is not None:
            found.add(above.key)
    return frozenset(found)


def _sku(public: Mapping[str, Any]) -> str:
    """The SKU a model names; "" where it names none, as the default differs by orchestration mode."""
    name = next(values_at(public, "sku.name"), "")
    return str(name).lower().removesuffix("v2")
