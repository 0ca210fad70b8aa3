"""No event for longer than usual while the activity log has writes: people are told, whatever is usual."""

from datetime import datetime, timedelta

import pytest

from remediation.adapters.memory.storage import MemoryAnnouncer
from remediation.errors import TransientError
from remediation.intake.fetching import troubles
from remediation.intake.fetching.checking import GRACE, Checked
from remediation.intake.fetching.progress import LATE_CHECKS, LATE_ROUNDS, Progress
from remediation.telling.announcing import Herald
from tests.builders import FOREIGN, SUBSCRIPTION
from tests.unit.intake.logs import a_record, a_watched
from tests.unit.intake.test_checking import HOUR, checks, delivered, tells

DAY = 24 * HOUR


class Told:
    """A guard that reads a log every hour, and what people are told by it."""

    def __init__(self) -> None:
        self.reading, self.announcer = a_watched(), MemoryAnnouncer()
        self.herald = Herald(self.reading.ledger, self.announcer, self.reading.clock)
        self.now()

    def now(self) -> Checked:
        """The hourly check."""
        checked = checks(self.reading)
        tells(self.reading, self.announcer, checked)
        return checked

    def hourly(self, seconds: float) -> list[datetime]:
        """So much time passes; when people are told something."""
        moments: list[datetime] = []
        for _ in range(round(seconds / HOUR)):
            self.reading.after(HOUR)
            before = len(self.announcer.announcements)
            self.now()
            moments += [self.reading.clock.now()] * (len(self.announcer.announcements) - before)
        return moments

    def changes(self, name: str, *, events: bool = True) -> datetime:
        at = self.reading.log.tells(name)
        if events:
            delivered(self.reading, name, at)
        return at

    @property
    def progress(self) -> Progress:
        return self.reading.fetched.progress(SUBSCRIPTION)

    @property
    def said(self) -> list[str]:
        return [f"{each.data['title']} {each.data['state']}" for each in self.announcer.announcements]


@pytest.mark.parametrize("usual", [300.0, HOUR, DAY, 7 * DAY], ids=["minutes", "hourly", "daily", "weekly"])
def test_no_event_for_longer_than_usual_while_the_activity_log_has_writes_is_told(usual: float) -> None:
    """Within an hour and the ten minutes that an event is given, whether one comes a minute or a week."""
    guard = Told()
    for number in range(4):
        guard.changes(f"usual {number}")
        guard.reading.after(usual)
        guard.now()

    lost = guard.changes("lost", events=False)
    [told] = guard.hourly(2 * HOUR)

    assert told - lost <= timedelta(hours=1) + GRACE
    assert ["Events do not arrive open"] == guard.said
    assert guard.progress.is_silent


def test_no_event_for_days_is_no_trouble_where_nothing_was_changed() -> None:
    guard = Told()
    guard.changes("friday")

    assert [] == guard.hourly(3 * DAY)
    assert not guard.progress.missing


def test_no_event_is_expected_of_writes_that_mean_no_work() -> None:
    """The event subscriptions deliver none of these: nobody can hear less of them than usual."""
    guard = Told()
    disk = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/disks/d"
    for number in range(3):
        guard.reading.log.tells(f"disk {number}", resourceId=disk)

    assert [] == guard.hourly(5 * HOUR)


def test_what_is_missing_stays_missing_until_events_have_told_of_every_change() -> None:
    """A check in which nothing was changed knows nothing new: health must not look mended by it."""
    guard = Told()
    lost = guard.changes("lost", events=False)
    guard.hourly(5 * HOUR)

    assert (0, lost) == (guard.progress.missed, guard.progress.missing)
    assert timedelta(hours=5) == guard.progress.missing_for(guard.reading.clock.now())

    guard.changes("came")
    guard.hourly(HOUR)
    assert (None, False) == (guard.progress.missing, guard.progress.is_silent)
    assert ["Events do not arrive open", "Events do not arrive resolved"] == guard.said


def test_a_change_that_was_told_of_before_the_deliveries_died_does_not_mend_them() -> None:
    """The next window reaches back to it: what one check has seen is no sign of life for the next."""
    guard = Told()
    guard.reading.after(1500)
    guard.changes("came")
    guard.reading.after(900)
    lost = guard.changes("lost", events=False)

    guard.reading.after(1200)
    guard.now()
    assert ["Events do not arrive open"] == guard.said

    guard.hourly(3 * HOUR)
    assert ["Events do not arrive open"] == guard.said
    assert lost == guard.progress.missing


def test_where_some_events_come_and_some_do_not_what_both_checks_see_mends_nothing_either() -> None:
    guard = Told()
    guard.reading.after(2400)
    lost = guard.changes("lost", events=False)
    guard.reading.after(60)
    guard.changes("came")

    guard.reading.after(1140)
    guard.now()
    guard.hourly(3 * HOUR)

    assert (["Events do not arrive open"], lost) == (guard.said, guard.progress.missing)


