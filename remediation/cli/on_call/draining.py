"""Work off a replay in this process: the same reconciler, ledger and guards, a queue of our own."""

import base64
from collections import Counter
from collections.abc import Callable

from remediation.adapters.memory.storage import MemoryQueue
from remediation.messages import decode, decode_card
from remediation.model import Ending, Outcome
from remediation.ports import Clock
from remediation.reconciling.reconciler import Reconciler
from remediation.telling.switchboard import CardSender

VISIBILITY = 600.0
LANES = ("reconcile", "neighbourhood")


class Drain:
    """Handles what lies on a queue in memory until nothing is left, waiting where work has to wait."""

    def __init__(self, queue: MemoryQueue, clock: Clock) -> None:
        self._queue = queue
        self._clock = clock

    def work(self, worker: Reconciler, tick: Callable[[Outcome], None]) -> Counter[str]:
        """Handle every message; what was handed on is counted when it ends."""
        ended: Counter[str] = Counter()
        while (lane := self._next(*LANES)) is not None:
            for received in self._queue.receive(lane, visibility=VISIBILITY):
                outcome = worker.handle(decode(base64.b64decode(received.text)))
                self._queue.delete(lane, received)
                if outcome.ending is not Ending.HANDED_ON:
                    ended[outcome.word] += 1
                tick(outcome)
        return ended

    def cards(self, sender: CardSender) -> None:
        """Send the cards that are owed in this queue."""
        while self._next("cards") is not None:
            for received in self._queue.receive("cards", visibility=VISIBILITY):
                sender.send(decode_card(base64.b64decode(received.text)))
                self._queue.delete("cards", received)

    def _next(self, *names: str) -> str | None:
        """Wait until the next message is visible; the name of its queue, None when there is none."""
        moments = [(moment, name) for name in names if (moment := self._queue.next_visible(name)) is not None]
        if not moments:
            return None
        visible, name = min(moments)
        wait = (visible - self._clock.now()).total_seconds()
        if wait > 0:
            self._clock.sleep(wait)
        return name
