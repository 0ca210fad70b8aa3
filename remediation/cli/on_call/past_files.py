"""Events and records of the activity log from files, each with its place.

One alone, a list, JSON lines, a dead-letter blob as Event Grid wrote it, `{"value": [...]}` as the service
answers, `{"records": [...]}` as a diagnostic setting exports them.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from remediation.errors import InputError
from remediation.intake.records import unpacked
from remediation.on_call.past_events import Placed

MAX_BYTES = 64 * 1024 * 1024


def read_events(paths: Sequence[str]) -> list[Placed]:
    """The events of all files, ``-`` being standard input; every file that cannot be read is a mistake."""
    found: list[Placed] = []
    mistakes: list[str] = []
    for path in paths:
        try:
            found += list(_events(_text(path), path))
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return found


def _text(path: str) -> str:
    try:
        content = sys.stdin.buffer.read(MAX_BYTES + 1) if path == "-" else _content(Path(path))
        if len(content) > MAX_BYTES:
            raise InputError(f"{path}: has more than {MAX_BYTES} bytes")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text") from error


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _events(text: str, path: str) -> Iterator[Placed]:
    try:
        document = json.loads(text)
    except ValueError as error:
        yield from _lines(text, path, error)
        return
    except RecursionError as error:
        raise InputError(f"{path}: nested too deeply") from error
    yield from _placed(document, path)


def _placed(document: object, path: str) -> Iterator[Placed]:
    """What a document holds, by its number where it holds several."""
    held = list(unpacked(document))
    if held == [document]:
        yield Placed(document, path)
        return
    for number, event in enumerate(held):
        yield Placed(event, f"{path}[{number}]")


def _lines(text: str, path: str, whole: ValueError) -> Iterator[Placed]:
    """JSON lines; what is neither these nor one document is told as the latter."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) < 2:
        raise InputError(f"{path}: not JSON: {whole}") from whole
    for number, line in lines:
        try:
            document: Any = json.loads(line)
        except (ValueError, RecursionError) as error:
            problem = f"not JSON: {whole}" if number == lines[0][0] else f"line {number} is not JSON: {error}"
            raise InputError(f"{path}: {problem}") from error
        yield from _placed(document, f"{path}, line {number}")
