"""Which resource a change speaks of, and with which target its word is held against what is there."""

from dataclasses import dataclass

from remediation.declared.kinds import CHILDREN, KINDS
from remediation.kinds import DIAGNOSTIC_SETTING, NIC, SUBNET, VNET
from remediation.resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Place:
    """A resource whose word a change is, and the one child of it that was written, as ``array/name``; ""."""

    resource: ResourceId
    child: str = ""


def place_of(changed: ResourceId) -> Place | None:
    """What a change of a resource speaks of; None for what is not compared while the app runs.

    A network speaks for its subnets. Interfaces are no targets of a look, and are compared with files alone.
    """
    if changed.type in CHILDREN and changed.parent is not None:
        return Place(changed.parent, f"{CHILDREN[changed.type].lower()}/{changed.name.lower()}")
    is_compared = changed.type in KINDS or changed.type == VNET
    return Place(changed) if is_compared and changed.type != NIC else None


def target_of(resource: ResourceId) -> ResourceId:
    """With which target a resource is looked at: a setting with its resource, a subnet with its network."""
    if resource.type == DIAGNOSTIC_SETTING:
        return resource.extended or resource
    return (resource.parent or resource) if resource.type == SUBNET else resource