def test_where_some_events_come_and_some_do_not_it_is_not_silent_and_told_all_the_same() -> None:
    guard = Told()
    guard.changes("lost", events=False)
    guard.reading.after(60)
    guard.changes("came")

    guard.hourly(HOUR)

    assert ["Events do not arrive open"] == guard.said
    assert (True, False) == (guard.progress.missing is not None, guard.progress.is_silent)


def test_when_the_last_event_came_in_is_remembered_while_nothing_is_changed() -> None:
    guard = Told()
    came = guard.changes("came")

    guard.hourly(DAY)

    assert came == guard.progress.last_event


def test_what_the_check_itself_handed_in_is_no_event_that_came_in() -> None:
    """It lies in the inbox like any other once it was handled."""
    guard = Told()
    came = guard.changes("came")
    for number in range(3):
        guard.reading.after(600)
        guard.changes(f"lost {number}", events=False)
        guard.hourly(HOUR)
        for message in guard.reading.messages():
            guard.reading.inbox.store(message, guard.reading.clock.now())

    assert came == guard.progress.last_event
    assert guard.progress.is_silent


def handled(guard: Told) -> None:
    """What was handed in is handled, and lies in the inbox from then on."""
    for message in guard.reading.messages():
        guard.reading.inbox.store(message, guard.reading.clock.now())


def test_checks_one_after_the_other_never_take_for_delivered_what_one_of_them_handed_in() -> None:
    """Somebody runs the timer by hand, at 01:00, 01:10 and 01:20, and the deliveries are dead."""
    guard = Told()
    guard.reading.after(2400)
    lost = guard.changes("at 00:40", events=False)
    guard.reading.after(900)
    guard.changes("at 00:55", events=False)
    guard.reading.after(300)

    for _ in range(3):
        guard.now()
        handled(guard)
        guard.reading.after(600)

    assert ["Events do not arrive open"] == guard.said
    assert (lost, None) == (guard.progress.missing, guard.progress.last_event)


def test_what_was_handed_in_and_lies_just_before_a_window_is_no_event_of_it() -> None:
    """An event may be a little older than its record, so the inbox is read from before the window on."""
    guard = Told()
    guard.reading.after(1260)
    guard.changes("at 00:21", events=False)
    guard.reading.after(300)
    guard.reading.log.tells("at 00:26, and it stands in the log at 01:10", late=2640)

    for minutes in (6, 34, 6):  # the last window begins at 00:26
        guard.reading.after(minutes * 60)
        guard.now()
        handled(guard)

    assert guard.progress.last_event is None


def test_an_event_of_another_subscription_is_none_of_this_one() -> None:
    guard = Told()
    there = f"/subscriptions/{FOREIGN}/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/x"
    guard.changes("lost", events=False)
    delivered(guard.reading, "elsewhere", guard.reading.clock.now(), resourceId=there)

    guard.hourly(HOUR)

    assert guard.progress.is_silent
    assert guard.progress.last_event is None


def test_where_changes_are_fetched_from_now_on_no_event_is_missing() -> None:
    guard = Told()
    guard.changes("lost", events=False)
    guard.hourly(HOUR)

    guard.reading.rounds().fetch(SUBSCRIPTION)

    assert (0, None) == (guard.progress.missed, guard.progress.missing)


# Where nobody was there to be told -------------------------------------------------------------------


def test_the_first_check_after_changes_were_fetched_says_nothing_of_what_it_finds() -> None:
    """Between the last round and the event subscriptions nothing can have been delivered."""
    guard = Told()
    guard.reading.rounds().fetch(SUBSCRIPTION)
    guard.reading.after(60)
    guard.changes("before the subscriptions", events=False)

    assert [] == guard.hourly(2 * HOUR)
    assert ["before the subscriptions"] == guard.reading.taken()
    assert guard.progress.missing is None

    guard.changes("after them", events=False)
    guard.hourly(HOUR)
    assert ["Events do not arrive open"] == guard.said


def test_a_first_check_after_fetching_that_fails_leaves_the_next_one_the_first() -> None:
    guard = Told()
    guard.reading.rounds().fetch(SUBSCRIPTION)
    guard.changes("before the subscriptions", events=False)
    guard.reading.log.failing.append(TransientError("no answer"))

    assert [] == guard.hourly(2 * HOUR)
    assert ["before the subscriptions"] == guard.reading.taken()


def test_a_subscription_that_is_watched_again_after_weeks_says_nothing_of_what_was_changed_meanwhile() -> (
    None
):
    guard = Told()
    guard.reading.after(7 * DAY)
    guard.changes("while nobody watched", events=False)
    guard.reading.after(7 * DAY)
    guard.now()
    guard.hourly(3 * HOUR)

    assert (["while nobody watched"], []) == (guard.reading.taken(), guard.said)


