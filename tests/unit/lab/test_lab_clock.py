"""The lab's time: it wakes whoever waits on it, in threads and in tasks, and skips idle waits."""

import asyncio
import threading
from datetime import UTC, datetime

from lab.arm import Arm
from lab.clock import AppClock, LabClock
from lab.delivery import Deliverer, Subscription
from lab.quiet import NotQuietError, Watch

START = 1_790_000_000.0


def test_a_thread_that_sleeps_for_an_hour_is_woken_by_an_advance() -> None:
    clock = LabClock(START, running=False)
    sleeper = threading.Thread(target=AppClock(clock).sleep, args=(3600,))
    sleeper.start()
    assert clock.await_sleepers(1)
    assert clock.asleep == [START + 3600]
    clock.advance(1800)
    assert sleeper.is_alive()
    clock.advance(1800)
    sleeper.join(5)
    assert (sleeper.is_alive(), clock.asleep) == (False, [])


def test_a_task_reaches_a_moment_when_somebody_advances_from_another_thread() -> None:
    async def story() -> float:
        clock = LabClock(START, running=False)
        reached = asyncio.create_task(clock.reach(START + 60))
        await asyncio.to_thread(clock.advance, 59)
        await asyncio.to_thread(clock.advance, 1)
        async with asyncio.timeout(5):
            await reached
        return clock.now()

    assert asyncio.run(story()) == START + 60


def test_a_running_clock_reaches_a_moment_by_itself() -> None:
    async def story() -> bool:
        clock = LabClock()
        moment = clock.now() + 0.01
        async with asyncio.timeout(5):
            await clock.reach(moment)
        return clock.now() >= moment

    assert asyncio.run(story())


def test_the_app_sees_the_lab_s_time_in_utc() -> None:
    clock = LabClock(START, running=False)
    assert AppClock(clock).now() == datetime.fromtimestamp(START, UTC)


def held(clock: LabClock) -> Deliverer:
    """A deliverer whose endpoint is away, so that it waits from try to try."""
    deliverer = Deliverer(clock)
    deliverer.held = True
    return deliverer


def test_quiet_skips_from_wait_to_wait_until_nothing_is_left() -> None:
    async def story() -> tuple[int, float]:
        clock = LabClock(START, running=False)
        deliverer = held(clock)
        async with deliverer.running():
            event = {"id": "1"}
            deliverer.offer([event], Subscription("guard", "http://127.0.0.1:9/", max_attempts=4))
            await Watch(clock, Arm(clock), [deliverer], None).quiet(seconds=5, skip_at_most=3600)
        return len(deliverer.dead_letters), clock.now() - START

    letters, skipped = asyncio.run(story())
    assert letters == 1
    assert 100 <= skipped <= 110.1  # three waits: 10, 30 and 60 seconds, each up to a tenth longer


def test_quiet_gives_up_beyond_the_lab_time_it_may_skip_and_says_what_goes_on() -> None:
    async def story() -> str:
        clock = LabClock(START, running=False)
        deliverer = held(clock)
        async with deliverer.running():
            deliverer.offer([{"id": "1"}], Subscription("guard", "http://127.0.0.1:9/"))
            try:
                await Watch(clock, Arm(clock), [deliverer], None).quiet(seconds=5, skip_at_most=50)
            except NotQuietError as error:
                return str(error)
        return "quiet"

    assert "1 waits, the next until" in asyncio.run(story())


def test_a_moment_without_activity_is_quiet_at_once() -> None:
    async def story() -> float:
        clock = LabClock(START, running=False)
        await Watch(clock, Arm(clock), [], None).quiet(seconds=0, skip_at_most=0)
        return clock.now()

    assert asyncio.run(story()) == START
