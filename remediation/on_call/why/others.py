"""What others do: apps that may repair here as well, and what became of what our last write had left."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from remediation.errors import BastionGuardError, UnreadableError
from remediation.findings import State, deed_of
from remediation.judging.gathering import Reads
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.journal import WriteRecord
from remediation.messages import Message, utc
from remediation.on_call.why.answer import Reason
from remediation.ports import Ledger
from remediation.reconciling.others.entitled import ANOTHER
from remediation.reconciling.others.heard import MOST
from remediation.reconciling.writing import holds
from remediation.resource_id import ResourceId
from remediation.telling.cards import words
from remediation.telling.second_guard import GUARDS, SECOND

TWO_APPS = "Each has its own stop, exemptions and budget: docs/runbook.md, two-apps."
AHEAD = timedelta(minutes=5)


def of_apps(ledger: Ledger, target: ResourceId) -> Iterator[Reason]:
    """Whether people were told of another app on this subscription, and not that it is over."""
    book = FindingsBook(ledger)
    for name in (ANOTHER, SECOND):
        about = ResourceId.parse(f"/subscriptions/{target.subscription}/{GUARDS}/{name}")
        try:
            records = book.of(about).values()
        except UnreadableError:
            continue
        for record in records:
            if record.state is State.OPEN:
                yield Reason("others", f"another app may write here, too: {record.message}", then=TWO_APPS)


def of_change(
    write: WriteRecord | None, target: ResourceId, cloud: Reads, ledger: Ledger, now: datetime
) -> Iterator[Reason]:
    """Whether somebody has changed what our last finished write had left; the last event says who."""
    if write is None:
        return
    written = ResourceId.parse(write.resource)
    try:
        found = cloud.get(written)
    except BastionGuardError:
        return
    if holds(None if found is None else found.body, write.after):
        return
    last = _last_after(write, target, ledger, now)
    text = f"{written.name} is not as our last write left it: somebody has changed it since"
    yield Reason("changed", f"{text}{'; no event tells who' if last is None else _by(last)}")


def _last_after(write: WriteRecord, target: ResourceId, ledger: Ledger, now: datetime) -> Message | None:
    """The last event after a write, but for the first one, which is the write's own.

    None as well where there are too many events to tell cheaply.
    """
    known = Inbox(ledger).of(target, utc(write.intended_at), now + AHEAD, most=MOST)
    told = [one for one, _ in known or () if one.actor and deed_of(one).may_open(write.rule, write.resource)]
    after = [one for one in told if one.event_time and one.event_time > write.intended_at]
    return after[-1] if len(after) > 1 else None


def _by(event: Message) -> str:
    at = f", {event.event_time:%Y-%m-%d %H:%M:%S} UTC" if event.event_time else ""
    return f"; the last event is of {words.who(event.actor)} ({words.operation(event.operation)}){at}"
