"""Whether a principal may read resources, as far as role assignments tell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remediation.landing_zone.facts import READING_ROLES
from remediation.model import Resource
from remediation.resource_id import ResourceId

_MANAGEMENT_GROUPS = "/providers/microsoft.management/"


@dataclass(frozen=True, slots=True)
class Access:
    """`missing`: certainly no role that reads; `unclear`: only roles whose content we do not know."""

    missing: tuple[ResourceId, ...]
    unclear: tuple[ResourceId, ...]


def access_of(principal: str, resources: Iterable[ResourceId], assignments: Sequence[Resource]) -> Access:
    """What a principal (an Entra object id) lacks on resources, by the assignments of their subscription."""
    own = [one for one in assignments if _text(one, "principalId").lower() == principal.lower()]
    missing: list[ResourceId] = []
    unclear: list[ResourceId] = []
    for resource in dict.fromkeys(resources):
        roles = set(_roles(own, resource))
        if roles & READING_ROLES.keys():
            continue
        (unclear if roles else missing).append(resource)
    return Access(tuple(missing), tuple(unclear))


def _roles(assignments: Iterable[Resource], resource: ResourceId) -> Iterator[str]:
    """The GUIDs of the roles that hold on a resource, inherited ones included."""
    for one in assignments:
        if _holds(_scope(one), resource):
            yield _text(one, "roleDefinitionId").lower().rpartition("/")[2]


def _scope(assignment: Resource) -> str:
    """The scope an assignment names, else the one its id stands on."""
    named = (
        _text(assignment, "scope") or assignment.id.key.partition("/providers/microsoft.authorization/")[0]
    )
    return named.lower().rstrip("/")


def _holds(scope: str, resource: ResourceId) -> bool:
    """Management groups and the root are above everything that their subscription's list shows them for."""
    return scope == "" or scope.startswith(_MANAGEMENT_GROUPS) or f"{resource.key}/".startswith(f"{scope}/")


def _text(assignment: Resource, name: str) -> str:
    return str(assignment.properties(name) or "")
