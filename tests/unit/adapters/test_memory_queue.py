"""The queue in memory behaves to its host as a storage queue does: invisibility, receipts, poison."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from remediation.adapters.clock import VirtualClock
from remediation.adapters.memory.storage import MemoryQueue, Received, forget, shared
from remediation.messages import Message

WEB = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web"


def the_one(queue: MemoryQueue, name: str = "reconcile", visibility: float = 30) -> Received:
    (message,) = queue.receive(name, visibility=visibility)
    return message


def test_a_delayed_message_appears_when_its_time_has_come(clock: VirtualClock) -> None:
    queue = MemoryQueue(clock)
    queue.send(Message(target=WEB), delay=60)

    assert queue.next_visible("reconcile") == clock.now() + timedelta(seconds=60)
    clock.advance(59)
    assert queue.receive("reconcile", visibility=30) == []
    clock.advance(1)
    assert the_one(queue).dequeue_count == 1


def test_a_message_not_deleted_in_time_reappears_with_a_higher_count(clock: VirtualClock) -> None:
    queue = MemoryQueue(clock)
    queue.send(Message(target=WEB))
    first = the_one(queue)

    assert queue.receive("reconcile", visibility=30) == []
    clock.advance(30)
    second = the_one(queue)

    assert (second.id, second.text, second.dequeue_count) == (first.id, first.text, 2)


def test_an_old_receipt_deletes_and_releases_nothing(clock: VirtualClock) -> None:
    queue = MemoryQueue(clock)
    queue.send(Message(target=WEB))
    first = the_one(queue)
    clock.advance(30)
    second = the_one(queue)

    assert not queue.delete("reconcile", first)
    assert not queue.release("reconcile", first)
    assert queue.delete("reconcile", second)
    assert queue.texts() == []
    assert queue.next_visible("reconcile") is None


def test_a_released_message_comes_back_after_the_delay(clock: VirtualClock) -> None:
    queue = MemoryQueue(clock)
    queue.send(Message(target=WEB))

    assert queue.release("reconcile", the_one(queue), delay=5)

    assert queue.receive("reconcile", visibility=30) == []
    clock.advance(5)
    assert the_one(queue).dequeue_count == 2


def test_poison_moves_to_a_queue_beside(clock: VirtualClock) -> None:
    queue = MemoryQueue(clock)
    queue.send(Message(target=WEB))
    message = the_one(queue)

    queue.poison("reconcile", message)
    queue.poison("reconcile", message)

    assert queue.texts("reconcile") == []
    assert queue.texts("reconcile-poison") == [message.text]


def test_no_message_is_given_to_two_pollers() -> None:
    queue = MemoryQueue()
    for number in range(200):
        queue.put("reconcile", str(number))

    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: queue.receive("reconcile", visibility=60, limit=25), range(8)))

    assert sorted(int(message.text) for batch in batches for message in batch) == list(range(200))


def test_subscribers_hear_of_every_message_until_they_leave(clock: VirtualClock) -> None:
    queue, heard = MemoryQueue(clock), list[int]()
    leave = queue.subscribe(lambda: heard.append(len(queue.texts())))

    queue.send(Message(target=WEB))
    queue.release("reconcile", the_one(queue))
    leave()
    queue.send(Message(target=WEB))

    assert heard == [1, 1]


def test_the_same_name_leads_to_the_same_storage(clock: VirtualClock) -> None:
    shared("t-shared", clock).queue.send(Message(target=WEB))
    shared("t-shared").ledger.put("facts", "a", {"n": 1})

    assert len(shared("t-shared").queue.texts()) == 1
    assert shared("t-other").ledger.read("facts", "a") is None

    forget("t-shared")
    forget("t-other")
    assert shared("t-shared").ledger.read("facts", "a") is None
    forget("t-shared")
