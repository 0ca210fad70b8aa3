"""What the lab tells the outside: one value per write, delete or action, when it has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

type ChangeStatus = Literal["Succeeded", "Failed", "Canceled"]


@dataclass(frozen=True, slots=True)
class Change:
    """A finished write, delete or action. `resource_id` is as it stood in the request, casing included."""

    operation_name: str
    resource_id: str
    caller: str
    method: str
    url: str
    status: ChangeStatus
    time: float
    correlation_id: str
    client_request_id: str
    user_agent: str = ""
    created: bool = False
    code: str = ""

    @property
    def verb(self) -> str:
        """write, delete or action: the last part of the operation name."""
        return self.operation_name.rpartition("/")[2]


type Listener = Callable[[Change], None]


class Changes:
    """Listeners, called in the order they subscribed, at the moment Azure would raise the event."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every change from now on; returns what ends the subscription."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)
