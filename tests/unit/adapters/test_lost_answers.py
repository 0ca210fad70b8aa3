"""A change whose answer was lost is neither lost nor mistaken for somebody else's."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from azure.storage.queue import QueueClient

from remediation.adapters.clock import VirtualClock
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.ledger_tables import TablesLedger
from remediation.adapters.storage.queue import StorageQueue
from remediation.errors import ConflictError, TransientError
from remediation.messages import Message
from tests.unit.adapters.http_stub import stub
from tests.unit.adapters.lossy_proxy import Lossy, lossy

pytestmark = pytest.mark.azurite
WEB = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web"


@pytest.fixture
def proxy(storage_account: StorageAccount) -> Iterator[Lossy]:
    with lossy(storage_account, "Table") as running:
        yield running


@pytest.fixture
def ledger(proxy: Lossy, fresh_name: str, clock: VirtualClock) -> TablesLedger:
    made = TablesLedger(proxy.account, table=fresh_name, retry=Retry(clock))
    made.put("claims", "other", {})
    return made


def test_an_insert_whose_answer_was_lost_is_ours(ledger: TablesLedger, proxy: Lossy) -> None:
    proxy.lose.append("POST")

    row = ledger.insert("claims", "a", {"token": "mine"})

    assert proxy.lost == ["POST 201"]
    assert ledger.read("claims", "a") == row
    assert ledger.replace(row, {"token": "mine", "n": 2}).value["n"] == 2


def test_an_insert_that_somebody_else_made_is_not_ours(ledger: TablesLedger, proxy: Lossy) -> None:
    theirs = ledger.insert("claims", "a", {"token": "theirs"})
    proxy.lose.append("POST")

    with pytest.raises(ConflictError):
        ledger.insert("claims", "a", {"token": "mine"})

    assert proxy.lost == ["POST 409"]
    assert ledger.read("claims", "a") == theirs


def test_a_replacement_whose_answer_was_lost_is_ours(ledger: TablesLedger, proxy: Lossy) -> None:
    row = ledger.insert("claims", "a", {"n": 1})
    proxy.lose.append("PUT")

    replaced = ledger.replace(row, {"n": 2})

    assert proxy.lost == ["PUT 204"]
    assert ledger.read("claims", "a") == replaced
    assert replaced.etag != row.etag


def test_a_delete_whose_answer_was_lost_is_done(ledger: TablesLedger, proxy: Lossy) -> None:
    row = ledger.insert("claims", "a", {"n": 1})
    proxy.lose.append("DELETE")

    ledger.delete(row)

    assert proxy.lost == ["DELETE 204"]
    assert ledger.read("claims", "a") is None


def test_a_read_is_tried_again(ledger: TablesLedger, proxy: Lossy, clock: VirtualClock) -> None:
    ledger.insert("claims", "a", {"n": 1})
    proxy.lose += ["GET", "GET"]

    row = ledger.read("claims", "a")

    assert row is not None
    assert len(clock.slept) == 2


def test_a_store_that_stays_away_is_an_error_that_passes(
    ledger: TablesLedger, proxy: Lossy, clock: VirtualClock
) -> None:
    proxy.lose += ["GET"] * 4

    with pytest.raises(TransientError, match="no answer"):
        ledger.rows("claims")

    assert (len(proxy.lost), len(clock.slept)) == (4, 3)


def test_a_message_whose_answer_was_lost_lies_there_at_least_once(
    storage_account: StorageAccount, fresh_name: str, clock: VirtualClock
) -> None:
    with lossy(storage_account, "Queue") as proxy:
        queue = StorageQueue(proxy.account, reconcile=fresh_name, retry=Retry(clock))
        queue.send(Message(target=WEB))
        proxy.lose.append("POST")
        queue.send(Message(target=WEB))

    with closing(QueueClient.from_connection_string(storage_account.connection_string, fresh_name)) as client:
        assert (client.get_queue_properties().approximate_message_count or 0) >= 2


def test_a_queue_that_stays_away_is_an_error_that_passes(clock: VirtualClock, azurite_free: str) -> None:
    account = StorageAccount(connection_string=azurite_free)

    with pytest.raises(TransientError, match="no answer"):
        StorageQueue(account, retry=Retry(clock)).send(Message(target=WEB))

    assert len(clock.slept) == 3


@pytest.fixture
def azurite_free(storage_account: StorageAccount) -> str:
    """The emulator's account, with a queue service at which nobody listens."""
    with stub() as server:
        nowhere = server.url
    parts = storage_account.connection_string.strip(";").split(";")
    moved = [f"QueueEndpoint={nowhere}/q" if part.startswith("QueueEndpoint=") else part for part in parts]
    return ";".join(moved)
