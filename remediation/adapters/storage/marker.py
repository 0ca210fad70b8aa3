"""A marker outside the ledger's table that says that there was one: metadata of the queue of work.

It stands in another service of the same account than the table, so that whoever deletes the table, or all
tables, leaves it. The queue itself comes back empty when it is made anew, without the marker; a new account
is new.
"""

from contextlib import suppress
from datetime import datetime

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.queue import queue_client
from remediation.errors import ConflictError, PermanentError

NAME = "bastionguardledger"
"""Of the metadata; its value is when the ledger was first known."""
MISSING = "QueueNotFound"


class QueueMarker:
    """The marker on a storage account."""

    def __init__(
        self, account: StorageAccount, *, queue: str = "reconcile", retry: Retry | None = None
    ) -> None:
        self._queue = queue_client(account, queue)
        self._retry = retry or Retry()

    def is_set(self) -> bool:
        """Whether there was a ledger."""
        return NAME in self._metadata()

    def set(self, now: datetime) -> None:
        """Note that there is one; what else the queue's metadata hold stays."""

        def attempt() -> None:
            with azure_errors("marking the ledger"):
                self._queue.set_queue_metadata({**known, NAME: now.isoformat()})

        def make() -> None:
            with azure_errors("making the queue"):
                self._queue.create_queue()

        known = self._metadata()
        try:
            return self._retry.call(attempt)
        except PermanentError as error:
            if error.code != MISSING:
                raise
        with suppress(ConflictError):  # somebody else made it first
            self._retry.call(make)
        return self._retry.call(attempt)

    def _metadata(self) -> dict[str, str]:
        def attempt() -> dict[str, str]:
            with azure_errors("reading the marker of the ledger"):
                return dict(self._queue.get_queue_properties().metadata or {})

        try:
            found = self._retry.call(attempt)
        except PermanentError as error:
            if error.code != MISSING:
                raise
            return {}
        return {name.lower(): value for name, value in found.items()}


class MemoryMarker:
    """The same in memory."""

    def __init__(self) -> None:
        self.since: datetime | None = None

    def is_set(self) -> bool:
        return self.since is not None

    def set(self, now: datetime) -> None:
        self.since = self.since or now
