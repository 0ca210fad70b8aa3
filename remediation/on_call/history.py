"""What was judged, written and announced: a list by time, and one entry in full. Reads the ledger alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from remediation.ledger.diary import Diary, Entry, days
from remediation.ledger.journal import MOST, Journal, WriteRecord
from remediation.ledger.keys import plain
from remediation.messages import utc
from remediation.model import Write
from remediation.on_call.replay_request import AHEAD, KEPT, USUAL
from remediation.on_call.request_fields import Fields
from remediation.on_call.still_ours import diff_of
from remediation.ports import Ledger
from remediation.resource_id import ResourceId
from remediation.rules import registry

MOST_LINES = 500
USUAL_LINES = 100
KINDS = frozenset({"judged", "written", "announced"})
KEYS = frozenset({"since", "until", "resource", "rule", "actor", "replay", "kind", "limit"})


@dataclass(frozen=True, slots=True)
class Query:
    """Which lines; "" asks for all. `resource` is an id, with all below it, or a resource's bare name."""

    since: datetime
    until: datetime
    resource: str = ""
    rule: str = ""
    actor: str = ""
    replay: str = ""
    kind: str = ""
    limit: int = USUAL_LINES


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `what` is an ending, a write's state or the change that was announced."""

    id: str
    at: datetime
    kind: str
    resource: str
    rules: tuple[str, ...]
    what: str
    detail: str
    actor: Mapping[str, str]
    replay_id: str
    source: Entry | WriteRecord

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
    fields.finish()
    return query


class Historian:
    """Tells what the ledger remembers."""

    def __init__(self, ledger: Ledger) -> None:
        self._journal = Journal(ledger)
        self._diary = Diary(ledger)

    def lines(self, query: Query) -> list[Line]:
        """What happened, the latest first, at most `limit` lines; no day is read that is not needed."""
        found: list[Line] = []
        for day in days(query.since, query.until):
            since, until = max(query.since, day), min(query.until, day + timedelta(days=1))
            of_day = [line for line in self._all(query.kind, since, until) if _meets(line, query)]
            found += sorted(of_day, key=_moment, reverse=True)
            if len(found) >= query.limit:
                break
        return found[: query.limit]

    def entry(self, identity: str) -> dict[str, Any] | None:
        """One entry in full as JSON; None where the history has none of this id.

        A write comes with before and after, their difference, the difference in traffic, the proof, the way
        back, and the other writes of the same repair.
        """
        record = self._journal.get(identity)
        if record is not None:
            return self._written(record)
        found = self._diary.get(identity)
        return None if found is None else {**_of_entry(found).to_json(), **plain(found)}

    def _written(self, record: WriteRecord) -> dict[str, Any]:
        write = Write(_method(record.method), ResourceId.parse(record.resource), record.after)
        return {
            **_of_write(record).to_json(),
            **plain(record),
            "diff": diff_of(write, record.before),
            "repair": [each.id for each in self._journal.repair_of(record)],
        }

    def _all(self, kind: str, since: datetime, until: datetime) -> Iterator[Line]:
        if kind in {"", "written"}:
            for record in self._journal.between(since, until, limit=MOST):
                yield _of_write(record)
        if kind != "written":
            for entry in self._diary.between(since, until):
                yield _of_entry(entry)


def _method(text: str) -> Any:
    return text


def _of_write(record: WriteRecord) -> Line:
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


def _of_entry(entry: Entry) -> Line:
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
    )


def _moment(line: Line) -> tuple[datetime, int, str]:
    """In the order of time; what happened at one moment was written, told, and then noted as judged."""
    return line.at, ("written", "announced", "judged").index(line.kind), line.id


def _meets(line: Line, query: Query) -> bool:
    return (
        (not query.kind or line.kind == query.kind)
        and (not query.rule or query.rule in line.rules)
        and (not query.replay or line.replay_id == query.replay)
        and (not query.actor or any(query.actor.lower() in text.lower() for text in line.actor.values()))
        and (not query.resource or _is_about(line.resource.lower(), query.resource.lower().rstrip("/")))
    )


def _is_about(resource: str, wanted: str) -> bool:
    if wanted.startswith("/"):
        return resource == wanted or resource.startswith(wanted + "/")
    return wanted in resource.split("/")
