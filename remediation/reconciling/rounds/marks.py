"""What the ledger keeps of the neighbourhood lane: marks, and the round of a subscription.

A mark is a question: whom does this neighbour, or this scope, concern? Or: is this target still what its last
look saw? The same question twice is one mark,
its last asker known. A mark stays until the round that answered it is done, so that a crash loses none; one
that was left anew meanwhile has another version and stays for the next round.

Marks are spread over the shards by their question, so that a deployment's do not meet in one partition.

A round is *due* while its message is not visible yet, and *running* while its lease lasts. In both cases who
leaves a mark need not call another: a due round takes its marks later, and whoever ends a round looks for
marks after he has let it go. The lease is as short as a claim's, and renewed by its holder.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from remediation.errors import ConflictError, UnreadableError
from remediation.ledger.keys import change, plain, sharded, shards, short
from remediation.ledger.unreadable import fetch, readable
from remediation.messages import Message
from remediation.ports import Ledger, Row
from remediation.resource_id import ResourceId
from remediation.structs import converted

ROUNDS, KIND = "rounds", "marks"
LEASE = timedelta(seconds=75)
"""A round that has not renewed its lease for so long is dead; two at once would only cost reads."""
SKEW = timedelta(seconds=1)
"""A round that is due in less than this may have begun by another clock."""
MOST_MARKS = 5000


@dataclass(frozen=True, slots=True)
class Mark:
    """A question that waits for a round: the message that asked it, and the row to remove it by."""

    message: Message
    row: Row


class RoundRecord(msgspec.Struct, frozen=True, rename="camel"):
    """The round of one subscription; `scope` is its id. `streak`: so many rounds before it left marks.

    `asked` is how many requests the last one cost, where it is known.
    """

    scope: str
    due: datetime | None = None
    token: int = 0
    lease_until: datetime | None = None
    streak: int = 0
    asked: int | None = None

    def is_running(self, now: datetime) -> bool:
        return self.lease_until is not None and self.lease_until > now

    def is_expected(self, now: datetime) -> bool:
        """Whether a round will take a mark that is left now, without being called."""
        return self.is_running(now) or (self.due is not None and self.due > now + SKEW)


class Marks:
    """Marks and rounds in the ledger. Scopes are subscription ids (``/subscriptions/...``)."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    # Marks ---------------------------------------------------------------------------------------

    def leave(self, scope: str, message: Message, now: datetime) -> None:
        """Keep the question of a message (expand, sweep or target) until a round has answered it."""
        value = {"message": plain(message), "at": now.isoformat()}
        question = _question(message)
        self._ledger.put(sharded(KIND, question), f"{short(scope)}-{question}", value)

    def of(self, scope: str) -> list[Mark]:
        """The marks of a subscription; those that cannot be read are left to health."""
        return [mark for partition in shards(KIND) for mark in self._in(partition, scope, MOST_MARKS)]

    def are_left(self, scope: str) -> bool:
        """Whether a subscription has a mark."""
        return any(self._in(partition, scope, 1) for partition in shards(KIND))

    def scopes(self) -> set[str]:
        """The subscriptions that have marks."""
        found: set[str] = set()
        for partition in shards(KIND):
            rows = self._ledger.rows(partition, limit=MOST_MARKS)
            found |= {scope_of(message) for message, _ in readable(self._ledger, rows, _message)}
        return found

    def _in(self, partition: str, scope: str, limit: int) -> list[Mark]:
        own = short(scope)
        rows = self._ledger.rows(partition, start=f"{own}-", end=f"{own}.", limit=limit)
        return [Mark(message, row) for message, row in readable(self._ledger, rows, _message)]

    def answered(self, marks: Sequence[Mark]) -> None:
        """Let marks go; one that was left anew meanwhile stays."""
        for mark in marks:
            with suppress(ConflictError):
                self._ledger.delete(mark.row)

    # Rounds --------------------------------------------------------------------------------------

    def round_of(self, scope: str) -> RoundRecord:
        """How the round of a subscription stands; one that cannot be read is neither due nor running."""
        try:
            found = fetch(self._ledger, ROUNDS, short(scope), RoundRecord)
        except UnreadableError:
            found = None
        return found or RoundRecord(scope)

    def expect(self, scope: str, due: datetime, streak: int) -> None:
        """A message that begins a round is on the queue and becomes visible no sooner than `due`."""

        def expected(value: dict[str, Any] | None) -> dict[str, Any]:
            return _plain(msgspec.structs.replace(_known(value, scope), due=due, streak=streak))

        self._change(scope, expected)

    def begin(self, scope: str, now: datetime) -> RoundRecord | None:
        """Take the round for as long as a lease lasts; None while another runs.

        Where the record cannot be read nobody can tell, and two rounds at once would only cost reads.
        """
        taken: RoundRecord | None = RoundRecord(scope)

        def take(value: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal taken
            known = _known(value, scope)
            taken = None
            if known.is_running(now):
                return None
            taken = msgspec.structs.replace(known, token=known.token + 1, lease_until=now + LEASE)
            return _plain(taken)

        self._change(scope, take)
        return taken

    def renew(self, held: RoundRecord, now: datetime) -> bool:
        """Hold a round for another lease; False for one that was lost: it is another's."""
        return self._while_held(held, lease_until=now + LEASE)

    def end(self, held: RoundRecord, asked: int | None = None) -> None:
        """Let a round go, with what it `asked` of ARM; one that was lost is another's."""
        self._while_held(held, lease_until=None, asked=asked)

    def _while_held(self, held: RoundRecord, **facts: Any) -> bool:
        is_held = True

        def kept(value: dict[str, Any] | None) -> dict[str, Any] | None:
            nonlocal is_held
            known = _known(value, held.scope)
            is_held = known.token == held.token
            return _plain(msgspec.structs.replace(known, **facts)) if is_held else None

        self._change(held.scope, kept)
        return is_held

    def _change(self, scope: str, decide: Callable[[dict[str, Any] | None], dict[str, Any] | None]) -> None:
        with suppress(UnreadableError):
            change(self._ledger, ROUNDS, short(scope), decide, RoundRecord)


def scope_of(message: Message) -> str:
    """The subscription whose round answers a message."""
    return f"/subscriptions/{ResourceId.parse(message.named).subscription}"


def _question(message: Message) -> str:
    """The same question has the same name. A thrifty sweep does not answer what a thorough one asks."""
    thrifty = message.sweep is not None and message.reason == "sweep"
    return short(message.expand or "", message.sweep or message.target or "", str(thrifty))


def _message(row: Row) -> Message:
    return converted(row.value["message"], Message)


def _known(value: dict[str, Any] | None, scope: str) -> RoundRecord:
    return RoundRecord(scope) if value is None else converted(value, RoundRecord)


def _plain(record: RoundRecord) -> dict[str, Any]:
    built: dict[str, Any] = plain(record)
    return built
