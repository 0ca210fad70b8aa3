"""Where writes are kept for longer than the ledger keeps them: blobs in a container of the app's account."""

from contextlib import suppress

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.dead_letters import container_client
from remediation.errors import ConflictError, PermanentError


class BlobArchive:
    """Blobs by name; the same name again is written over, so that a repeat does no harm."""

    def __init__(self, account: StorageAccount, *, container: str, retry: Retry | None = None) -> None:
        self._container = container_client(account, container)
        self._name = container
        self._retry = retry or Retry()

    def keep(self, name: str, content: bytes) -> None:
        """Store it; the container is made when it is found missing."""
        try:
            return self._upload(name, content)
        except PermanentError as error:
            if error.code != "ContainerNotFound":
                raise
        with suppress(ConflictError):  # somebody else made it first
            self._retry.call(self._make)
        return self._upload(name, content)

    def _make(self) -> None:
        with azure_errors(f"making the container {self._name}"):
            self._container.create_container()

    def _upload(self, name: str, content: bytes) -> None:
        def attempt() -> None:
            with azure_errors(f"keeping {name} in {self._name}"):
                self._container.upload_blob(name, content, overwrite=True)

        self._retry.call(attempt)


class MemoryArchive:
    """The same in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def keep(self, name: str, content: bytes) -> None:
        self.kept[name] = content
