"""Changes are read from a log that is late, doubled, unordered, throttled: each once, and none is lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import ForbiddenError, PermanentError, ThrottledError, TransientError
from remediation.intake.fetching.port import LogPage
from remediation.intake.fetching.windows import OVERLAP, SLICE, Windows
from remediation.messages import Message
from tests.builders import SUBSCRIPTION
from tests.unit.intake.logs import Reading

MINUTE = 60.0
HOUR = 3600.0


def test_a_change_is_handed_in_as_if_it_had_been_delivered() -> None:
    reading = Reading()
    at = reading.log.tells("a")

    reading.rounds().fetch(SUBSCRIPTION)

    [message] = reading.messages()
    assert (at, "ada@contoso.example") == (message.event_time, message.actor["name"])
    assert ("event", False) == (message.reason, message.force)


def test_what_was_taken_in_is_not_taken_in_again() -> None:
    reading = Reading()
    reading.log.tells("a")

    assert ["a"] == reading.fetches()
    assert [] == reading.after(MINUTE).fetches()
    assert [] == reading.after(MINUTE).fetches()


def test_a_round_in_which_nothing_happened_asks_once() -> None:
    reading = Reading()
    reading.fetches()
    reading.log.asked.clear()

    reading.after(MINUTE).fetches()

    assert 1 == len(reading.log.asked)


@pytest.mark.parametrize("late", [5, 299, 19 * MINUTE])
def test_a_record_that_comes_late_is_found_when_it_is_there(late: float) -> None:
    reading = Reading()
    reading.fetches()
    reading.log.tells("late", late=late)
    reading.log.tells("soon")

    assert ["soon"] == reading.after(1).fetches()
    assert ["late"] == reading.after(late).fetches()


def test_a_record_that_comes_twice_counts_once_on_a_page_and_later() -> None:
    reading = Reading()
    reading.log.tells("a")
    reading.log.repeats()
    reading.log.repeats(late=10 * MINUTE)

    assert ["a"] == reading.fetches()
    assert [] == reading.after(10 * MINUTE).fetches()


def test_the_beginning_of_an_operation_is_no_change_and_its_end_is() -> None:
    reading = Reading()
    reading.log.tells("a", status="Started")
    assert [] == reading.fetches()

    reading.after(MINUTE).log.tells("a")

    assert ["a"] == reading.fetches()


def test_two_writes_of_one_run_are_two_changes() -> None:
    """A pipeline uses one correlation id for all it does."""
    reading = Reading()
    reading.log.tells("run", eventDataId="1")
    reading.after(1).log.tells("run", eventDataId="2")

    assert ["run", "run"] == reading.fetches()


def test_more_than_one_page_is_read() -> None:
    reading = Reading(page=2)
    for number in range(5):
        reading.log.tells(f"{number}")

    assert list("01234") == sorted(reading.fetches())


@pytest.mark.parametrize("hours", [2, 9, 40])
def test_a_stop_of_hours_loses_nothing_and_reads_the_oldest_first(hours: int) -> None:
    reading = Reading()
    reading.fetches()
    wanted = [f"{number}" for number in range(hours)]
    for name in wanted:
        reading.log.tells(name)
        reading.after(HOUR)

    assert wanted == reading.fetches()
    assert [] == reading.after(MINUTE).fetches()


def test_after_a_stop_of_months_what_the_service_still_keeps_is_read() -> None:
    reading = Reading()
    reading.fetches()
    reading.clock.advance(100 * 24 * HOUR)
    reading.log.asked.clear()

    reading.fetches()

    first, _ = reading.log.asked[0]
    assert timedelta(days=88) < reading.clock.now() - first < timedelta(days=90)


@pytest.mark.parametrize("minutes", [-240, -45, -5, 5, 45, 240])
def test_a_clock_that_differs_loses_nothing(minutes: int) -> None:
    """What is new is decided by the clock of the log alone."""
    reading = Reading(ahead=timedelta(minutes=minutes))
    reading.fetches()
    for number in range(4):
        reading.after(MINUTE).log.tells(f"{number}", late=90)
        reading.fetches()

    reading.log.tells("last")
    taken = [*reading.after(20 * MINUTE).fetches()]

    assert "last" in taken
    assert [] == reading.after(MINUTE).fetches()


def test_a_crash_between_handing_in_and_remembering_repeats_and_loses_nothing() -> None:
    reading = Reading()
    reading.log.tells("a")

    def dies(event: Any) -> list[Message]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reading.rounds(take=dies).fetch(SUBSCRIPTION)

    assert ["a"] == reading.fetches()


def test_a_reading_that_fails_on_its_second_page_goes_on_with_what_is_new() -> None:
    reading = Reading(page=1)
    reading.log.tells("first")
    reading.log.tells("second")
    breaking = Windows(FailingLater(reading, after=1), reading.fetched, reading.clock)

    reading.rounds(windows=breaking).fetch(SUBSCRIPTION)

    assert ["second"] == reading.taken()
    assert ["first"] == reading.after(MINUTE).fetches()


class FailingLater:
    """A log that breaks after so many pages."""

    def __init__(self, reading: Reading, after: int) -> None:
        self._reading = reading
        self._after = after

    def pages(self, subscription: str, since: datetime, until: datetime | None) -> Iterator[LogPage]:
        for number, page in enumerate(self._reading.log.pages(subscription, since, until)):
            if number == self._after:
                raise TransientError("the connection broke")
            yield page


def test_a_throttled_log_is_left_alone_for_as_long_as_it_asked_and_by_everybody() -> None:
    reading = Reading()
    reading.log.failing.append(ThrottledError("429", retry_after=120))
    reading.log.tells("a")

    assert [] == reading.fetches()
    assert 120 == reading.pressure.wait(SUBSCRIPTION, "", "arm", reading.clock.now())
    asked = len(reading.log.asked)
    assert [] == reading.after(MINUTE).fetches()
    assert asked == len(reading.log.asked)
    assert ["a"] == reading.after(2 * MINUTE).fetches()


def test_what_is_asked_of_others_is_kept_to_here() -> None:
    reading = Reading()
    reading.pressure.throttled(SUBSCRIPTION, "", "arm", reading.clock.now(), 60)
    reading.log.tells("a")

    assert [] == reading.fetches()
    assert [] == reading.log.asked


@pytest.mark.parametrize("error", [ForbiddenError("HTTP 403"), PermanentError("HTTP 404", code="x")])
def test_a_subscription_that_may_not_be_read_is_named_until_it_can_be_again(error: Exception) -> None:
    reading = Reading()
    reading.log.failing.append(error)
    began = reading.clock.now()
    reading.log.tells("a")

    refused = reading.rounds().fetch(SUBSCRIPTION)

    assert (str(error), began) == (refused.trouble, refused.since)
    assert [refused] == reading.fetched.all()
    assert ["a"] == reading.after(MINUTE).fetches()
    assert "" == reading.fetched.progress(SUBSCRIPTION).trouble


def test_how_far_behind_it_is_grows_while_nothing_can_be_read() -> None:
    reading = Reading()
    reading.fetches()
    reading.log.failing += [TransientError("no answer")] * 3

    for _ in range(3):
        reading.after(10 * MINUTE).fetches()

    progress = reading.fetched.progress(SUBSCRIPTION)
    assert timedelta(minutes=30) == progress.behind(reading.clock.now())
    assert timedelta(0) == reading.rounds().fetch(SUBSCRIPTION).behind(reading.clock.now())


def test_a_record_of_progress_that_cannot_be_read_begins_anew() -> None:
    reading = Reading()
    reading.fetches()
    reading.ledger.put("fetching", SUBSCRIPTION, {"subscription": 5})
    reading.log.tells("a")

    assert ["a"] == reading.fetches()


def test_what_is_remembered_is_forgotten_when_no_window_reaches_it() -> None:
    reading = Reading()
    for number in range(200):
        reading.log.tells(f"{number}")
        reading.fetches()
        reading.after(MINUTE)

    rows = reading.ledger.rows(_fetched(reading))
    assert len(rows) <= 2 * OVERLAP / timedelta(minutes=1)


def _fetched(reading: Reading) -> str:
    found = reading.ledger.next_partition("fetched-", "fetched-~")
    assert found is not None
    return found


def test_what_concerns_nobody_and_what_is_broken_is_passed_over_once() -> None:
    reading = Reading()
    reading.log.tells("disk", resourceId=f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/disks/d")
    reading.log.tells("hostile", resourceId="not an id")
    reading.log.tells("policy", category={"value": "Policy"})

    assert [] == reading.fetches()
    assert {"ignored": 1, "refused": 1} == results(reading)
    reading.after(MINUTE).fetches()
    assert {"ignored": 1, "refused": 1} == results(reading)


def results(reading: Reading) -> dict[str, int]:
    counted = [kept["result"] for name, kept in reading.noted.counted if name == "events"]
    return {result: counted.count(result) for result in counted}


def test_how_late_and_how_far_behind_is_measured() -> None:
    reading = Reading()
    reading.log.tells("a", late=90)
    reading.fetches()

    reading.after(100).fetches()

    assert [100.0] == reading.noted.timed("changes_late")
    assert [0.0, 0.0] == reading.noted.timed("changes_behind")
    assert 1 == reading.noted.totals["fetched"]


@given(
    st.lists(st.tuples(st.floats(0, 600), st.floats(0, 1000), st.booleans()), max_size=12),
    st.lists(st.floats(30, 2 * 3600), min_size=1, max_size=8),
    st.integers(1, 5),
)
def test_whatever_comes_late_twice_or_out_of_order_is_taken_in_once(
    changes: list[tuple[float, float, bool]], pauses: list[float], page: int
) -> None:
    reading = Reading(page=page)
    taken = reading.fetches()
    for number, (pause, late, twice) in enumerate(changes):
        reading.after(pause).log.tells(f"{number}", late=late)
        if twice:
            reading.log.repeats(late=late / 2)
    for pause in [*pauses, 1100.0]:
        taken += reading.after(pause).fetches()

    assert sorted(f"{number}" for number in range(len(changes))) == sorted(taken)


def test_slices_overlap_by_more_than_the_log_is_late() -> None:
    assert SLICE > 2 * OVERLAP
    assert OVERLAP > timedelta(minutes=20)
