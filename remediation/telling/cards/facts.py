"""The facts of a finding in rows: what it is about, who did what and when, whose it is. Raw text."""

from collections.abc import Iterator
from datetime import datetime

from remediation.findings import FindingRecord
from remediation.model.deeds import Deed
from remediation.telling.cards import words
from remediation.telling.cards.news import PREFIX, news

ENDED = ("DriftResolved", "DriftPassed")


def facts_of(record: FindingRecord, now: datetime) -> Iterator[tuple[str, str]]:
    kind, name = words.kind_and_name(record.resource)
    group, subscription = words.place(record.resource)
    yield "Resource", f"{name} ({kind})" if kind else name
    if group:
        yield "Group", group
    if subscription:
        yield "Subscription", subscription
    if declared := words.declared_by(record.evidence):
        yield "Declared by", declared
    yield from _people(record, now)
    if not news(record).over and (record.seq > 1 or not record.event_time):
        yield "Open since", f"{words.moment(record.opened_at)}, {words.ago(record.opened_at, now)}"
    if record.owner:
        yield "Owner", record.owner
    if record.acknowledged and not news(record).over:
        yield "Taken on by", record.acknowledged.get("by", "")
    if record.applied_by:
        yield "Applied by", words.who(record.applied_by)
    yield "Rule", record.rule


def _people(record: FindingRecord, now: datetime) -> Iterator[tuple[str, str]]:
    """Who opened it, and who changed or ended it since, each with time and deed as far as events tell."""
    opening, deed = record.opening, record.deed
    ended = _is(record, *ENDED)
    if not ended and (_is(record, "DriftFixed") or not deed.is_known or deed.is_same_as(opening)):
        yield "Changed by", words.who(opening.actor)
        yield from _deed(opening, now)
        return
    yield "Opened by", words.who(opening.actor)
    if opening.event_time is not None:
        yield "Opened", f"{words.moment(opening.event_time)}, {words.ago(opening.event_time, now)}"
    yield "Ended by" if ended else "Changed by", words.who(deed.actor)
    yield from _deed(deed, now)


def _deed(deed: Deed, now: datetime) -> Iterator[tuple[str, str]]:
    if (tool := words.client(deed.actor)) and tool not in words.who(deed.actor):
        yield "With", tool
    if deed.operation:
        yield "Operation", words.operation(deed.operation)
    if deed.event_time:
        yield "When", f"{words.moment(deed.event_time)}, {words.ago(deed.event_time, now)}"


def _is(record: FindingRecord, *changes: str) -> bool:
    return record.change.removeprefix(PREFIX) in changes
