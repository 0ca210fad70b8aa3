"""A check as the doctor tells it, and what the app's own health page says, read for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from remediation.messages import utc
from remediation.plain import plain

type State = Literal["good", "bad", "unknown"]

THROTTLES = "see docs/runbook.md, throttled"
BROKEN = "see docs/runbook.md, baseline-broken"
START = "python -m remediation start"


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


def standing(health: Health) -> Iterator[Check]:
    """What is in force, as a good app tells it: the mode, a stop, a baseline that cannot be used any more."""
    mistakes = list(mistakes_of(health.body)) or [""] * _count(health, "mistakes")
    for mistake in mistakes:
        if mistake.startswith(SETTING):
            continue  # a channel's: it stops that alone
        text = mistake or "the baseline, or a channel's setting, cannot be used; the key tells which"
        yield Check("baseline", "bad", f"{text} (the last good one stays in force)", BROKEN)
    told = health.body.get("inForce")
    in_force = told if isinstance(told, Mapping) else {}
    mode = f"; mode {health.body['mode']}" if "mode" in health.body else ""
    since = f", baseline {in_force['hash']} since {in_force['since']}" if in_force.get("since") else ""
    if not mistakes:
        yield Check("settings", "good", f"settings and baseline are good{mode}{since}")
    stop = in_force.get("stopped")
    if isinstance(stop, Mapping):
        why = f": {stop['reason']}" if stop.get("reason") else ""
        text = f"nothing is repaired: stopped by {stop.get('by')} since {stop.get('since')}{why}"
        yield Check("stop", "bad", text, START)


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
    yield from _changes(health)
    yield from _down(health)
    if health.body.get("ledger") == "silent":
        text = "the app cannot read its ledger"
        yield Check("ledger", "bad", text, "see docs/runbook.md, ledger-damaged-or-gone")


SETTING = "setting "
"""How a mistake begins that is one of a setting."""
CHANNELS = {
    "cards": ("cards are refused: people are not told", "channel-failed"),
    "topic": ("the drift topic takes no announcements: cards are sent directly", "channel-failed"),
    "dead-letters": ("dead letters cannot be read", "channel-failed"),
}


def _down(health: Health) -> Iterator[Check]:
    """Parts that are down, each with why where the key was given; and a ledger that takes no writes."""
    named = health.body.get("down")
    details = health.body.get("details")
    known = details.get("down") if isinstance(details, Mapping) else None
    why = {each.get("channel"): str(each.get("reason")) for each in known or () if isinstance(each, Mapping)}
    for channel in named if isinstance(named, list) else ():
        text, section = CHANNELS.get(
            str(channel), (f"the channel {channel} takes no alerts", "channel-failed")
        )
        said = f"{text}: {why[channel]}" if why.get(channel) else text
        yield Check("channels", "bad", said, f"see docs/runbook.md, {section}")
    if _count(health, "unwrittenSeconds"):
        text = f"the ledger was not written to for {_count(health, 'unwrittenSeconds')} seconds"
        yield Check("ledger", "bad", text, "see docs/runbook.md, unwritable-ledger")


def _changes(health: Health) -> Iterator[Check]:
    """How the reading of activity logs goes, where there is any."""
    unread, missed, late = (_count(health, name) for name in ("unread", "missed", "late"))
    if unread:
        text = f"the activity log of {unread} subscriptions cannot be read: changes there are found late"
        yield Check("changes", "bad", text, "see docs/runbook.md, unread-subscription")
    missing = _count(health, "missingSeconds")
    if missed or missing:
        for text in _missing(health, missed):
            yield Check("changes", "bad", text, "see docs/runbook.md, missed-events")
    if "behindSeconds" in health.body and not (unread or missed or missing):
        text = f"activity logs were read {_count(health, 'behindSeconds')} seconds ago"
        advice = "see docs/runbook.md, late-changes" if late else ""
        yield Check("changes", "bad" if late else "good", text, advice)


def _missing(health: Health, missed: int) -> Iterator[str]:
    """What is told of changes that no event told of: with the key of each subscription, else of all."""
    told = [(since, each) for each in _changes_told(health) if (since := _moment(each.get("missingSince")))]
    seconds = _count(health, "missingSeconds")
    if not told:
        yield _without_events(_count(health, "withoutEvents") > 0, seconds, missed)
        return
    first = min(since for since, _ in told)  # whose the seconds are
    for since, each in told:
        last, lacking = _moment(each.get("lastEvent")), each.get("missed")
        text = _without_events(
            last is None or last < since,
            seconds - round((since - first).total_seconds()),
            lacking if isinstance(lacking, int) else 0,
            "" if last is None else f"; the last is of {last.isoformat()}",
        )
        yield f"subscription {plain(each.get('subscription'))}: {text}"


def _without_events(is_silent: bool, seconds: int, missed: int, last: str = "") -> str:
    hours = f"{seconds / 3600:.1f} hours"
    if is_silent:
        return f"no event for {hours} although the activity log has writes{last}: they are judged from it"
    since = f", for {hours} now" if seconds else ""
    which = f"{missed} changes of the last check" if missed else "some changes"
    return f"no event told of {which}{since}: they were judged from the activity log"


def _moment(told: object) -> datetime | None:
    """A moment as the page tells it; None where it tells none."""
    try:
        return utc(datetime.fromisoformat(str(told)))
    except (ValueError, OverflowError):
        return None


def _changes_told(health: Health) -> Iterator[Mapping[str, Any]]:
    """What the detailed page says of each subscription's log."""
    details = health.body.get("details")
    known = details.get("changes") if isinstance(details, Mapping) else None
    yield from (each for each in known or () if isinstance(each, Mapping))


def _count(health: Health, name: str) -> int:
    value = health.body.get(name)
    return value if isinstance(value, int) else 0


def mistakes_of(body: Mapping[str, Any]) -> Iterator[str]:
    """The mistakes that the detailed page names."""
    listed = body.get("mistakes")
    for each in listed if isinstance(listed, list) else ():
        yield f"{each.get('path')}: {each.get('kind')}" if isinstance(each, Mapping) else str(each)
