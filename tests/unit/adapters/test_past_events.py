"""Poison queue, dead letters and activity log, each on what stands in for Azure here."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from lab.arm import Arm, in_background
from remediation.adapters.arm.activity_log import MonitorActivityLog
from remediation.adapters.arm.cloud import ArmCloud
from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.memory.storage import MemoryQueue
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.dead_letters import BlobDeadLetters
from remediation.adapters.storage.poison import MemoryPoison, StoragePoison
from remediation.errors import ForbiddenError, PermanentError
from remediation.intake.events import parse
from remediation.intake.records import is_record
from remediation.messages import on_the_wire
from remediation.model import Write
from remediation.on_call.sources import PoisonQueue
from remediation.resource_id import ResourceId
from tests.unit.adapters.http_stub import Say, stub

DAY = timedelta(days=1)
SUBSCRIPTION = "00000000-0000-0000-0000-00000000cafe"
AT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups"


# Poison --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rig:
    """A poison queue, and how texts get there as they lie on the wire."""

    queue: PoisonQueue
    put: Callable[[str], object]


@pytest.fixture(params=["memory", pytest.param("storage", marks=pytest.mark.azurite)])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    if request.param == "memory":
        memory = MemoryQueue(VirtualClock())
        yield Rig(MemoryPoison(memory), lambda text: memory.put("reconcile-poison", text))
        return
    account: StorageAccount = request.getfixturevalue("storage_account")
    name = request.getfixturevalue("fresh_name")
    with QueueClient.from_connection_string(account.connection_string, name) as client:
        client.create_queue()
        yield Rig(StoragePoison(account, name=name), client.send_message)


def texts(queue: PoisonQueue) -> list[str]:
    with queue.taken(100) as held:
        return sorted(poison.text for poison in held)


def test_what_is_taken_and_not_settled_is_there_again(rig: Rig) -> None:
    rig.put(on_the_wire("one"))
    rig.put(on_the_wire("two"))

    with rig.queue.taken(10) as held:
        assert [] == texts(rig.queue)
        next(poison for poison in held if poison.text == "one").remove()

    assert ["two"] == texts(rig.queue)


def test_more_messages_than_asked_for_wait(rig: Rig) -> None:
    for number in range(40):
        rig.put(on_the_wire(f"{number}"))

    with rig.queue.taken(35) as held:
        assert 35 == len(held)
        assert 5 == len(texts(rig.queue))

    assert 40 == len(texts(rig.queue))


def test_a_message_that_is_no_base64_is_shown_as_it_lies(rig: Rig) -> None:
    rig.put("no base64!")

    assert ["no base64!"] == texts(rig.queue)


def test_an_error_while_messages_are_held_gives_them_back(rig: Rig) -> None:
    rig.put(on_the_wire("one"))

    with pytest.raises(ZeroDivisionError), rig.queue.taken(1):
        raise ZeroDivisionError

    assert ["one"] == texts(rig.queue)


@pytest.mark.azurite
def test_a_poison_queue_that_was_never_needed_is_empty(
    storage_account: StorageAccount, fresh_name: str
) -> None:
    assert [] == texts(StoragePoison(storage_account, name=fresh_name))


# Dead letters --------------------------------------------------------------------------------------


def buried(account: StorageAccount, container: str, *paths: str) -> BlobDeadLetters:
    with BlobServiceClient.from_connection_string(account.connection_string) as service:
        client = service.create_container(container)
        for path in paths:
            client.upload_blob(path, json.dumps([{"path": path}]))
    return BlobDeadLetters(account, container=container)


def path_of(name: str, moment: datetime) -> str:
    return f"{name}/{moment.year}/{moment.month}/{moment.day}/{moment.hour}/x.json"


@pytest.mark.azurite
def test_dead_letters_are_found_under_every_event_subscription_by_their_day(
    storage_account: StorageAccount, fresh_name: str
) -> None:
    now = datetime.now(UTC)
    today, long_ago = path_of("GUARD-1", now), path_of("GUARD-2", now - 9 * DAY)
    other = path_of("GUARD-2", now)
    letters = buried(storage_account, fresh_name, today, long_ago, other)

    found = {letter.path: letter.read() for letter in letters.between(now - DAY, now + DAY)}

    assert {today, other} == found.keys()
    assert [{"path": today}] == json.loads(found[today])


@pytest.mark.azurite
def test_dead_letters_outside_the_window_stay_where_they_are(
    storage_account: StorageAccount, fresh_name: str
) -> None:
    now = datetime.now(UTC)
    letters = buried(storage_account, fresh_name, path_of("GUARD", now))

    assert [] == list(letters.between(now - 2 * DAY, now - DAY))


@pytest.mark.azurite
def test_a_container_that_is_not_there_holds_none(storage_account: StorageAccount, fresh_name: str) -> None:
    now = datetime.now(UTC)
    letters = BlobDeadLetters(storage_account, container=fresh_name)

    assert [] == list(letters.between(now - DAY, now + DAY))


# Activity log --------------------------------------------------------------------------------------


@pytest.fixture
def lab() -> Iterator[tuple[Arm, str]]:
    """The lab's ARM with two NSGs that `alice` has written."""
    arm = Arm()
    with ExitStack() as stack:
        url = stack.enter_context(in_background(arm))
        cloud = ArmCloud(LabCredential("alice"), endpoint=url)
        stack.callback(cloud.close)
        arm.seed([{"id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg", "location": "westeurope"}])
        for name in ("a", "b"):
            operation = cloud.write(
                Write("PUT", ResourceId.parse(f"{AT}/{name}"), {"location": "westeurope", "properties": {}})
            )
            while operation.url and cloud.poll(operation.url).state == "running":
                pass
        yield arm, url


