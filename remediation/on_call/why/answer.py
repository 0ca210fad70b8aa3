"""The answer to "why did it (not) close my port", as values for a table and for JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from remediation.messages import utc
from remediation.model.decisions import shown_moment
from remediation.on_call.history import Line

type Kind = Literal[
    "mode", "guard", "flap", "budget", "lock", "exemption", "no-fix", "left", "refused", "wait", "claim",
    "operation", "begun", "unknown", "trouble", "not-judged", "not-watched", "not-seen", "others",
    "changed", "unreadable", "ended",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps something open, or keeps us from telling.

    `until` is its end where time alone ends it, `then` says how it ends otherwise; `todo` is what a person
    can type.
    """

    kind: Kind
    text: str
    rule: str = ""
    until: datetime | None = None
    then: str = ""
    todo: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "rule": self.rule or None,
            "until": None if self.until is None else shown_moment(utc(self.until)),
            "then": self.then or None,
            "todo": self.todo or None,
        }


@dataclass(frozen=True, slots=True)
class Port:
    """One port of a group of rules: the verdict about the internet, and whether any rule asks about it."""

    port: int
    verdict: Literal["open", "closed", "unknown"]
    text: str
    is_judged: bool

    def to_json(self) -> dict[str, Any]:
        return {"port": self.port, "verdict": self.verdict, "text": self.text, "judged": self.is_judged}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is found now: the rule, how bad, what it says, and what would happen with it."""

    rule: str
    severity: str
    message: str
    disposition: str
    open_since: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        since = None if self.open_since is None else shown_moment(utc(self.open_since))
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "disposition": self.disposition,
            "openSince": since,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything about one resource.

    `outcome` is what a look made now would come to: repair, refused (a repair that Azure has refused),
    propose, alert, exempt, unknown, compliant, gone, trouble, not-watched or not-judged.
    """

    resource: str
    at: datetime
    outcome: str
    summary: str
    findings: Sequence[Finding] = ()
    reasons: Sequence[Reason] = ()
    ports: Sequence[Port] = ()
    looks: Sequence[Line] = ()
    writes: Sequence[Line] = ()
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "resource": self.resource,
            "at": shown_moment(utc(self.at)),
            "outcome": self.outcome,
            "summary": self.summary,
            "findings": [each.to_json() for each in self.findings],
            "reasons": [each.to_json() for each in self.reasons],
            "ports": [each.to_json() for each in self.ports],
            "looks": [line.to_json() for line in self.looks],
            "writes": [line.to_json() for line in self.writes],
            "note": self.note or None,
        }
