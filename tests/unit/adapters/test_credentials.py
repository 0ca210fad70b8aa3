"""Who the app is: a token that is merely a name never leaves this machine."""

import subprocess
import sys
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken

from remediation.adapters.arm.cloud import ArmCloud
from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential, credential, is_loopback, signed_out
from remediation.adapters.retrying import Retry
from remediation.adapters.storage.account import StorageAccount
from remediation.errors import ConfigurationError, SignedOutError
from remediation.model import Listing
from tests.builders import SUBSCRIPTION
from tests.measured import PASSED_ON

ROOT = Path(__file__).resolve().parents[3]

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
    assert type(credential(endpoint="https://management.azure.com")).__name__ == "DeskCredential"


@pytest.mark.parametrize(
    ("account", "line"),
    [
        ("", "nobody is signed in to Azure: run az login"),
        (
            "DefaultAzureCredential failed\n\tAzureCliCredential: Please run 'az login' to set up an account",
            "nobody is signed in to Azure: run az login",
        ),
        (
            "\tOther: unavailable\n\tAzureCliCredential: AADSTS50076: use \x1b[2J MFA\n\tX: y",
            "nobody is signed in to Azure: run az login (AADSTS50076: use ?[2J MFA)",
        ),
    ],
    ids=["nothing", "signed out", "refused"],
)
def test_signed_out_is_one_line_with_what_to_type_and_the_clis_own_reason(account: str, line: str) -> None:
    assert line == signed_out(account)


def test_signed_out_is_one_line_and_exit_two_as_it_is_typed(tmp_path: Path) -> None:
    bare = {"PATH": "", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **PASSED_ON}
    done = subprocess.run(
        [sys.executable, "-m", "remediation", "ways-in", "--subscription", SUBSCRIPTION],
        env=bare, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (2, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
    assert done.stderr.startswith("remediation: nobody is signed in to Azure: run az login")


class Nobody:
    """Nobody's credential."""

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        raise SignedOutError("run az login")


def test_signed_out_is_told_at_once_and_no_second_try_is_waited_for() -> None:
    clock = VirtualClock()
    began = clock.now()
    cloud = ArmCloud(Nobody(), retry=Retry(clock))
    with pytest.raises(SignedOutError, match="run az login"):
        cloud.list(Listing("Microsoft.Network/networkSecurityGroups", f"/subscriptions/{SUBSCRIPTION}"))
    assert began == clock.now()


def test_secrets_do_not_show_in_what_is_printed() -> None:
    assert "alice" not in repr(LabCredential("alice"))
    assert "AccountKey" not in repr(StorageAccount(connection_string="AccountKey=c2VjcmV0"))


def test_a_storage_account_without_a_way_in_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="credential"):
        StorageAccount(endpoint="https://account.table.core.windows.net")
