"""Marks and the round of a subscription, as the ledger keeps them."""

from datetime import UTC, datetime, timedelta

from remediation.adapters.memory.storage import MemoryLedger, MemoryQueue, VirtualClock
from remediation.ledger.keys import shards
from remediation.messages import Message
from remediation.policy import Policy
from remediation.reconciling.rounds.collecting import MOST_TIMES, SOON, Collector
from remediation.reconciling.rounds.marks import LEASE, Marks
from tests.builders import AT, NIC_ID, SUBNET_ID, SUBSCRIPTION, VNET_ID

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ELSEWHERE = f"/subscriptions/{SUBSCRIPTION[:-1]}9"


def asks(identity: object) -> Message:
    return Message(expand=str(identity), event_id="e")


def test_the_same_question_is_one_mark_and_another_subscription_has_its_own() -> None:
    marks = Marks(MemoryLedger())
    for scope in (AT, AT, ELSEWHERE):
        marks.leave(scope, asks(f"{scope}/resourceGroups/r/providers/a/b/c"), NOW)

    assert (1, 1) == (len(marks.of(AT)), len(marks.of(ELSEWHERE)))
    assert {AT, ELSEWHERE} == marks.scopes()


def test_a_mark_that_was_left_anew_stays_for_the_next_round() -> None:
    marks = Marks(MemoryLedger())
    marks.leave(AT, asks(NIC_ID), NOW)
    marks.leave(AT, asks(VNET_ID), NOW)
    taken = marks.of(AT)
    marks.leave(AT, asks(NIC_ID), NOW + timedelta(seconds=1))

    marks.answered(taken)

    assert [NIC_ID.text] == [mark.message.expand for mark in marks.of(AT)]
    assert marks.are_left(AT)


def test_the_marks_of_a_deployment_do_not_meet_in_one_partition() -> None:
    ledger = MemoryLedger()
    for number in range(64):
        Marks(ledger).leave(AT, asks(f"{NIC_ID}-{number}"), NOW)

    fullest = max(len(ledger.rows(partition)) for partition in shards("marks"))

    assert fullest <= 12


def test_one_round_at_a_time_until_its_lease_is_over() -> None:
    marks = Marks(MemoryLedger())
    held = marks.begin(AT, NOW)
    assert held is not None

    assert marks.begin(AT, NOW + LEASE / 2) is None
    assert marks.renew(held, NOW + LEASE / 2)
    assert marks.begin(AT, NOW + LEASE) is None
    assert marks.begin(AT, NOW + LEASE * 2) is not None
    assert not marks.renew(held, NOW + LEASE * 2)


def test_who_has_lost_a_round_does_not_end_that_of_another() -> None:
    marks = Marks(MemoryLedger())
    lost = marks.begin(AT, NOW)
    assert lost is not None
    marks.begin(AT, NOW + LEASE)

    marks.end(lost)

    assert marks.round_of(AT).is_running(NOW + LEASE)


def collected(clock: VirtualClock, ledger: MemoryLedger, queue: MemoryQueue) -> Collector:
    return Collector(Marks(ledger), queue, clock, Policy(frozenset({SUBSCRIPTION})))


def test_a_hundred_questions_of_a_few_seconds_call_one_round() -> None:
    clock, ledger = VirtualClock(NOW), MemoryLedger()
    queue = MemoryQueue(clock)
    for number in range(100):
        worker = collected(clock, ledger, queue)  # each in a process of its own
        worker.collect(asks(f"{NIC_ID}-{number}"), NIC_ID)

    assert 1 == len(queue.texts("neighbourhood"))
    assert NOW + timedelta(seconds=5) == queue.next_visible("neighbourhood")


def test_while_one_round_follows_another_each_waits_longer_and_after_a_pause_no_more() -> None:
    clock, ledger = VirtualClock(NOW), MemoryLedger()
    queue = MemoryQueue(clock)
    worker = collected(clock, ledger, queue)
    waits: list[float] = []
    for pause in (0, 1, 1, 1, 1, 600):
        clock.advance(pause)
        worker.collect(asks(NIC_ID), NIC_ID)
        visible = queue.next_visible("neighbourhood")
        assert visible is not None
        waits.append((visible - clock.now()).total_seconds())
        clock.advance(waits[-1])
        [received] = queue.receive("neighbourhood", visibility=60)
        queue.delete("neighbourhood", received)

    assert [5, 10, 20, 5 * MOST_TIMES, 5 * MOST_TIMES, 5] == waits


def test_a_round_that_is_only_to_compare_is_due_sooner() -> None:
    clock, ledger = VirtualClock(NOW), MemoryLedger()
    queue = MemoryQueue(clock)
    collected(clock, ledger, queue).compare(Message(target=NIC_ID.text, reason="late event"), NIC_ID)

    assert NOW + timedelta(seconds=SOON) == queue.next_visible("neighbourhood")


def test_what_waits_without_a_round_is_taken_up_once() -> None:
    clock, ledger = VirtualClock(NOW), MemoryLedger()
    queue = MemoryQueue(clock)
    Marks(ledger).leave(AT, asks(SUBNET_ID), NOW)
    worker = collected(clock, ledger, queue)

    assert [1, 0] == [worker.take_up(), worker.take_up()]
