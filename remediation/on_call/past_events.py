"""From what lies in a source (an event in any schema, a dead letter, a message) to work to be done again."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from remediation.errors import InputError, NoResourceId
from remediation.intake import events
from remediation.intake.records import event_of, is_record
from remediation.intake.routing import route, route_id
from remediation.messages import Message, decode
from remediation.resource_id import ResourceId


@dataclass(frozen=True, slots=True)
class Past:
    """One piece of past work; `remove` is called as soon as its successor is on the queue."""

    message: Message
    outcome: str = ""
    remove: tuple[Callable[[], None], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """An event or a record with where it was found: a file, and the place in it."""

    event: object
    where: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something in a source that is no event of ours, or none at all (`why` is empty then: noise)."""

    where: str
    why: str = ""


type Found = Iterator[Past | Unusable]


def given(wanted: Iterable[object], resources: Iterable[object]) -> Found:
    """The work of events, records and resources that stand in a request."""
    for index, event in enumerate(wanted):
        placed = event if isinstance(event, Placed) else Placed(event, f"events[{index}]")
        yield from of_event(placed.event, placed.where)
    for index, text in enumerate(resources):
        try:
            way = route_id(ResourceId.parse(text))
        except InputError as error:
            yield Unusable(f"resources[{index}]", str(error))
            continue
        work = list(way.work())
        yield from (Past(Message(**each)) for each in work)  # type: ignore[arg-type]  # all three are text
        if not work:
            yield Unusable(f"resources[{index}]")


def of_event(event: object, where: str) -> Found:
    """The work of one event in any schema, or of a record of the activity log."""
    if isinstance(event, Mapping) and is_record(event):
        event = event_of(event)
        if event is None:
            yield Unusable(where)  # a beginning, a read, another category
            return
    try:
        change = events.parse(event)
        messages = route(change).messages(change)
    except NoResourceId:
        yield Unusable(where)
        return
    except InputError as error:
        yield Unusable(where, str(error))
        return
    yield from (Past(message) for message in messages)
    if not messages:
        yield Unusable(where)


def of_letter(content: bytes, where: str) -> Found:
    """The work of the events in a dead-letter blob."""
    try:
        document = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        yield Unusable(where, f"not JSON: {error}")
        return
    for number, event in enumerate(events.batch(document)):
        yield from of_event(event, f"{where}[{number}]")


def of_message(text: str, where: str, remove: Callable[[], None]) -> Found:
    """The work of a message as it lies on a queue."""
    try:
        yield Past(decode(text), remove=(remove,))
    except InputError as error:
        yield Unusable(where, str(error))


def named(message: Message) -> tuple[str, str, str, str]:
    """What a message asks for: two that say the same here are one piece of work."""
    return message.target or "", message.expand or "", message.sweep or "", message.round or ""
