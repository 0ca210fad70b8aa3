"""Whom the marks of a round concern: each target once, with the message that asks for it.

A neighbour is expanded into what it refers to now and who has read it before; a scope is swept; of a target
itself a late event told. Which of several changes is named as the reason of a look: the latest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from remediation.errors import PermanentError
from remediation.intake.expansion import expand
from remediation.judging.gathering import Reads
from remediation.kinds import BY_WORD_ALONE, NETWORK_MANAGER
from remediation.ledger.reverse_index import ReverseIndex
from remediation.messages import Message
from remediation.policy import Policy
from remediation.ports import Clock
from remediation.reconciling.rounds.marks import Mark
from remediation.reconciling.sweeping import Candidate, Remembered, Sweeper
from remediation.resource_id import ResourceId

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """A target to look at, the direct lane's message for it, and what a sweep knows of it.

    `itself`: late events of its own ask and nothing else does, so that its version tells everything.
    """

    target: ResourceId
    message: Message
    swept: Candidate | None = None
    itself: bool = False


@dataclass(slots=True)
class Touched:
    """Everybody a round concerns. `refused` is the first type that a sweep may not list.

    What a sweep has `remembered` of all targets is read once. The picture was `begun` then: what is noted as
    changed since is no change that these marks tell of. `neighbours` are those that changed and may have been
    declared themselves; they are compared out of what was read of them anyway, and count for nothing else.
    """

    begun: datetime
    remembered: Remembered | None = None
    asked: dict[str, Asked] = field(default_factory=dict)
    refused: PermanentError | None = None
    neighbours: dict[str, Asked] = field(default_factory=dict)

    def add(self, one: Asked) -> None:
        """Keep the latest reason; a sweep's is none, and it knows more of the target."""
        known = self.asked.get(one.target.key)
        if known is None or known.swept is not None or _moment(one.message) > _moment(known.message):
            swept = _swept(one, known)
            message = known.message if known is not None and one.swept is not None else one.message
        elif known.itself and not one.itself:
            swept, message = known.swept, known.message
        else:
            return
        itself = one.itself and (known is None or known.itself)
        self.asked[one.target.key] = Asked(one.target, message, swept, itself)


class Toucher:
    """Expands marks against a picture."""

    def __init__(self, reverse_index: ReverseIndex, sweeper: Sweeper, clock: Clock, policy: Policy) -> None:
        self._reverse_index = reverse_index
        self._sweeper = sweeper
        self._clock = clock
        self._policy = policy

    def touched(self, marks: Sequence[Mark], picture: Reads) -> Touched:
        """Whom the marks concern. Raises TransientError when ARM does not answer now."""
        for mark in marks:
            if mark.message.expand is not None:
                self._reverse_index.changed(ResourceId.parse(mark.message.expand), self._clock.now())
        found = Touched(self._clock.now())
        for message in [mark.message for mark in marks]:
            if message.expand is not None:
                self._expand(message, ResourceId.parse(message.expand), picture, found)
            elif message.target is not None:
                found.add(Asked(ResourceId.parse(message.target), message, itself=True))
            elif message.sweep is not None:
                self._sweep(message, ResourceId.parse(message.sweep), picture, found)
        return found

    def _expand(self, message: Message, neighbour: ResourceId, picture: Reads, found: Touched) -> None:
        if neighbour.type in BY_WORD_ALONE:
            found.neighbours[neighbour.key] = Asked(neighbour, _directly(message, neighbour))
        touched = expand(picture, self._reverse_index, neighbour, self._policy.most_swept)
        for target in touched.targets:
            found.add(Asked(target, _directly(message, target)))
        if touched.overflow:
            scope = ResourceId.parse(f"/subscriptions/{neighbour.subscription}")
            wider = msgspec.structs.replace(message, expand=None, sweep=scope.text, reason="fan-out")
            self._sweep(wider, scope, picture, found)

    def _sweep(self, message: Message, scope: ResourceId, picture: Reads, found: Touched) -> None:
        found.remembered = found.remembered or self._sweeper.remembered()
        due, refused = self._sweeper.due(scope, message, picture, found.remembered)
        for one in due:
            found.add(Asked(one.target, look(one.target, message), one))
        found.refused = found.refused or refused


def _swept(one: Asked, known: Asked | None) -> Candidate | None:
    """What a sweep knows of a target; only its settings are compared where nobody asks for more."""
    every = [one] if known is None else [one, known]
    found = [each.swept for each in every if each.swept is not None]
    wide = [each for each in found if not each.for_settings]
    if wide or len(found) < len(every):
        return wide[0] if wide else None
    return found[0]


def _directly(message: Message, target: ResourceId) -> Message:
    """The direct lane's message for whom a changed neighbour touches."""
    work = {"expand": None, "target": target.text, "reason": "neighbour", "force": True, "attempt": 0}
    return msgspec.structs.replace(message, **work)


def look(target: ResourceId, message: Message) -> Message:
    """The direct lane's message for a target of a sweep."""
    return Message(
        target=target.text,
        reason="sweep",
        force=True,
        replay_id=message.replay_id,
        actor=message.actor,
        operation=message.operation,
        event_time=message.event_time,
        correlation_id=message.correlation_id,
    )


def of_network_manager(marks: Sequence[Mark]) -> bool:
    """Whether admin rules may have changed anywhere."""
    named = (mark.message.expand for mark in marks)
    return any(f"/providers/{NETWORK_MANAGER}/" in text.lower() for text in named if text)


def _moment(message: Message) -> datetime:
    return message.event_time or LONG_AGO
