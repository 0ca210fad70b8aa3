"""Where events are delivered the log is read to see that all came: what none told of is judged and told."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryAnnouncer
from remediation.errors import ForbiddenError, TransientError
from remediation.intake.accepting import Accepting
from remediation.intake.fetching import troubles
from remediation.intake.fetching.checking import GRACE, Checked
from remediation.intake.fetching.progress import Progress
from remediation.intake.records import event_of
from remediation.measures import SILENT
from remediation.ports import Backlog
from remediation.telling.announcing import Herald
from tests.builders import SUBSCRIPTION
from tests.unit.intake.logs import Reading, a_record, a_watched

HOUR = 3600.0


def delivered(reading: Reading, name: str, at: datetime, **fields: Any) -> None:
    """Event Grid's event of a change came in, with an id of its own, and was handled."""
    event = event_of(a_record(name, at, **fields))
    for message in Accepting(SILENT, reading.clock).messages({**(event or {}), "id": f"event grid {name}"}):
        reading.inbox.store(message, reading.clock.now())


def checks(reading: Reading) -> Checked:
    return reading.checker().check(SUBSCRIPTION)


def test_a_change_that_no_event_told_of_is_judged_and_counted() -> None:
    reading = a_watched()
    reading.log.tells("lost")
    came = reading.log.tells("came")
    delivered(reading, "came", came)

    checked = checks(reading.after(HOUR))

    assert (1, 1) == (checked.told, checked.missed)
    [message] = reading.messages()
    assert ("lost", "missed") == (message.correlation_id, message.reason)
    assert 1 == reading.noted.totals["missed"]


def test_what_was_missed_is_missed_once() -> None:
    reading = a_watched()
    checks(reading)
    reading.after(HOUR - 60).log.tells("lost")
    assert 0 == checks(reading.after(60)).missed  # too young to be missed
    assert 1 == checks(reading.after(HOUR)).missed
    assert 0 == checks(reading.after(HOUR)).missed
    assert ["lost"] == reading.taken()


def test_where_everything_came_one_request_says_so_and_nothing_is_said() -> None:
    reading = a_watched()
    checks(reading)
    delivered(reading, "a", reading.log.tells("a"))
    reading.log.asked.clear()

    checked = checks(reading.after(HOUR))

    assert (1, 0, "") == (checked.told, checked.missed, checked.why)
    assert 1 == len(reading.log.asked)
    assert [] == reading.taken()


def test_what_was_changed_before_the_first_check_is_judged_and_is_no_sign_of_anything() -> None:
    """As the app's own deployment, which no event can have told of."""
    reading = Reading()
    reading.log.tells("deployed")

    first = checks(reading.after(HOUR))

    assert (0, None, None) == (first.missed, first.why, first.progress.missing)
    assert ["deployed"] == reading.taken()
    assert 0 == checks(reading.after(HOUR)).missed


def test_where_nothing_was_changed_nothing_can_be_told() -> None:
    assert checks(a_watched()).why is None


def test_a_late_event_of_the_same_operation_tells_of_the_change() -> None:
    reading = a_watched()
    at = reading.log.tells("a")
    delivered(reading, "a", at - timedelta(seconds=30))

    assert 0 == checks(reading.after(HOUR)).missed


def test_an_earlier_event_of_a_long_run_does_not_tell_of_its_later_write() -> None:
    """A pipeline writes a resource twice under one correlation id; the second event was lost."""
    reading = a_watched()
    delivered(reading, "run", reading.log.tells("run", eventDataId="1"))
    reading.after(900).log.tells("run", eventDataId="2")

    assert 1 == checks(reading.after(HOUR)).missed


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "Failed"},
        {"status": "Started"},
        {"category": {"value": "Policy"}},
        {"resourceId": f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/disks/d"},
        {"resourceId": "not an id"},
    ],
)
def test_what_raises_no_event_that_means_work_is_not_missed(fields: dict[str, Any]) -> None:
    reading = a_watched()
    reading.log.tells("a", **fields)

    assert (0, 0) == (checks(reading.after(HOUR)).told, checks(reading).missed)
    assert [] == reading.taken()


def test_a_change_is_given_time_to_be_told_of() -> None:
    reading = a_watched()
    reading.log.tells("young")

    assert 0 == checks(reading.after(GRACE.total_seconds() - 1)).missed
    assert 1 == checks(reading.after(2)).missed


def test_while_work_waits_nothing_is_said_and_the_next_check_looks_back() -> None:
    """What lies on the queue is not in the inbox yet."""
    reading = a_watched()
    reading.log.tells("a")
    reading.after(HOUR)
    reading.gauge.kept = [Backlog("reconcile", 1, reading.clock.now() - timedelta(minutes=50))]

    assert (0, 0) == (checks(reading).missed, len(reading.log.asked))

    reading.gauge.kept = [
        Backlog("reconcile-poison", 1, reading.clock.now() - timedelta(days=1)),
        Backlog("cards", 1, reading.clock.now() - timedelta(days=1)),
    ]
    assert 1 == checks(reading).missed


