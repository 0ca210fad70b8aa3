"""What ways lead through and came without its other half: unknown, with what is missing and how to get it."""

from collections.abc import Iterable, Iterator

from remediation.kinds import APPLICATION_GATEWAY, AZURE_FIREWALL, LOAD_BALANCER, NIC, SCALE_SET_NIC
from remediation.model import Resource, Unread
from remediation.resource_id import ResourceId
from remediation.ways.balancing import read
from remediation.ways.firewall.doors import doors_of
from remediation.ways.fronts.gateway import without_a_listener
from remediation.ways.landscape import Landscape

type Half = tuple[ResourceId, str]


def halves(documents: Iterable[Resource], around: Landscape) -> Iterator[Half]:
    """The documents of which a part is missing, each with what and how to export it."""
    for one in documents:
        if one.id.type == LOAD_BALANCER:
            yield from _of_balancer(one, around)
        elif one.id.type == AZURE_FIREWALL:
            yield from _of_firewall(one, around)
        elif one.id.type == APPLICATION_GATEWAY:
            yield from _of_gateway(one)


def _of_balancer(document: Resource, around: Landscape) -> Iterator[Half]:
    balancer = read(document)
    if not balancer.understood:
        yield document.id, "it came without its properties: export it (az network lb list)"
    named = {key for pool in balancer.pools.values() for key in pool.configurations}
    named |= {one.configuration for one in balancer.forwarders if one.configuration}
    missing: dict[str, ResourceId] = {}
    for key in sorted(named):
        identity = ResourceId.parse(key)
        nic = identity.up_to(NIC) or identity.up_to(SCALE_SET_NIC)
        if nic is not None and isinstance(around.get(nic), Unread):
            missing[nic.key] = nic
    for nic in missing.values():
        how = "az network nic list" if nic.type == NIC else "az vmss nic list"
        yield document.id, f"interface {nic.name}, to which it leads, was not read: export it ({how})"


def _of_firewall(document: Resource, around: Landscape) -> Iterator[Half]:
    for reason in doors_of(document, around).doubts:
        how = "export firewalls, their policies, rule collection groups and IP groups"
        yield document.id, f"{reason}; {how}"


def _of_gateway(document: Resource) -> Iterator[Half]:
    how = "export it whole (az network application-gateway list)"
    if document.properties() is None:
        yield document.id, f"it came without its properties: {how}"
    for reason in without_a_listener(document):
        yield document.id, f"{reason}: {how}"
