"""A function key that comes with a request to an open function is checked by the host itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from remediation.adapters.apps.own_key import MOST_A_MINUTE, OwnKey
from remediation.adapters.clock import SystemClock
from remediation.adapters.memory.storage import VirtualClock
from remediation.errors import ThrottledError, TransientError


@contextmanager
def a_host(answers: dict[str, int]) -> Iterator[tuple[str, list[str]]]:
    """A host that answers by the key, 401 to all others, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = self.headers.get("x-functions-key", "")
            asked.append(f"{self.path} {key}")
            self.send_response(answers.get(key, 401))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_key_opens_that_the_host_takes_and_no_other() -> None:
    with a_host({"good": 200}) as (host, asked):
        key = OwnKey(host, SystemClock())

        assert (True, False, True) == (key.opens("good"), key.opens("bad"), key.opens("good"))
        assert ["/api/key good", "/api/key bad"] == asked


def test_a_key_that_was_taken_back_opens_for_a_minute_at_most() -> None:
    clock, answers = VirtualClock(), {"good": 200}
    with a_host(answers) as (host, _):
        key = OwnKey(host, clock)
        assert key.opens("good")
        del answers["good"]
        clock.advance(timedelta(minutes=1).total_seconds())

        assert not key.opens("good")


@pytest.mark.parametrize("text", ["", "a\nb", "ä", "x" * 600])
def test_what_is_no_key_is_not_even_asked_about(text: str) -> None:
    with a_host({}) as (host, asked):
        assert (False, []) == (OwnKey(host, SystemClock()).opens(text), asked)


def test_guessing_is_bounded() -> None:
    with a_host({}) as (host, asked):
        key = OwnKey(host, VirtualClock())
        for number in range(MOST_A_MINUTE):
            assert not key.opens(f"guess {number}")

        with pytest.raises(ThrottledError):
            key.opens("one more")
        assert MOST_A_MINUTE == len(asked)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_host_that_does_not_check_keys_opens_nothing_and_is_named(status: int) -> None:
    with a_host({"good": status}) as (host, _), pytest.raises(TransientError, match=str(status)):
        OwnKey(host, SystemClock()).opens("good")


@pytest.mark.parametrize("host", ["", "127.0.0.1:9"])
def test_without_a_host_that_answers_no_key_can_be_checked(host: str) -> None:
    with pytest.raises(TransientError):
        OwnKey(host, SystemClock()).opens("good")
