"""What teams declare by files: a blob each in a container of the app's account, put there by `declare`."""

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.archive import BlobArchive
from remediation.adapters.storage.dead_letters import container_client
from remediation.errors import PermanentError

CONTAINER = "declared"
_NOT_THERE = frozenset({"ContainerNotFound", "BlobNotFound"})


class BlobDeclaredFiles:
    """Blobs by name, each with its version; a container that is not there holds none."""

    def __init__(
        self, account: StorageAccount, *, container: str = CONTAINER, retry: Retry | None = None
    ) -> None:
        self._container = container_client(account, container)
        self._retry = retry or Retry()
        self._writing = BlobArchive(account, container=container, retry=self._retry)

    def versions(self) -> dict[str, str]:
        """The version of each file by its name."""

        def attempt() -> dict[str, str]:
            with azure_errors("listing declarations"):
                return {blob.name: blob.etag for blob in self._container.list_blobs()}

        try:
            return self._retry.call(attempt)
        except PermanentError as error:
            if error.code in _NOT_THERE:
                return {}
            raise

    def content(self, name: str) -> bytes:
        def attempt() -> bytes:
            with azure_errors(f"reading declaration {name}"):
                found: bytes = self._container.download_blob(name).readall()
                return found

        return self._retry.call(attempt)

    def put(self, name: str, content: bytes) -> None:
        """Store it over what was there; the container is made when it is found missing."""
        self._writing.keep(name, content)

    def remove(self, name: str) -> bool:
        """Take it away; whether there was one."""

        def attempt() -> None:
            with azure_errors(f"removing declaration {name}"):
                self._container.delete_blob(name)

        try:
            self._retry.call(attempt)
        except PermanentError as error:
            if error.code in _NOT_THERE:
                return False
            raise
        return True


class MemoryDeclaredFiles:
    """The same in memory."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}
        self._count = 0

    def versions(self) -> dict[str, str]:
        return {name: version for name, (version, _) in self._files.items()}

    def content(self, name: str) -> bytes:
        return self._files[name][1]

    def put(self, name: str, content: bytes) -> None:
        self._count += 1
        self._files[name] = str(self._count), content

    def remove(self, name: str) -> bool:
        return self._files.pop(name, None) is not None
