"""What is decided about a finding, as types; and the public keys under which its evidence shows that.

Code decides by the types alone. The keys stand here and nowhere else: people's queries, cards and the history
read them, so they stay what they are, whatever a function or a guard is called.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SEVERITY_BECAUSE = "severityBecause"
WITNESS = "witness"
LATENT = "latent"
WAYS_IN = "waysIn"
WAYS_UNKNOWN = "waysUnknown"
NOT_FIXABLE = "notFixable"
LEAVES = "leaves"
CLOSES = "closes"
ADMIN_RULES = "adminRules"
HELD_BACK_BY = "heldBackBy"
GUARDS = "guards"
HELD_BACK_UNTIL = "heldBackUntil"
EXEMPT_UNTIL = "exemptUntil"
EXEMPT_BY = "exemptBy"
VOID_TAG = "exemptTag"


class Guard(enum.StrEnum):
    """What can hold a proven write back (design decision 7). The values are stored and public."""

    OBSERVING = "observing"
    BELOW_THRESHOLD = "below_threshold"
    TOO_MANY_ATTACHMENTS = "too_many_attachments"
    IN_SPECIAL_SUBNET = "in_special_subnet"
    LOCKED = "locked"
    EXEMPT_BY_POLICY = "exempt_by_policy"
    OWNED_BY_CODE = "owned_by_code"
    OWNER_UNKNOWN = "owner_unknown"
    OPTED_OUT = "opted_out"
    FLAPPING = "flapping"
    OVER_BUDGET = "over_budget"
    NEEDS_CONSENT = "needs_consent"
    REFUSED_BEFORE = "unsettled"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Hold:
    """A guard holds a write back, for a reason in words for the card; `until` where its end is known."""

    guard: Guard
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoFix:
    """Why no write is offered. `suggestion` is what a person could do."""

    reason: str
    suggestion: str = ""

    @property
    def text(self) -> str:
        return f"{self.reason}. {self.suggestion}".strip(" .") if self.suggestion else self.reason


@dataclass(frozen=True, slots=True)
class Witness:
    """One packet that gets in, the rule of the first NSG on its way that lets it in, and its priority.

    `destination_groups` are ASGs the target has to be in; empty when any target will do.
    """

    source: str
    source_port: int
    destination: str
    port: int
    protocol: str
    allowed_by: str
    priority: int
    destination_groups: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "sourcePort": self.source_port,
            "destination": self.destination,
            "port": self.port,
            "protocol": self.protocol,
            "allowedBy": self.allowed_by,
            "priority": self.priority,
        }


def shown_holds(holds: Iterable[Hold]) -> dict[str, Any]:
    """What holds a write back, as evidence shows it; nothing where nothing does."""
    every = tuple(holds)
    if not every:
        return {}
    ends = [hold.until for hold in every if hold.until is not None]
    return {
        HELD_BACK_BY: [hold.reason for hold in every],
        GUARDS: [hold.guard.value for hold in every],
        **({HELD_BACK_UNTIL: shown_moment(min(ends))} if ends else {}),
    }


def shown_moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def moment_shown(evidence: Mapping[str, Any], key: str) -> datetime | None:
    """A moment as evidence shows it; None where there is none that can be read."""
    try:
        return datetime.fromisoformat(str(evidence.get(key, "")))
    except ValueError:
        return None
