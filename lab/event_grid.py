"""Event Grid: the subscription's system topic, and a custom topic the real publisher client can publish to.

Publishing over plain http on loopback, found by running azure-eventgrid 4.22: with an `AzureKeyCredential`
the client sends as it is; with a token credential each `send` needs `enforce_https=False`, which the
pipeline takes as a request option and which must not be given together with a key.
"""

import hmac
import itertools
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
from aiohttp import web

from lab.arm.changes import Change, Changes
from lab.delivery import Deliverer, Event, Schema, Subscription

log = logging.getLogger(__name__)

MAX_REQUEST = 1024 * 1024
_REQUIRED = ("id", "source", "type")
_CODE = "00000000-0000-4000-8000-000000000001"

type Translate = Callable[[Change, Schema], Event]


class SubscriptionRefusedError(Exception):
    """An endpoint failed the handshake, so no event subscription was made."""


class Topic:
    """Event subscriptions of one topic, each proven by its handshake before it receives anything."""

    def __init__(self, deliverer: Deliverer) -> None:
        self.deliverer = deliverer
        self.subscriptions: list[Subscription] = []

    async def subscribe(self, subscription: Subscription) -> None:
        """Add an event subscription; SubscriptionRefusedError when its endpoint fails the handshake."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as http:
            if subscription.schema == "cloudevents":
                await _allowed(http, subscription)
            else:
                await _validated(http, subscription)
        self.subscriptions.append(subscription)


class SystemTopic(Topic):
    """The topic `Microsoft.Resources.Subscriptions`: every change of ARM, in each subscription's schema."""

    def __init__(self, changes: Changes, translate: Translate, deliverer: Deliverer) -> None:
        super().__init__(deliverer)
        self._translate = translate
        self.raised: list[Change] = []
        self.end = changes.subscribe(self._raise)

    def _raise(self, change: Change) -> None:
        self.raised.append(change)
        for subscription in self.subscriptions:
            if subscription.wants(change.operation_name):
                self.deliverer.offer([self._translate(change, subscription.schema)], subscription)


class CustomTopic(Topic):
    """``POST /api/events``: takes CloudEvents, keeps them in `events`, delivers them to its subscriptions.

    Callers show the topic's key in `aeg-sas-key`, or any bearer token, as everywhere in the lab. While it is
    `gone` it answers 404, as if somebody had deleted it, and while `shut` 403, as if a policy had closed its
    public access.
    """

    def __init__(self, key: str, deliverer: Deliverer) -> None:
        super().__init__(deliverer)
        self.key = key
        self.gone = False
        self.shut = False
        self.events: list[Event] = []
        self.app = web.Application(client_max_size=MAX_REQUEST)
        self.app.router.add_post("/api/events", self._publish)

    async def _publish(self, request: web.Request) -> web.Response:
        if self.gone:
            raise web.HTTPNotFound(text="there is no such topic")
        if self.shut:  # the text is documented, the code is not [?]
            text = f"Publishing to {request.host} by client {request.remote} is rejected due to IpAddress "
            error = {"code": "Forbidden", "message": f"{text}filtering rules."}
            return web.json_response({"error": error}, status=403)
        if not self._may(request):
            raise web.HTTPUnauthorized(
                text="the topic's key (aeg-sas-key) or a bearer token is missing or wrong"
            )
        events = _parsed(await request.read())
        self.events.extend(events)
        for subscription in self.subscriptions:
            self.deliverer.offer(events, subscription)
        return web.Response(status=200)

    def _may(self, request: web.Request) -> bool:
        if request.headers.get("Authorization", "").lower().startswith("bearer "):
            return True
        return hmac.compare_digest(request.headers.get("aeg-sas-key", "").encode(), self.key.encode())


def _parsed(body: bytes) -> list[Event]:
    """The CloudEvents in a request; answers 400 with the first thing that is wrong."""
    try:
        document = json.loads(body)
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"not JSON: {error}") from error
    events = document if isinstance(document, list) else [document]
    for number, event in enumerate(events):
        wrong = _wrong_with(event)
        if wrong:
            raise web.HTTPBadRequest(text=f"event {number}: {wrong}")
    return events


def _wrong_with(event: Any) -> str:
    if not isinstance(event, dict):
        return "not an object"
    if event.get("specversion") != "1.0":
        return "specversion is not 1.0"
    missing = [key for key in _REQUIRED if not isinstance(event.get(key), str) or not event[key]]
    return f"{', '.join(missing)} missing" if missing else ""


async def _validated(http: aiohttp.ClientSession, subscription: Subscription) -> None:
    """The handshake of the Event Grid schema: the endpoint returns the code it was sent."""
    event = {
        "id": _CODE,
        "topic": "/subscriptions/00000000-0000-0000-0000-000000000000",
        "subject": "",
        "data": {"validationCode": _CODE},
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "eventTime": "2026-01-01T00:00:00.0000000Z",
        "metadataVersion": "1",
        "dataVersion": "2",
    }
    headers = {"aeg-event-type": "SubscriptionValidation"}
    async with http.post(subscription.endpoint, json=[event], headers=headers) as answer:
        text = await answer.text()
    if answer.status != 200 or json.loads(text).get("validationResponse") != _CODE:
        raise SubscriptionRefusedError(
            f"{subscription.name}: the endpoint answered {answer.status}: {text[:200]}"
        )


async def _allowed(http: aiohttp.ClientSession, subscription: Subscription) -> None:
    """The handshake of CloudEvents: OPTIONS, and the endpoint allows the origin."""
    headers = {"WebHook-Request-Origin": "eventgrid.azure.net"}
    async with http.options(subscription.endpoint, headers=headers) as answer:
        allowed = answer.headers.get("WebHook-Allowed-Origin")
    if answer.status != 200 or allowed not in {"*", "eventgrid.azure.net"}:
        raise SubscriptionRefusedError(
            f"{subscription.name}: the endpoint answered {answer.status}, no permission"
        )


def by_family(name: str, endpoint: str, operations: Sequence[str], **options: Any) -> list[Subscription]:
    """One event subscription per 25 operations: Event Grid's limit of filter values, none in two of them.

    Without operations there is one subscription without a filter.
    """
    if not operations:
        return [Subscription(name, endpoint, **options)]
    batches = itertools.batched(sorted({each.lower() for each in operations}), 25, strict=False)
    return [
        Subscription(f"{name}-{number}", endpoint, operations=frozenset(batch), **options)
        for number, batch in enumerate(batches, start=1)
    ]
