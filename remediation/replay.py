"""Look again at past events: a replay queues work, it never repeats a decision."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from remediation import events
from remediation.errors import InputError
from remediation.messages import Message
from remediation.model import ResourceId
from remediation.ports import Queue
from remediation.routing import Route, route, route_id

MOST_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a replay: its id, the work queued, and what could not be used, each with its reason."""

    replay_id: str
    queued: int
    ignored: int
    refused: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "replayId": self.replay_id,
            "queued": self.queued,
            "ignored": self.ignored,
            "refused": list(self.refused),
        }


def requested(body: object) -> list[Message]:
    """The work that a request body asks for, without queueing it: see `replay`."""
    return _Request(body).messages


def replay(body: object, queue: Queue) -> Replayed:
    """Queue what a request asks for.

    `body` is ``{"events": [event, ...]}``, ``{"resources": [id, ...]}``, both, or a bare event or list of
    events. Raises InputError when it is none of these or holds more than 1,000 of either.
    """
    request = _Request(body)
    for message in request.messages:
        queue.send(message)
    return Replayed(request.replay_id, len(request.messages), request.ignored, tuple(request.refused))


class _Request:
    def __init__(self, body: object) -> None:
        self.replay_id = str(uuid.uuid4())
        self.messages: list[Message] = []
        self.refused: list[str] = []
        self.ignored = 0
        wanted, resources = _parts(body)
        for index, event in enumerate(wanted):
            self._event(event, f"events[{index}]")
        for index, text in enumerate(resources):
            self._resource(text, f"resources[{index}]")

    def _event(self, event: object, where: str) -> None:
        try:
            change = events.parse(event)
        except InputError as error:
            self.refused.append(f"{where}: {error}")
            return
        self._take(route(change).messages(change))

    def _resource(self, text: object, where: str) -> None:
        try:
            way = route_id(ResourceId.parse(text))
        except InputError as error:
            self.refused.append(f"{where}: {error}")
            return
        self._take(_work(way))

    def _take(self, messages: Iterable[Message]) -> None:
        forced = [
            msgspec.structs.replace(message, reason="replay", force=True, replay_id=self.replay_id)
            for message in messages
        ]
        self.messages.extend(forced)
        self.ignored += not forced


def _work(way: Route) -> tuple[Message, ...]:
    return tuple(Message(**work) for work in way.work())  # type: ignore[arg-type]  # all three are text


def _parts(body: object) -> tuple[list[object], list[object]]:
    if isinstance(body, list):
        return _bounded(body, "events"), []
    if not isinstance(body, Mapping):
        raise InputError("a replay is a JSON object with events or resources, or a list of events")
    if "events" not in body and "resources" not in body:
        return ([body], []) if "data" in body or "subject" in body else _nothing()
    mistakes = [f"{key}: unknown key" for key in body if key not in {"events", "resources"}]
    if mistakes:
        raise InputError(mistakes)
    return _bounded(body.get("events", []), "events"), _bounded(body.get("resources", []), "resources")


def _nothing() -> tuple[list[object], list[object]]:
    raise InputError("names nothing to replay: give events or resources")


def _bounded(values: object, name: str) -> list[object]:
    if not isinstance(values, list):
        raise InputError(f"{name}: must be a list")
    if len(values) > MOST_EVENTS:
        raise InputError(f"{name}: {len(values)} are more than {MOST_EVENTS}")
    return values
