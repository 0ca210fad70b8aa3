"""A deployed app over HTTP: what it is sent, and what each of its answers is to whoever asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from remediation.adapters.apps.deployed import DeployedApp
from remediation.errors import (
    BastionGuardError,
    ConfigurationError,
    ForbiddenError,
    InputError,
    PermanentError,
    SignedOutError,
    ThrottledError,
    TransientError,
)


@contextmanager
def an_app(
    status: int, body: bytes, headers: dict[str, str] | None = None
) -> Iterator[tuple[str, list[Any]]]:
    """An app that answers the same to everything, and what it was sent."""
    sent: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent.append((self.path, dict(self.headers), content))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_asked_for_carries_the_token_our_header_the_etag_and_a_key() -> None:
    with an_app(200, b'{"done": "x", "finding": {}}') as (host, sent):
        answer = DeployedApp(host, lambda: "ada").post("a/b", "apply", {"reason": "x"}, "shown", "k")

    assert (200, {"done": "x", "finding": {}}) == answer
    ((path, headers, body),) = sent
    assert ("/api/findings/a%2Fb/apply", {"reason": "x"}) == (path, json.loads(body))
    assert ("Bearer ada", "1", '"shown"', "k") == tuple(
        headers[name] for name in ("Authorization", "X-Bastion-Guard", "If-Match", "Idempotency-Key")
    )


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, SignedOutError),
        (401, SignedOutError),
        (403, ForbiddenError),
        (404, InputError),
        (422, InputError),
        (429, ThrottledError),
        (503, TransientError),
        (500, PermanentError),
    ],
)
def test_each_refusal_is_an_error_that_says_what_the_app_said(
    status: int, error: type[BastionGuardError]
) -> None:
    body = b'{"detail": "because of the lock", "errors": ["because of the lock"]}'
    with (
        an_app(status, body, {"Retry-After": "7"}) as (host, _),
        pytest.raises(error, match="because of the lock") as caught,
    ):
        DeployedApp(host, lambda: "ada").post("x", "apply", {}, "")
    if isinstance(caught.value, TransientError):
        assert 7 == caught.value.retry_after


def test_a_page_of_somebody_in_between_is_no_answer_of_the_app() -> None:
    with an_app(502, b"<html>proxy</html>") as (host, _), pytest.raises(PermanentError, match="answers 502"):
        DeployedApp(host, lambda: "ada").get("findings/x")


def test_an_app_that_does_not_answer_may_later() -> None:
    with pytest.raises(TransientError):
        DeployedApp("127.0.0.1:9", lambda: "ada").get("findings/x")


def test_no_token_goes_over_plain_http() -> None:
    with pytest.raises(ConfigurationError):
        DeployedApp("http://func-guard.azurewebsites.net", lambda: "ada")
