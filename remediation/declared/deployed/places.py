"""Which resource a change speaks of, and with which target its word is held against what is there."""

from dataclasses import dataclass

from remediation.declared.kinds import CHILDREN, KINDS
from remediation.kinds import DIAGNOSTIC_SETTING, HOSTS, SUBNET, VNET
from remediation.resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Place:
    """A resource whose word a change is, and the one child of it that was written, as ``array/name``; ""."""

    resource: ResourceId
    child: str = ""


def place_of(changed: ResourceId) -> Place | None:
    """What a change of a resource speaks of; None for what is not compared.

    A network speaks for its subnets.
    """
    if changed.type in CHILDREN and changed.parent is not None:
        return Place(changed.parent, f"{CHILDREN[changed.type].lower()}/{changed.name.lower()}")
    return Place(changed) if changed.type in KINDS or changed.type == VNET else None


def target_of(resource: ResourceId) -> ResourceId:
    """With which target a resource is looked at: a setting with its host, a subnet with its network.

    A setting of what no rule judges (a vault, a gateway, the subscription) is looked at by itself: its host's
    document is not ours to read.
    """
    if resource.type == DIAGNOSTIC_SETTING:
        host = resource.extended
        return host if host is not None and host.type in HOSTS else resource
    return (resource.parent or resource) if resource.type == SUBNET else resource
