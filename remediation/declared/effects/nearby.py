"""Which resources a machine's ways may depend on: so that a way that changed is laid to those that differ."""

from collections.abc import Iterator

from remediation.declared.forms import texts
from remediation.errors import InvalidResourceId
from remediation.estates.estate import Estate
from remediation.kinds import NIC, SUBNET
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at
from remediation.ways.report import Machine

_OF_SUBNET = ("networkSecurityGroup", "routeTable")


def nearby(machine: Machine, estate: Estate) -> frozenset[str]:
    """Keys of all that is on or beside the ways to a machine: its interfaces, their subnets and groups."""
    found: set[str] = {machine.id.key}
    for way in machine.ways:
        stop = () if way.stopped_by is None else (way.stopped_by.id,)
        for one in (way.entry, *(hop.id for hop in way.through), *stop):
            found.update(_with_parents(one))
    for host in machine.bastions:
        found.add(host.host.key)
    for interface in _interfaces(machine, estate):
        found.add(interface.id.key)
        found.update(_pointed_to(interface, estate))
    return frozenset(found)


def _interfaces(machine: Machine, estate: Estate) -> Iterator[Resource]:
    document = estate.document(machine.id)
    own = (
        []
        if document is None
        else list(ids_at(document.body, "properties.networkProfile.networkInterfaces[].id"))
    )
    targets = (way.target.up_to(NIC) for way in machine.ways if way.target is not None)
    for identity in dict.fromkeys([*own, *(one for one in targets if one is not None)]):
        interface = estate.document(identity)
        if interface is not None:
            yield interface


def _pointed_to(interface: Resource, estate: Estate) -> Iterator[str]:
    """What an interface names, with what its subnets name."""
    for text in texts(dict(interface.body)):
        if not text.startswith("/subscriptions/"):
            continue
        try:
            identity = ResourceId.parse(text)
        except InvalidResourceId:
            continue
        yield from _with_parents(identity)
        subnet = estate.document(identity) if identity.type == SUBNET else None
        if subnet is not None:
            for member in _OF_SUBNET:
                yield from (one.key for one in ids_at(subnet.body, f"properties.{member}.id"))


def _with_parents(identity: ResourceId) -> Iterator[str]:
    at: ResourceId | None = identity
    while at is not None:
        yield at.key
        at = at.parent
