"""Event Grid in the lab: handshakes, filters, retries on the lab's clock, dead letters, chaos, the "
"drift topic."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.core.messaging import CloudEvent
from azure.eventgrid import EventGridPublisherClient

from lab.arm import Change, Changes, serving
from lab.clock import LabClock
from lab.delivery import SCHEDULE, Chaos, Deliverer, Schema, Subscription
from lab.event_grid import CustomTopic, SubscriptionRefusedError, SystemTopic, by_family
from lab.events import cloud_event, event_grid

NSG = ""
"/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web"
EVENT = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "subject": "/s", "data": {}}


@dataclass
class Endpoint:
    """A webhook that answers with `statuses` in turn (then 200) and remembers what it got."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    agrees: bool = True
    url: str = ""

    def __post_init__(self) -> None:
        self.changed = asyncio.Condition()

    async def post(self, request: web.Request) -> web.Response:
        body = await request.json()
        if request.headers.get("aeg-event-type") == "SubscriptionValidation":
            code = body[0]["data"]["validationCode"] if self.agrees else "no"
            return web.json_response({"validationResponse": code})
        async with self.changed:
            self.bodies.append(body)
            self.headers.append(dict(request.headers))
            self.changed.notify_all()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def options(self, request: web.Request) -> web.Response:
        allowed = request.headers["WebHook-Request-Origin"] if self.agrees else "elsewhere"
        return web.Response(headers={"WebHook-Allowed-Origin": allowed})

    async def has(self, count: int) -> None:
        async with self.changed, asyncio.timeout(5):
            await self.changed.wait_for(lambda: len(self.bodies) >= count)


@contextlib.asynccontextmanager
async def an_endpoint(*statuses: int, agrees: bool = True) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint(list(statuses), agrees=agrees)
    app = web.Application()
    app.router.add_post("/hook", endpoint.post)
    app.router.add_options("/hook", endpoint.options)
    async with serving(app) as url:
        endpoint.url = f"{url}/hook"
        yield endpoint


def a_change(operation: str = "Microsoft.Network/networkSecurityGroups/write", name: str = "web") -> Change:
    return Change(
        operation_name=operation,
        resource_id=NSG.replace("web", name),
        caller="alice",
        method="PUT",
        url="https://management.azure.com" + NSG,
        status="Succeeded",
        time=1_790_000_000.0,
        correlation_id=f"c-{name}",
        client_request_id="r",
    )


def translate(change: Change, schema: Schema) -> dict[str, Any]:
    return cloud_event(change) if schema == "cloudevents" else event_grid(change)


@pytest.mark.parametrize("schema", ["cloudevents", "eventgrid"])
def test_a_change_is_delivered_in_the_schema_of_the_subscription(schema: Schema) -> None:
    async def story() -> tuple[Any, dict[str, str]]:
        changes, deliverer = Changes(), Deliverer(LabClock(running=False))
        async with an_endpoint() as endpoint, deliverer.running():
            topic = SystemTopic(changes, translate, deliverer)
            await topic.subscribe(Subscription("guard", endpoint.url, schema))
            changes.publish(a_change())
            await endpoint.has(1)
            await deliverer.landed()
            return endpoint.bodies[0], endpoint.headers[0]

    body, headers = asyncio.run(story())
    expected = translate(a_change(), schema)
    assert body == (expected if schema == "cloudevents" else [expected])
    assert (headers["aeg-event-type"], headers["aeg-delivery-count"]) == ("Notification", "0")
    assert headers["Content-Type"].startswith(
        "application/cloudevents+json" if schema == "cloudevents" else "application/json"
    )


def test_only_the_operations_of_the_filter_arrive_whatever_their_case() -> None:
    async def story() -> list[Any]:
        changes, deliverer = Changes(), Deliverer(LabClock(running=False))
        async with an_endpoint() as endpoint, deliverer.running():
            topic = SystemTopic(changes, translate, deliverer)
            wanted = frozenset({"microsoft.network/NETWORKSECURITYGROUPS/write"})
            await topic.subscribe(Subscription("guard", endpoint.url, operations=wanted))
            changes.publish(a_change("Microsoft.Resources/deployments/write", "noise"))
            changes.publish(a_change())
            await endpoint.has(1)
            await deliverer.landed()
            return [body["subject"] for body in endpoint.bodies]

    assert asyncio.run(story()) == [NSG]


