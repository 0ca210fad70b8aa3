"""What is found: a fault with its fix, and what was decided about both.

Facts that people read (ports, sources, attachments) are evidence. What the code itself decides by is a typed
field; `Finding.shown_evidence` puts it beside the facts, under its public key.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from remediation.model.decisions import (
    CLOSES,
    EXEMPT_BY,
    EXEMPT_UNTIL,
    LATENT,
    LEAVES,
    NOT_FIXABLE,
    SEVERITY_BECAUSE,
    VOID_TAG,
    WITNESS,
    Hold,
    NoFix,
    Witness,
    shown_holds,
    shown_moment,
)
from remediation.model.openings import Exemption, Opening
from remediation.model.resources import Json
from remediation.resource_id import ResourceId


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
    held. `traffic` and `tolerances` are lines for people. `leaves` says what stays as it is and why, where
    the writes end a part of the finding only. `consent` says why a person has to agree first, whatever the
    team's threshold; "" where nobody must. `closes` says which ways to machines end with the writes.
    `openings` are what the writes close one by one; () where the finding is closed as a whole.
    """

    title: str
    applicability: Applicability
    writes: tuple[Write, ...] = ()
    inverse: tuple[Write, ...] = ()
    before: Mapping[str, Json | None] = field(default_factory=dict)
    proof: str = ""
    traffic: tuple[str, ...] = ()
    tolerances: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    consent: str = ""
    closes: tuple[str, ...] = ()
    openings: tuple[Opening, ...] = ()

    def opening_of(self, write: Write) -> Opening | None:
        """The opening that a write closes; None for a companion of one, or where none is told apart."""
        names = {opening.rule.lower(): opening for opening in self.openings}
        return names.get(write.id.name.lower())

    def part_of(self, write: Write) -> Opening | None:
        """The opening that a write has to do with: the one it closes, or whose companion it makes."""
        name = write.id.name.lower()
        beside = (one for one in self.openings if name in map(str.lower, one.companions))
        return self.opening_of(write) or next(beside, None)

    def to_json(self) -> dict[str, Any]:
        return {"title": self.title, "writes": [write.to_json() for write in self.writes]}


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule says of its subject: the fault in one sentence, the evidence, perhaps a fix or why not.

    `witness` is a packet that proves it; `latent` says why it does no harm today. `severity` overrides the
    rule's own. `commands` are what a person would type where no fix is offered. With `confirm_after` people
    are told only when a second look, at least so much later, still sees it; one that is `too_early` is no
    fault before that, so that a scan is silent about it too.
    """

    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None
    fix: Fix | NoFix | None = None
    commands: tuple[str, ...] = ()
    subject: ResourceId | None = None
    confirm_after: timedelta | None = None
    too_early: bool = False
    witness: Witness | None = None
    latent: str = ""


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
    """One rule violated by one resource. Its key is (rule, resource): one finding, however often seen.

    `evidence` holds facts, `because` why it is as severe as it is. What was decided: `no_fix` why there is no
    fix, `holds` what keeps a proven one from being written, `exempt` how long nobody minds and by whose word;
    `void_tag` says why the resource's exemption tag counts for nothing.
    """

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
    too_early: bool = False
    witness: Witness | None = None
    latent: str = ""
    no_fix: NoFix | None = None
    holds: tuple[Hold, ...] = ()
    exempt: Exemption | None = None
    void_tag: str = ""
    because: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.rule, self.resource.key

    @property
    def exempt_until(self) -> datetime | None:
        return None if self.exempt is None else self.exempt.until

    @property
    def held_back_by(self) -> tuple[str, ...]:
        """Why a proven write is not applied now; empty when nothing holds it back."""
        return tuple(hold.reason for hold in self.holds)

    @property
    def by_hand(self) -> tuple[str, ...]:
        """What a person would type; nothing where the app repairs it."""
        return () if self.disposition is Disposition.FIX else self.commands

    def shown_evidence(self) -> dict[str, Any]:
        """The facts, and beside them what was decided, as people and programs outside see it."""
        decided = {
            SEVERITY_BECAUSE: self.because,
            WITNESS: self.witness and self.witness.to_json(),
            LATENT: self.latent,
            NOT_FIXABLE: self.no_fix and self.no_fix.text,
            LEAVES: self.fix and list(self.fix.leaves),
            CLOSES: self.fix and list(self.fix.closes),
            EXEMPT_UNTIL: self.exempt and shown_moment(self.exempt.until),
            EXEMPT_BY: self.exempt and self.exempt.to_json(),
            VOID_TAG: self.void_tag,
            **shown_holds(self.holds),
        }
        return {**self.evidence, **{key: value for key, value in decided.items() if value}}

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "resourceId": self.resource.text,
            "severity": self.severity.text,
            "message": self.message,
            "guidance": list(self.guidance),
            "evidence": self.shown_evidence(),
            "disposition": self.disposition.value,
            "fix": self.fix.to_json() if self.fix else None,
            "commands": list(self.by_hand),
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
