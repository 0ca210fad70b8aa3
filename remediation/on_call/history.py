"""What was judged, written and announced, and what was not done: a list by time, and one entry in full.

Reads the ledger alone. A list says what it cannot tell: what is forgotten, and what is on its next page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from remediation.ledger.decided.changes import Change, Changes
from remediation.ledger.decided.texts import Texts
from remediation.ledger.diary import Diary, Entry, days
from remediation.ledger.journal import MOST, Journal, WriteRecord
from remediation.ledger.keys import plain
from remediation.messages import utc
from remediation.model import Write
from remediation.model.decisions import shown_moment
from remediation.on_call.chronicle import behind, cursor
from remediation.on_call.chronicle.baselines import differing_lines, sentence
from remediation.on_call.chronicle.cursor import Cursor, Place
from remediation.on_call.chronicle.extent import Extent, extent_of
from remediation.on_call.replay_request import AHEAD, KEPT, USUAL
from remediation.on_call.request_fields import Fields
from remediation.on_call.still_ours import diff_of
from remediation.ports import Ledger
from remediation.resource_id import ResourceId
from remediation.rules import registry

MOST_LINES = 500
USUAL_LINES = 100
ORDER = ("written", "announced", "judged", "waiting", "skipped", "baseline")
"""The kinds of lines, as they follow one another at one moment."""
KINDS = frozenset(ORDER)
KEYS = frozenset({"since", "until", "resource", "rule", "actor", "replay", "kind", "limit", "next"})


@dataclass(frozen=True, slots=True)
class Query:
    """Which lines; "" asks for all. `resource` is an id, with all below it, or a resource's bare name.

    `after` is the last line of the page before, for the next one.
    """

    since: datetime
    until: datetime
    resource: str = ""
    rule: str = ""
    actor: str = ""
    replay: str = ""
    kind: str = ""
    limit: int = USUAL_LINES
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, or did not. `what` is an ending, a write's state or what was announced."""

    id: str
    at: datetime
    kind: str
    resource: str
    rules: tuple[str, ...]
    what: str
    detail: str
    actor: Mapping[str, str]
    replay_id: str
    source: Entry | WriteRecord | Change
    until: datetime | None = None

    @property
    def place(self) -> Place:
        """In the order of time; what happened at one moment was written, told, and then noted as judged."""
        return Place(self.at, ORDER.index(self.kind), self.id)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "at": utc(self.at).isoformat().replace("+00:00", "Z"),
            "kind": self.kind,
            "resource": self.resource,
            "rules": list(self.rules),
            "what": self.what,
            "detail": self.detail,
            "actor": dict(self.actor),
            "replayId": self.replay_id,
            **({} if self.until is None else {"until": shown_moment(utc(self.until))}),
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, the latest first; `next` asks for those that follow, `note` says what is not known."""

    lines: tuple[Line, ...]
    next: str
    extent: Extent
    note: str

    def to_json(self) -> dict[str, Any]:
        before = self.extent.forgotten_before
        return {
            "entries": [line.to_json() for line in self.lines],
            "next": self.next or None,
            "forgottenBefore": None if before is None else shown_moment(before),
            "note": self.note or None,
        }


def read(values: Mapping[str, Any], now: datetime) -> Query:
    """A query from options; raises InputError with every mistake, each with its key."""
    fields = Fields(values, KEYS)
    until = fields.moment("until", now) or now + AHEAD
    since = fields.moment("since", now) or min(now, until) - USUAL
    fields.window(since, until, KEPT)
    query = Query(
        since=since,
        until=until,
        resource=fields.text("resource"),
        rule=fields.one_of("rule", {*registry(), "gave-up"}),
        actor=fields.text("actor"),
        replay=fields.text("replay"),
        kind=fields.one_of("kind", KINDS),
        limit=fields.count("limit", USUAL_LINES, MOST_LINES),
    )
    page_before = fields.read("next", cursor.read)
    fields.finish()
    return query if page_before is None else _continued(query, page_before)


def _continued(query: Query, page: Cursor) -> Query:
    """The query for what follows a page: since the same moment, however long ago it was asked for."""
    until = min(query.until, page.last.at + timedelta(microseconds=1))
    return replace(query, since=page.since, until=until, after=page.last)


class Historian:
    """Tells what the ledger remembers."""

    def __init__(self, ledger: Ledger, retention: timedelta | None = None) -> None:
        self._ledger = ledger
        self._retention = retention
        self._journal = Journal(ledger)
        self._diary = Diary(ledger)
        self._changes = Changes(ledger)
        self._texts = Texts(ledger)

    def page(self, query: Query) -> Page:
        """What happened, the latest first, at most `limit` lines; no day is read that is not needed."""
        found: list[Line] = []
        for day in days(query.since, query.until):
            since, until = max(query.since, day), min(query.until, day + timedelta(days=1))
            of_day = [line for line in self._all(query.kind, since, until) if _meets(line, query)]
            found += sorted(of_day, key=lambda line: line.place, reverse=True)
            if len(found) > query.limit:
                break
        told, more = found[: query.limit], len(found) > query.limit
        extent = self.extent()
        notes = () if more else (extent.note(query.since), behind.note_of(self._ledger, query.until))
        note = "; ".join(filter(None, notes))
        return Page(tuple(told), Cursor(query.since, told[-1].place).text if more else "", extent, note)

    def lines(self, query: Query) -> list[Line]:
        """The lines of a page alone."""
        return list(self.page(query).lines)

    def extent(self) -> Extent:
        """How far back the records reach."""
        return extent_of(self._ledger, self._retention)

    def entry(self, identity: str) -> dict[str, Any] | None:
        """One entry in full as JSON; None where the history has none of this id.

        A write comes with before and after, their difference, the difference in traffic, the proof, the way
        back, and the other writes of the same repair.
        """
        record = self._journal.get(identity)
        if record is not None:
            return self._written(record)
        found = self._diary.get(identity)
        if found is not None:
            return {**of_entry(found).to_json(), **plain(found)}
        changed = self._changes.get(identity)
        return None if changed is None else self._changed(changed)

    def _changed(self, change: Change) -> dict[str, Any]:
        """A change of what is in force, with the baseline's text as long as that is kept."""
        kept = self._texts.get(change.text_hash)
        text = {} if kept is None else {"text": kept.text}
        facts = {**plain(change), "baselineHash": change.hash, **text}
        return {**_of_change(change).to_json(), **facts, "diff": differing_lines(change)}

    def writes(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Every write of a time as `entry` tells it but for its repair, the oldest first, day by day."""
        for day in reversed(list(days(since, until))):
            begin, end = max(since, day), min(until, day + timedelta(days=1))
            for record in self._journal.between(begin, end, limit=MOST):
                yield _in_full(record)

    def _written(self, record: WriteRecord) -> dict[str, Any]:
        return {**_in_full(record), "repair": [each.id for each in self._journal.repair_of(record)]}

    def _all(self, kind: str, since: datetime, until: datetime) -> Iterator[Line]:
        if kind in {"", "written"}:
            for record in self._journal.between(since, until, limit=MOST):
                yield of_write(record)
        if kind in {"", "baseline"}:
            for change in self._changes.between(since, until):
                yield _of_change(change)
        if kind not in {"written", "baseline"}:
            for entry in self._diary.between(since, until):
                yield of_entry(entry)


def _in_full(record: WriteRecord) -> dict[str, Any]:
    write = Write(_method(record.method), ResourceId.parse(record.resource), record.after)
    return {**of_write(record).to_json(), **plain(record), "diff": diff_of(write, record.before)}


def _method(text: str) -> Any:
    return text


def of_write(record: WriteRecord) -> Line:
    return Line(
        record.id,
        record.intended_at,
        "written",
        record.resource,
        (record.rule,),
        record.state,
        record.title if not record.error else f"{record.title}: {record.error}",
        record.actor,
        record.replay_id,
        record,
    )


def of_entry(entry: Entry) -> Line:
    detail = entry.detail or "; ".join(entry.unknown)
    return Line(
        entry.id,
        entry.at,
        entry.kind,
        entry.target,
        tuple(entry.rules),
        entry.what,
        detail,
        entry.actor,
        entry.replay_id,
        entry,
        entry.until,
    )


def _of_change(change: Change) -> Line:
    by = {"name": change.by} if change.by else {}
    return Line(change.id, change.at, "baseline", "", (), change.what, sentence(change), by, "", change)


def _meets(line: Line, query: Query) -> bool:
    return (
        (query.after is None or line.place < query.after)
        and (not query.kind or line.kind == query.kind)
        and (not query.rule or query.rule in line.rules)
        and (not query.replay or line.replay_id == query.replay)
        and (not query.actor or any(query.actor.lower() in text.lower() for text in line.actor.values()))
        and (not query.resource or _is_about(line.resource.lower(), query.resource.lower().rstrip("/")))
    )


def _is_about(resource: str, wanted: str) -> bool:
    if wanted.startswith("/"):
        return resource == wanted or resource.startswith(wanted + "/")
    return wanted in resource.split("/")
