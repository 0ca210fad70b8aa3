"""What keeps a healthy app from doing its work in time or in full, as its ledger knows it.

Anybody may ask for health, so the ledger is asked at most once a minute, and anybody sees counts alone; which
regions and records they are is for `details`.
"""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from remediation.errors import BastionGuardError, UnreadableError
from remediation.intake.fetching.progress import Fetched, Progress
from remediation.ledger.diary import Diary, Entry
from remediation.ledger.pressure import Pressure, Spell
from remediation.ledger.retention import forgotten
from remediation.ledger.unreadable import Named, named
from remediation.ports import Backlog, Gauge, Ledger
from remediation.telling.heartbeat import silence
from remediation.telling.parts_down import Trouble
from remediation.telling.pressure_news import lasts

if TYPE_CHECKING:
    from remediation.app.assembly import Foundation

FRESH_FOR = timedelta(minutes=1)
CHANNEL = "channel-failed"
"""The page of the runbook about whatever tells people."""
LAGS = timedelta(days=1)
"""What should have been forgotten for longer makes the app degraded: people were promised otherwise."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What stood in the ledger at one moment. `silent` is why it could not be asked; "" when it could."""

    at: datetime
    spells: tuple[Spell, ...] = ()
    unreadable: tuple[Named, ...] = ()
    lag: timedelta = timedelta(0)
    silent: str = ""
    progress: tuple[Progress, ...] = ()
    down: tuple[Trouble, ...] = ()
    unwritten: timedelta = timedelta(0)

    @property
    def good(self) -> bool:
        troubled = any(
            each.trouble or each.missed or each.missing or each.is_late(self.at) for each in self.progress
        )
        late = self.lag >= LAGS or any(map(lasts, self.spells))
        return not (self.silent or self.unreadable or late or troubled or self.down or self.unwritten)

    def counts(self) -> Mapping[str, Any]:
        """For anybody: in how many regions Azure asks to wait, how long yet; records that cannot be read."""
        longest = max((spell.wait(self.at) for spell in self.spells), default=0.0)
        lasting = sum(map(lasts, self.spells))
        told: dict[str, Any] = {
            "waiting": len(self.spells),
            "lasting": lasting,
            "waitSeconds": round(longest),
            "unreadable": len(self.unreadable),
            "retentionLagDays": self.lag.days,
        }
        told |= self._of_changes()
        if self.down:
            told["down"] = sorted(each.part for each in self.down)
        if self.unwritten:
            told["unwrittenSeconds"] = round(self.unwritten.total_seconds())
        return {**told, "ledger": "silent"} if self.silent else told

    def _of_changes(self) -> Mapping[str, Any]:
        """How far behind reading the activity log is, where it was ever read; what is wrong, where it is."""
        if not self.progress:
            return {}
        told: dict[str, Any] = {
            "behindSeconds": max(round(each.behind(self.at).total_seconds()) for each in self.progress)
        }
        wrong = {
            "missed": sum(each.missed for each in self.progress),
            "unread": sum(bool(each.trouble) for each in self.progress),
            "late": sum(each.is_late(self.at) for each in self.progress),
            "withoutEvents": sum(each.is_silent for each in self.progress),
            "missingSeconds": max(round(each.missing_for(self.at).total_seconds()) for each in self.progress),
        }
        return told | {name: count for name, count in wrong.items() if count}

    def details(self) -> Mapping[str, Any]:
        """For who has the key: each spell of pressure, and each record that cannot be read."""
        waiting = [
            {
                "subscription": spell.subscription,
                "region": spell.region,
                "since": spell.since.isoformat(),
                "until": spell.until.isoformat(),
                "lasts": lasts(spell),
            }
            for spell in self.spells
        ]
        unreadable = [asdict(record) for record in self.unreadable]
        changes = [_progress_json(each, self.at) for each in self.progress]
        told = {"waiting": waiting, "unreadable": unreadable, "ledger": self.silent or "answers"}
        return {**told, "changes": changes, "down": [_trouble_json(each) for each in self.down]}


def _trouble_json(trouble: Trouble) -> Mapping[str, Any]:
    return {
        "channel": trouble.part,
        "since": trouble.since.isoformat(),
        "code": trouble.code,
        "reason": trouble.reason,
        "page": CHANNEL,
    }


def _progress_json(progress: Progress, now: datetime) -> Mapping[str, Any]:
    return {
        "subscription": progress.subscription,
        "from": "activityLog" if progress.fetches else "eventGrid",
        "through": None if progress.through is None else progress.through.isoformat(),
        "behindSeconds": round(progress.behind(now).total_seconds()),
        "missed": progress.missed,
        "missingSince": None if progress.missing is None else progress.missing.isoformat(),
        "lastEvent": None if progress.last_event is None else progress.last_event.isoformat(),
        "trouble": progress.trouble,
        "page": _page(progress, now),
    }


def _page(progress: Progress, now: datetime) -> str:
    """Where to read on about a subscription's log, in the runbook; "" while nothing is wrong with it."""
    if progress.trouble:
        return "unread-subscription"
    if progress.missing or progress.missed:
        return "missed-events"
    return "late-changes" if progress.is_late(now) else ""


def _lag(ledger: Ledger, now: datetime) -> timedelta:
    """By how much forgetting lags; a note of it that cannot be read is named as such a record."""
    try:
        run = forgotten(ledger)
    except UnreadableError:
        return timedelta(0)
    return timedelta(0) if run is None else run.lag(now)


def work(ledger: Ledger, gauge: Gauge, now: datetime) -> Mapping[str, Any]:
    """For who has the key: when something was judged last, and how much waits, for how many seconds."""
    try:
        last = Diary(ledger).last_judged(now)
        queues = [_queue_json(each, now) for each in gauge.backlog()]
    except BastionGuardError as error:
        return {"queues": [], "work": str(error)}
    return {"lastJudgement": None if last is None else _judgement_json(last, now), "queues": queues}


def _judgement_json(last: Entry, now: datetime) -> Mapping[str, Any]:
    ago = round(max(0.0, (now - last.at).total_seconds()))
    return {"at": last.at.isoformat(), "secondsAgo": ago, "resource": last.target, "what": last.what}


def _queue_json(backlog: Backlog, now: datetime) -> Mapping[str, Any]:
    age = None if backlog.oldest is None else round(max(0.0, (now - backlog.oldest).total_seconds()))
    return {"queue": backlog.queue, "messages": backlog.messages, "oldestSeconds": age}


class Watchman:
    """Asks the ledger for conditions, and remembers the answer for `FRESH_FOR`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: Conditions | None = None

    def conditions(self, base: "Foundation") -> Conditions:
        """Those of today's ledger; how changes come in is told of the subscriptions that are watched."""
        now = base.ports.clock.now()
        with self._lock:
            if self._last is None or not self._last.at <= now < self._last.at + FRESH_FOR:
                self._last = _asked(base, now)
            return self._last


def _asked(base: "Foundation", now: datetime) -> Conditions:
    ledger, watched = base.ports.ledger, base.settings.subscriptions
    try:
        spells = tuple(spell for spell in Pressure(ledger).spells() if not spell.is_over(now))
        lag = _lag(ledger, now)
        progress = tuple(each for each in Fetched(ledger).all() if each.subscription in watched)
        down = (*(each for each in base.sender.parts.all() if each.serious), *base.sender.refusing())
        unwritten = silence(ledger, now)
        records = tuple(named(ledger))
        return Conditions(now, spells, records, lag, progress=progress, down=down, unwritten=unwritten)
    except BastionGuardError as error:
        return Conditions(now, silent=str(error))
