"""The values that flow through the pipeline. All frozen; none knows Azure's SDKs, a clock or a network.

ResourceChange   what an event claims happened (a hint, never evidence)
Resource         one ARM document as ARM returned it
Snapshot         everything read for one judgement, with what could not be read
Finding          one rule, one resource, one reason; carries a witness and perhaps a Fix
Fix              writes that would end the finding, with the proof that they do nothing else
Plan             what to write, what to propose, what only to report
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from remediation.kinds import TERMINAL_STATES
from remediation.resource_id import ResourceId

type Json = Mapping[str, Any]


class Severity(enum.IntEnum):
    """How bad a finding is; ordered, so that a threshold is one comparison."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def text(self) -> str:
        return self.name.lower()


class Applicability(enum.IntEnum):
    """How safely a rule's fix may be applied: ALERT < UNSAFE < SAFE (design decision 3)."""

    ALERT = 0
    UNSAFE = 1
    SAFE = 2

    @property
    def text(self) -> str:
        return self.name.lower()


class Disposition(enum.StrEnum):
    """What happens with a finding: told, offered with a proven write, or repaired."""

    ALERT = "alert"
    PROPOSE = "propose"
    FIX = "fix"


@dataclass(frozen=True, slots=True)
class Resource:
    """One ARM document, kept exactly as ARM returned it, so that unknown properties survive a write."""

    id: ResourceId
    body: Json

    @classmethod
    def of(cls, body: Json) -> "Resource":
        """Wrap a document by its own id; raises InvalidResourceId when it has none."""
        return cls(ResourceId.parse(body.get("id")), body)

    def at(self, *path: str) -> Any:
        """The value at a path of keys, or None where any part of it is missing."""
        return dig(self.body, *path)

    def properties(self, *path: str) -> Any:
        """The value at a path below ``properties``, or None."""
        return dig(self.body, "properties", *path)

    @property
    def etag(self) -> str | None:
        etag = self.body.get("etag")
        return etag if isinstance(etag, str) else None

    @property
    def settled(self) -> bool:
        """Whether ARM is done with it; a type without provisioning states always is."""
        return str(self.properties("provisioningState") or "").lower() in TERMINAL_STATES

    @property
    def tags(self) -> Mapping[str, str]:
        """Tags with lower-cased names (ARM compares names without case); empty when there are none."""
        tags = self.body.get("tags")
        return {str(k).lower(): str(v) for k, v in tags.items()} if isinstance(tags, Mapping) else {}


def dig(value: Any, *path: str) -> Any:
    """Follow keys through nested objects; None where any part is missing or is not an object."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


@dataclass(frozen=True, slots=True)
class Unread:
    """Something a judgement needs and could not be read. What depends on it is unknown, never compliant."""

    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list derived from ARM: the resources of `type` on or under `scope`, a resource or subscription id."""

    type: str
    scope: str

    @property
    def key(self) -> tuple[str, str]:
        return self.type.lower(), self.scope.lower()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that was read for the judgement of one resource, at about one moment.

    `resources` maps id keys to a document, to None (ARM said 404) or to Unread; `lists` does the same for
    derived lists. A rule asks with `get` and `listed`; what was never asked of ARM is Unread as well.
    `moment` is when it was read, for what holds for a time only (a just-in-time request); None is not known.
    """

    subject: Resource
    resources: Mapping[str, Resource | Unread | None] = field(default_factory=dict)
    lists: Mapping[tuple[str, str], Sequence[Resource] | Unread] = field(default_factory=dict)
    moment: datetime | None = None

    def get(self, resource: ResourceId) -> Resource | Unread | None:
        if resource == self.subject.id:
            return self.subject
        return self.resources.get(resource.key, Unread(f"{resource.text} was not read"))

    def listed(self, kind: str, scope: ResourceId | str) -> Sequence[Resource] | Unread:
        text = scope if isinstance(scope, str) else scope.text
        missing = Unread(f"the list of {kind} of {text} was not read")
        return self.lists.get(Listing(kind, text).key, missing)

    def read_ids(self) -> Iterator[str]:
        """Keys of every resource whose change may change this judgement, for the reverse index."""
        yield from self.resources
        for _, scope in self.lists:
            yield scope


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


@dataclass(frozen=True, slots=True)
class Write:
    """One call that changes ARM: PUT with a body or DELETE without, against the version that was read."""

    method: Literal["PUT", "DELETE"]
    id: ResourceId
    body: Json | None = None
    if_match: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"method": self.method, "id": self.id.text, "body": self.body}


@dataclass(frozen=True, slots=True)
class Fix:
    """Writes that end a finding, what takes them back, and what was proven about them.

    `writes` are in order of application, `inverse` in order of undoing. `before` is what the written ids
    held. `traffic` and `tolerances` are lines for people.
    """

    title: str
    applicability: Applicability
    writes: tuple[Write, ...] = ()
    inverse: tuple[Write, ...] = ()
    before: Mapping[str, Json | None] = field(default_factory=dict)
    proof: str = ""
    traffic: tuple[str, ...] = ()
    tolerances: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"title": self.title, "writes": [write.to_json() for write in self.writes]}


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule says of its subject: the fault in one sentence, the evidence, perhaps a fix.

    `severity` overrides the rule's own. `commands` are what a person would type where no fix is offered.
    With `confirm_after` people are told only when a second look, at least so much later, still sees it.
    """

    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None
    fix: Fix | None = None
    commands: tuple[str, ...] = ()
    subject: ResourceId | None = None
    confirm_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A judgement that could not be made, with the reason. Never a pass, never fixed."""

    rule: str
    resource: ResourceId
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "resourceId": self.resource.text, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule violated by one resource. Its key is (rule, resource): one finding, however often seen."""

    rule: str
    resource: ResourceId
    severity: Severity
    title: str
    message: str
    guidance: tuple[str, ...]
    evidence: Mapping[str, Any]
    disposition: Disposition = Disposition.ALERT
    fix: Fix | None = None
    commands: tuple[str, ...] = ()
    confirm_after: timedelta | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.rule, self.resource.key

    @property
    def held_back_by(self) -> tuple[str, ...]:
        """Why a proven write is not applied now; empty when nothing holds it back."""
        return tuple(self.evidence.get("heldBackBy", ()))

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "resourceId": self.resource.text,
            "severity": self.severity.text,
            "message": self.message,
            "guidance": list(self.guidance),
            "evidence": dict(self.evidence),
            "disposition": self.disposition.value,
            "fix": self.fix.to_json() if self.fix else None,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules said of one snapshot."""

    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from a judgement: findings to repair now, findings to offer, findings only to tell."""

    fixes: tuple[Finding, ...] = ()
    proposals: tuple[Finding, ...] = ()
    alerts: tuple[Finding, ...] = ()
    exempt: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.fixes + self.proposals + self.alerts + self.exempt


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
    """The result of one message, for the log, the history and the caller of a replay."""

    ending: Ending
    target: str = ""
    detail: str = ""
    findings: tuple[Finding, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    writes: int = 0