def test_a_check_that_breaks_is_made_again() -> None:
    reading = a_watched()
    reading.log.tells("a")
    reading.log.failing.append(TransientError("no answer"))

    assert 0 == checks(reading.after(HOUR)).missed
    assert 1 == checks(reading).missed


# Telling -------------------------------------------------------------------------------------------


def tells(reading: Reading, announcer: MemoryAnnouncer, checked: Checked) -> list[str]:
    """What is announced after a check, as its type and title."""
    before = len(announcer.announcements)
    wrong = troubles.of_reading(checked.progress, reading.clock.now())
    herald = Herald(reading.ledger, announcer, reading.clock)
    troubles.tell(herald, reading.fetched, checked.progress, wrong | {troubles.MISSED: checked.why})
    return [f"{each.type} {each.data['title']}" for each in announcer.announcements[before:]]


def test_missed_events_are_told_once_and_that_they_come_again_once() -> None:
    reading, announcer = a_watched(), MemoryAnnouncer()
    reading.log.tells("one")
    reading.after(60).log.tells("two")

    assert ["BastionGuard.GaveUp Events do not arrive"] == tells(
        reading, announcer, checks(reading.after(HOUR))
    )
    assert "2 changes" in announcer.announcements[0].data["message"]
    reading.log.tells("three")
    assert [] == tells(reading, announcer, checks(reading.after(HOUR)))
    assert [] == tells(reading, announcer, checks(reading.after(HOUR)))  # nothing was changed
    delivered(reading, "came", reading.log.tells("came"))
    assert ["BastionGuard.DriftResolved Events do not arrive"] == tells(
        reading, announcer, checks(reading.after(HOUR))
    )
    assert [] == tells(reading, announcer, checks(reading.after(HOUR)))


def test_when_the_last_event_came_is_part_of_what_is_told() -> None:
    reading = a_watched()
    delivered(reading, "came", reading.log.tells("came"))
    reading.after(600).log.tells("lost")

    why = checks(reading.after(HOUR)).why
    assert why is not None
    assert "the last event is of 2026-01-01 00:00 UTC" in why


def test_a_subscription_that_can_no_longer_be_read_is_told_and_that_it_can_again() -> None:
    reading, announcer = a_watched(), MemoryAnnouncer()
    reading.log.failing += [ForbiddenError("HTTP 403 AuthorizationFailed")] * 2

    assert ["BastionGuard.GaveUp A subscription can no longer be read"] == tells(
        reading, announcer, checks(reading)
    )
    assert "AuthorizationFailed" in announcer.announcements[0].data["message"]
    assert [] == tells(reading, announcer, checks(reading.after(HOUR)))
    assert ["BastionGuard.DriftResolved A subscription can no longer be read"] == tells(
        reading, announcer, checks(reading.after(HOUR))
    )


def test_reading_that_falls_behind_is_told_when_patience_ends() -> None:
    reading, announcer = a_watched(), MemoryAnnouncer()
    checks(reading)
    reading.log.failing += [TransientError("no answer")] * 5

    said = [tells(reading, announcer, checks(reading.after(HOUR))) for _ in range(6)]

    late = "Deliveries are no longer checked"
    assert [[], [], [], [f"BastionGuard.GaveUp {late}"], [], [f"BastionGuard.DriftResolved {late}"]] == said


class SilentChannel:
    """A topic that is gone."""

    def announce(self, announcements: object) -> None:
        raise TransientError("the topic does not answer")


def test_a_channel_that_is_down_stops_no_check_and_is_owed(caplog: pytest.LogCaptureFixture) -> None:
    reading, announcer = a_watched(), MemoryAnnouncer()
    herald = Herald(reading.ledger, SilentChannel(), reading.clock)

    with caplog.at_level(logging.WARNING):
        told = troubles.tell(
            herald, reading.fetched, Progress(subscription=SUBSCRIPTION), {troubles.UNREAD: "HTTP 403"}
        )

    assert ["unread"] == told.told
    assert 1 == Herald(reading.ledger, announcer, reading.clock).announce_all()


def test_a_log_that_never_answers_is_behind_since_it_was_first_asked() -> None:
    reading = Reading()
    reading.log.failing += [TransientError("no answer")] * 6

    behind = [checks(reading.after(HOUR)).progress.is_late(reading.clock.now()) for _ in range(6)]

    assert [False, False, False, False, True, True] == behind
