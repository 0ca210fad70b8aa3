"""Where the app may put a diagnostic setting back: on named resource groups, not on subscriptions."""

from collections.abc import Collection, Sequence

from remediation.judging.gathering import Reads
from remediation.kinds import BASTION, ROLE_ASSIGNMENT
from remediation.model import Listing, Resource
from remediation.on_call.rights.holders import Roles, permits

MOST_GROUPS = 20
"""Resource groups with Bastion hosts that are asked about, for each subscription."""


def without_log_rights(
    cloud: Reads, subscription: str, principals: Collection[str], actions: Sequence[str]
) -> list[str]:
    """Ids of resource groups with Bastion hosts on which the app does not hold every one of `actions`.

    Raises BastionGuardError where hosts or assignments cannot be listed. A role that cannot be read gives
    nothing.
    """
    hosts = cloud.list(Listing(BASTION, f"/subscriptions/{subscription}"))
    groups = {host.id.text.lower().partition("/providers/")[0]: host.id.resource_group for host in hosts}
    roles = Roles(cloud, subscription)
    named = {
        key: f"/subscriptions/{subscription}/resourceGroups/{name}" for key, name in sorted(groups.items())
    }
    return [
        group
        for key, group in list(named.items())[:MOST_GROUPS]
        if not _holds(cloud, roles, key, principals, actions)
    ]


def _holds(
    cloud: Reads, roles: Roles, group: str, principals: Collection[str], actions: Sequence[str]
) -> bool:
    held = [
        role
        for assignment in cloud.list(Listing(ROLE_ASSIGNMENT, group))
        if str(assignment.properties("principalId")).lower() in principals and _covers(assignment, group)
        if (role := roles.of(assignment)) is not None
    ]
    permissions = [each for role in held for each in role.properties("permissions") or ()]
    return all(permits(permissions, action, "actions", "notActions") for action in actions)


def _covers(assignment: Resource, group: str) -> bool:
    """Whether an assignment stands on a group or above it, and not on something inside."""
    scope = str(assignment.properties("scope") or "").lower().rstrip("/")
    return not scope.startswith("/subscriptions/") or f"{group}/".startswith(f"{scope}/")
