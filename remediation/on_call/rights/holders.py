"""Who may change what the app is made of: role assignments on its resource group, above it and inside it.

Whoever may replace the package, write the ledger, lend the identity or give rights there *is* the app,
whatever else protects it. ARM names principals and roles; who belongs to a group, and who may make himself
a member of a role for an hour, is not in ARM and so not seen here.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from remediation.errors import BastionGuardError
from remediation.judging.gathering import Reads
from remediation.kinds import ROLE_ASSIGNMENT, ROLE_DEFINITION, TOPIC
from remediation.model import Listing, Resource, dig
from remediation.resource_id import ResourceId

MOST_TOLD = 20
"""Holders that are told of, and roles that were not read."""

MOST_ROLES = 50
"""Role definitions that are read; assignments of further roles are counted as not read."""

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
STORAGE = "Microsoft.Storage/storageAccounts"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"

# What makes its holder the app, and in which words. Roles are asked for each of them, wildcards and all.
TAKES_OVER: Mapping[str, tuple[str, ...]] = {
    "give rights": ("Microsoft.Authorization/roleAssignments/write",),
    "change the app": (
        "Microsoft.Web/sites/write",
        "Microsoft.Web/sites/config/write",
        "Microsoft.Web/sites/publish/action",
        "Microsoft.Web/sites/publishxml/action",
        "Microsoft.Web/sites/host/listkeys/action",
    ),
    "lend its identity": (
        f"{IDENTITY}/assign/action",
        f"{IDENTITY}/id/assign/action",  # as built-in roles spell it: userAssignedIdentities/*/assign/action
        f"{IDENTITY}/federatedIdentityCredentials/write",
    ),
    "change its account": (f"{STORAGE}/write", f"{STORAGE}/listKeys/action"),
    "change its vault": ("Microsoft.KeyVault/vaults/write",),
}
TAKES_OVER_DATA: Mapping[str, tuple[str, ...]] = {
    "write its package or baseline": (f"{STORAGE}/blobServices/containers/blobs/write",),
    "write its queues": tuple(
        f"{STORAGE}/queueServices/queues/messages/{verb}" for verb in ("write", "add/action")
    ),
    "write its ledger": tuple(
        f"{STORAGE}/tableServices/tables/entities/{verb}" for verb in ("write", "add/action", "update/action")
    ),
    "write its secrets": ("Microsoft.KeyVault/vaults/secrets/setSecret/action",),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """One role assignment that makes its principal the app; `kind` is User, Group or ServicePrincipal."""

    principal: str
    kind: str
    role: str
    scope: str
    may: tuple[str, ...]
    conditional: bool = False

    def __str__(self) -> str:
        condition = ", on a condition" if self.conditional else ""
        who = f"{self.kind.lower()} {self.principal}, {self.role} on {self.scope}{condition}"
        return f"{who}: may {', '.join(self.may)}"


@dataclass(slots=True)
class Holders:
    """What was found, and the ids of the roles that could not be judged, each with the reason."""

    found: list[Holder] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


def holders(cloud: Reads, group: ResourceId, own: Collection[str]) -> Holders:
    """Everybody but `own` (principals, lower case) who may change what is in a resource group.

    Raises BastionGuardError where the assignments cannot be listed.
    """
    listed = [
        assignment
        for assignment in cloud.list(Listing(ROLE_ASSIGNMENT, group.text))
        if str(assignment.properties("principalId")).lower() not in own
    ]
    roles = Roles(cloud, group.subscription)
    result = Holders(unread=roles.unread)
    for assignment in listed:
        role = roles.of(assignment)
        may = () if role is None else takes_over(role)
        if role is not None and may:
            result.found.append(_holder(assignment, role, may))
    result.found.sort(key=lambda one: (len(one.scope), one.role, one.principal))
    return result


def told(held: Holders) -> list[str]:
    """Who holds such rights and what was not seen, each a line; the wider a scope the earlier. Bounded."""
    lines = [str(one) for one in held.found[:MOST_TOLD]]
    if len(held.found) > MOST_TOLD:
        lines.append(f"and {len(held.found) - MOST_TOLD} more")
    unread = list(held.unread.items())
    lines += [f"what role {role} permits could not be seen: {why}" for role, why in unread[:MOST_TOLD]]
    if len(unread) > MOST_TOLD:
        lines.append(f"and {len(unread) - MOST_TOLD} more roles that could not be seen")
    return lines


def principals_of_topics(cloud: Reads, group: ResourceId) -> frozenset[str]:
    """Identities (lower case) of the app's own topics, which write dead letters."""
    topics = cloud.list(Listing(TOPIC, group.text))
    return frozenset(str(dig(one.body, "identity", "principalId")).lower() for one in topics)


@dataclass(slots=True)
class Roles:
    """Role definitions, each read once and at most `MOST_ROLES`; `unread` says which were not, and why."""

    cloud: Reads
    subscription: str
    unread: dict[str, str] = field(default_factory=dict)
    _known: dict[str, Resource | None] = field(default_factory=dict)

    def of(self, assignment: Resource) -> Resource | None:
        """The definition of an assignment's role, asked for in the subscription wherever it was made."""
        name = str(assignment.properties("roleDefinitionId")).rpartition("/")[2].lower()
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> Resource | None:
        if GUID.fullmatch(name) is None:
            self.unread[name] = "no id of a role"
            return None
        if len(self._known) >= MOST_ROLES:
            self.unread[name] = f"more than {MOST_ROLES} roles"
            return None
        text = f"/subscriptions/{self.subscription}/providers/{ROLE_DEFINITION}/{name}"
        try:
            found = self.cloud.get(ResourceId.parse(text))
        except BastionGuardError as error:
            self.unread[name] = str(error)
            return None
        if found is None:
            self.unread[name] = "not found"
        return found


def takes_over(role: Resource) -> tuple[str, ...]:
    """In plain words, what a role permits that makes its holder the app."""
    permissions = [each for each in role.properties("permissions") or () if isinstance(each, Mapping)]
    return (
        *_words(TAKES_OVER, permissions, "actions", "notActions"),
        *_words(TAKES_OVER_DATA, permissions, "dataActions", "notDataActions"),
    )


def permits(permissions: Iterable[Mapping[str, Any]], action: str, given: str, excepted: str) -> bool:
    """Whether one permission covers an action; what one excepts, another may give."""
    return any(
        _matches(each.get(given), action) and not _matches(each.get(excepted), action) for each in permissions
    )


def _words(
    table: Mapping[str, Sequence[str]], permissions: Sequence[Mapping[str, Any]], given: str, excepted: str
) -> Iterator[str]:
    for word, actions in table.items():
        if any(permits(permissions, action, given, excepted) for action in actions):
            yield word


def _matches(patterns: Any, action: str) -> bool:
    return any(fnmatchcase(action.lower(), str(each).lower()) for each in patterns or ())


def _holder(assignment: Resource, role: Resource, may: tuple[str, ...]) -> Holder:
    return Holder(
        str(assignment.properties("principalId")),
        str(assignment.properties("principalType") or "Principal"),
        str(role.properties("roleName")),
        str(assignment.properties("scope") or "/").rstrip("/") or "the whole tenant",
        may,
        bool(assignment.properties("condition")),
    )
