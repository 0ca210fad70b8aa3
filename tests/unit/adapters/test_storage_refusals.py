"""What a storage account refuses, and what is never sent to it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.dead_letters import BlobDeadLetters
from remediation.adapters.storage.ledger_tables import TablesLedger
from remediation.adapters.storage.queue import StorageQueue
from remediation.errors import BastionGuardError, ConfigurationError, ForbiddenError, TransientError
from remediation.messages import CardMessage
from remediation.ports import Ledger, Row
from tests.unit.adapters.http_stub import Say, stub

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


OLD_XML = pytest.mark.filterwarnings("ignore:Testing an element's truth:DeprecationWarning")
"""azure-data-tables 12.7 asks an XML element for its truth when an error comes as XML."""


@pytest.mark.azurite
@OLD_XML
@pytest.mark.parametrize("operation", EVERY_OPERATION)
def test_a_wrong_key_is_a_refusal_and_not_an_empty_ledger(stranger: StorageAccount, operation: str) -> None:
    with pytest.raises(ForbiddenError):
        EVERY_OPERATION[operation](TablesLedger(stranger))


@pytest.mark.azurite
def test_a_wrong_key_sends_no_message(stranger: StorageAccount) -> None:
    with pytest.raises(ForbiddenError):
        StorageQueue(stranger).send_card(CardMessage())


def test_a_token_never_travels_in_the_open() -> None:
    with pytest.raises(ConfigurationError, match="https"):
        StorageAccount(endpoint="http://account.table.core.windows.net", credential=LabCredential("token"))


LATELY = datetime(2026, 1, 2, tzinfo=UTC)
EVERY_CLIENT: dict[str, Callable[[StorageAccount, Retry], object]] = {
    "tables": lambda account, retry: TablesLedger(account, retry=retry).read("claims", "a"),
    "queues": lambda account, retry: StorageQueue(account, retry=retry).send_card(CardMessage()),
    "blobs": lambda account, retry: list(
        BlobDeadLetters(account, container="letters", retry=retry).between(LATELY - timedelta(days=1), LATELY)
    ),
}


@pytest.mark.parametrize("client", EVERY_CLIENT)
def test_no_redirect_is_followed_with_what_proves_who_we_are(client: str, clock: VirtualClock) -> None:
    """The SDK signs again for wherever it is sent."""
    with stub(Say(500)) as thief, stub(Say(307, headers={"Location": f"{thief.url}/x"})) as server:
        places = ";".join(f"{kind}Endpoint={server.url}/acc" for kind in ("Table", "Queue", "Blob"))
        account = StorageAccount(f"AccountName=acc;AccountKey={'A' * 86}==;{places}")

        with suppress(BastionGuardError):
            EVERY_CLIENT[client](account, Retry(clock))

    assert server.asked
    assert [] == thief.asked


@pytest.mark.parametrize("client", EVERY_CLIENT)
@pytest.mark.parametrize(
    ("code", "closed"), [("AuthorizationFailure", True), ("AuthorizationPermissionMismatch", False)]
)
def test_an_account_that_a_policy_closed_is_told_from_one_that_lacks_a_role(
    client: str, code: str, closed: bool, clock: VirtualClock
) -> None:
    """Ledger, queue and dead letters alike; the code is the service's own and stands there in either case."""
    refusal = Say(403, b"", {"x-ms-error-code": code})
    with stub(*[refusal] * 3) as server:
        places = ";".join(f"{kind}Endpoint={server.url}/acc" for kind in ("Table", "Queue", "Blob"))
        account = StorageAccount(f"AccountName=acc;AccountKey={'A' * 86}==;{places}")

        with pytest.raises(ForbiddenError, match=f"HTTP 403 {code}") as refused:
            EVERY_CLIENT[client](account, Retry(clock))

    assert closed is ("closed, perhaps by a policy" in str(refused.value))


def test_an_identity_is_enough_where_there_is_no_key(clock: VirtualClock) -> None:
    """Nobody serves TLS there, so the call fails: but only when it is made, and in words of ours."""
    with stub() as server:
        nowhere = server.url.replace("http://", "https://")
    account = StorageAccount(endpoint=nowhere, credential=LabCredential("token"))
    ledger, queue = TablesLedger(account, retry=Retry(clock)), StorageQueue(account, retry=Retry(clock))

    with pytest.raises(TransientError, match="no answer"):
        ledger.read("claims", "a")
    with pytest.raises(TransientError, match="no answer"):
        queue.send_card(CardMessage())
