"""What the app tells of reading activity logs: in health, in the doctor's words, and in the history."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import VirtualClock, forget, shared
from remediation.app.functions import App
from remediation.findings import State
from remediation.intake.fetching.progress import LATE_ROUNDS, Fetched, Progress
from remediation.intake.fetching.troubles import ABOUT, LATE
from remediation.ledger.findings_book import FindingsBook
from remediation.on_call.checkup.answers import Health, conditions
from remediation.on_call.history import Historian, read
from remediation.ports import Ledger
from remediation.resource_id import ResourceId
from tests.builders import FOREIGN, SUBSCRIPTION

MINUTE = timedelta(minutes=1)


@pytest.fixture
def rig() -> Iterator[tuple[App, Ledger, VirtualClock]]:
    clock = VirtualClock()
    storage = shared("fetching", clock)
    yield App(watching(SUBSCRIPTION), clock=clock), storage.ledger, clock
    forget("fetching")


def watching(*subscriptions: str) -> dict[str, str]:
    """The settings of an app that watches them."""
    return {
        "SUBSCRIPTIONS": ",".join(subscriptions),
        "AzureWebJobsStorage": "memory://fetching",
        "ARM_ENDPOINT": "http://127.0.0.1:9",
        "ARM_STATIC_TOKEN": "nobody",
        "CHANGES_FROM": "activityLog",
    }


def healthy(app: App) -> dict[str, Any]:
    answer = app.health()
    assert 200 == answer.status
    return dict(json.loads(answer.text))


def doctors(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(check.name, check.state, check.command) for check in conditions(Health(200, told))]


@pytest.mark.parametrize(
    ("progress", "word", "counted", "advice"),
    [
        ({"through": 0, "read_at": 0}, "ok", {"behindSeconds": 0}, ""),
        ({"through": 20, "read_at": 20}, "ok", {"behindSeconds": 1200}, ""),
        ({"through": 40, "read_at": 40}, "degraded", {"behindSeconds": 2400, "late": 1}, "late-changes"),
        (
            {"through": 5, "read_at": 5, "trouble": "HTTP 403", "since": 5},
            "degraded",
            {"behindSeconds": 300, "unread": 1},
            "unread-subscription",
        ),
        (
            {"through": 90, "read_at": 90, "missed": 3, "fetches": False},
            "degraded",
            {"behindSeconds": 5400, "missed": 3},
            "missed-events",
        ),
    ],
    ids=["just read", "a while ago", "late", "unread", "missed"],
)
def test_health_and_doctor_tell_how_far_behind_it_is_and_what_is_wrong(
    rig: tuple[App, Ledger, VirtualClock],
    progress: dict[str, Any],
    word: str,
    counted: dict[str, int],
    advice: str,
) -> None:
    app, ledger, clock = rig
    moments: dict[str, Any] = {
        key: clock.now() - progress[key] * MINUTE
        for key in ("through", "read_at", "since")
        if key in progress
    }
    fields: dict[str, Any] = {"fetches": True, **progress, **moments}
    Fetched(ledger).note(Progress(subscription=SUBSCRIPTION, **fields))
    Fetched(ledger).note(Progress(subscription=FOREIGN, trouble="watched no longer", since=clock.now()))

    told = healthy(app)

    names = ("behindSeconds", "late", "unread", "missed")
    assert (word, counted) == (told["status"], {name: told[name] for name in names if name in told})
    [(name, state, command)] = doctors(told)
    assert ("changes", "bad" if advice else "good") == (name, state)
    assert command.endswith(advice)
    [details] = json.loads(app.health_details().text)["details"]["changes"]
    assert (SUBSCRIPTION, advice) == (details["subscription"], details["page"])


def test_health_and_doctor_tell_for_how_long_no_event_came_although_the_log_has_writes(
    rig: tuple[App, Ledger, VirtualClock],
) -> None:
    """Also after a check in which nothing was changed; who has the key is told when the last event was."""
    app, ledger, clock = rig
    last, missing = (clock.now() - timedelta(hours=hours) for hours in (6, 5))
    known = Progress(subscription=SUBSCRIPTION, read_at=clock.now(), last_event=last, missing=missing)
    Fetched(ledger).note(known)

    told, details = healthy(app), json.loads(app.health_details().text)

    assert ("degraded", 1, 5 * 3600) == (told["status"], told["withoutEvents"], told["missingSeconds"])
    [change] = details["details"]["changes"]
    assert (last.isoformat(), missing.isoformat()) == (change["lastEvent"], change["missingSince"])
    assert [("changes", "bad", "see docs/runbook.md, missed-events")] == doctors(told)
    [check] = conditions(Health(200, details))
    assert "no event for 5.0 hours although the activity log has writes" in check.text
    assert last.isoformat() in check.text


def test_of_several_subscriptions_the_doctor_names_those_without_events_each_with_its_own_last(
    rig: tuple[App, Ledger, VirtualClock],
) -> None:
    """One whose events come says nothing of another whose do not."""
    _, ledger, clock = rig
    watched = {
        f"{number}2345678-0000-0000-0000-000000000000": hours for number, hours in enumerate((48, 0, 5))
    }
    app = App(watching(*watched), clock=clock)
    for subscription, hours in watched.items():
        missing = clock.now() - timedelta(hours=hours)
        silent = Progress(
            subscription=subscription,
            read_at=clock.now(),
            last_event=missing - MINUTE,
            missing=missing if hours else None,
        )
        Fetched(ledger).note(silent)

    told = json.loads(app.health_details().text)

    first, _, third = watched
    [long, short] = [check.text for check in conditions(Health(200, told)) if check.name == "changes"]
    assert long.startswith(
        f"subscription {first}: no event for 48.0 hours although the activity log has writes"
    )
    assert short.startswith(
        f"subscription {third}: no event for 5.0 hours although the activity log has writes"
    )
    for text, hours in ((long, 48), (short, 5)):
        assert (clock.now() - timedelta(hours=hours) - MINUTE).isoformat() in text


def test_the_doctor_tells_of_a_subscription_whose_events_come_in_part() -> None:
    change = {
        "subscription": FOREIGN,
        "missed": 2,
        "missingSince": "2026-01-01T00:00:00+00:00",
        "lastEvent": "2026-01-01T00:20:00+00:00",
    }
    body = {"missed": 2, "missingSeconds": 1800, "withoutEvents": 1, "details": {"changes": [change]}}

    [check] = conditions(Health(200, body))

    assert (
        f"subscription {FOREIGN}: no event told of 2 changes of the last check, for 0.5 hours" in check.text
    )


def test_the_doctor_tells_where_only_some_events_are_missing() -> None:
    [check] = conditions(Health(200, {"missed": 2, "missingSeconds": 1800}))

    assert "no event told of 2 changes of the last check, for 0.5 hours now" in check.text

    [check] = conditions(Health(200, {"missingSeconds": 7200}))
    assert "no event told of some changes, for 2.0 hours now" in check.text


def test_before_the_first_reading_there_is_nothing_to_tell(rig: tuple[App, Ledger, VirtualClock]) -> None:
    app, _, _ = rig

    assert "behindSeconds" not in healthy(app)
    assert [] == doctors(healthy(app))


def test_the_timer_of_the_quarter_of_an_hour_tells_of_the_one_that_does_not_run(
    rig: tuple[App, Ledger, VirtualClock],
) -> None:
    app, ledger, clock = rig
    Fetched(ledger).note(Progress(subscription=SUBSCRIPTION, read_at=clock.now(), fetches=True))

    clock.advance(LATE_ROUNDS.total_seconds())
    app.import_dead_letters()

    about = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}/{ABOUT}/{LATE}")
    [told] = FindingsBook(ledger).of(about).values()
    assert ("Changes are fetched late", State.OPEN) == (told.title, told.state)
    assert "were fetched last at 2026-01-01 00:00 UTC" in told.message


def test_the_history_says_up_to_when_changes_are_fetched(rig: tuple[App, Ledger, VirtualClock]) -> None:
    _, ledger, clock = rig
    until = clock.now()
    Fetched(ledger).note(
        Progress(subscription=SUBSCRIPTION, through=until - timedelta(hours=2), fetches=True)
    )

    note = Historian(ledger).page(read({}, until)).note

    assert f"changes of subscription {SUBSCRIPTION} are fetched up to 2025-12-31 22:00 UTC" in note


def test_the_history_says_nothing_of_a_log_that_is_read(rig: tuple[App, Ledger, VirtualClock]) -> None:
    _, ledger, clock = rig
    Fetched(ledger).note(Progress(subscription=SUBSCRIPTION, through=clock.now(), fetches=True))

    assert "fetched" not in Historian(ledger).page(read({}, clock.now())).note


def test_the_history_names_subscriptions_that_cannot_be_read_and_counts_the_rest(
    rig: tuple[App, Ledger, VirtualClock],
) -> None:
    _, ledger, clock = rig
    for number in range(7):
        Fetched(ledger).note(Progress(subscription=f"{number}", trouble="HTTP 403", since=clock.now()))

    note = Historian(ledger).page(read({}, clock.now())).note

    assert 5 == note.count("cannot be read")
    assert "and 2 more" in note
