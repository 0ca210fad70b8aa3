"""The container into which Event Grid puts what it could not deliver.

Blobs lie under ``SUBSCRIPTION NAME/yyyy/M/d/H/guid.json``, times in UTC and not padded; each holds one event
or a list of them. Nothing is ever deleted here: what was taken in again is remembered in the ledger.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import CLIENT_OPTIONS, StorageAccount
from remediation.errors import PermanentError
from remediation.ledger.diary import days
from remediation.on_call.sources import DeadLetter

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

MAX_BYTES = 4 * 1024 * 1024


class BlobDeadLetters:
    """Dead letters in one container; a container that is not there holds none."""

    def __init__(self, account: StorageAccount, *, container: str, retry: Retry | None = None) -> None:
        self._container = container_client(account, container)
        self._retry = retry or Retry()

    def between(self, since: datetime, until: datetime) -> Iterator[DeadLetter]:
        """Dead letters written with since <= time < until, day by day, the latest day first."""
        folders = self._listed(lambda: list(self._container.walk_blobs(delimiter="/")))
        for day in days(since, until):
            for folder in folders:
                prefix = f"{folder.name.rstrip('/')}/{day.year}/{day.month}/{day.day}/"
                blobs = self._listed(lambda prefix=prefix: list(self._container.list_blobs(prefix)))
                for blob in blobs:
                    if since <= blob.last_modified < until:
                        yield DeadLetter(blob.name, blob.last_modified, partial(self._content, blob.name))

    def _listed(self, listing: Any) -> list[Any]:
        def attempt() -> list[Any]:
            with azure_errors("listing dead letters"):
                found: list[Any] = listing()
                return found

        try:
            return self._retry.call(attempt)
        except PermanentError as error:
            if error.code == "ContainerNotFound":
                return []
            raise

    def _content(self, name: str) -> bytes:
        def attempt() -> bytes:
            with azure_errors(f"reading the dead letter {name}"):
                content: bytes = self._container.download_blob(name, offset=0, length=MAX_BYTES).readall()
                return content

        return self._retry.call(attempt)


class MemoryDeadLetters:
    """Dead letters that a test or a lab buried."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []

    def between(self, since: datetime, until: datetime) -> Iterator[DeadLetter]:
        yield from [letter for letter in self.letters if since <= letter.written < until]


def container_client(account: StorageAccount, container: str) -> "ContainerClient":
    """A client for one container of an account; makes no call."""
    from azure.storage.blob import ContainerClient

    if account.connection_string:
        return ContainerClient.from_connection_string(account.connection_string, container, **CLIENT_OPTIONS)
    return ContainerClient(account.endpoint, container, credential=account.credential, **CLIENT_OPTIONS)
