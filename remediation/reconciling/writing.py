"""The one way in which a document in ARM is written, by repairs and by undos alike.

Store the intent, send, store the operation, wait within a bound, store the end. So a crash at any point can
be told from what is left behind. Verifying is a fresh read and the caller's: a repair is judged anew, an undo
compared with what was there before. Nothing is believed before that.
"""

import enum
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from remediation.errors import ConflictError, PermanentError, ThrottledError, TransientError
from remediation.kinds import SERVER_KEYS
from remediation.ledger.journal import Journal, WriteRecord
from remediation.model import Json, Write
from remediation.ports import Clock, Cloud, Progress
from remediation.resource_id import ResourceId

# What ARM adds to a document on its own; two documents that differ only in these are the same.
IDENTITY_KEYS = frozenset({"id", "name", "type", "location"})

LOCKED = "ScopeLocked"
LOCKED_SCOPES = re.compile(r"locked: '([^']+)'")
"""How ARM names the scopes of the locks in the way, in the text of that refusal."""

# Inner codes of operations that passed by themselves: superseded, or another one was in the way.
RETRYABLE = frozenset({
    "Canceled", "CanceledAndSupersededDueToAnotherOperation", "AnotherOperationInProgress", "RetryableError",
})  # fmt: skip


class Step(enum.Enum):
    """How one write went."""

    DONE = "done"
    RUNNING = "running"
    MOVED = "moved"
    REFUSED = "refused"
    OVER_BUDGET = "over budget"


@dataclass(frozen=True, slots=True)
class Result:
    """How one write went and, in words, why. `cause` is ARM's refusal, for whoever has to raise it."""

    step: Step
    write_id: str = ""
    detail: str = ""
    retry_after: float | None = None
    cause: PermanentError | None = None


class Trail:
    """What a write leaves in the history. `is_open` from its intent until its end."""

    def __init__(self, journal: Journal, clock: Clock, write_id: str) -> None:
        self.write_id = write_id
        self.is_open = False
        self._journal = journal
        self._clock = clock

    def intend(self, record: WriteRecord) -> None:
        """Before it is sent; raises ConflictError if the id is taken."""
        self._journal.intend(record)
        self.is_open = True

    def accept(self, operation_url: str) -> None:
        """ARM has named the operation."""
        self._journal.accepted(self.write_id, operation_url)

    def end(self, state: str, error: str = "") -> None:
        """It is over: done, failed, or dropped (nothing was written, and it may be tried again)."""
        self._journal.ended(self.write_id, state, self._clock.now(), error)
        self.is_open = False


class WriteProcedure:
    """Intends, sends and waits, and reads afresh what is to be confirmed or verified."""

    def __init__(self, cloud: Cloud, clock: Clock) -> None:
        self._cloud = cloud
        self._clock = clock

    def carry_out(self, write: Write, record: WriteRecord, trail: Trail, patience: timedelta) -> Result:
        """Carry one write out: DONE, REFUSED, or RUNNING after `patience`.

        Raises TransientError. The trail has ended where ARM says that nothing was written, and is left open
        where nobody knows.
        """
        trail.intend(record)
        try:
            operation = self._cloud.write(write)
        except PermanentError as error:
            trail.end("failed", str(error))
            detail = f"ARM refused the write: {error.code or error}{_by_locks(write, error)}"
            return Result(Step.REFUSED, trail.write_id, detail, cause=error)
        except (ThrottledError, ConflictError) as error:
            # An answer came, and it says that nothing was written.
            trail.end("dropped", str(error))
            raise
        if operation.url is None:
            trail.end("done")
            return Result(Step.DONE, trail.write_id)
        trail.accept(operation.url)
        return self.wait(operation.url, trail, patience)

    def wait(self, operation_url: str, trail: Trail, patience: timedelta) -> Result:
        """Poll until the operation ends or `patience` is over; with none, ask once. Raises as `carry_out`."""
        deadline = self._clock.now() + patience
        while True:
            progress = self._cloud.poll(operation_url)
            if progress.state != "running":
                return _ended(progress, trail)
            pause = progress.retry_after or 1.0
            if not patience or self._clock.now() + timedelta(seconds=pause) > deadline:
                return Result(Step.RUNNING, trail.write_id, retry_after=progress.retry_after)
            self._clock.sleep(pause)

    def read(self, resource: ResourceId) -> Json | None:
        """The document as it is now; None where there is none."""
        current = self._cloud.get(resource)
        return None if current is None else current.body

    def is_now(
        self,
        resource: ResourceId,
        expected: Json | None,
        fresh: Callable[[], Json | None] | None = None,
    ) -> bool:
        """Whether a fresh read means the same as a document; If-Match alone is not relied on.

        `fresh` gives what was read already, raising as that read did.
        """
        return same(self.read(resource) if fresh is None else fresh(), expected)


def _ended(progress: Progress, trail: Trail) -> Result:
    if progress.state == "succeeded":
        trail.end("done")
        return Result(Step.DONE, trail.write_id)
    why = f"{progress.code}: {progress.message}".strip(": ")
    if progress.state == "cancelled" or progress.code in RETRYABLE:
        trail.end("dropped", why)
        raise TransientError(f"the write was not carried out: {why}", code=progress.code)
    trail.end("failed", why)
    detail = f"the write failed: {why}"
    cause = PermanentError(f"{trail.write_id}: {detail}", code=progress.code)
    return Result(Step.REFUSED, trail.write_id, detail, cause=cause)


def inverse(write: Write, before: Json | None) -> Write:
    """What takes one write back: the document that was there, or a DELETE where there was none."""
    return Write("DELETE", write.id) if before is None else Write("PUT", write.id, before)


def same(one: Json | None, other: Json | None) -> bool:
    """Whether two documents mean the same: what ARM adds, empty parts and the order of lists do not count."""
    return holds(one, other) and holds(other, one)


def _by_locks(write: Write, error: PermanentError) -> str:
    """The scopes whose locks are in the way, as ARM's refusal names them; "" for any other refusal."""
    named = LOCKED_SCOPES.search(str(error)) if error.code == LOCKED else None
    scopes = named[1].split(",") if named else ()
    above = [scope for scope in scopes if f"{write.id.text}/".lower().startswith(f"{scope}/".lower())]
    return f" (a lock on {', '.join(above)})" if above else ""


def holds(document: Json | None, wanted: Json | None) -> bool:
    """Whether a document as ARM returns it has everything that was written (`wanted`; None: it is gone)."""
    if document is None or wanted is None:
        return document is wanted
    kept = {key: value for key, value in wanted.items() if key not in IDENTITY_KEYS}
    return _holds(document, kept)


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        if not wanted and value is None:
            return True
        return isinstance(value, Mapping) and all(
            _holds(value.get(key), item) for key, item in wanted.items() if key not in SERVER_KEYS
        )
    if wanted is None:
        return value is None or (isinstance(value, list | tuple | Mapping) and not value)
    if isinstance(wanted, list | tuple):
        return _each_held(value or (), wanted)
    if isinstance(wanted, str) and isinstance(value, str):
        return value.casefold() == wanted.casefold()
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _each_held(values: Any, wanted: Sequence[Any]) -> bool:
    """Each wanted item in an item of its own, whatever the order."""
    if not isinstance(values, list | tuple) or len(values) != len(wanted):
        return False
    left = list(values)
    for item in wanted:
        found = next((index for index, value in enumerate(left) if _holds(value, item)), None)
        if found is None:
            return False
        del left[found]
    return True
