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
