"""What many tests share: time, and the storage emulator, started when a test process first asks for it."""

import uuid
from collections.abc import Iterator

import pytest

from lab.azurite import Azurite, AzuriteMissingError
from remediation.adapters.clock import VirtualClock
from remediation.adapters.storage.account import StorageAccount

# The score is printed once, whatever runs the tests; coverage is measured where it says something.
pytest_plugins = ["tests.conformance.summary", "tests.measured", "tests.unseen"]


@pytest.fixture
def clock() -> VirtualClock:
    """Time that moves only when the test, or what it tests, moves it."""
    return VirtualClock()


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """Microsoft's storage emulator on free loopback ports, empty at the start and gone at the end."""
    try:
        emulator = Azurite()
    except AzuriteMissingError as error:
        pytest.fail(str(error), pytrace=False)
    with emulator:
        yield emulator


@pytest.fixture(scope="session")
def storage_account(azurite: Azurite) -> StorageAccount:
    """The emulator's account, as the adapters take it."""
    return StorageAccount(connection_string=azurite.connection_string)


@pytest.fixture
def fresh_name() -> str:
    """A name no other test has used, valid for a table and for a queue."""
    return f"t{uuid.uuid4().hex}"
