"""The activity log: what the changes of the last 90 days looked like, filtered as the service allows.

Filters are joined by `and`, on eventTimestamp, resourceGroupName, resourceUri, resourceProvider,
correlationId, caller, status and operationName [?]. What came into the log last comes first. By the lab's
settings it is as bad as the real one: items come late, each by a time of its own and so out of order, some
come twice, and the beginning of an operation is an item too.
"""

from __future__ import annotations

import random
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.arm import ids
from lab.arm.clock import timestamp
from lab.arm.errors import ArmError
from lab.arm.persona import TENANT, authorization, claims, guid, persona

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.arm.changes import Change
    from lab.arm.clock import Clock
    from lab.arm.settings import Settings

CLAUSE = re.compile(r"(\w+)\s+(eq|ge|le)\s+(?:'([^']*)'|(\d[^\s']*(?:\s\d\d:\d\d)?))", re.IGNORECASE)
KEPT = 100_000
MEMBERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "resourcegroupname": lambda item: item["resourceGroupName"],
    "resourceuri": lambda item: item["resourceId"],
    "resourceid": lambda item: item["resourceId"],
    "resourceprovider": lambda item: item["resourceProviderName"]["value"],
    "correlationid": lambda item: item["correlationId"],
    "caller": lambda item: item["caller"],
    "status": lambda item: item["status"]["value"],
    "eventchannels": lambda item: item["channels"],
    "operationname": lambda item: item["operationName"]["value"],
}


def _named(value: str) -> dict[str, str]:
    return {"value": value, "localizedValue": value}


def item_of(change: Change) -> dict[str, Any]:
    """One change as the log shows it; keys beyond those the SDK names are unconfirmed [?]."""
    path, who = ids.parse(change.resource_id), persona(change.caller, change.user_agent)
    when = timestamp(change.time)
    event = guid("activity", change.correlation_id, change.operation_name, change.resource_id, when)
    return {
        "authorization": authorization(who, change.resource_id, change.operation_name, path.subscription),
        "caller": who.shown,
        "channels": "Operation",
        "claims": claims(who, path.subscription, int(change.time)),
        "correlationId": change.correlation_id,
        "description": "",
        "eventDataId": event,
        "eventName": _named("EndRequest"),
        "category": _named("Administrative"),
        "httpRequest": {
            "clientRequestId": change.client_request_id,
            "clientIpAddress": "203.0.113.10",
            "method": change.method,
        },
        "id": f"{change.resource_id}/events/{event}/ticks/{int(change.time * 10_000_000)}",
        "level": "Informational" if change.status == "Succeeded" else "Error",
        "resourceGroupName": path.group,
        "resourceProviderName": _named(path.namespace),
        "resourceId": change.resource_id,
        "resourceType": _named(path.type),
        "operationId": change.correlation_id,
        "operationName": _named(change.operation_name),
        "properties": {"statusCode": change.code} if change.code else {},
        "status": _named(change.status),
        "subStatus": _named(""),
        "eventTimestamp": when,
        "submissionTimestamp": when,
        "subscriptionId": path.subscription,
        "tenantId": TENANT,
    }


def beginning_of(item: dict[str, Any]) -> dict[str, Any]:
    """The item that says that the operation of this one was begun."""
    event = guid("begun", item["eventDataId"])
    return item | {
        "eventDataId": event,
        "id": f"{item['resourceId']}/events/{event}/ticks/0",
        "eventName": _named("BeginRequest"),
        "status": _named("Started"),
        "properties": {},
    }


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item and since when it stands in the log."""

    since: float
    change: Change
    begun: bool = False
    made: list[dict[str, Any]] = field(default_factory=list)

    @property
    def item(self) -> dict[str, Any]:
        """Made when it is asked for, and kept: a log is read again and again."""
        if not self.made:
            item = item_of(self.change)
            self.made.append(beginning_of(item) if self.begun else item)
        return self.made[0]


class ActivityLog:
    """`settings` say how late items come (`log_delay`), and which share of them twice (`log_doubled`)."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self._entries: deque[_Entry] = deque(maxlen=KEPT)
        self._random = random.Random(settings.log_seed)

    def note(self, change: Change) -> None:
        delay, now = self._settings.log_delay, self._clock.now()
        since = now + delay * self._random.uniform(0.5, 1.0)
        if self._settings.log_begun:
            self._entries.append(_Entry(since, change, begun=True))
        self._entries.append(_Entry(since, change))
        if self._random.random() < self._settings.log_doubled:
            self._entries.append(_Entry(since + delay * self._random.uniform(0.1, 1.0), change))

    def clear(self) -> None:
        self._entries.clear()

    def after(self, moment: float) -> list[float]:
        """Since when each item stands, or will stand, in the log that came or comes after a moment."""
        return [entry.since for entry in self._entries if entry.since > moment]

    def listed(self, subscription: str, filter_text: str) -> list[dict[str, Any]]:
        """The items of a subscription that meet the filter. Raises ArmError on a bad filter."""
        clauses, now = _clauses(filter_text), self._clock.now()
        prefix = f"/subscriptions/{subscription}".lower()
        there = [entry for entry in reversed(self._entries) if entry.since <= now]
        there.sort(key=lambda entry: -entry.since)
        mine = (each.item for each in there if each.change.resource_id.lower().startswith(prefix))
        return [item for item in mine if all(_meets(item, clause) for clause in clauses)]


def _clauses(text: str) -> list[tuple[str, str, str]]:
    found = [
        (member.lower(), relation.lower(), quoted or bare)
        for member, relation, quoted, bare in CLAUSE.findall(text)
    ]
    rest = re.sub(r"\s+|\band\b", "", CLAUSE.sub("", text), flags=re.IGNORECASE)
    unknown = [member for member, _, _ in found if member not in MEMBERS and member != "eventtimestamp"]
    if rest or unknown:
        problem = f"The filter '{text}' is not supported: only clauses on known members joined by 'and' are."
        raise ArmError(400, "BadRequest", problem, unwrapped=True)
    return found


def _meets(item: dict[str, Any], clause: tuple[str, str, str]) -> bool:
    member, relation, value = clause
    if member == "eventtimestamp":
        moment, wanted = item["eventTimestamp"].rstrip("Z"), _in_utc(value)
        return bool(moment >= wanted) if relation == "ge" else bool(moment[: len(wanted)] <= wanted)
    if member == "eventchannels":
        return MEMBERS[member](item).lower() in [each.strip() for each in value.lower().split(",")]
    return MEMBERS[member](item).lower() == value.lower()


def _in_utc(value: str) -> str:
    """A time as items show theirs, without the Z; as precise as it was asked for.

    Clients write it with and without quotes, and a plus sign may have become a space on its way.
    """
    text = re.sub(r"\s(?=\d\d:\d\d$)", "+", value.strip())
    offset = re.search(r"[+-]\d\d:\d\d$", text)
    if offset is None or offset[0] in {"+00:00", "-00:00"}:
        return text.rstrip("Zz")[: -6 if offset else None]
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as problem:
        raise ArmError(400, "BadRequest", f"'{value}' is no time.", unwrapped=True) from problem
    return moment.isoformat().removesuffix("+00:00")
