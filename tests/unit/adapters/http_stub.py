"""A tiny HTTP server on loopback that answers as it was told and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; `target` is the path with its query, untouched."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Say:
    """One answer. `body` is sent as JSON unless it is bytes; `cut` closes the connection instead."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Stub:
    """Answers in the order given, the last one for ever; paths in `at` have an answer of their own."""

    answers: list[Say] = field(default_factory=list)
    at: dict[str, Say] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def answer(self, asked: Asked) -> Say:
        self.asked.append(asked)
        if asked.path in self.at:
            return self.at[asked.path]
        if not self.answers:
            return Say(500, {"error": {"code": "NothingPrepared", "message": asked.target}})
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def stub(*answers: Say) -> Iterator[Stub]:
    """A running server; everything it holds is gone afterwards."""
    told = Stub(list(answers))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(told))
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(told: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
            say = told.answer(asked)
            if say.cut:
                self.close_connection = True
                return
            body = say.body if isinstance(say.body, bytes) else json.dumps(say.body).encode()
            self.send_response(say.status)
            for name, value in say.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            """Stay silent: a test says what it wants to know."""

    for method in ("GET", "PUT", "DELETE", "POST"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    return Handler
