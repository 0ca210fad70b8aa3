"""Who holds the roles that this app is given: another guard is told of before it has written anything.

infra/ makes each role of a subscription once, under an id that follows from its name, and every app deployed
from it is added there. So who else holds the one that repairs, and is no person, is another guard, or what is
left of one: one that always comes first or always too late leaves no other sign. A guard with roles of its
own is not seen here. Which of the holders this app is, if any, is not known: it may have been given no right
to write, and then the only other one is not told of, with which it shares no write.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid5

from remediation.errors import BastionGuardError
from remediation.judging.gathering import Reads
from remediation.kinds import ROLE_ASSIGNMENT
from remediation.landing_zone.facts import GUID_NAMESPACE
from remediation.messages import Message
from remediation.model import Listing, Resource
from remediation.ports import Ports
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald
from remediation.telling.second_guard import GUARDS

log = logging.getLogger("bastion_guard.app")

AGAIN = timedelta(minutes=50)
"""A timer of every hour is never early by more than the rest."""
REPAIRS = "Bastion Guard fix"
ROLES = (REPAIRS, "Bastion Guard logs", "Bastion Guard observe")
ANOTHER = "another-app"
"""The name under which it is told; ARM has no such resource."""
TITLE = "Another app may repair the same resources"


@dataclass(frozen=True, slots=True)
class Holding:
    """One assignment of a role of ours; `kind` is User, Group or ServicePrincipal."""

    principal: str
    kind: str
    role: str
    scope: str


def role_ids(subscription: str) -> Mapping[str, str]:
    """The names of our roles in a subscription by the GUIDs that their definitions have."""
    scope = f"/subscriptions/{subscription.lower()}"
    return {str(uuid5(GUID_NAMESPACE, f"{scope}-{name}")): name for name in ROLES}


def holdings(cloud: Reads, subscription: str) -> list[Holding]:
    """Every assignment of one of our roles in a subscription, by role and principal.

    One list of ARM; raises BastionGuardError where it cannot be read.
    """
    names, scope = role_ids(subscription), f"/subscriptions/{subscription}"
    found = [
        _holding(one, names[guid])
        for one in cloud.list(Listing(ROLE_ASSIGNMENT, scope))
        if (guid := str(one.properties("roleDefinitionId")).rpartition("/")[2].lower()) in names
    ]
    return sorted(found, key=lambda one: (one.role, one.principal, one.scope.lower()))


class Hourly:
    """Looks at most about once an hour, however often its timer runs in this process."""

    def __init__(self) -> None:
        self._looked: datetime | None = None

    def look(self, ports: Ports, herald: Herald, subscriptions: Collection[str]) -> None:
        now = ports.clock.now()
        if self._looked is None or now - self._looked >= AGAIN:
            self._looked = now
            tell_entitled(ports.cloud, herald, subscriptions)


def tell_entitled(cloud: Reads, herald: Herald, subscriptions: Collection[str]) -> int:
    """Announce once per subscription that more than one app may repair there, and when that is over.

    Returns in how many it is so. What cannot be read is told of by nobody and leaves what was told.
    """
    count = 0
    for subscription in sorted(subscriptions):
        try:
            apps = _that_repair(holdings(cloud, subscription))
        except BastionGuardError as error:
            log.warning("guards.unread", extra={"subscription": subscription, "reason": str(error)})
            continue
        count += len(apps) > 1
        about = ResourceId.parse(f"/subscriptions/{subscription}/{GUARDS}/{ANOTHER}")
        message = Message(target=about.text)
        records = (
            herald.record_gave_up(about, _why(apps), message, TITLE)
            if len(apps) > 1
            else herald.record_reached(about, message)
        )
        herald.announce(about, records.values())
    return count


def _that_repair(held: Collection[Holding]) -> list[str]:
    apps = {one.principal for one in held if one.role == REPAIRS and one.kind.lower() == "serviceprincipal"}
    return sorted(apps)


def _why(apps: Collection[str]) -> str:
    return (
        f"{len(apps)} apps hold the role {REPAIRS} here: object ids {', '.join(apps)}. A stop, an "
        "exemption or the budget of one does not hold for another: all but one have to go, and where one has "
        "gone already, its role assignment"
    )


def _holding(assignment: Resource, role: str) -> Holding:
    return Holding(
        str(assignment.properties("principalId")).lower(),
        str(assignment.properties("principalType") or "Principal"),
        role,
        str(assignment.properties("scope") or "").rstrip("/"),
    )
