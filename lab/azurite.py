"""Azurite, Microsoft's storage emulator, for as long as somebody needs it: loopback, free ports, in memory.

It watches its standard input and leaves when that closes, so it cannot outlive the process that started it,
however that process ends.
"""

import re
import shutil
import subprocess
import tempfile
import threading
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
LAUNCHER = Path(__file__).with_suffix(".js")
"""Run by node with Azurite's script and options: see there what it does differently."""
OPTIONS = (
    "--inMemoryPersistence",
    "--skipApiVersionCheck",
    "--disableTelemetry",
    "--silent",
    *("--blobPort", "0", "--queuePort", "0", "--tablePort", "0"),
    *("--blobKeepAliveTimeout", "300", "--queueKeepAliveTimeout", "300", "--tableKeepAliveTimeout", "300"),
)
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The emulator's account and key: published by its vendor, the same for everybody, and no secret."""
LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at (http://\S+)")


class AzuriteMissingError(RuntimeError):
    """Node or the emulator is not installed."""


class Azurite:
    """A running emulator; `connection_string` names its three services."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="azurite-")
        self._process = subprocess.Popen(  # noqa: S603  our own script and options
            [_node(), str(LAUNCHER), str(SCRIPT), *OPTIONS],
            cwd=self._folder.name,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal is for whoever started it, who then ends it
        )
        self._input, self._output = _pipes(self._process)
        self._drain = threading.Thread(target=deque, args=(self._output, 0), daemon=True)
        try:
            self.endpoints = _endpoints(self._output)
        finally:
            self._drain.start()  # a full pipe would stop the emulator; an ended one ends the thread

    @property
    def connection_string(self) -> str:
        services = (f"{kind}Endpoint={url}/{ACCOUNT}" for kind, url in self.endpoints.items())
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{';'.join(services)};"

    def close(self) -> None:
        """End the emulator and forget what it held."""
        self._input.close()
        self._process.wait(timeout=30)
        self._drain.join(timeout=30)
        self._output.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise AzuriteMissingError("Node is not installed; the storage emulator needs it (https://nodejs.org)")
    if not SCRIPT.exists():
        raise AzuriteMissingError("the storage emulator is not installed: run `make node`")
    return node


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def _endpoints(output: IO[str]) -> dict[str, str]:
    """Wait for the emulator's three lines; RuntimeError with what it said when it ends without them."""
    said, found = [], {}
    for line in output:
        said.append(line)
        if match := LISTENING.search(line):
            found[match[1]] = match[2]
        if len(found) == 3:
            return found
    raise RuntimeError(f"the storage emulator did not start: {''.join(said)}")
