"""A finding as it is remembered and told: what the ledger, the drift topic and cards have of it.

What was decided about it is among its evidence, as everybody outside sees it; code asks the properties.
"""

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from remediation.model.decisions import (
    EXEMPT_BY,
    EXEMPT_UNTIL,
    GUARDS,
    HELD_BACK_BY,
    HELD_BACK_UNTIL,
    VOID_TAG,
    WITNESS,
    Guard,
    moment_shown,
)

MOVED = "DriftMoved"
"""The change of a finding that is told in other channels from now on, and is otherwise as it was."""


ACKNOWLEDGED = "DriftAcknowledged"
"""The change of a finding that somebody has taken on, and that is otherwise as it was."""


class State(enum.StrEnum):
    OPEN = "open"
    FIXED = "fixed"
    RESOLVED = "resolved"
    EXEMPT = "exempt"
    SUSPECTED = "suspected"


class FixRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fix as it is remembered: `writes` and `inverse` hold {method, id, body}, `before` is by id.

    `closes` says which ways in to machines end with it. Of a repair that is too large to keep, `writes` has
    the step at hand and `rest` a digest of each further one.
    """

    title: str
    writes: list[dict[str, Any]] = []
    inverse: list[dict[str, Any]] = []
    before: dict[str, dict[str, Any] | None] = {}
    proof: str = ""
    traffic: list[str] = []
    tolerances: list[str] = []
    closes: list[str] = []
    rest: list[str] = []


class FindingRecord(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One finding as the ledger keeps it, the drift topic carries it and a card shows it.

    `seq` counts its changes; `announced` is the sequence number the drift topic has accepted. `write_id`
    names the history entry that `undo` takes. Times are UTC. `cut` names what was left out because it did
    not fit; then `substance` is a digest of what it said before.

    `owner` is whose it is by the owner tags, `channels` are where it is told (none: the one webhook of an app
    without channels), `left` where it was told before and is no longer ("": that one webhook). `news` is only
    kept where the last change was that it moved: the number of the change before.

    `acknowledged` says who has taken it on (`by`, `objectId`, `at`), until it changes; `applied_by` who had
    its repair made (`name`, `objectId`), where a person did.
    """

    rule: str
    resource: str
    title: str
    severity: str
    message: str
    guidance: list[str]
    evidence: dict[str, Any]
    disposition: str
    state: State
    seq: int
    opened_at: datetime
    changed_at: datetime
    announced: int = 0
    change: str = "DriftFound"
    actor: dict[str, str] = {}
    operation: str = ""
    event_time: datetime | None = None
    correlation_id: str = ""
    commands: list[str] = []
    fix: FixRecord | None = None
    write_id: str = ""
    note: str = ""
    confirm_at: datetime | None = None
    reminded_at: datetime | None = None
    cut: list[str] = []
    substance: str = ""
    owner: str = ""
    channels: list[str] = []
    left: list[str] = []
    news: int = 0
    acknowledged: dict[str, str] = {}
    applied_by: dict[str, str] = {}

    @property
    def last_news(self) -> int:
        """The number of its last change that was not merely one of where it is told."""
        return self.news if self.change == MOVED else self.seq

    @property
    def name(self) -> str:
        """The name of the finding within its target's record."""
        return name_of(self.rule, self.resource)

    @property
    def witness(self) -> Mapping[str, Any]:
        """The packet that proves it, under its public keys; empty where there is none."""
        packet = self.evidence.get(WITNESS)
        return packet if isinstance(packet, Mapping) else {}

    @property
    def held_back_by(self) -> tuple[str, ...]:
        """Why a proven write was not made."""
        reasons = self.evidence.get(HELD_BACK_BY)
        if isinstance(reasons, str):
            return (reasons,)
        return tuple(map(str, reasons)) if isinstance(reasons, list | tuple) else ()

    @property
    def told_of(self) -> Mapping[str, str]:
        """Who its last change is by: who had it repaired, left alone or took it on, else who made it so."""
        if self.change == ACKNOWLEDGED:
            by = self.acknowledged
            return {key: by[own] for key, own in (("name", "by"), ("objectId", "objectId")) if by.get(own)}
        if self.change == "DriftExempted" and self.exempt_by.get("source") in {"exempt", "undo"}:
            return {"name": str(self.exempt_by.get("by") or "")}
        return self.applied_by if self.change == "DriftFixed" and self.applied_by else self.actor

    def is_held_by(self, guard: Guard) -> bool:
        return guard.value in self.evidence.get(GUARDS, ())

    @property
    def exempt_until(self) -> datetime | None:
        return moment_shown(self.evidence, EXEMPT_UNTIL)

    @property
    def exempt_by(self) -> Mapping[str, Any]:
        """By whose word it is left alone, under its public keys; empty where it is not."""
        shown = self.evidence.get(EXEMPT_BY)
        return shown if isinstance(shown, Mapping) else {}

    @property
    def void_tag(self) -> str:
        """Why the resource's exemption tag counts for nothing; "" where it has none, or one that counts."""
        return str(self.evidence.get(VOID_TAG, ""))

    @property
    def left_alone_until(self) -> datetime | None:
        """When what it is listed or held back under is over: an exemption of ours, or of Azure Policy."""
        keys = {State.EXEMPT: EXEMPT_UNTIL, State.OPEN: HELD_BACK_UNTIL}
        return moment_shown(self.evidence, keys[self.state]) if self.state in keys else None


def name_of(rule: str, resource: str) -> str:
    """The name of a finding within its target's record."""
    return f"{rule} {resource.lower()}"
