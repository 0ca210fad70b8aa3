"""Who keeps a resource: a service that writes it again after everybody, or the team itself.

What a service keeps is never written by us, and no command is printed for it: its owner would undo both. What
is said instead is through what it is changed. Where the resource group was not read its owner is not known:
then nothing is written without a person (a guard of the plan sees to that).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from remediation.errors import InvalidResourceId
from remediation.kinds import LOAD_BALANCER, NSG, VNET
from remediation.landing_zone.facts import CODE_TOOLS, KEEPER_GROUPS, KEEPER_TAGS, KEEPERS
from remediation.model import NoFix, Resource, Snapshot, Unread, Write
from remediation.resource_id import ResourceId
from remediation.rule import group_of, values_at

# Names that AKS and its cloud controller give, by type (lower case).
_AKS_NAMES = {
    NSG: re.compile(r"aks-agentpool-\d{8}-nsg"),
    VNET: re.compile(r"aks-vnet-\d{8}"),
    LOAD_BALANCER: re.compile(r"kubernetes(-internal)?"),
}
_VERBS = {"PUT": "write", "DELETE": "delete"}
_WORDS = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Owner:
    """`why` is what shows that somebody else keeps a resource, `through` where a change has to be made."""

    why: str
    through: str

    @property
    def no_fix(self) -> NoFix:
        return NoFix(self.why, f"Change it through {self.through}; anything else would be undone")


def owner_of(resource: Resource, snapshot: Snapshot) -> Owner | None:
    """Who else keeps a resource, by itself or by its group; None where nothing says that somebody does."""
    return next(_signs(resource, snapshot), None)


def unread_group(resource: Resource, snapshot: Snapshot) -> str | None:
    """Why it is not known who keeps a resource: its group was asked for and could not be read."""
    group = group_of(resource)
    found = None if group is None or group.key not in snapshot.resources else snapshot.get(group)
    return f"who keeps it is not known: {found.reason}" if isinstance(found, Unread) else None


def denied(writes: Iterable[Write], assignments: Iterable[Resource]) -> Owner | None:
    """The deny assignment that forbids one of some writes to everybody but its owner, if any does."""
    wanted = [f"{write.id.type}/{_VERBS[write.method]}" for write in writes]
    for assignment in assignments:
        if any(_denies(permission, action) for permission in _permissions(assignment) for action in wanted):
            name = str(assignment.properties("denyAssignmentName") or assignment.id.name)
            return Owner(f"deny assignment {name} forbids it", "the service that made that assignment")
    return None


def _permissions(assignment: Resource) -> Iterator[Mapping[str, Any]]:
    found = values_at(assignment.body, "properties.permissions[]")
    return (one for one in found if isinstance(one, Mapping))


def _denies(permission: Mapping[str, Any], action: str) -> bool:
    return _names(permission, "actions", action) and not _names(permission, "notActions", action)


def _names(permission: Mapping[str, Any], key: str, action: str) -> bool:
    return any(fnmatchcase(action, str(one).lower()) for one in values_at(permission, f"{key}[]"))


def _signs(resource: Resource, snapshot: Snapshot) -> Iterator[Owner]:
    for keeper in (resource.at("managedBy"), resource.properties("managedBy")):
        if keeper:
            yield Owner(f"it is managed by {keeper}", _through(str(keeper)))
    yield from _by_tags(resource.tags)
    given = _AKS_NAMES.get(resource.id.type)
    if given is not None and given.fullmatch(resource.id.name.lower()):
        yield Owner("its name is one that AKS gives", KEEPERS["microsoft.containerservice/managedclusters"])
    yield from _by_group(resource, snapshot)


def _by_tags(tags: Mapping[str, str]) -> Iterator[Owner]:
    for beginning, through in KEEPER_TAGS.items():
        name = next((name for name in tags if name.startswith(beginning)), None)
        if name is not None:
            yield Owner(f"tag {name} says that a service keeps it", through)
    keeper = tags.get("managedby", "").strip()
    if keeper and not CODE_TOOLS.intersection(_WORDS.findall(keeper.lower())):
        yield Owner(f"tag managedBy says that {keeper} keeps it", _through(keeper))


def _by_group(resource: Resource, snapshot: Snapshot) -> Iterator[Owner]:
    group = group_of(resource)
    if group is None:
        return
    for beginning, through in KEEPER_GROUPS.items():
        if group.name.lower().startswith(beginning):
            yield Owner(f"resource group {group.name} belongs to a managed cluster", through)
    read = snapshot.get(group)
    keeper = read.at("managedBy") if isinstance(read, Resource) else None
    if keeper:
        yield Owner(f"resource group {group.name} is managed by {keeper}", _through(str(keeper)))


def _through(keeper: str) -> str:
    """Where a change is made that a keeper, named by its id or otherwise, does not undo."""
    try:
        identity = ResourceId.parse(keeper)
    except InvalidResourceId:
        return keeper
    known = KEEPERS.get(identity.type)
    return f"{known} ({identity.name})" if known else identity.text
