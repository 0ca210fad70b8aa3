"""Trying again within one call: a few times, with jitter, for as long as the invocation has.

This is the only owner of retries inside a call; the SDKs' own are off, so that attempts do not multiply.
What still fails afterwards goes up and is handed on to the queue, which waits longer than we would.
Counted: each repeat (`retries`) and each answer that asks us to slow down (`throttles`), whether it is
repeated or goes up.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from remediation.adapters.clock import SystemClock
from remediation.errors import ConflictError, LeaseLostError, ThrottledError, TransientError
from remediation.measures import SILENT, Measures
from remediation.ports import Clock

if TYPE_CHECKING:
    from tenacity import RetryCallState


def unlimited() -> float:
    """The time left when nobody waits for us."""
    return math.inf


@dataclass(frozen=True, slots=True)
class Retry:
    """How patient a call is. `remaining` tells the seconds this invocation has left, asked before a wait.

    A wait of more than `longest_wait` seconds, or more than what remains, is not begun: the error goes up
    with its `retry_after`, so that whoever plans the next try knows when to make it. `of` names the service
    that is called, for the counters.
    """

    clock: Clock = field(default_factory=SystemClock)
    remaining: Callable[[], float] = unlimited
    tries: int = 4
    longest_wait: float = 10.0
    measures: Measures = SILENT
    of: str = "other"

    def call[T](self, action: Callable[[], T]) -> T:
        """The result of `action`, tried again while it raises what will pass by itself.

        A ConflictError is not tried again here: the caller must read and decide anew.
        """
        import tenacity

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(will_pass),
            stop=self._enough,
            wait=_wait(),
            sleep=self.clock.sleep,
            after=self._failed,
            before_sleep=self._repeating,
            reraise=True,
        )
        return retrying(action)

    def _enough(self, state: "RetryCallState") -> bool:
        if state.attempt_number >= self.tries:
            return True
        return state.upcoming_sleep > self.longest_wait or state.upcoming_sleep >= self.remaining()

    def _failed(self, state: "RetryCallState") -> None:
        if isinstance(_error(state), ThrottledError):
            self.measures.count("throttles", of=self.of)

    def _repeating(self, state: "RetryCallState") -> None:
        self.measures.count("retries", of=self.of, reason=type(_error(state)).__name__)


def will_pass(error: BaseException) -> bool:
    """Whether the very same call may succeed in a moment."""
    return isinstance(error, TransientError) and not isinstance(error, ConflictError | LeaseLostError)


def _wait() -> "Callable[[RetryCallState], float]":
    """Growing and jittered, and never before the moment the service asked for."""
    import tenacity

    backoff = tenacity.wait_exponential_jitter(multiplier=0.5, max=8, jitter=0.5)
    jitter = tenacity.wait_random(0, 0.5)

    def wait(state: "RetryCallState") -> float:
        error = _error(state)
        asked = error.retry_after if isinstance(error, TransientError) else None
        return max(backoff(state), asked + jitter(state) if asked else 0.0)

    return wait


def _error(state: "RetryCallState") -> BaseException | None:
    """What the last try raised."""
    return state.outcome.exception() if state.outcome else None
