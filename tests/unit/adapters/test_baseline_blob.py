"""The baseline behind a URL: whose host may be asked with our token, and what the answer comes to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from remediation.adapters.credentials import LabCredential
from remediation.adapters.storage.baseline_blob import MAX_BYTES, fetch, is_blob, read_blob
from remediation.errors import ConfigurationError
from tests.unit.adapters.http_stub import Say, stub

ACCOUNT = "https://stguard.blob.core.windows.net"
WHO = LabCredential("bastion-guard")


@pytest.mark.parametrize(
    "url",
    [
        f"{ACCOUNT}/config/baseline.yaml",
        f"{ACCOUNT}:443/config/baseline.yaml",
        "https://STGUARD.Blob.Core.Windows.Net/config/baseline.yaml",
        "https://stguard.blob.core.chinacloudapi.cn/config/baseline.yaml",
        "https://stguard.blob.core.usgovcloudapi.net/config/baseline.yaml",
    ],
)
def test_a_storage_account_of_any_of_azures_clouds_is_asked(url: str) -> None:
    assert is_blob(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://stguard.blob.evil.example/config/baseline.yaml",
        "https://stguard.blob.core.windows.net.evil.example/config/baseline.yaml",
        "https://evil.example/.blob.core.windows.net/baseline.yaml",
        "https://x.evil.example#.blob.core.windows.net",
        "https://a.b.blob.core.windows.net/config/baseline.yaml",
        "https://blob.core.windows.net/config/baseline.yaml",
        "https://stguard.queue.core.windows.net/config/baseline.yaml",
        "https://stguard.blobXcore.windows.net/config/baseline.yaml",
        "https://stguard.blob.core.windows.net/config/baseline.yaml?sv=2024-11-04&sig=c2VjcmV0",
        "https://stguard.blob.core.windows.net/config/baseline.yaml?comp=list",
        "https://stguard.blob.core.windows.net/config/baseline.yaml#x",
        "https://stguard.blob.core.windows.net/config/base\nline.yaml",
        "https://stguard.blob.core.windows.net:8443/config/baseline.yaml",
        "https://stguard.blob.core.windows.net:x/config/baseline.yaml",
        "https://stguard.blob.core.windows.net@evil.example/config/baseline.yaml",
        "https://somebody@stguard.blob.core.windows.net/config/baseline.yaml",
        "https://:secret@stguard.blob.core.windows.net/config/baseline.yaml",
        "http://stguard.blob.core.windows.net/config/baseline.yaml",
        "https://127.0.0.1/config/baseline.yaml",
        "https://[::1/config",
        "https://",
        "",
    ],
)
def test_no_other_host_gets_a_token_for_storage(url: str) -> None:
    assert not is_blob(url)
    with pytest.raises(ConfigurationError, match="is not a blob of Azure storage"):
        read_blob(url, client_id="", in_azure=False)


def test_what_is_refused_is_named_without_what_is_secret_in_it() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_blob("https://joe:s3cret@evil.example/b.yaml?sig=s3cret", client_id="", in_azure=False)

    assert "evil.example/b.yaml" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_blob_is_read_as_text_with_a_token_and_a_version() -> None:
    with stub(Say(200, "version: 1 # für Ü\n".encode())) as storage:
        text = fetch(f"{storage.url}/config/baseline.yaml", WHO)

    (asked,) = storage.asked
    assert "version: 1 # für Ü\n" == text
    assert ("GET", "/config/baseline.yaml") == (asked.method, asked.target)
    assert ("Bearer bastion-guard", "2021-12-02") == (
        asked.headers["Authorization"],
        asked.headers["x-ms-version"],
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Say(404, b"<Error><Code>BlobNotFound</Code></Error>"), "HTTP 404"),
        (Say(403, b"<Error><Code>AuthorizationPermissionMismatch</Code></Error>"), "HTTP 403"),
        (Say(302, b"", {"Location": "https://evil.example/"}), "HTTP 302"),
        (Say(403, b"", {"x-ms-error-code": "AuthorizationFailure"}), "HTTP 403 AuthorizationFailure"),
        (Say(200, b"x" * (MAX_BYTES + 1)), "more than 1048576"),
        (Say(200, b"\xff\xfe"), "can't decode"),
    ],
    ids=["not there", "not allowed", "refused by name", "a way elsewhere", "too large", "no text"],
)
def test_what_cannot_be_used_is_a_mistake_that_names_the_blob(answer: Say, why: str) -> None:
    with stub(answer) as storage, pytest.raises(ConfigurationError, match=why) as refused:
        fetch(f"{storage.url}/config/baseline.yaml?sig=s3cret", WHO)

    assert f"cannot read {storage.url}/config/baseline.yaml: " in str(refused.value)


def test_a_blob_without_an_end_is_read_no_further_than_a_baseline_may_be_long() -> None:
    with endless() as storage, pytest.raises(ConfigurationError, match="more than 1048576"):
        fetch(f"{storage.url}/config/baseline.yaml", WHO)

    assert storage.sent < 16 * MAX_BYTES


@dataclass
class Endless:
    """How much was taken off a body that goes on for ever."""

    url: str = ""
    sent: int = 0


@contextmanager
def endless() -> Iterator[Endless]:
    """A server whose answer promises a terabyte, and gives at most 64 MB of it."""
    told = Endless()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            for _ in range(64 * 16):
                try:
                    self.wfile.write(b"x" * 65536)
                except OSError:  # the reader has had enough
                    return
                told.sent += 65536

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            """Stay silent: a test says what it wants to know."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
