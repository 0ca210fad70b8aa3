"""Rounds leave half of ARM's read bucket to everybody else."""

from datetime import UTC, datetime

from remediation.adapters.memory.storage import VirtualClock
from remediation.reconciling.rounds.pace import AT_ONCE, RATE, Pace
from tests.builders import AT, NSG_ID, SUBSCRIPTION


def test_half_a_bucket_goes_at_once_and_the_rest_at_half_its_rate() -> None:
    clock = VirtualClock(datetime(2026, 3, 1, tzinfo=UTC))
    pace, began = Pace(clock), clock.now()

    for _ in range(int(AT_ONCE) + 250):
        pace.keep(NSG_ID.text)

    assert 250 / RATE == round((clock.now() - began).total_seconds(), 3)


def test_each_subscription_has_its_own() -> None:
    clock = VirtualClock(datetime(2026, 3, 1, tzinfo=UTC))
    pace, began = Pace(clock), clock.now()

    for scope in (AT, AT.replace(SUBSCRIPTION, "another")):
        for _ in range(int(AT_ONCE)):
            pace.keep(f"https://management.azure.com{scope}/providers/x")

    assert began == clock.now()
