"""The host's HTTP face: Event Grid deliveries, the app's routes, admin calls."""

import asyncio
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from lab.functions_host.functions import Function, HostSettings
from lab.functions_host.protos import PROTOS, TypedData
from lab.functions_host.signing_in import with_principal
from lab.functions_host.worker import Invocation

MAX_EVENT_REQUEST = 1024 * 1024
MAX_REQUEST = 100 * 1024 * 1024
_ALL_METHODS = ("GET", "POST", "DELETE", "HEAD", "PATCH", "PUT", "OPTIONS")
_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"


@dataclass(frozen=True, slots=True)
class Keys:
    """The host's keys: for HTTP functions, for Event Grid deliveries, and the master key for everything."""

    function: str
    system: str
    master: str

    @classmethod
    def one(cls, key: str) -> "Keys":
        return cls(key, key, key)

    def opens(self, key: str, given: str) -> bool:
        return any(hmac.compare_digest(given.encode(), valid.encode()) for valid in (key, self.master))


class Runner(Protocol):
    """What the web face needs of the host."""

    async def run(
        self, function: Function, data: TypedData, metadata: dict[str, TypedData] | None = None
    ) -> Invocation: ...

    async def run_timer(self, name: str) -> Invocation: ...


type Handler = Callable[[web.Request], Awaitable[web.Response]]


def application(
    functions: dict[str, Function], runner: Runner, settings: HostSettings, keys: Keys
) -> web.Application:
    """The aiohttp application that serves these functions."""
    app = web.Application(client_max_size=MAX_REQUEST)
    deliveries = Deliveries(functions, runner, keys)
    app.router.add_post("/runtime/webhooks/EventGrid", deliveries.post)
    app.router.add_options("/runtime/webhooks/EventGrid", deliveries.options)
    app.router.add_post("/admin/functions/{name}", _admin(functions, runner, keys))
    for function in functions.values():
        if function.kind == "httpTrigger":
            _add_route(app, function, runner, settings, keys)
    return app


class Deliveries:
    """Event Grid's webhook: validates subscriptions, splits batches, one invocation per event."""

    def __init__(self, functions: dict[str, Function], runner: Runner, keys: Keys) -> None:
        self._functions = functions
        self._runner = runner
        self._keys = keys

    async def options(self, request: web.Request) -> web.Response:
        """The handshake of CloudEvents webhooks."""
        self._function(request)
        allowed = {"WebHook-Allowed-Origin": request.headers.get("WebHook-Request-Origin", "*")}
        if "WebHook-Request-Rate" in request.headers:
            allowed["WebHook-Allowed-Rate"] = request.headers["WebHook-Request-Rate"]
        return web.Response(status=200, headers=allowed)

    async def post(self, request: web.Request) -> web.Response:
        """202 when every event's function succeeded, 500 when one failed, so that Event Grid sends again."""
        function = self._function(request)
        events = await _events(request)
        kind = request.headers.get("aeg-event-type", "Notification")
        if kind == "Unsubscribe":
            return web.Response(status=202)
        code = _validation_code(events)
        if kind == "SubscriptionValidation" or code is not None:
            return web.json_response({"validationResponse": code or ""})
        runs = [self._runner.run(function, TypedData(json=json.dumps(event))) for event in events]
        ended = await asyncio.gather(*runs)
        failed = [each.error for each in ended if not each.ok]
        return web.Response(status=500, text=failed[0]) if failed else web.Response(status=202)

    def _function(self, request: web.Request) -> Function:
        _require(self._keys, self._keys.system, request)
        name = request.query.get("functionName", "").lower()
        for function in self._functions.values():
            if function.name.lower() == name and function.kind == "eventGridTrigger":
                return function
        raise web.HTTPNotFound(text=f"no function with an Event Grid trigger is named {name!r}")


async def _events(request: web.Request) -> list[dict[str, Any]]:
    """The events in a delivery: an array, or one CloudEvent by itself."""
    if (request.content_length or 0) > MAX_EVENT_REQUEST:
        raise web.HTTPRequestEntityTooLarge(MAX_EVENT_REQUEST, request.content_length or 0)
    body = await request.clone(client_max_size=MAX_EVENT_REQUEST + 1).read()
    try:
        document = json.loads(body)
    except ValueError as error:  # UnicodeDecodeError is one too
        raise web.HTTPBadRequest(text=f"not JSON: {error}") from error
    events = document if isinstance(document, list) else [document]
    if not all(isinstance(event, dict) for event in events):
        raise web.HTTPBadRequest(text="a delivery is one event or an array of events")
    return events


def _validation_code(events: list[dict[str, Any]]) -> str | None:
    if len(events) != 1 or events[0].get("eventType") != _VALIDATION:
        return None
    data = events[0].get("data")
    return str(data.get("validationCode", "")) if isinstance(data, dict) else ""


def _require(keys: Keys, key: str, request: web.Request) -> None:
    given = request.headers.get("x-functions-key") or request.query.get("code", "")
    if not keys.opens(key, given):
        raise web.HTTPUnauthorized(text="the key is missing or wrong")


def _admin(functions: dict[str, Function], runner: Runner, keys: Keys) -> Handler:
    """``POST /admin/functions/NAME`` runs a timer; unlike Azure's, the answer waits for its end."""

    async def run_now(request: web.Request) -> web.Response:
        _require(keys, keys.master, request)
        function = functions.get(request.match_info["name"])
        if function is None:
            raise web.HTTPNotFound(text=f"no function is named {request.match_info['name']!r}")
        if function.kind != "timerTrigger":
            raise web.HTTPBadRequest(text=f"{function.name} has no timer; only timers run on demand here")
        ended = await runner.run_timer(function.name)
        return web.Response(status=202) if ended.ok else web.Response(status=500, text=ended.error)

    return run_now


def _add_route(
    app: web.Application, function: Function, runner: Runner, settings: HostSettings, keys: Keys
) -> None:
    route = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", function.trigger.get("route") or function.name)
    path = "/" + "/".join(part for part in (settings.route_prefix, route.strip("/")) if part)
    handler = _http(function, runner, keys)
    for method in function.trigger.get("methods") or _ALL_METHODS:
        app.router.add_route(str(method).upper(), path, handler)


def _http(function: Function, runner: Runner, keys: Keys) -> Handler:
    level = str(function.trigger.get("authLevel", "FUNCTION")).upper()

    async def handle(request: web.Request) -> web.Response:
        if level != "ANONYMOUS":
            _require(keys, keys.master if level == "ADMIN" else keys.function, request)
        http = PROTOS.RpcHttp(
            method=request.method,
            url=str(request.url),
            headers=with_principal({name.lower(): value for name, value in request.headers.items()}),
            params=dict(request.match_info),
            query=dict(request.query),
            body=TypedData(bytes=await request.read()),
        )
        return _response(await runner.run(function, TypedData(http=http)))

    return handle


def _response(ended: Invocation) -> web.Response:
    """The function's answer; a failure is a bare 500, as Azure's host gives."""
    if not ended.ok:
        return web.Response(status=500)
    kind = ended.returned.WhichOneof("data") if ended.returned is not None else None
    if kind is None:
        return web.Response(status=204)
    if kind != "http":
        return web.Response(text=str(getattr(ended.returned, kind)))
    http = ended.returned.http
    body = http.body.bytes if http.body is not None else b""
    return web.Response(status=int(http.status_code), headers=dict(http.headers), body=body)
