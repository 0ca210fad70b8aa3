"""What the identities of an app hold, as its document and role assignments say it."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from remediation.model import Resource, dig


def principals_of(site: Resource) -> frozenset[str]:
    """Object ids of the identities of an app."""
    identities = dig(site.body, "identity", "userAssignedIdentities") or {}
    return frozenset(str(each.get("principalId")).lower() for each in identities.values())


def holds_for(assignment: Resource, scope: str) -> bool:
    """Whether an assignment holds for all of a subscription."""
    named = str(assignment.properties("scope") or "").lower()
    return not named.startswith("/subscriptions/") or named.rstrip("/") == scope.lower()


def actions_of(role: Resource) -> list[str]:
    permissions = role.properties("permissions") or ()
    return [str(action) for each in permissions for action in each.get("actions") or ()]


def permits_any(held: Iterable[str], action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in held)