@pytest.mark.parametrize("first", [None, TransientError("no answer")], ids=["it answers", "it fails"])
def test_what_event_grid_still_tries_to_deliver_after_a_stop_of_two_hours_is_not_told_as_lost(
    first: Exception | None,
) -> None:
    """Its tries are up to hours apart by then; the change is judged from the log meanwhile."""
    guard = Told()
    guard.reading.after(600)
    changed = guard.changes("while the app was stopped", events=False)
    guard.reading.after(2 * HOUR)
    guard.reading.log.failing += [] if first is None else [first]

    guard.now()
    guard.hourly(HOUR)
    delivered(guard.reading, "while the app was stopped", changed)
    guard.hourly(2 * HOUR)

    assert (["while the app was stopped"], []) == (guard.reading.taken(), guard.said)


def test_a_delivery_that_died_while_the_app_was_stopped_is_told_with_the_first_change_thereafter() -> None:
    guard = Told()
    guard.reading.after(600)
    guard.changes("while the app was stopped", events=False)
    guard.reading.after(2 * HOUR)
    guard.now()

    lost = guard.changes("thereafter", events=False)
    [told] = guard.hourly(2 * HOUR)

    assert told - lost <= timedelta(hours=1) + GRACE
    assert lost == guard.progress.missing


def test_what_was_missing_before_a_stop_is_missing_after_it() -> None:
    guard = Told()
    lost = guard.changes("lost", events=False)
    guard.hourly(HOUR)
    guard.changes("while the app was stopped", events=False)
    guard.reading.after(3 * HOUR)

    guard.now()

    assert (lost, ["Events do not arrive open"]) == (guard.progress.missing, guard.said)


def test_checks_that_fail_are_no_stop_of_the_app() -> None:
    """Else a log that answers every other hour would hide a dead delivery for ever."""
    guard = Told()
    guard.changes("lost", events=False)
    guard.reading.log.failing += [TransientError("no answer")] * 2

    assert 1 == len(guard.hourly(3 * HOUR))


def test_checks_that_are_rare_by_their_schedule_say_what_is_lost() -> None:
    guard = Told()
    for number in range(3):
        guard.reading.after(2 * HOUR)
        guard.changes(f"lost {number}", events=False)
        guard.reading.after(HOUR)
        guard.now()

    assert ["Events do not arrive open"] == guard.said


# A check that is not made ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fetches", "patience", "title"),
    [
        (False, LATE_CHECKS, "Deliveries are no longer checked"),
        (True, LATE_ROUNDS, "Changes are fetched late"),
    ],
)
def test_a_timer_that_does_not_run_any_more_is_told_of_by_another_one_and_tells_its_own_end(
    fetches: bool, patience: timedelta, title: str
) -> None:
    guard = Told()
    rounds = guard.reading.rounds(fetches=fetches)

    def quarter_of_an_hour() -> None:
        now = guard.reading.after(900).clock.now()
        troubles.tell_unread(guard.herald, rounds.fetched, [SUBSCRIPTION], now, fetches=fetches)

    rounds.fetch(SUBSCRIPTION)
    for _ in range(round(patience.total_seconds() / 900) - 1):
        quarter_of_an_hour()
    assert [] == guard.said

    for _ in range(8):
        quarter_of_an_hour()
    assert [f"{title} open"] == guard.said

    progress = rounds.fetch(SUBSCRIPTION)
    troubles.tell(
        guard.herald,
        rounds.fetched,
        progress,
        troubles.of_reading(progress, guard.reading.clock.now()),
    )
    assert [f"{title} open", f"{title} resolved"] == guard.said


def test_a_log_that_was_never_read_is_no_news_of_another_timer() -> None:
    """Before the first reading nobody knows from when on it should have been read."""
    guard = Told()
    now = guard.reading.clock.now()

    troubles.tell_unread(guard.herald, guard.reading.fetched, [FOREIGN], now, fetches=True)

    assert [] == guard.said


def test_checks_that_fail_for_hours_are_told_since_nobody_would_notice_that_events_stop() -> None:
    guard = Told()
    guard.reading.log.failing += [TransientError("no answer")] * 4

    guard.hourly(4 * HOUR)

    [told] = guard.announcer.announcements
    assert "Deliveries are no longer checked" == told.data["title"]
    assert "was checked last at 2026-01-01 00:00 UTC" in told.data["message"]


def test_a_record_is_what_these_tests_take_it_for() -> None:
    """Ours are handed in under the id of their record, by which the check knows them again."""
    reading = a_watched()
    reading.log.tells("lost")
    checks(reading.after(HOUR))

    [message] = reading.messages()

    assert a_record("lost", reading.clock.now())["eventDataId"] == message.event_id
