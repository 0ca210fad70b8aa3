"""A call is tried again only while that can help, and never longer than the invocation has."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from remediation.adapters.clock import VirtualClock
from remediation.adapters.retrying import Retry
from remediation.errors import ConflictError, LeaseLostError, PermanentError, ThrottledError, TransientError
from tests.noted import Noted


def failing(*errors: Exception) -> Callable[[], int]:
    """Raises the errors in turn and then returns the number of calls it took."""
    left, calls = list(errors), 0

    def action() -> int:
        nonlocal calls
        calls += 1
        if left:
            raise left.pop(0)
        return calls

    return action


def test_what_passes_is_tried_again(clock: VirtualClock) -> None:
    assert Retry(clock).call(failing(TransientError("a"), TransientError("b"))) == 3
    assert len(clock.slept) == 2


def test_waits_grow_and_differ(clock: VirtualClock) -> None:
    Retry(clock).call(failing(*[TransientError("again")] * 3))

    first, second, third = clock.slept
    assert 0.5 <= first < second < third <= 3
    assert len({round(wait % 0.5, 6) for wait in clock.slept}) == 3


def test_the_last_error_goes_up_when_no_try_is_left(clock: VirtualClock) -> None:
    errors = [TransientError(str(number)) for number in range(9)]

    with pytest.raises(TransientError, match="3"):
        Retry(clock).call(failing(*errors))

    assert len(clock.slept) == 3


@pytest.mark.parametrize(
    "error", [ConflictError("moved"), LeaseLostError("lost"), PermanentError("no"), KeyError("x")]
)
def test_what_another_try_cannot_mend_goes_up_at_once(clock: VirtualClock, error: Exception) -> None:
    with pytest.raises(type(error)):
        Retry(clock).call(failing(error))

    assert clock.slept == []


def test_nothing_is_tried_before_the_moment_the_service_asked_for(clock: VirtualClock) -> None:
    Retry(clock).call(failing(ThrottledError("slow down", retry_after=6)))

    (wait,) = clock.slept
    assert 6 <= wait <= 6.5


def test_a_long_wait_is_left_to_whoever_plans_the_next_try(clock: VirtualClock) -> None:
    with pytest.raises(ThrottledError) as caught:
        Retry(clock).call(failing(ThrottledError("slow down", retry_after=45)))

    assert caught.value.retry_after == 45
    assert clock.slept == []


def test_no_wait_outlasts_the_invocation(clock: VirtualClock) -> None:
    end = clock.now() + timedelta(seconds=4)

    def remaining() -> float:
        return (end - clock.now()).total_seconds()

    with pytest.raises(TransientError):
        Retry(clock, remaining).call(failing(*[TransientError("down", retry_after=3)] * 9))

    assert len(clock.slept) == 1
    assert clock.now() < end


@pytest.mark.parametrize("failures", [0, 1, 3, 9])
def test_exactly_the_repeats_are_counted(clock: VirtualClock, failures: int) -> None:
    noted, calls = Noted(), 0

    def counting() -> None:
        nonlocal calls
        calls += 1
        if calls <= failures:
            raise TransientError("down")

    with suppress(TransientError):
        Retry(clock, measures=noted, of="tables").call(counting)

    assert calls - 1 == noted.totals["retries"]
    assert {("tables", "TransientError")} >= {(told["of"], told["reason"]) for _, told in noted.counted}


def test_each_answer_that_asks_us_to_slow_down_is_counted_whether_it_is_repeated_or_goes_up(
    clock: VirtualClock,
) -> None:
    noted = Noted()
    patient = Retry(clock, measures=noted, of="arm")

    patient.call(failing(ThrottledError("wait", retry_after=1), TransientError("down")))
    assert {"throttles": 1, "retries": 2} == noted.totals

    with pytest.raises(ThrottledError):
        patient.call(failing(ThrottledError("wait long", retry_after=60)))
    assert {"throttles": 2, "retries": 2} == noted.totals


@pytest.mark.parametrize("error", [ConflictError("moved"), PermanentError("no"), KeyError("x")])
def test_what_is_not_tried_again_is_not_counted(clock: VirtualClock, error: Exception) -> None:
    noted = Noted()

    with pytest.raises(type(error)):
        Retry(clock, measures=noted).call(failing(error))

    assert [] == noted.counted
