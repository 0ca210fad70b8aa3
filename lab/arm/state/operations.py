"""Long-running operations: each ends after so many polls, or when its time on the lab's clock is up.

Whichever comes first ends it, so that a client who polls needs no real minutes and a change whose
operation nobody polls still happens (and raises its event) in its time. `settle` ends what is due.
"""

from __future__ import annotations

import heapq
import itertools
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.arm.clock import Clock
    from lab.arm.errors import OperationError

type Status = Literal["InProgress", "Succeeded", "Failed", "Canceled"]


@dataclass(slots=True)
class Operation:
    """One asynchronous operation; `finish` applies its effect and is called once, with the final status."""

    target: str
    label: str
    subscription: str
    location: str
    api_version: str
    polls: int
    due: float
    finish: Callable[[Status], None]
    fate: Status = "Succeeded"
    error: OperationError | None = None
    deletes: str = ""  # the key of what it deletes
    settled: bool = False  # whether the write's answer said Succeeded: there is nothing left to do
    result: bytes | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: Status = "InProgress"

    def url(self, base: str, kind: str = "operations") -> str:
        where = f"/subscriptions/{self.subscription}/providers/Microsoft.Network/locations/{self.location}"
        return f"{base}{where}/{kind}/{self.id}?api-version={self.api_version}"

    def document(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"status": self.status}
        return (
            shown
            if self.error is None or self.status == "InProgress"
            else shown | {"error": self.error.document()}
        )


class Operations:
    """All operations ever begun, and which one runs on which document."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Operation] = {}
        self._queue: list[tuple[float, int, Operation]] = []
        self._running: dict[str, Operation] = {}
        self._order = itertools.count()

    def begin(self, operation: Operation) -> Operation:
        self._all[operation.id.lower()] = operation
        heapq.heappush(self._queue, (operation.due, next(self._order), operation))
        self._running[operation.target] = operation
        return operation

    def running(self, target: str) -> Operation | None:
        """The operation in progress on the document with that key."""
        return self._running.get(target)

    def poll(self, operation_id: str) -> Operation | None:
        """Look at an operation once; the last of its polls is the one that finds it ended."""
        operation = self._all.get(operation_id.lower())
        if operation is not None and operation.status == "InProgress":
            operation.polls -= 1
            if operation.polls <= 0:
                self.end(operation)
        return operation

    def end(
        self, operation: Operation, status: Status | None = None, error: OperationError | None = None
    ) -> None:
        """End it as was decided for it, or as given (a superseded one is canceled)."""
        if operation.status != "InProgress":
            return
        operation.status = status or operation.fate
        operation.error = error or operation.error
        if self._running.get(operation.target) is operation:
            del self._running[operation.target]
        operation.finish(operation.status)

    def settle(self) -> int:
        """End everything due by the clock; returns how many ended."""
        ended, now = 0, self._clock.now()
        while self._queue and self._queue[0][0] <= now:
            operation = heapq.heappop(self._queue)[2]
            ended += operation.status == "InProgress"
            self.end(operation)
        return ended

    def next_due(self) -> float | None:
        """When the next running operation is due, on the lab's clock; None when none runs."""
        while self._queue and self._queue[0][2].status != "InProgress":
            heapq.heappop(self._queue)
        return self._queue[0][0] if self._queue else None

    def clear(self) -> None:
        self._all.clear()
        self._queue.clear()
        self._running.clear()
