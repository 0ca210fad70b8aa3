"""What is left alone now, by whose word and until when; ends, shortens and prolongs what people gave.

Those given by `undo` and `exempt` lie in the ledger, each with an id. What the baseline or a resource's tag
leaves alone is listed beside them and changed where it stands.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.baseline import Baseline
from remediation.errors import ConfigurationError, InputError
from remediation.findings import State
from remediation.ledger.decided.exemptions import PARTITION, ExemptionRecord, Exemptions
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.unreadable import named
from remediation.messages import Message, utc
from remediation.model.decisions import shown_moment
from remediation.on_call.times import LATEST, span
from remediation.on_call.undo import LONGEST_DELAY
from remediation.plain import shown
from remediation.ports import Ports
from remediation.resource_id import ResourceId

LONGEST = timedelta(days=90)
ELSEWHERE = "one of the baseline is changed there, one of a tag on its resource"


@dataclass(frozen=True, slots=True)
class Listed:
    """One exemption. `id` is "" where it is changed elsewhere; `opening` where it is for a whole finding."""

    source: str
    resource: str
    rule: str
    until: datetime
    by: str = ""
    reason: str = ""
    opening: str = ""
    since: datetime | None = None
    id: str = ""
    write_id: str = ""

    def to_json(self) -> dict[str, Any]:
        known = {
            "id": self.id,
            "source": self.source,
            "resource": self.resource,
            "rule": self.rule,
            "opening": self.opening,
            "until": shown_moment(self.until),
            "since": None if self.since is None else shown_moment(self.since),
            "by": self.by,
            "reason": self.reason,
            "writeId": self.write_id,
        }
        return {key: value or None for key, value in known.items()}


class Exempter:
    """Lists and changes exemptions. `standard` raises ConfigurationError where no baseline can be used."""

    def __init__(self, ports: Ports, standard: Callable[[], Baseline], by: str) -> None:
        self._ledger = ports.ledger
        self._exemptions = Exemptions(ports.ledger)
        self._book = FindingsBook(ports.ledger)
        self._queue = ports.queue
        self._clock = ports.clock
        self._standard = standard
        self._by = by

    def listed(self) -> list[Listed]:
        """What is left alone now, what ends first in front."""
        now = self._clock.now()
        ours = [_of_record(record) for _, record in self._exemptions.all(now)]
        return sorted(
            [*ours, *self._of_baseline(now), *self._of_tags(now)], key=lambda one: (one.until, one.resource)
        )

    def unlisted(self) -> list[str]:
        """Why records of exemptions could not be listed, each once; what they leave alone nobody knows."""
        known = named(self._ledger)
        return list(dict.fromkeys(one.why for one in known if one.partition == PARTITION))

    def _of_baseline(self, now: datetime) -> Iterator[Listed]:
        try:
            written = self._standard().exemptions
        except ConfigurationError:  # nothing is judged, so nothing is left alone either
            return
        for one in written:
            if one.until > now:
                yield Listed("baseline", one.resource, one.rule, one.until, one.owner, one.reason)

    def _of_tags(self, now: datetime) -> Iterator[Listed]:
        """As the last look found them: a tag is known to ARM, and its end to us."""
        for found in self._book.all():
            for record in found.records.values():
                told, until = record.exempt_by, record.exempt_until
                if record.state is State.EXEMPT and told.get("source") == "tag" and until and until > now:
                    yield Listed("tag", record.resource, record.rule, until, str(told.get("by", "")))

    def end(self, identity: str) -> Listed:
        """Leave it alone no longer; the app looks at once. Raises InputError for what is not in force."""
        target, record = self._one(identity)
        self._exemptions.end(target, record.id)
        self._look(target)
        return _of_record(record)

    def move(self, identity: str, until: datetime) -> Listed:
        """Have it end at another moment, sooner or later; raises InputError for what is none ahead of us."""
        target, record = self._one(identity)
        now = self._clock.now()
        if not now < until <= now + LONGEST:
            raise InputError(f"until: must lie ahead, and at most {LONGEST.days} days")
        moved = msgspec.structs.replace(record, until=until, changed_by=self._by)
        self._exemptions.grant(target, moved)
        self._look(target, until - now)
        return _of_record(moved)

    def _one(self, identity: str) -> tuple[ResourceId, ExemptionRecord]:
        found = [each for each in self._exemptions.all(self._clock.now()) if each[1].id == identity.lower()]
        if not found:
            raise InputError(f"{shown(identity)}: no exemption of this id is in force; {ELSEWHERE}")
        return found[0]

    def _look(self, target: ResourceId, ends_in: timedelta | None = None) -> None:
        """Now, since cards say until when; and when it is over."""
        look = Message(target=target.text, reason="exemption", force=True, actor={"name": self._by})
        self._queue.send(look)
        if ends_in is not None and ends_in <= LONGEST_DELAY:
            over = msgspec.structs.replace(look, reason="exemption over", actor={})
            self._queue.send(over, delay=ends_in.total_seconds() + 1)


def _of_record(record: ExemptionRecord) -> Listed:
    by = f"{record.by}, changed by {record.changed_by}" if record.changed_by else record.by
    return Listed(
        record.source,
        record.resource,
        record.rule,
        record.until,
        by,
        record.reason,
        record.opening,
        record.since,
        record.id,
        record.write_id,
    )


def read_until(text: str, now: datetime) -> datetime:
    """A moment ahead: ISO 8601 (UTC unless it names a zone), or 4h for four hours from now."""
    try:
        return now + span(text)
    except InputError:
        pass
    try:
        found = utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError) as error:
        wrong = f"until: not a moment such as 2026-10-20T18:00Z, or 4h from now: {shown(text)}"
        raise InputError(wrong) from error
    if found > LATEST:
        raise InputError("until: lies too far ahead")
    return found
