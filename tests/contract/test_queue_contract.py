"""Every queue keeps the same promises; delivery is compared without order, as the service promises none."""

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from azure.storage.queue import QueueClient, QueueServiceClient

from remediation.adapters.memory.storage import MemoryQueue
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.backlog import MemoryBacklog, StorageBacklog
from remediation.adapters.storage.queue import StorageQueue
from remediation.errors import InputError
from remediation.messages import CardMessage, Message, decode, encode
from remediation.ports import Backlog, Gauge, Queue

WEB = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web"
AZURITE = pytest.param("storage", marks=pytest.mark.azurite)


@dataclass(frozen=True)
class Rig:
    """A queue under test, and what a poller of its queues sees there.

    `visible` takes the texts that can be received now; `lying` counts all there are, visible or not.
    """

    queue: Queue
    visible: Callable[[str], list[str]]
    lying: Callable[[str], int]


@pytest.fixture(params=["memory", AZURITE])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    if request.param == "memory":
        yield memory_rig()
        return
    account: StorageAccount = request.getfixturevalue("storage_account")
    name: str = request.getfixturevalue("fresh_name")
    with closing(QueueServiceClient.from_connection_string(account.connection_string)) as service:
        reconcile, neighbourhood, cards = (
            f"{name}-{which}" for which in ("reconcile", "neighbourhood", "cards")
        )
        queue = StorageQueue(account, reconcile=reconcile, neighbourhood=neighbourhood, cards=cards)
        yield Rig(
            queue,
            lambda which: received(service.get_queue_client(f"{name}-{which}")),
            lambda which: count(service.get_queue_client(f"{name}-{which}")),
        )


def memory_rig() -> Rig:
    queue = MemoryQueue()

    def visible(which: str) -> list[str]:
        return [message.text for message in queue.receive(which, visibility=60, limit=100)]

    return Rig(queue, visible, lambda which: len(queue.texts(which)))


def received(queue: QueueClient) -> list[str]:
    return [
        message.content for message in queue.receive_messages(visibility_timeout=60, messages_per_page=32)
    ]


def count(queue: QueueClient) -> int:
    return queue.get_queue_properties().approximate_message_count or 0


def unwrapped(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def test_what_is_sent_is_what_the_trigger_decodes(rig: Rig) -> None:
    sent = Message(
        target=WEB,
        reason="replay",
        force=True,
        attempt=2,
        event_id="e-1",
        event_time=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        actor={"name": "Zoë <zoe@contoso.com> & co"},
    )

    rig.queue.send(sent)

    (text,) = rig.visible("reconcile")
    assert decode(unwrapped(text)) == sent


def test_every_message_arrives_once(rig: Rig) -> None:
    targets = [f"{WEB}{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda target: rig.queue.send(Message(target=target)), targets))

    texts = rig.visible("reconcile")

    assert sorted(decode(unwrapped(text)).target or "" for text in texts) == sorted(targets)
    assert rig.visible("reconcile") == []


def test_a_delayed_message_lies_there_and_waits(rig: Rig) -> None:
    rig.queue.send(Message(target=WEB), delay=3600)
    rig.queue.send(Message(target=WEB, reason="sooner"))

    assert [decode(unwrapped(text)).reason for text in rig.visible("reconcile")] == ["sooner"]
    assert rig.lying("reconcile") == 2


@pytest.mark.parametrize("work", [Message(expand=WEB), Message(sweep=WEB), Message(round=WEB)])
def test_what_is_no_target_lies_on_the_queue_of_the_other_lane(rig: Rig, work: Message) -> None:
    rig.queue.send(work)

    assert 1 == rig.lying("neighbourhood")


@pytest.mark.parametrize("delay", [-5, 0])
def test_no_delay_means_now(rig: Rig, delay: float) -> None:
    rig.queue.send(Message(target=WEB), delay=delay)

    assert len(rig.visible("reconcile")) == 1


@pytest.mark.parametrize("delay", [0.2, 7 * 24 * 3600, 1e9])
def test_any_delay_is_accepted(rig: Rig, delay: float) -> None:
    rig.queue.send(Message(target=WEB), delay=delay)

    assert rig.visible("reconcile") == []
    assert rig.lying("reconcile") == 1


def test_cards_have_a_queue_of_their_own(rig: Rig) -> None:
    rig.queue.send_card(CardMessage(attempt=3))
    rig.queue.send(Message(target=WEB))

    (text,) = rig.visible("cards")

    assert unwrapped(text).decode() == encode(CardMessage(attempt=3))
    assert len(rig.visible("reconcile")) == 1


def test_a_message_of_the_largest_size_passes(rig: Rig) -> None:
    room = 40 * 1024 - len(encode(Message(target=WEB, operation="-")))
    message = Message(target=WEB, operation="o" * (room + 1))

    rig.queue.send(message)

    (text,) = rig.visible("reconcile")
    assert decode(unwrapped(text)) == message


def test_a_larger_message_is_refused(rig: Rig) -> None:
    rig.queue.send(Message(target=WEB))

    with pytest.raises(InputError, match="larger than"):
        rig.queue.send(Message(target=WEB, operation="o" * 50_000))

    assert rig.lying("reconcile") == 1


@pytest.mark.azurite
def test_a_message_on_azure_never_expires(storage_account: StorageAccount, fresh_name: str) -> None:
    StorageQueue(storage_account, reconcile=fresh_name).send(Message(target=WEB))

    with QueueClient.from_connection_string(storage_account.connection_string, fresh_name) as client:
        (message,) = client.peek_messages()

    assert message.expires_on is not None
    assert message.expires_on.year > 9000


@pytest.mark.azurite
def test_a_queue_that_was_removed_is_made_again(storage_account: StorageAccount, fresh_name: str) -> None:
    queue = StorageQueue(storage_account, reconcile=fresh_name)
    queue.send(Message(target=WEB))
    with QueueClient.from_connection_string(storage_account.connection_string, fresh_name) as client:
        client.delete_queue()

        queue.send(Message(target=WEB))

        assert count(client) == 1


@pytest.fixture(params=["memory", AZURITE])
def measured(request: pytest.FixtureRequest) -> tuple[Gauge, Queue, Callable[[], object]]:
    """The app's own queues, what measures them, and what empties them."""
    if request.param == "memory":
        memory = MemoryQueue()
        return MemoryBacklog(memory), memory, lambda: None
    account: StorageAccount = request.getfixturevalue("storage_account")
    service = QueueServiceClient.from_connection_string(account.connection_string)
    client = service.get_queue_client("reconcile")
    return StorageBacklog(account), StorageQueue(account), client.delete_queue


def test_what_waits_is_counted_with_what_is_delayed_and_is_as_old_as_the_first_that_is_due(
    measured: tuple[Gauge, Queue, Callable[[], object]],
) -> None:
    gauge, queue, empty = measured
    before = the_backlog(gauge)
    try:
        queue.send(Message(target=WEB), delay=3600)
        delayed = the_backlog(gauge)
        queue.send(Message(target=WEB))
        due = the_backlog(gauge)
    finally:
        empty()

    assert Backlog("reconcile", 0) == before
    assert Backlog("reconcile", 1) == delayed
    assert 2 == due.messages
    assert due.oldest is not None
    assert abs((datetime.now(UTC) - due.oldest).total_seconds()) < 60


def the_backlog(gauge: Gauge) -> Backlog:
    return next(each for each in gauge.backlog() if each.queue == "reconcile")