@pytest.mark.parametrize("schema", ["cloudevents", "eventgrid"])
def test_an_endpoint_that_fails_the_handshake_gets_no_subscription(schema: Schema) -> None:
    async def story() -> list[Subscription]:
        topic = CustomTopic("key", Deliverer(LabClock(running=False)))
        async with an_endpoint(agrees=False) as endpoint:
            with pytest.raises(SubscriptionRefusedError, match="guard"):
                await topic.subscribe(Subscription("guard", endpoint.url, schema))
        return topic.subscriptions

    assert asyncio.run(story()) == []


def test_a_refused_delivery_is_tried_again_when_its_time_has_come() -> None:
    async def story() -> tuple[int, int, int]:
        clock = LabClock(running=False)
        deliverer = Deliverer(clock)
        async with an_endpoint(500, 500) as endpoint, deliverer.running():
            deliverer.offer([EVENT], Subscription("guard", endpoint.url))
            await endpoint.has(1)
            await deliverer.landed()
            clock.advance(SCHEDULE[0] - 1)
            early = len(endpoint.bodies)
            clock.advance(3)
            await endpoint.has(2)
            await deliverer.landed()
            clock.advance(SCHEDULE[1] * 1.1 + 1)
            await endpoint.has(3)
            await deliverer.landed()
            return early, len(endpoint.bodies), deliverer.delivered

    assert asyncio.run(story()) == (1, 3, 1)


@pytest.mark.parametrize(("status", "wait"), [(404, 300), (408, 120), (503, 30), (500, 10)])
def test_some_answers_make_event_grid_wait_longer(status: int, wait: float) -> None:
    async def story() -> float:
        clock = LabClock(running=False)
        deliverer = Deliverer(clock)
        async with an_endpoint(status) as endpoint, deliverer.running():
            deliverer.offer([EVENT], Subscription("guard", endpoint.url))
            await endpoint.has(1)
            await deliverer.landed()
            due = deliverer.next_due()
            assert due is not None
            return due - clock.now()

    assert wait <= asyncio.run(story()) <= wait * 1.1 + 0.001


@pytest.mark.parametrize("schema", ["cloudevents", "eventgrid"])
def test_a_hopeless_delivery_is_a_dead_letter_with_the_keys_of_its_schema(schema: Schema) -> None:
    async def story() -> Deliverer:
        deliverer = Deliverer(LabClock(1_767_323_045.0, running=False))  # 2026-01-02 03:04:05 UTC
        async with an_endpoint(400) as endpoint, deliverer.running():
            deliverer.offer([EVENT], Subscription("guard-1", endpoint.url, schema))
            await endpoint.has(1)
            await deliverer.landed()
        return deliverer

    deliverer = asyncio.run(story())
    (letter,) = deliverer.dead_letters
    added = {
        "deadLetterReason": "MaxDeliveryAttemptsExceeded",
        "deliveryAttempts": 1,
        "lastDeliveryOutcome": "BadRequest",
        "publishTime": "2026-01-02T03:04:05.0000000Z",
        "lastDeliveryAttemptTime": "2026-01-02T03:04:05.0000000Z",
        "lastHttpStatusCode": 400,
    }
    lower = {key.lower(): value for key, value in added.items()}
    assert letter.events == ({**EVENT, **(lower if schema == "cloudevents" else added)},)
    assert letter.path.startswith("GUARD-1/2026/1/2/3/")
    assert deliverer.pending == 0


@pytest.mark.parametrize(
    ("limits", "reason", "attempts"),
    [
        ({"max_attempts": 3}, "MaxDeliveryAttemptsExceeded", 3),
        ({"time_to_live": 3600.0}, "TimeToLiveExceeded", 7),
    ],
)
def test_an_endpoint_that_stays_away_ends_in_a_dead_letter(
    limits: dict[str, Any], reason: str, attempts: int
) -> None:
    async def story() -> dict[str, Any]:
        clock = LabClock(running=False)
        deliverer = Deliverer(clock)
        deliverer.held = True
        async with deliverer.running(), asyncio.timeout(5):
            deliverer.offer([EVENT], replace(Subscription("guard", "http://127.0.0.1:9/"), **limits))
            while not deliverer.dead_letters:
                if not deliverer.flying and (due := deliverer.next_due()) is not None:
                    clock.advance(max(0.0, due - clock.now()))
                await asyncio.sleep(0)
        return deliverer.dead_letters[0].events[0]

    letter = asyncio.run(story())
    assert (letter["deadletterreason"], letter["deliveryattempts"]) == (reason, attempts)


