"""How much lies on the queues, and for how long: what health tells of work that waits."""

from collections.abc import Sequence
from datetime import datetime

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.memory.storage import MemoryQueue
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.queue import queue_client
from remediation.errors import PermanentError
from remediation.ports import Backlog

LANES = ("reconcile", "neighbourhood", "cards")
NAMES = (*LANES, *(f"{lane}-poison" for lane in LANES))


class StorageBacklog:
    """The queues of a storage account; one that is not there is empty."""

    def __init__(self, account: StorageAccount, retry: Retry | None = None) -> None:
        self._queues = {name: queue_client(account, name) for name in NAMES}
        self._retry = retry or Retry()

    def backlog(self) -> Sequence[Backlog]:
        """Two requests for each queue."""
        return [self._of(name) for name in NAMES]

    def _of(self, name: str) -> Backlog:
        queue = self._queues[name]

        def look() -> tuple[int, datetime | None]:
            with azure_errors(f"looking at the queue {name}"):
                count = queue.get_queue_properties().approximate_message_count or 0
                first = queue.peek_messages(1) if count else []
                return count, first[0].inserted_on if first else None

        try:
            return Backlog(name, *self._retry.call(look))
        except PermanentError as error:
            if error.code != "QueueNotFound":
                raise
            return Backlog(name, 0)


class MemoryBacklog:
    """The same of queues in memory."""

    def __init__(self, queue: MemoryQueue) -> None:
        self._queue = queue

    def backlog(self) -> Sequence[Backlog]:
        return [
            Backlog(name, len(self._queue.texts(name)), self._queue.oldest_visible(name)) for name in NAMES
        ]
