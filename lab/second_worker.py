"""Another worker on the same queues and ledger: the app in a functions host that is a process of its own.

It reads real time, so where there are two, the lab's clock is better left alone. It leaves when its standard
input closes, and so cannot outlive the process that started it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class SecondWorkerError(RuntimeError):
    """The process did not come up; the text is what it said."""


class SecondWorker:
    """Runs while it is entered; `url` and `key` are its functions host's."""

    def __init__(self, app_dir: Path, settings: Mapping[str, str]) -> None:
        self._app_dir = app_dir
        self._settings = settings

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="second-worker-")
        settings = Path(self._folder.name) / "settings.json"
        settings.write_text(json.dumps(dict(self._settings)))
        command = [sys.executable, "-m", "lab.functions_host", "--app", str(self._app_dir)]
        self._process = subprocess.Popen(  # noqa: S603  our own host
            [*command, "--settings", str(settings), "--until-eof"],
            cwd=self._app_dir,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal is for whoever started it, who then ends it
        )
        try:
            self._ready()
        except BaseException:
            self.close()
            raise
        return self

    def _ready(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SecondWorkerError("the second worker ended before it was ready; its log says why")
        ready: dict[str, Any] = json.loads(line)
        self.url, self.key = str(ready["functions"]), str(ready["key"])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it once what it runs is done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=30)
        self._process.stdout.close()
        self._folder.cleanup()
