"""The poison queues, to which the host moves what failed too often.

What is taken is hidden from others for a while and shows itself again unless it is removed: an interrupted
replay loses nothing.
"""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.memory.storage import MemoryQueue
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.queue import queue_client
from remediation.errors import PermanentError
from remediation.on_call.sources import Poison

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueMessage

NAME, NEIGHBOURHOOD, CARDS = "reconcile-poison", "neighbourhood-poison", "cards-poison"
HIDDEN = 300
PAGE = 32
GIVEN_BACK = frozenset({"MessageNotFound", "PopReceiptMismatch"})
"""Held for so long that it shows itself again already, or somebody else has it."""


class StoragePoison:
    """The poison queue of a storage account; one that is not there is empty."""

    def __init__(self, account: StorageAccount, *, name: str = NAME, retry: Retry | None = None) -> None:
        self._name = name
        self._queue: QueueClient = queue_client(account, name)
        self._retry = retry or Retry()

    @contextmanager
    def taken(self, limit: int) -> Iterator[list[Poison]]:
        """Up to `limit` messages; those that are not removed on leaving show themselves again."""
        found = self._take(limit)
        removed: set[str] = set()
        try:
            yield [Poison(_text(each.content), partial(self._remove, each, removed)) for each in found]
        finally:
            for each in found:
                if each.id not in removed:
                    self._give_back(each)

    def _take(self, limit: int) -> "list[QueueMessage]":
        def attempt() -> "list[QueueMessage]":
            pages = self._queue.receive_messages(
                messages_per_page=min(PAGE, limit), visibility_timeout=HIDDEN, max_messages=limit
            )
            return list(pages)

        try:
            found: list[QueueMessage] = self._call(attempt)
        except PermanentError as error:
            if error.code == "QueueNotFound":
                return []
            raise
        return found

    def _give_back(self, message: "QueueMessage") -> None:
        try:
            self._call(partial(self._queue.update_message, message, visibility_timeout=0))
        except PermanentError as error:
            if error.code not in GIVEN_BACK:
                raise

    def _remove(self, message: "QueueMessage", removed: set[str]) -> None:
        self._call(partial(self._queue.delete_message, message))
        removed.add(message.id)

    def _call(self, action: Any) -> Any:
        def attempt() -> Any:
            with azure_errors(f"the queue {self._name}"):
                return action()

        return self._retry.call(attempt)


class MemoryPoison:
    """The poison queue beside a queue in memory."""

    def __init__(self, queue: MemoryQueue, *, name: str = NAME) -> None:
        self._queue = queue
        self._name = name

    @contextmanager
    def taken(self, limit: int) -> Iterator[list[Poison]]:
        """As on a storage account."""
        found = self._queue.receive(self._name, visibility=HIDDEN, limit=limit)
        try:
            yield [Poison(_text(each.text), partial(self._delete, each)) for each in found]
        finally:
            for each in found:
                self._queue.release(self._name, each)

    def _delete(self, message: Any) -> None:
        self._queue.delete(self._name, message)


def _text(content: object) -> str:
    """The message behind its base64; what is no base64 is shown as it lies there."""
    try:
        return base64.b64decode(str(content), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return str(content)
