"""What lies on the queues: small JSON documents, one encoding for every sender.

The event itself, trimmed to the fields we use, rides in the message; a message says what to look at and
why, never what to do. `attempt` is our own count (the host's dequeue count only counts what we raise).
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from remediation.errors import InputError
from remediation.model import Actor, ResourceChange
from remediation.structs import decoded

VERSION = 1
MOVED = "moved"
"""The reason of a look at where a resource was moved to: it names who had opened there what is open here."""
MAX_BYTES = 40 * 1024
_NAME_LENGTH = 256


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One piece of work for a lane: `reconcile` takes targets, `neighbourhood` all else.

    Exactly one of `target` (look at this resource), `expand` (look at whatever this neighbour means to
    others), `sweep` (look at everything of a subscription or group) and `round` (answer the marks of a
    subscription) is set. `force` looks even where the high-water mark says there is nothing new. `changed` is
    the resource that an event is about where it is not the one to look at: a rule of a group, a setting.
    `received` is when its event came in, by our clock; waiting on the queue makes no event late.
    """

    v: int = VERSION
    target: str | None = None
    expand: str | None = None
    sweep: str | None = None
    round: str | None = None
    reason: str = "event"
    attempt: int = 0
    force: bool = False
    event_id: str = ""
    event_time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    actor: dict[str, str] = {}
    operation: str = ""
    correlation_id: str = ""
    replay_id: str = ""
    changed: str = ""
    received: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    @property
    def named(self) -> str:
        """The id of the resource that it is about."""
        return self.target or self.expand or self.sweep or self.round or ""

    @property
    def is_direct(self) -> bool:
        """Whether it belongs to the direct lane: a target itself. All else is the neighbourhood's."""
        return self.target is not None

    def follow_up(self) -> "Message":
        """The same work, handed on: one attempt more, never skipped."""
        return msgspec.structs.replace(self, attempt=self.attempt + 1, force=True)

    def again(self, reason: str) -> "Message":
        """The same work from the start, because somebody asked while we were busy with it."""
        return msgspec.structs.replace(self, reason=reason, attempt=0, force=True)


class CardMessage(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A nudge for the sender of cards of one place: what is owed is in the ledger, not in here."""

    v: int = VERSION
    attempt: int = 0
    place: str = ""


def about(change: ResourceChange, received: datetime | None = None, **work: str) -> Message:
    """The message for a change; `work` is target=, expand= or sweep= with the id."""
    return Message(
        **work,  # type: ignore[arg-type]  # one of three fields, all text
        event_id=change.event_id[:_NAME_LENGTH],
        event_time=change.event_time,
        actor=actor_fields(change.actor),
        operation=change.operation[:_NAME_LENGTH],
        correlation_id=change.correlation_id[:_NAME_LENGTH],
        changed="" if change.target.text in work.values() else change.target.text,
        received=received,
    )


def actor_fields(actor: Actor) -> dict[str, str]:
    """The non-empty fields of an actor, each cut to a length a hostile event cannot stretch."""
    fields = {
        "name": actor.name,
        "objectId": actor.object_id,
        "appId": actor.app_id,
        "client": actor.client,
        "address": actor.address,
    }
    return {key: value[:_NAME_LENGTH] for key, value in fields.items() if value}


def maker_of(message: Message) -> str:
    """A digest of the principal that is said to have made the change; "" where no event tells.

    It tells one maker from another for as long as a guard counts, and names nobody.
    """
    return digest_of(message.actor)


def digest_of(actor: Mapping[str, str]) -> str:
    """The same of an actor's fields, as messages and findings have them."""
    maker = actor.get("objectId") or actor.get("appId") or actor.get("name")
    return hashlib.sha256(maker.encode()).hexdigest()[:16] if maker else ""


def encode(message: Message | CardMessage) -> str:
    """The JSON text of a message, at most 40 KB."""
    encoded = msgspec.json.encode(message)
    if len(encoded) > MAX_BYTES:
        raise InputError(f"a message of {len(encoded)} bytes is larger than {MAX_BYTES}")
    return encoded.decode()


def decode(text: str | bytes) -> Message:
    """Read a message; raises InputError when it is not one of ours (a poison candidate)."""
    try:
        message = decoded(text, Message)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not a reconcile message: {error}") from error
    if message.v != VERSION:
        raise InputError(f"a reconcile message of version {message.v}; this app speaks version {VERSION}")
    named = (message.target, message.expand, message.sweep, message.round)
    if sum(field is not None for field in named) != 1:
        raise InputError("a reconcile message names exactly one of target, expand, sweep and round")
    return message


def on_the_wire(text: str) -> str:
    """The form in which a message lies on a storage queue: base64, as host.json's messageEncoding says."""
    return base64.b64encode(text.encode()).decode()


def utc(moment: datetime) -> datetime:
    """A moment in UTC; one without a zone is taken to be UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def decode_card(text: str | bytes) -> CardMessage:
    """Read a nudge for the sender of cards; raises InputError when it is none."""
    try:
        return decoded(text, CardMessage)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not a nudge for the sender of cards: {error}") from error
