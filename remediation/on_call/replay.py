"""Look again at past events: a replay queues work, it never repeats a decision.

Whatever the source, the work goes through the same queue, claims and guards as a fresh event and carries a
replay id; ARM is read again. Several events on one resource are one piece of work. What was sent stays sent
when a replay is interrupted, and repeating one costs a look each, no more.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import msgspec

from remediation.errors import ConfigurationError, InputError, Mistake
from remediation.ledger.inbox import Inbox
from remediation.ledger.intake import Intake
from remediation.on_call.past_events import (
    Found,
    Past,
    Unusable,
    given,
    named,
    of_event,
    of_letter,
    of_message,
)
from remediation.on_call.replay_request import GIVEN, Request
from remediation.on_call.sources import ActivityLog, DeadLetters, PoisonQueue
from remediation.ports import Clock, Queue

MOST_POISON = 256
MOST_REFUSALS = 100


class Watch(Protocol):
    """Who watches how far a replay is."""

    def begin(self, total: int) -> None:
        """So many pieces of work were found."""
        ...

    def tick(self) -> None:
        """One more is done."""
        ...


class Unwatched:
    """Nobody watches."""

    def begin(self, total: int) -> None:
        """Nobody is told."""

    def tick(self) -> None:
        """Nobody is told."""


NOBODY = Unwatched()


@dataclass(frozen=True, slots=True)
class Sources:
    """Where past work comes from. Each is asked for only when it is wanted."""

    inbox: Inbox
    intake: Intake
    poison: Callable[[], PoisonQueue]
    dead_letters: Callable[[], DeadLetters | None]
    activity_log: Callable[[], ActivityLog]
    subscriptions: frozenset[str]
    cards_poison: Callable[[], PoisonQueue]
    neighbourhood_poison: Callable[[], PoisonQueue]


@dataclass(slots=True)
class Gathered:
    """What a replay came upon: the work, one piece per resource, and what could not be used.

    `more` says that the limit or the time was used up before the source was.
    """

    replay_id: str
    work: dict[str, Past] = field(default_factory=dict)
    ignored: int = 0
    merged: int = 0
    refused: list[str] = field(default_factory=list)
    more: bool = False
    seen: int = 0

    @property
    def usable(self) -> bool:
        """Whether anything could be read, work or not."""
        return self.seen > len(self.refused)

    def to_json(self) -> dict[str, Any]:
        return {
            "replayId": self.replay_id,
            "queued": len(self.work),
            "ignored": self.ignored,
            "merged": self.merged,
            "refused": self.refused[:MOST_REFUSALS],
            "more": self.more,
        }


class Replayer:
    """Finds past work and queues it. A `deadline` ends the search, for callers that cannot wait."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock

    def replay(
        self,
        request: Request,
        queue: Queue,
        watch: Watch = NOBODY,
        deadline: datetime | None = None,
    ) -> Gathered:
        """Queue what is asked for, piece by piece; what was sent before an interruption stays sent."""
        with self.gathered(request, deadline) as gathered:
            watch.begin(len(gathered.work))
            for past in gathered.work.values():
                queue.send(past.message)
                for remove in past.remove:
                    remove()
                watch.tick()
            return gathered

    @contextmanager
    def gathered(self, request: Request, deadline: datetime | None = None) -> Iterator[Gathered]:
        """The work that is asked for, held for as long as this is entered."""
        gathered = Gathered(str(uuid.uuid4()))
        with ExitStack() as stack:
            for found in self._found(request, stack):
                late = deadline is not None and self._clock.now() > deadline
                if late or not _take(gathered, found, request):
                    gathered.more = True
                    break
            yield gathered

    def _found(self, request: Request, stack: ExitStack) -> Found:
        match request.source:
            case "inbox":
                for message, outcome in self._sources.inbox.between(request.since, request.until):
                    yield Past(message, outcome)
            case "poison":
                yield from self._poison(stack)
            case "dead-letters":
                yield from self._dead_letters(request)
            case "activity-log":
                yield from self._activity(request)
            case _:
                assert request.source == GIVEN
                yield from given(request.events, request.resources)

    def _poison(self, stack: ExitStack) -> Found:
        for name, queue in (
            ("poison", self._sources.poison),
            ("neighbourhood poison", self._sources.neighbourhood_poison),
        ):
            held = stack.enter_context(queue().taken(MOST_POISON))
            for number, poison in enumerate(held):
                yield from of_message(poison.text, f"{name}[{number}]", poison.remove)
        for number, (text, row) in enumerate(self._sources.intake.aside(MOST_POISON)):

            def forget(row: Any = row) -> None:
                self._sources.intake.forget(row)

            yield from of_message(text, f"set aside[{number}]", forget)

    def _dead_letters(self, request: Request) -> Found:
        container = self._sources.dead_letters()
        if container is None:
            raise ConfigurationError(
                Mistake.at("setting DEAD_LETTER_CONTAINER", "is missing; dead letters are read there")
            )
        for letter in container.between(request.since, request.until):
            yield from of_letter(letter.read(), letter.path)

    def _activity(self, request: Request) -> Found:
        about = request.resource
        group = request.group or ("" if about is None else about.resource_group)
        wanted = self._sources.subscriptions if about is None else {about.subscription}
        log = self._sources.activity_log()
        for subscription in sorted(wanted & self._sources.subscriptions):
            for event in log.events(subscription, request.since, request.until, group):
                yield from of_event(event, f"activity log {event['id']}")


def _take(gathered: Gathered, found: Past | Unusable, request: Request) -> bool:
    """Add what was found; False when there is no room for it."""
    gathered.seen += 1
    if isinstance(found, Unusable):
        gathered.ignored += not found.why
        gathered.refused += [f"{found.where}: {found.why}"] if found.why else []
        return True
    try:
        if not request.wants(found.message, found.outcome):
            return True
    except InputError as error:
        gathered.refused.append(str(error))
        return True
    key = repr([text.lower() for text in named(found.message)])
    known = gathered.work.get(key)
    if known is None and len(gathered.work) >= request.limit:
        return False
    gathered.merged += known is not None
    gathered.work[key] = _later(known, _again(found, gathered.replay_id, len(gathered.work)))
    return True


def _again(past: Past, replay_id: str, number: int) -> Past:
    """The work anew; what no event asked for gets an id of its own, by which its outcome can be found."""
    message = msgspec.structs.replace(
        past.message,
        reason="replay",
        attempt=0,
        force=True,
        replay_id=replay_id,
        event_id=past.message.event_id or f"{replay_id}-{number}",
    )
    return Past(message, past.outcome, past.remove)


def _later(known: Past | None, found: Past) -> Past:
    """The later of two events on the same resource, with what both have to remove."""
    if known is None:
        return found
    old, new = known.message.event_time, found.message.event_time
    latest = found if old is None or (new is not None and new > old) else known
    return Past(latest.message, latest.outcome, (*known.remove, *found.remove))
