"""What makes us look at a resource, and how the handling of a message ends."""

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from remediation.model.findings import Finding, Unknown
from remediation.resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a change and with what, as the event's claims tell it: a hint, never a proof."""

    name: str = ""
    object_id: str = ""
    app_id: str = ""
    client: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """An event, reduced to what we use: which resource may differ now, and who is said to have done it."""

    target: ResourceId
    operation: str
    kind: Literal["write", "delete", "action"]
    status: str
    event_id: str
    event_time: datetime | None
    correlation_id: str = ""
    actor: Actor = field(default_factory=Actor)


EXEMPT = "exempt"
"""How the handling of what is left alone on somebody's word ended, for people."""


class Ending(enum.StrEnum):
    """How the handling of one message ended (what `return` means, design section 2)."""

    COMPLIANT = "compliant"
    REPAIRED = "repaired"
    OPEN = "open"
    UNKNOWN = "unknown"
    GONE = "gone"
    HANDED_ON = "handed-on"
    MERGED = "merged"
    SKIPPED = "skipped"
    EXPANDED = "expanded"
    REFUSED = "refused"
    GAVE_UP = "gave-up"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one message, for the log, the history and the caller of a replay.

    What was handed on waits since `since` (now, unless it has waited before) and `until` then.
    """

    ending: Ending
    target: str = ""
    detail: str = ""
    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    writes: int = 0
    since: datetime | None = None
    until: datetime | None = None

    @property
    def word(self) -> str:
        """How it ended, as people read it: what is nothing but exempt is not called compliant."""
        quiet = self.ending is Ending.COMPLIANT and self.findings
        return EXEMPT if quiet else self.ending.value
