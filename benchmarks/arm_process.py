"""The lab's ARM as a process of its own, so that it does not share the measured process's interpreter."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class ArmProcess:
    """A running ARM: seed it, read its log, change its settings."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, body: object) -> Any:
        data = json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  loopback only
            f"{self.url}/_lab/{path}", data, {"content-type": "application/json"}
        )
        return self._send(request)

    def get(self, path: str) -> Any:
        return self._send(urllib.request.Request(f"{self.url}/_lab/{path}"))  # noqa: S310  loopback only

    def delete(self, path: str) -> Any:
        return self._send(urllib.request.Request(f"{self.url}/_lab/{path}", method="DELETE"))  # noqa: S310

    def seed(self, documents: Sequence[Any]) -> None:
        self.post("seed", list(documents))

    def _send(self, request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  loopback only
            text = answer.read()
        return json.loads(text) if text else None


@contextmanager
def arm_process(*arguments: str) -> Iterator[ArmProcess]:
    """Start `python -m lab.arm`, give it to the block, end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lab.arm", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield ArmProcess(json.loads(process.stdout.readline())["arm"])
    finally:
        process.terminate()
        process.wait(timeout=20)
