"""The queues on Azure Queue storage, written as host.json's messageEncoding reads them: base64.

An output binding cannot delay a message, so everything that is handed on goes through here. Queues are
made when one is found missing, so that the usual start costs no call.
"""

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import CLIENT_OPTIONS, StorageAccount
from remediation.errors import ConflictError, PermanentError
from remediation.messages import CardMessage, Message, encode, on_the_wire

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient

NEVER = -1
LONGEST_DELAY = 7 * 24 * 3600
"""Seconds; the service's own limit. A message that comes earlier than asked is looked at and handed on."""


class StorageQueue:
    """A Queue on one storage account; safe to share among threads.

    A send whose answer is lost is repeated, so a message may lie there twice: to us a message is a hint.
    """

    def __init__(
        self,
        account: StorageAccount,
        *,
        reconcile: str = "reconcile",
        neighbourhood: str = "neighbourhood",
        cards: str = "cards",
        retry: Retry | None = None,
    ) -> None:
        self._reconcile = queue_client(account, reconcile)
        self._neighbourhood = queue_client(account, neighbourhood)
        self._cards = queue_client(account, cards)
        self._retry = retry or Retry()

    def send(self, message: Message, *, delay: float = 0) -> None:
        self._send(self._reconcile if message.is_direct else self._neighbourhood, message, delay)

    def send_card(self, message: CardMessage, *, delay: float = 0) -> None:
        self._send(self._cards, message, delay)

    def _send(self, queue: "QueueClient", message: Message | CardMessage, delay: float) -> None:
        text, seconds = on_the_wire(encode(message)), whole_seconds(delay)

        def attempt() -> None:
            with azure_errors(f"sending to the queue {queue.queue_name}"):
                queue.send_message(text, visibility_timeout=seconds, time_to_live=NEVER)

        try:
            return self._retry.call(attempt)
        except PermanentError as error:
            if error.code != "QueueNotFound":
                raise
        self._make(queue)
        return self._retry.call(attempt)

    def _make(self, queue: "QueueClient") -> None:
        def attempt() -> None:
            with azure_errors(f"making the queue {queue.queue_name}"):
                queue.create_queue()

        with suppress(ConflictError):  # somebody else made it first
            self._retry.call(attempt)


def whole_seconds(delay: float) -> int:
    """A delay as the service takes it: never shorter than asked, never longer than it allows."""
    return min(LONGEST_DELAY, max(0, math.ceil(delay)))


def queue_client(account: StorageAccount, name: str) -> "QueueClient":
    """A client for one queue of an account; makes no call."""
    from azure.storage.queue import QueueClient

    if account.connection_string:
        return QueueClient.from_connection_string(account.connection_string, name, **CLIENT_OPTIONS)
    return QueueClient(account.endpoint, name, credential=account.credential, **CLIENT_OPTIONS)
