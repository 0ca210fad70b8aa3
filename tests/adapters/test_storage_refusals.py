"""What a storage account refuses, and what is never sent to it."""

from collections.abc import Callable

import pytest

from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.ledger_tables import TablesLedger
from remediation.adapters.queue_storage import StorageQueue
from remediation.adapters.retrying import Retry
from remediation.adapters.storage_account import StorageAccount
from remediation.errors import ForbiddenError, TransientError
from remediation.messages import CardMessage
from remediation.ports import Ledger, Row
from tests.adapters.http_stub import Say, stub

ROW = Row("claims", "a", {}, 'W/"1"')
EVERY_OPERATION: dict[str, Callable[[Ledger], object]] = {
    "read": lambda ledger: ledger.read("claims", "a"),
    "insert": lambda ledger: ledger.insert("claims", "a", {}),
    "replace": lambda ledger: ledger.replace(ROW, {}),
    "delete": lambda ledger: ledger.delete(ROW),
    "rows": lambda ledger: ledger.rows("claims"),
}


@pytest.fixture
def stranger(storage_account: StorageAccount) -> StorageAccount:
    """The account, with a key that is not its own."""
    parts = storage_account.connection_string.strip(";").split(";")
    key = "AccountKey=" + "A" * 86 + "=="
    return StorageAccount(";".join(key if part.startswith("AccountKey=") else part for part in parts))


@pytest.mark.azurite
@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_a_wrong_key_is_a_refusal_and_not_an_empty_ledger(stranger: StorageAccount, operation: str) -> None:
    with pytest.raises(ForbiddenError):
        EVERY_OPERATION[operation](TablesLedger(stranger))


@pytest.mark.azurite
def test_a_wrong_key_sends_no_message(stranger: StorageAccount) -> None:
    with pytest.raises(ForbiddenError):
        StorageQueue(stranger).send_card(CardMessage())


def test_a_token_never_travels_in_the_open(clock: VirtualClock) -> None:
    with stub(Say(200, {})) as server:
        account = StorageAccount(endpoint=server.url, credential=LabCredential("token"))
        with pytest.raises(TransientError):
            TablesLedger(account, retry=Retry(clock)).read("claims", "a")
        with pytest.raises(TransientError):
            StorageQueue(account, retry=Retry(clock)).send_card(CardMessage())

    assert server.asked == []
