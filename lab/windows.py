"""What the lab shows of Event Grid under ARM's `/_lab`, beside the log and the cards.

GET  events         every change ARM raised, oldest first
GET  announcements  the CloudEvents on the drift topic
GET  deliveries     what was sent, accepted, is waiting, and lies dead
POST deliveries     {"held": true} makes the app's endpoint unreachable, {"held": false} brings it back
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from lab.arm.clock import timestamp
from lab.delivery import Deliverer
from lab.event_grid import CustomTopic, SystemTopic

type Handler = Callable[[web.Request], Awaitable[web.Response]]


def windows(changes: SystemTopic, announcements: CustomTopic) -> dict[tuple[str, str], Handler]:
    """The handlers by method and name, as ARM's `lab_routes` takes them."""
    deliverer = changes.deliverer

    async def events(_request: web.Request) -> web.Response:
        return web.json_response([
            {
                "time": timestamp(each.time),
                "operation": each.operation_name,
                "resourceId": each.resource_id,
                "caller": each.caller,
                "status": each.status,
            }
            for each in changes.raised
        ])  # fmt: skip

    async def announced(_request: web.Request) -> web.Response:
        return web.json_response(announcements.events)

    async def shown(_request: web.Request) -> web.Response:
        return web.json_response(_state(deliverer))

    async def changed(request: web.Request) -> web.Response:
        wanted = await request.json()
        if not isinstance(wanted, dict) or not isinstance(wanted.get("held"), bool):
            raise web.HTTPBadRequest(text='{"held": true} or {"held": false} is wanted')
        deliverer.held = wanted["held"]
        return web.json_response(_state(deliverer))

    return {
        ("GET", "events"): events,
        ("GET", "announcements"): announced,
        ("GET", "deliveries"): shown,
        ("POST", "deliveries"): changed,
    }


def _state(deliverer: Deliverer) -> dict[str, Any]:
    letters = [{"path": each.path, "events": each.events} for each in deliverer.dead_letters]
    return {
        "held": deliverer.held,
        "sent": deliverer.sent,
        "accepted": deliverer.delivered,
        "pending": deliverer.pending,
        "deadLetters": letters,
    }
