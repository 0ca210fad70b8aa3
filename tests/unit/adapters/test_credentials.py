"""Who the app is: a token that is merely a name never leaves this machine."""

import pytest

from remediation.adapters.credentials import LabCredential, credential, is_loopback
from remediation.adapters.storage.account import StorageAccount
from remediation.errors import ConfigurationError

LOOPBACK = ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80/x", "https://127.9.9.9"]
ELSEWHERE = [
    "https://management.azure.com",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "https://example.com/127.0.0.1",
    "http://127.0.0.1@example.com",
    "http://10.0.0.1",
    "",
]


@pytest.mark.parametrize("url", LOOPBACK)
def test_a_lab_on_this_machine_takes_a_name_for_a_token(url: str) -> None:
    assert credential(endpoint=url, static_token="alice").get_token("scope").token == "alice"
    assert is_loopback(url)


@pytest.mark.parametrize("url", ELSEWHERE)
def test_a_static_token_is_refused_for_any_other_place(url: str) -> None:
    with pytest.raises(ConfigurationError, match="loopback"):
        credential(endpoint=url, static_token="alice")


@pytest.mark.parametrize("in_azure", [True, False])
@pytest.mark.parametrize("url", [*LOOPBACK, "http://management.azure.com", "HTTP://10.0.0.1", ""])
def test_a_real_token_goes_neither_to_a_lab_nor_over_plain_http(url: str, *, in_azure: bool) -> None:
    with pytest.raises(ConfigurationError, match="no real token"):
        credential(endpoint=url, in_azure=in_azure)


AZURES = [
    "https://management.azure.com",
    "https://management.chinacloudapi.cn",
    "https://management.usgovcloudapi.net:443",
    "https://stguard.table.core.windows.net",
    "https://stguard.queue.core.usgovcloudapi.net",
    "https://stguard.z12.queue.storage.azure.net",
    "https://evgt-drift.westeurope-1.eventgrid.azure.net/api/events",
    "https://evgt-drift.usgovvirginia-1.eventgrid.azure.us/api/events",
    "https://evgt-drift.chinaeast2-1.eventgrid.azure.cn/api/events",
]
NOBODY_WE_KNOW = [
    "https://drift.example/api/events",
    "https://management.azure.com.evil.example",
    "https://management.azure.com@evil.example",
    "https://evil.example/management.azure.com",
    "https://evil.example#.management.azure.com",
    "https://alice@management.azure.com",
    "https://management.azure.com:8443",
    "https://management.azure.com:x",
    "https://management.azure.com\\.evil.example",
    "https://management.azure.com\n.evil.example",
    "https://x.management.azure.com",
    "https://evilmanagement.azure.com",
    "https://stguard.table.core.windows.net.",
    "https://stguard.file.core.windows.net",
    "https://table.core.windows.net",
    "https://eventgrid.azure.net/api/events",
    "https://a.b.c.eventgrid.azure.net/api/events",
    "https://evgt.westeurope-1.eventgridXazure.net/api/events",
    "https://evgt-drift.westeurope-1.eventgrid.azure.net.evil.example/api/events",
    "https://\u212aeeper.westeurope-1.eventgrid.azure.net/api/events",
    "https://[::2]/",
    "https://",
]


@pytest.mark.parametrize("in_azure", [True, False])
@pytest.mark.parametrize("url", AZURES)
def test_every_service_of_every_cloud_of_azure_gets_a_token(url: str, *, in_azure: bool) -> None:
    assert type(credential(endpoint=url, in_azure=in_azure)).__name__ != "LabCredential"


@pytest.mark.parametrize("in_azure", [True, False])
@pytest.mark.parametrize("url", NOBODY_WE_KNOW)
def test_no_other_host_gets_a_token_whatever_a_setting_says(url: str, *, in_azure: bool) -> None:
    with pytest.raises(ConfigurationError) as caught:
        credential(endpoint=url, in_azure=in_azure)

    assert "hosts of Azure alone" in str(caught.value)
    assert "evil" not in str(caught.value)


def test_in_azure_the_app_is_its_managed_identity() -> None:
    made = credential(endpoint="https://management.azure.com", client_id="11111111", in_azure=True)

    assert type(made).__name__ == "ManagedIdentityCredential"


def test_at_a_desk_the_engineers_own_sign_in_is_used() -> None:
    assert type(credential(endpoint="https://management.azure.com")).__name__ == "DefaultAzureCredential"


def test_secrets_do_not_show_in_what_is_printed() -> None:
    assert "alice" not in repr(LabCredential("alice"))
    assert "AccountKey" not in repr(StorageAccount(connection_string="AccountKey=c2VjcmV0"))


def test_a_storage_account_without_a_way_in_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="credential"):
        StorageAccount(endpoint="https://account.table.core.windows.net")
