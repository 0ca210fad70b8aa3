"""Where ways lead: the ip configurations of machines' network interfaces."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.kinds import SCALE_SET_MACHINE, SUBNET, VNET
from remediation.landing_zone.machines import configurations, machine_of
from remediation.landing_zone.surroundings import readable
from remediation.model import Resource
from remediation.nsg.spaces.addresses import Family
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.lead import Target


def targets_of(nic: Resource) -> Iterator[Target]:
    """The ip configurations of a machine's interface; none of an interface that belongs to no machine."""
    machine = owner_of_nic(nic)
    if machine is None:
        return
    for configuration in configurations(nic):
        subnet = next(ids_at(configuration, "properties.subnet.id"), None)
        subnet = None if subnet is None else subnet.up_to(SUBNET)
        address = next(
            iter(readable(map(str, values_at(configuration, "properties.privateIPAddress")))), None
        )
        yield Target(
            machine=machine,
            nic=nic,
            configuration=configuration,
            id=_id_of(nic, configuration),
            address=address,
            family=family_of(configuration, address),
            subnet=subnet,
            network=None if subnet is None else subnet.up_to(VNET),
        )


def owner_of_nic(nic: Resource) -> ResourceId | None:
    """The machine of an interface: a virtual machine, or the instance of a scale set above its id."""
    return machine_of(nic) or nic.id.up_to(SCALE_SET_MACHINE)


def family_of(configuration: Mapping[str, Any], address: str | None) -> Family:
    """The family of an ip configuration; IPv4 where it does not say, which is ARM's default."""
    version = next(values_at(configuration, "properties.privateIPAddressVersion"), None)
    if version is None and address is not None:
        return "ipv6" if ":" in address else "ipv4"
    return "ipv6" if str(version).lower() == "ipv6" else "ipv4"


def _id_of(nic: Resource, configuration: Mapping[str, Any]) -> ResourceId:
    """The configuration's id; made from its name where a file leaves it out."""
    named = next(ids_at(configuration, "id"), None)
    return named or nic.id.child("ipConfigurations", str(configuration.get("name") or "default"))
