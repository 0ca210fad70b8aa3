"""The container of declarations: a file by name with a version, in memory as in the app's account."""

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from azure.storage.blob import BlobServiceClient

from remediation.adapters.storage.declared_files import BlobDeclaredFiles, MemoryDeclaredFiles
from remediation.reconciling.declaring.files import DeclaredFiles

if TYPE_CHECKING:
    from remediation.adapters.storage.account import StorageAccount


@pytest.fixture(params=["memory", pytest.param("blobs", marks=pytest.mark.azurite)])
def files(request: pytest.FixtureRequest) -> Iterator[DeclaredFiles]:
    if request.param == "memory":
        yield MemoryDeclaredFiles()
        return
    account: StorageAccount = request.getfixturevalue("storage_account")
    name: str = request.getfixturevalue("fresh_name")
    yield BlobDeclaredFiles(account, container=name)
    with closing(BlobServiceClient.from_connection_string(account.connection_string)) as service:
        if service.get_container_client(name).exists():
            service.delete_container(name)


def test_a_container_that_is_not_there_holds_nothing_and_nothing_can_be_taken_from_it(
    files: DeclaredFiles,
) -> None:
    assert {} == dict(files.versions())
    assert not files.remove("main.json")


def test_what_was_put_there_is_read_and_has_another_version_each_time(files: DeclaredFiles) -> None:
    files.put("main.json", b"first")
    first = dict(files.versions())
    files.put("main.json", b"second")
    second = dict(files.versions())

    assert b"second" == files.content("main.json")
    assert first.keys() == second.keys() == {"main.json"}
    assert first != second


def test_what_was_removed_is_gone(files: DeclaredFiles) -> None:
    files.put("main.json", b"first")

    assert files.remove("main.json")
    assert {} == dict(files.versions())
