"""A proxy on loopback that passes requests on and can lose the answer to some of them on the way back."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from remediation.adapters.storage.account import StorageAccount

# The proxy ends each connection after its answer. A Keep-Alive passed on would promise otherwise, and who
# believes it may send its next request into the closing connection: one loss too many.
_OF_ONE_HOP = frozenset({
    "transfer-encoding", "connection", "keep-alive", "content-length", "date", "server",
})  # fmt: skip


@dataclass
class Lossy:
    """`lose` holds methods whose next answer is lost after the service has done its work."""

    account: StorageAccount
    lose: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@contextmanager
def lossy(account: StorageAccount, service: str) -> Iterator[Lossy]:
    """The account, with one of its services ("Table", "Queue") reached through the proxy."""
    settings = dict(part.split("=", 1) for part in account.connection_string.strip(";").split(";"))
    target = urlsplit(settings[f"{service}Endpoint"])
    proxy = Lossy(account)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(proxy, target.netloc))
    settings[f"{service}Endpoint"] = f"http://127.0.0.1:{server.server_address[1]}{target.path}"
    proxy.account = StorageAccount(";".join(f"{key}={value}" for key, value in settings.items()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(proxy: Lossy, target: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with closing(http.client.HTTPConnection(target, timeout=30)) as connection:
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
            if self.command in proxy.lose:
                proxy.lose.remove(self.command)
                proxy.lost.append(f"{self.command} {answer.status}")
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            """Stay silent."""

    for method in ("GET", "PUT", "DELETE", "POST", "MERGE", "PATCH", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.pass_on)
    return Handler
