"""The functions host as a process of its own, since the runtime holds one app per process."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

APPS = Path(__file__).parent / "apps"
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class HostProcess:
    """A running host and its one line of readiness."""

    process: subprocess.Popen[str]
    url: str
    key: str
    names: tuple[str, ...]

    def call(
        self, path: str, body: bytes | None = None, *, method: str | None = None, **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, body, named, method=method)  # noqa: S310  loopback
        try:
            with urllib.request.urlopen(request, timeout=20) as got:  # noqa: S310  loopback
                return Answer(got.status, got.read().decode(), _lower(got.headers.items()))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), _lower(error.headers.items()))

    def deliver(self, function: str, events: Any, *, key: str | None = None, **headers: str) -> Answer:
        """What Event Grid would send: an array, or one CloudEvent."""
        where = f"/runtime/webhooks/EventGrid?functionName={function}&code={key or self.key}"
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        return self.call(where, body, Content_Type="application/json", **headers)

    def seen(self, about: str, count: int) -> list[list[Any]]:
        """What the sample app saw that mentions `about`, once there are `count` such things."""
        query = urllib.parse.urlencode({"about": about, "count": count})
        found: list[list[Any]] = json.loads(self.call(f"/api/seen?{query}").text)
        return found


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def command(app: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "lab.functions_host", "--app", str(APPS / app), *arguments]


@contextlib.contextmanager
def hosting(app: str, storage: str, *arguments: str) -> Iterator[HostProcess]:
    """Host an app of `apps/` on the storage of that connection."""
    environment = os.environ | {"AzureWebJobsStorage": storage}
    with subprocess.Popen(
        command(app, *arguments),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield HostProcess(process, ready["functions"], ready["key"], tuple(ready["names"]))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)
