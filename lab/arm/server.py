"""The HTTP side of the lab's ARM: one handler for all of Azure's paths, and the lab's own API beside it."""

from __future__ import annotations

import asyncio
import time
import uuid
from email.utils import formatdate
from typing import TYPE_CHECKING

from aiohttp import web

from lab.arm import errors, ids
from lab.arm.answering import handle
from lab.arm.arm import Arm
from lab.arm.calls import Answer, Call, refused
from lab.arm.control import LAB, add_lab_routes
from lab.arm.errors import ArmError
from lab.arm.state.faults import Plan
from lab.arm.state.log import Entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LARGEST_BODY = 16 * 1024 * 1024
IDLE = 0.05  # seconds between looks at the clock while nothing is due
ARM = web.AppKey("arm", Arm)


def application(arm: Arm) -> web.Application:
    """The aiohttp application that serves `arm`."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[ARM] = arm
    add_lab_routes(app, arm)
    app.router.add_route("*", "/{path:.*}", serve)
    app.cleanup_ctx.append(_settling)
    return app


async def _settling(app: web.Application) -> AsyncIterator[None]:
    """End operations in their time even if nobody asks after them."""
    task = asyncio.create_task(_settle_forever(app[ARM]))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _settle_forever(arm: Arm) -> None:
    while True:
        arm.settle()
        due = arm.operations.next_due()
        await asyncio.sleep(IDLE if due is None else min(IDLE, max(0.0, due - arm.clock.now())))


async def serve(request: web.Request) -> web.StreamResponse:
    """One ARM request: who asks, which faults it meets, the answer, the log."""
    arm, began = request.app[ARM], time.perf_counter()
    call = _call(request, await request.read())
    plan, answer = _answer(arm, call)
    if plan.virtual_delay:
        arm.advance(plan.virtual_delay)
    if plan.delay:
        await asyncio.sleep(plan.delay)
    dropped = bool(plan.drop) and request.transport is not None
    arm.log.add(
        Entry(
            time=arm.clock.now(),
            method=call.method,
            path=call.raw_path,
            query=request.query_string,
            status=0 if dropped else answer.status,
            caller=call.caller,
            user_agent=call.user_agent,
            correlation_id=call.correlation_id,
            seconds=time.perf_counter() - began,
        )
    )
    if dropped and request.transport is not None:
        request.transport.abort()
    return _response(arm, call, answer)


def _call(request: web.Request, body: bytes) -> Call:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    raw = request.rel_url.raw_path
    return Call(
        method=request.method,
        path=ids.parse(raw),
        query={key.lower(): value for key, value in request.rel_url.query.items()},
        headers=request.headers,
        caller=token.strip() if scheme.lower() == "bearer" else "",
        base=f"{request.scheme}://{request.host}",
        raw_path=raw,
        body=body,
        correlation_id=request.headers.get("x-ms-correlation-request-id") or str(uuid.uuid4()),
    )


def _answer(arm: Arm, call: Call) -> tuple[Plan, Answer]:
    if not call.caller and call.path.type != ids.METADATA:
        return Plan(), refused(errors.not_authenticated())
    plan = arm.faults.plan(call)
    if plan.drop == "before":
        return plan, Answer(0)
    try:
        if plan.refusal is not None:
            raise plan.refusal
        return plan, handle(arm, call.with_fate(plan.fate), stale=plan.stale)
    except ArmError as refusal:
        return plan, refused(refusal)


def _response(arm: Arm, call: Call, answer: Answer) -> web.Response:
    headers = answer.headers
    headers["Date"] = formatdate(arm.clock.now(), usegmt=True)
    headers["x-ms-correlation-request-id"] = call.correlation_id
    headers["x-ms-request-id"] = call.correlation_id
    if answer.body is not None:
        headers["Content-Type"] = answer.content_type
    return web.Response(status=answer.status or 500, body=answer.body, headers=headers)


__all__ = ["LAB", "application"]
