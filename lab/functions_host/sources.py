"""Where the messages of queue triggers lie: in this process, or in a storage account."""

from lab.functions_host.memory_source import MemorySource
from lab.functions_host.queues import QueueSource
from lab.functions_host.storage_source import StorageSource


def open_source(connection: str, name: str) -> QueueSource:
    """The queue of that name behind a connection: ``memory://ACCOUNT`` or a storage connection string."""
    if connection.startswith("memory://"):
        return MemorySource(connection.removeprefix("memory://"), name)
    return StorageSource(connection, name)
