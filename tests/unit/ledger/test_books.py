"""What the smaller books of the ledger keep: pressure, the inbox, the history of writes."""

from datetime import UTC, datetime, timedelta

import pytest

from remediation.adapters.memory.storage import MemoryLedger
from remediation.errors import ConflictError
from remediation.ledger.inbox import Inbox
from remediation.ledger.journal import Journal
from remediation.ledger.pressure import Pressure
from remediation.messages import Message
from tests.builders import NSG_ID, SUBSCRIPTION

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("first", "second"), [(170.0, 20.0), (20.0, 170.0)])
def test_the_longest_wait_that_anybody_was_told_counts(first: float, second: float) -> None:
    pressure = Pressure(MemoryLedger())

    for seconds in (first, second):
        pressure.throttled(SUBSCRIPTION, "westeurope", "arm", NOW, seconds)

    assert 170.0 == pressure.wait(SUBSCRIPTION, "West Europe", "arm", NOW)
    assert 0.0 == pressure.wait(SUBSCRIPTION, "westeurope", "arm", NOW + HOUR)
    assert 0.0 == pressure.wait(SUBSCRIPTION, "northeurope", "arm", NOW)


def test_an_event_without_a_time_of_its_own_is_found_by_when_it_came_in_and_comes_last() -> None:
    inbox = Inbox(MemoryLedger())
    for name, at in (("dated", NOW), ("undated", None)):
        inbox.store(Message(target=NSG_ID.text, event_id=name, event_time=at), NOW)

    assert ["dated", "undated"] == [message.event_id for message, _ in inbox.between(NOW, NOW + HOUR)]
    assert [] == list(inbox.between(NOW + HOUR, NOW + 2 * HOUR))


def test_the_end_of_a_write_that_was_never_intended_is_refused() -> None:
    with pytest.raises(ConflictError, match="the history has no write x"):
        Journal(MemoryLedger()).ended("x", "done", NOW)


@pytest.mark.parametrize("asked", [999_999_999.0, 1e300, float("inf"), float("nan")])
def test_nobody_is_waited_for_longer_than_a_quarter_of_an_hour(asked: float) -> None:
    pressure = Pressure(MemoryLedger())

    pressure.throttled(SUBSCRIPTION, "westeurope", "arm", NOW, asked)

    assert 900.0 >= pressure.wait(SUBSCRIPTION, "westeurope", "arm", NOW)
    assert 0.0 == pressure.wait(SUBSCRIPTION, "westeurope", "arm", NOW + HOUR)


def test_a_wait_of_years_that_an_earlier_release_noted_counts_for_nothing() -> None:
    ledger = MemoryLedger()
    pressure = Pressure(ledger)
    key = f"{SUBSCRIPTION}|westeurope|arm"
    ledger.put("pressure", key, {"notBefore": (NOW + timedelta(days=11_000)).isoformat()})

    assert 0.0 == pressure.wait(SUBSCRIPTION, "westeurope", "arm", NOW)
    pressure.throttled(SUBSCRIPTION, "westeurope", "arm", NOW, 60.0)
    assert 60.0 == pressure.wait(SUBSCRIPTION, "westeurope", "arm", NOW)


def test_what_is_asked_again_and_again_is_one_spell_until_there_is_a_lull() -> None:
    pressure = Pressure(MemoryLedger())
    for minutes in (0, 10, 20):
        moment = NOW + timedelta(minutes=minutes)
        pressure.throttled(SUBSCRIPTION, "westeurope", "arm", moment, 600.0)

    (spell,) = pressure.spells()
    assert (NOW, NOW + timedelta(minutes=30)) == (spell.since, spell.until)
    assert spell.is_over(NOW + HOUR)

    pressure.throttled(SUBSCRIPTION, "westeurope", "arm", NOW + 2 * HOUR, 60.0)
    assert [NOW + 2 * HOUR] == [spell.since for spell in pressure.spells()]
