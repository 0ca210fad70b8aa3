"""A check as the doctor tells it, and what the app's own health page says, read for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

type State = Literal["good", "bad", "unknown"]

THROTTLES = "see docs/runbook.md, throttled"


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. `command` is what to type where something is to be mended."""

    name: str
    state: State
    text: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What the health page answered, and the moment its server says it is."""

    status: int
    body: Mapping[str, Any]
    date: datetime | None = None


def conditions(health: Health) -> Iterator[Check]:
    """What the app's own ledger tells of, where anything: Azure's pressure, records nobody can read."""
    waiting, seconds = _count(health, "waiting"), _count(health, "waitSeconds")
    if waiting:
        text = f"Azure has asked to wait in {waiting} regions, {seconds} seconds yet: changes are judged late"
        lasting = _count(health, "lasting") > 0
        yield Check("pressure", "bad" if lasting else "good", text, THROTTLES if lasting else "")
    unreadable = _count(health, "unreadable")
    if unreadable:
        text = f"{unreadable} records of the ledger cannot be read: what needs them is left out"
        yield Check("records", "bad", text, "see docs/runbook.md, unreadable-records")
    lag = _count(health, "retentionLagDays")
    if lag:
        text = f"records are kept {lag} days longer than RETENTION_DAYS says"
        yield Check("retention", "bad", text, "see docs/runbook.md, forgetting-lags")
    if health.body.get("ledger") == "silent":
        text = "the app cannot read its ledger"
        yield Check("ledger", "bad", text, "see docs/runbook.md, ledger-damaged-or-gone")


def _count(health: Health, name: str) -> int:
    value = health.body.get(name)
    return value if isinstance(value, int) else 0


def mistakes_of(body: Mapping[str, Any]) -> Iterator[str]:
    """The mistakes that the detailed page names."""
    listed = body.get("mistakes")
    for each in listed if isinstance(listed, list) else ():
        yield f"{each.get('path')}: {each.get('kind')}" if isinstance(each, Mapping) else str(each)