def test_chaos_delivers_every_event_several_times_and_out_of_order_the_same_way_for_a_seed() -> None:
    async def story(seed: int) -> list[str]:
        clock = LabClock(running=False)
        deliverer = Deliverer(clock, Chaos(seed=seed, copies=3, shuffle=60))
        async with an_endpoint() as endpoint, deliverer.running():
            deliverer.offer([{**EVENT, "id": str(n)} for n in range(10)], Subscription("guard", endpoint.url))
            order = []
            while deliverer.pending:
                due = deliverer.next_due()
                if not deliverer.flying and due is not None:
                    clock.advance(max(0.0, due - clock.now()))
                await asyncio.sleep(0)
            order += [body["id"] for body in endpoint.bodies]
            return order

    first, again, other = (asyncio.run(story(seed)) for seed in (1, 1, 2))
    assert Counter(first) == {str(n): 3 for n in range(10)}
    assert first == again
    assert first != other
    assert first != sorted(first)


def test_a_batch_holds_as_many_events_as_the_subscription_allows() -> None:
    async def story() -> list[int]:
        deliverer = Deliverer(LabClock(running=False))
        async with an_endpoint() as endpoint, deliverer.running():
            to = Subscription("guard", endpoint.url, "eventgrid", max_batch=4)
            deliverer.offer([EVENT] * 10, to)
            await endpoint.has(3)
            await deliverer.landed()
            return sorted(len(body) for body in endpoint.bodies)

    assert asyncio.run(story()) == [2, 4, 4]


def test_operations_are_split_over_subscriptions_of_25_filter_values() -> None:
    operations = [f"Microsoft.Network/kind{number}/write" for number in range(60)]
    made = by_family("guard", "http://127.0.0.1:9/", operations, schema="eventgrid")
    assert [len(each.operations) for each in made] == [25, 25, 10]
    assert frozenset().union(*(each.operations for each in made)) == {each.lower() for each in operations}


class LabCredential:
    """A token credential as the app uses it on loopback."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("bastion-guard", 4_000_000_000)


def publish(client: EventGridPublisherClient, events: Any, **options: Any) -> None:
    with client:
        client.send(events, **options)


@contextlib.asynccontextmanager
async def a_topic() -> AsyncIterator[tuple[CustomTopic, str]]:
    topic = CustomTopic("topic-key", Deliverer(LabClock(running=False)))
    async with serving(topic.app) as url, topic.deliverer.running():
        yield topic, f"{url}/api/events"


def an_announcement(number: int = 1) -> CloudEvent[Any]:
    return CloudEvent(
        source="bastion-guard", type="BastionGuard.DriftFixed", subject=NSG, id=f"f-{number}", data={"n": 1}
    )


@pytest.mark.parametrize("with_key", [True, False])
def test_the_real_publisher_client_publishes_to_the_custom_topic(with_key: bool) -> None:
    async def story() -> list[Any]:
        async with a_topic() as (topic, url):
            if with_key:
                client = EventGridPublisherClient(url, AzureKeyCredential("topic-key"), retry_total=0)
                await asyncio.to_thread(publish, client, [an_announcement(1), an_announcement(2)])
            else:
                client = EventGridPublisherClient(url, LabCredential(), retry_total=0)
                await asyncio.to_thread(
                    publish, client, [an_announcement(1), an_announcement(2)], enforce_https=False
                )
            return [(event["id"], event["type"], event["specversion"]) for event in topic.events]

    assert asyncio.run(story()) == [(f"f-{n}", "BastionGuard.DriftFixed", "1.0") for n in (1, 2)]


def test_a_published_event_is_delivered_as_it_is() -> None:
    async def story() -> tuple[Any, Any]:
        async with a_topic() as (topic, url), an_endpoint() as endpoint:
            await topic.subscribe(Subscription("cards", endpoint.url))
            client = EventGridPublisherClient(url, AzureKeyCredential("topic-key"), retry_total=0)
            await asyncio.to_thread(publish, client, an_announcement())
            await endpoint.has(1)
            await topic.deliverer.landed()
            return topic.events[0], endpoint.bodies[0]

    published, delivered = asyncio.run(story())
    assert delivered == published


def test_a_wrong_key_and_a_broken_event_are_refused() -> None:
    async def story() -> list[Any]:
        async with a_topic() as (topic, url):
            wrong = EventGridPublisherClient(url, AzureKeyCredential("guess"), retry_total=0)
            with pytest.raises(ClientAuthenticationError):
                await asyncio.to_thread(publish, wrong, an_announcement())
            sound = EventGridPublisherClient(url, AzureKeyCredential("topic-key"), retry_total=0)
            with pytest.raises(HttpResponseError, match=r"event 0: specversion is not 1\.0"):
                await asyncio.to_thread(publish, sound, [{"id": "1"}])
            return topic.events

    assert asyncio.run(story()) == []
