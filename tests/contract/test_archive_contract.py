"""What is kept elsewhere before it is forgotten is there, once, whoever repeats it."""

from contextlib import closing

import pytest
from azure.storage.blob import BlobServiceClient

from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.archive import BlobArchive


@pytest.mark.azurite
def test_the_container_is_made_when_it_is_missing_and_a_repeat_leaves_one_blob(
    storage_account: StorageAccount, fresh_name: str
) -> None:
    archive = BlobArchive(storage_account, container=fresh_name)

    archive.keep("writes/2026/01/a.jsonl", b"first\n")
    archive.keep("writes/2026/01/a.jsonl", b"again\n")

    with closing(BlobServiceClient.from_connection_string(storage_account.connection_string)) as service:
        blobs = service.get_container_client(fresh_name)
        assert ["writes/2026/01/a.jsonl"] == [blob.name for blob in blobs.list_blobs()]
        assert b"again\n" == blobs.download_blob("writes/2026/01/a.jsonl").readall()
        blobs.delete_container()
