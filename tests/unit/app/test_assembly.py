"""What is put together for a deployment: every adapter is Azure's, and nothing is asked yet."""

from remediation.adapters.clock import SystemClock
from remediation.adapters.storage.dead_letters import BlobDeadLetters
from remediation.adapters.storage.ledger_tables import TablesLedger
from remediation.adapters.storage.poison import StoragePoison
from remediation.adapters.storage.queue import StorageQueue
from remediation.app.assembly import lay
from remediation.app.settings import read
from remediation.baseline import NOTHING
from remediation.measures import SILENT
from tests.builders import SUBSCRIPTION

IDENTITY = {
    "SUBSCRIPTIONS": SUBSCRIPTION,
    "AzureWebJobsStorage__accountName": "stguard",
    "AZURE_CLIENT_ID": "8d6c1c1e-0000-0000-0000-000000000000",
    "WEBSITE_SITE_NAME": "func-guard",
}
DEAD = {"DEAD_LETTER_CONTAINER": "dead", "DEAD_LETTER_ENDPOINT": "https://stdead.blob.core.windows.net/"}


def test_a_deployed_app_has_the_adapters_of_azure() -> None:
    parts = lay(read(IDENTITY | DEAD), SystemClock(), SILENT)

    sources = parts.on_call(lambda: NOTHING).sources
    assert (TablesLedger, StorageQueue) == (type(parts.ports.ledger), type(parts.ports.queue))
    assert (StoragePoison, BlobDeadLetters) == (type(sources.poison()), type(sources.dead_letters()))


def test_without_a_container_there_are_no_dead_letters() -> None:
    parts = lay(read(IDENTITY), SystemClock(), SILENT)

    assert parts.on_call(lambda: NOTHING).sources.dead_letters() is None
