"""What the lab shows of Event Grid under ARM's `/_lab`, beside the log and the cards.

GET  events         every change ARM raised, oldest first
GET  announcements  the CloudEvents on the drift topic
GET  deliveries     what was sent, accepted, is waiting, and lies dead
POST deliveries     {"held": true} makes the app's endpoint unreachable, {"held": false} brings it back;
                    {"lost": true} has events vanish without a trace, {"lost": false} ends that
POST announcements  {"gone": true} has the drift topic answer 404, {"shut": true} 403; false brings it back
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
        wanted = await _switches(request, "held", "lost")
        deliverer.held, deliverer.lost = (
            wanted.get("held", deliverer.held),
            wanted.get("lost", deliverer.lost),
        )
        return web.json_response(_state(deliverer))

    async def topic_changed(request: web.Request) -> web.Response:
        wanted = await _switches(request, "gone", "shut")
        announcements.gone = wanted.get("gone", announcements.gone)
        announcements.shut = wanted.get("shut", announcements.shut)
        return web.json_response({"gone": announcements.gone, "shut": announcements.shut})

    return {
        ("GET", "events"): events,
        ("GET", "announcements"): announced,
        ("GET", "deliveries"): shown,
        ("POST", "deliveries"): changed,
        ("POST", "announcements"): topic_changed,
    }


async def _switches(request: web.Request, *names: str) -> dict[str, bool]:
    """What a request turns on or off: at least one of the names, true or false."""
    wanted = await request.json()
    known = isinstance(wanted, dict) and wanted and wanted.keys() <= set(names)
    if not known or not all(isinstance(value, bool) for value in wanted.values()):
        shown = " or ".join(f'{{"{name}": true}} or {{"{name}": false}}' for name in names)
        raise web.HTTPBadRequest(text=f"{shown} is wanted")
    return dict(wanted)


def _state(deliverer: Deliverer) -> dict[str, Any]:
    letters = [{"path": each.path, "events": each.events} for each in deliverer.dead_letters]
    return {
        "held": deliverer.held,
        "lost": deliverer.lost,
        "sent": deliverer.sent,
        "accepted": deliverer.delivered,
        "pending": deliverer.pending,
        "deadLetters": letters,
    }
