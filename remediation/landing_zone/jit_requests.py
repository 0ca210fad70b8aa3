"""Just-in-time requests: what each grants, and whether it is live.

A policy's body is not trusted: whoever may write it could put any request into it. So a request counts only
while it is what Defender for Cloud grants: for a port that the policy lists, by a policy in the machine's
own resource group, begun, not over, and no longer than the policy allows and than a day. One that does not
say when it began or ends, or whose policy does not say how long it allows, is none that Defender for Cloud
made: were it merely unknown, who wrote it would have silenced the opening behind it. Facts: just-in-time VM
access, policies of API version 2020-01-01 (PT5M to P1D; the portal grants at most 24 hours).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from remediation.model import Resource
from remediation.nsg import SecurityRule
from remediation.nsg.fields import AddressField, read_addresses
from remediation.nsg.spaces.addresses import V4_SPACE
from remediation.nsg.spaces.sets import subtract
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at

GRACE = timedelta(minutes=15)  # after its end a request still covers its rule: taking a rule back takes time
SKEW = timedelta(minutes=5)  # the clocks of who asks and of who grants may differ by so much
LONGEST = timedelta(hours=24)
EVERYBODY = frozenset({"any", "internet"})
_DURATION = re.compile(
    r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})(?:\.\d+)?S)?)?", re.IGNORECASE
)

type Door = tuple[str, int]
"""A machine, by the key of its id, and a port of it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One port of one machine, as one request opened it. `live` is None where that cannot be told."""

    machine: str
    port: int
    sources: AddressField
    live: bool | None

    def admits(self, rule: SecurityRule) -> bool:
        """Whether a rule lets in nobody but whom the request names; one without names says nothing."""
        if self.sources.missing or self._is_anybody:
            return True
        if rule.source.missing or rule.source.groups or rule.source.doubts:
            return False
        tags = {tag.lower() for tag in self.sources.tags}
        named = {tag.lower() for tag in rule.source.tags} <= tags
        return named and not subtract(rule.source.known, self.sources.known)

    @property
    def _is_anybody(self) -> bool:
        """Whether every IPv4 address is named, in one piece or in many."""
        tags = {tag.lower() for tag in self.sources.tags}
        return bool(tags & EVERYBODY) or not subtract(V4_SPACE, self.sources.known)


def grants_of(policy: Resource, moment: datetime | None) -> Iterator[Grant]:
    """What the requests of a policy grant, as it stands at a moment."""
    allowed = dict(_allowed(policy))
    for request in values_at(policy.body, "properties.requests[]"):
        start = _moment(request.get("startTimeUtc")) if isinstance(request, Mapping) else None
        for machine, number, port in _doors(request, "virtualMachines[]"):
            door = machine.key, number
            asked = _Asked(start, _moment(port.get("endTimeUtc")), str(port.get("status") or ""))
            known = door in allowed and _is_at_home(machine, policy)
            yield Grant(*door, _sources(port), asked.is_live(allowed[door], moment) if known else False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """For how long a port was asked for; None where it does not say or cannot be read."""

    start: datetime | None
    end: datetime | None
    status: str

    def is_live(self, allowance: timedelta | None, moment: datetime | None) -> bool | None:
        """Whether the request is live at a moment; None where that is not known.

        `allowance` is how long the policy allows, None where that cannot be read.
        """
        if self.status.lower() == "revoked" or self.start is None or self.end is None or allowance is None:
            return False
        if self.end - self.start > min(allowance, LONGEST) + SKEW:
            return False
        # Differences of moments, never sums: a date at the edge of the calendar has no later one.
        return None if moment is None else self.start - moment <= SKEW and moment - self.end <= GRACE


def _allowed(policy: Resource) -> Iterator[tuple[Door, timedelta | None]]:
    """For how long a policy lets each port be asked for; None where that cannot be read."""
    for machine, number, port in _doors(policy.body, "properties.virtualMachines[]"):
        yield (machine.key, number), _duration(port.get("maxRequestAccessDuration"))


def _doors(document: Any, path: str) -> Iterator[tuple[ResourceId, int, Mapping[str, Any]]]:
    """Each port of each machine below a path, with what is said about it."""
    for machine in values_at(document, path) if isinstance(document, Mapping) else ():
        identity = next(ids_at({"it": machine}, "it.id"), None)
        for port in values_at(machine, "ports[]") if identity is not None else ():
            number = _number(port.get("number")) if isinstance(port, Mapping) else None
            if identity is not None and number is not None:
                yield identity, number, port


def _number(value: Any) -> int | None:
    """A port number; exporters write it as text too."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len("65535"):
        return int(value)
    return value if isinstance(value, int) else None


def _is_at_home(machine: ResourceId, policy: Resource) -> bool:
    """Whether a policy lies in its machine's resource group, as every policy of Defender for Cloud does."""
    here, there = policy.id, machine
    return (here.subscription.lower(), here.resource_group.lower()) == (
        there.subscription.lower(),
        there.resource_group.lower(),
    )


def _sources(port: Mapping[str, Any]) -> AddressField:
    """Who is to be let in: one prefix, several, or both; nothing where it does not say."""
    one, many = port.get("allowedSourceAddressPrefix"), port.get("allowedSourceAddressPrefixes")
    return read_addresses({"sourceAddressPrefix": one, "sourceAddressPrefixes": many}, "source")


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _duration(value: Any) -> timedelta | None:
    """An ISO 8601 duration of days and less, as policies write it."""
    found = _DURATION.fullmatch(str(value).strip())
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
