"""The lab's own API under `/_lab`: the log, the clock, seeds, faults and settings. No token is needed."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from lab.arm.changes import Change
from lab.arm.clock import timestamp
from lab.arm.errors import OperationError
from lab.arm.state.operations import Operation

if TYPE_CHECKING:
    from lab.arm.arm import Arm

LAB = "/_lab"

type LabHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BadInputError(Exception):
    """What somebody sent to the lab's API is not what it takes; the text says what is."""


def reply(value: Any, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


async def sent(request: web.Request) -> Any:
    """The JSON of a request. Raises BadInputError."""
    try:
        return msgspec.json.decode(await request.read() or b"{}")
    except msgspec.DecodeError as problem:
        raise BadInputError(f"not JSON: {problem}") from problem


async def _sent_object(request: web.Request) -> dict[str, Any]:
    value = await sent(request)
    if not isinstance(value, dict):
        raise BadInputError("a JSON object is expected")
    return value


def _forgiving(handler: LabHandler) -> LabHandler:
    """What a person sent wrong is answered 400 in one line."""

    async def run(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (BadInputError, ValueError, TypeError, KeyError) as problem:
            return reply({"error": str(problem)}, 400)

    return run


class Control:
    """The handlers, one method each."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def get_log(self, request: web.Request) -> web.StreamResponse:
        wanted = {key: value for key, value in request.query.items() if key in {"method", "caller", "path"}}
        return reply([entry.document() for entry in self._arm.log.entries(**wanted)])

    async def clear_log(self, _: web.Request) -> web.StreamResponse:
        self._arm.log.clear()
        return reply({"cleared": True})

    async def get_clock(self, _: web.Request) -> web.StreamResponse:
        now = self._arm.clock.now()
        return reply({"now": timestamp(now), "seconds": now, "running": self._arm.clock.running})

    async def advance(self, request: web.Request) -> web.StreamResponse:
        seconds = float((await _sent_object(request)).get("seconds", 0))
        return reply({"now": timestamp(self._arm.advance(seconds))})

    async def settle(self, _: web.Request) -> web.StreamResponse:
        return reply({"ended": self._arm.settle()})

    async def seed(self, request: web.Request) -> web.StreamResponse:
        documents = await sent(request)
        if isinstance(documents, dict):
            documents = documents.get("value", [documents])
        if not isinstance(documents, list) or not all(isinstance(each, dict) for each in documents):
            raise BadInputError("a JSON list of resources is expected")
        return reply({"seeded": self._arm.seed(documents)})

    async def unseed(self, request: web.Request) -> web.StreamResponse:
        self._arm.unseed(await sent(request))
        return reply({"removed": True})

    async def refer(self, request: web.Request) -> web.StreamResponse:
        """`[{target, member, holder}]`: somebody the lab does not hold refers to a resource."""
        for each in await sent(request):
            self._arm.store.refer(each["target"], each["member"], each["holder"])
        return reply({"referred": True})

    async def get_faults(self, _: web.Request) -> web.StreamResponse:
        return reply([fault.document() for fault in self._arm.faults.rules])

    async def add_fault(self, request: web.Request) -> web.StreamResponse:
        value = await sent(request)
        added = [self._arm.faults.add(each) for each in (value if isinstance(value, list) else [value])]
        return reply([fault.document() for fault in added], 201)

    async def clear_faults(self, _: web.Request) -> web.StreamResponse:
        self._arm.faults.clear()
        return reply({"cleared": True})

    async def get_settings(self, _: web.Request) -> web.StreamResponse:
        return reply(self._arm.settings.document())

    async def set_settings(self, request: web.Request) -> web.StreamResponse:
        self._arm.settings.update(await _sent_object(request))
        self._arm.throttle.reset()
        return reply(self._arm.settings.document())

    async def tell_changes(self, request: web.Request) -> web.StreamResponse:
        """`[{resourceId, operation, caller, secondsAgo, correlationId}]`: told of, made by nobody here."""
        now = self._arm.clock.now()
        for each in await sent(request):
            operation = str(each["operation"])
            change = Change(
                operation_name=operation,
                resource_id=str(each["resourceId"]),
                caller=str(each.get("caller", "elsewhere")),
                method="DELETE" if operation.endswith("/delete") else "PUT",
                url=f"https://management.azure.com{each['resourceId']}",
                status="Succeeded",
                time=now - float(each.get("secondsAgo", 0)),
                correlation_id=str(each.get("correlationId") or uuid.uuid4()),
                client_request_id="",
            )
            self._arm.changes.publish(change)
        return reply({"told": True}, 201)

    async def reset(self, _: web.Request) -> web.StreamResponse:
        self._arm.reset()
        return reply({"reset": True})

    async def add_operation(self, request: web.Request) -> web.StreamResponse:
        """An operation begun elsewhere: `{subscription, location, polls, status, error, result}`."""
        wanted = await _sent_object(request)
        operation = Operation(
            target=f"elsewhere/{wanted.get('id', '')}",
            label="ElsewhereOperation",
            subscription=str(wanted["subscription"]),
            location=str(wanted.get("location", "westeurope")),
            api_version=str(wanted.get("apiVersion", "2025-05-01")),
            polls=int(wanted.get("polls", 1)),
            due=self._arm.clock.now() + float(wanted.get("seconds", 3600)),
            finish=lambda _: None,
            fate=wanted.get("status", "Succeeded"),
            error=OperationError(wanted["error"]["code"], wanted["error"]["message"])
            if "error" in wanted
            else None,
            result=msgspec.json.encode(wanted["result"]) if "result" in wanted else None,
        )
        self._arm.operations.begin(operation)
        return reply({"id": operation.id}, 201)


def add_lab_routes(app: web.Application, arm: Arm) -> None:
    """The routes above, and those others registered with `arm.lab_routes[(method, name)] = handler`."""
    control = Control(arm)
    routes: dict[tuple[str, str], LabHandler] = {
        ("GET", "log"): control.get_log,
        ("DELETE", "log"): control.clear_log,
        ("GET", "clock"): control.get_clock,
        ("POST", "advance"): control.advance,
        ("POST", "settle"): control.settle,
        ("POST", "seed"): control.seed,
        ("DELETE", "seed"): control.unseed,
        ("POST", "references"): control.refer,
        ("GET", "faults"): control.get_faults,
        ("POST", "faults"): control.add_fault,
        ("DELETE", "faults"): control.clear_faults,
        ("GET", "settings"): control.get_settings,
        ("POST", "settings"): control.set_settings,
        ("POST", "reset"): control.reset,
        ("POST", "operations"): control.add_operation,
        ("POST", "changes"): control.tell_changes,
    }
    for (method, name), handler in routes.items():
        app.router.add_route(method, f"{LAB}/{name}", _forgiving(handler))

    async def registered(request: web.Request) -> web.StreamResponse:
        handler: LabHandler | None = arm.lab_routes.get((request.method, request.match_info["name"]))
        if handler is None:
            return reply({"error": f"no {request.method} {request.path}"}, 404)
        return await _forgiving(handler)(request)

    app.router.add_route("*", LAB + "/{name:.*}", registered)