def log_of(url: str) -> MonitorActivityLog:
    return MonitorActivityLog(LabCredential("guard"), endpoint=url, retry=Retry(clock=VirtualClock()))


def window() -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    return now - DAY, now + DAY


def names(events: Any) -> list[str]:
    return sorted(parse(event).target.name for event in events)


def test_the_changes_of_a_window_come_as_the_events_they_were(lab: tuple[Arm, str]) -> None:
    _, url = lab

    events = list(log_of(url).events(SUBSCRIPTION, *window()))

    assert ["a", "b"] == names(events)
    change = parse(events[0])
    assert ("write", "success") == (change.kind, change.status)
    assert change.actor.name.startswith("alice")


def test_pages_are_records_as_they_stand_with_the_moment_of_each_answer(lab: tuple[Arm, str]) -> None:
    arm, url = lab
    arm.settings.page_size = 1
    arm.clock.advance(3600)

    pages = list(log_of(url).pages(SUBSCRIPTION, datetime.now(UTC) - DAY, None))

    assert [1, 1] == [len(page.records) for page in pages]
    assert all(is_record(record) for page in pages for record in page.records)
    for page in pages:
        assert page.at is not None
        assert abs(page.at.timestamp() - arm.clock.now()) < 60


def test_an_open_window_has_a_beginning_and_a_slice_has_an_end_too() -> None:
    since = datetime(2026, 11, 1, tzinfo=UTC)
    with stub(Say(200, {"value": []})) as arm:
        list(log_of(arm.url).pages(SUBSCRIPTION, since, None))
        list(log_of(arm.url).pages(SUBSCRIPTION, since, since + DAY))

    asked = [parse_qs(urlsplit(each.target).query)["$filter"] for each in arm.asked]
    begin, end = "eventTimestamp ge '2026-11-01T00:00:00Z'", "eventTimestamp le '2026-11-02T00:00:00Z'"
    assert [[begin], [f"{begin} and {end}"]] == asked


@pytest.mark.parametrize("date", ["", "the day before yesterday"])
def test_a_service_that_tells_no_time_is_believed_none(date: str) -> None:
    with stub(Say(200, {"value": []}, {"X-Date": date})) as arm:
        [page] = log_of(arm.url).pages(SUBSCRIPTION, datetime.now(UTC), None)

    assert page.at is None or abs(page.at - datetime.now(UTC)) < DAY


def test_a_resource_group_can_be_asked_alone(lab: tuple[Arm, str]) -> None:
    _, url = lab

    assert [] == list(log_of(url).events(SUBSCRIPTION, *window(), "elsewhere"))
    assert 2 == len(list(log_of(url).events(SUBSCRIPTION, *window(), "RG")))


def test_a_window_without_changes_is_empty(lab: tuple[Arm, str]) -> None:
    _, url = lab
    now = datetime.now(UTC)

    assert [] == list(log_of(url).events(SUBSCRIPTION, now - 3 * DAY, now - 2 * DAY))


def test_a_throttled_log_is_asked_again_and_a_forbidden_one_is_not(lab: tuple[Arm, str]) -> None:
    arm, url = lab
    arm.faults.add({"effect": {"preset": "throttled", "retry_after": 1}, "count": 1})
    assert 2 == len(list(log_of(url).events(SUBSCRIPTION, *window())))

    arm.faults.add({"effect": {"preset": "forbidden"}})
    with pytest.raises(ForbiddenError):
        list(log_of(url).events(SUBSCRIPTION, *window()))


@pytest.mark.parametrize(
    "link", ["http://localhost:{port}", "{own}@127.0.0.1:{port}", "http://127.0.0.1:{port}"]
)
def test_the_next_page_of_the_log_is_not_fetched_from_anybody_else(link: str) -> None:
    """Our token goes with each page, so a link to another host, port or name ends the reading."""
    with stub(Say(200, {"value": []})) as elsewhere:
        port = elsewhere.url.rpartition(":")[2]
        with stub() as arm:
            arm.answers.append(
                Say(200, {"value": [], "nextLink": link.format(own=arm.url, port=port) + "/next"})
            )
            with pytest.raises(PermanentError, match="not on"):
                list(log_of(arm.url).events(SUBSCRIPTION, *window()))

    assert [] == elsewhere.asked
    assert 1 == len(arm.asked)


def test_the_log_follows_a_link_on_its_own_origin() -> None:
    with stub() as arm:
        arm.answers += [
            Say(200, {"value": [], "nextLink": f"{arm.url}/next?page=2"}),
            Say(200, {"value": []}),
        ]
        assert [] == list(log_of(arm.url).events(SUBSCRIPTION, *window()))

    assert "/next?page=2" == arm.asked[1].target


def test_the_log_follows_no_redirect() -> None:
    with stub(Say(200, {"value": []})) as elsewhere, stub() as arm:
        arm.answers.append(Say(307, b"", {"Location": f"{elsewhere.url}/"}))
        with pytest.raises(PermanentError):
            list(log_of(arm.url).events(SUBSCRIPTION, *window()))

    assert [] == elsewhere.asked
