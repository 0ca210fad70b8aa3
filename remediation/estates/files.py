"""Estate files as people have them: a list, a page of a list, one resource, a Resource Graph export, our own.

    [{...}, ...]                          Azure CLI, portal download
    {"value": [...], "nextLink": ...}     a page as ARM's REST API returns it
    {"data": [...]}, {"data": {"columns": [...], "rows": [...]}}   Resource Graph
    {"value": [...], "bastionGuard": {...}}   `scan --export`, with what could not be read

A file that cannot be used is a mistake; a bad element of a good file is a warning, and the rest is judged.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remediation.errors import InputError

STDIN = "-"
OWN_KEY = "bastionGuard"
_HINT = "expected a list of ARM resources or an object with `value` or `data`"


@dataclass(frozen=True, slots=True)
class EstateFile:
    """One file's elements as they stand there.

    `cut` says why the file is known not to hold everything (more pages were left), or is empty. `facts` is
    what our own export adds.
    """

    path: str
    elements: Sequence[Any]
    cut: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def read_all(paths: Sequence[str]) -> list[EstateFile]:
    """Read every file; raises InputError with one line for each that cannot be used."""
    files: list[EstateFile] = []
    mistakes: list[str] = []
    if paths.count(STDIN) > 1:
        raise InputError("--estate -: standard input can be read once only")
    for path in paths:
        try:
            files.append(read(path))
        except InputError as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        raise InputError(mistakes)
    return files


def read(path: str) -> EstateFile:
    """Read one file; raises InputError that names it and what is wrong."""
    data = _bytes(path)
    if not data.strip():
        raise InputError(f"{path}: empty; {_HINT}")
    try:
        document = json.loads(data)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text: {error.reason} at byte {error.start}") from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    except RecursionError as error:
        raise InputError(f"{path}: the JSON is nested too deeply to be an estate") from error
    return _file(path, document)


def _bytes(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be read: {problem}") from error


def _file(path: str, document: Any) -> EstateFile:
    if isinstance(document, Mapping) and isinstance(document.get("id"), str):
        return EstateFile(path, [document])
    elements = _elements(document)
    if elements is None:
        raise InputError(f"{path}: not an estate; {_HINT}")
    if elements and not any(isinstance(element, Mapping) for element in elements):
        raise InputError(f"{path}: the list holds no JSON object; {_HINT}")
    if not isinstance(document, Mapping):
        return EstateFile(path, elements)
    facts = document.get(OWN_KEY)
    return EstateFile(path, elements, _cut(document), facts if isinstance(facts, Mapping) else {})


def _elements(document: Any) -> Sequence[Any] | None:
    if isinstance(document, list):
        return document
    if not isinstance(document, Mapping):
        return None
    for key in ("value", "data", "rows"):
        found = _member(document, key)
        if isinstance(found, list):
            return found
        if isinstance(found, Mapping):
            return _table(found)
    return None


def _table(table: Mapping[str, Any]) -> Sequence[Any] | None:
    """Resource Graph's older answer: names of columns apart from the rows."""
    columns, rows = _member(table, "columns"), _member(table, "rows")
    if not isinstance(columns, list) or not isinstance(rows, list):
        return None
    names = [column.get("name") if isinstance(column, Mapping) else column for column in columns]
    return [dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in rows]


def _cut(document: Mapping[str, Any]) -> str:
    """Why a file holds one page of several, or an empty text."""
    for key in ("nextLink", "odata.nextLink", "skip_token", "skipToken", "$skipToken"):
        if _member(document, key):
            return f"it holds one page only (`{key}` names the next)"
    if str(_member(document, "resultTruncated")).lower() == "true":
        return "Resource Graph cut it off"
    return ""


def _member(document: Mapping[str, Any], key: str) -> Any:
    """A member by its name in any case: PowerShell capitalises."""
    if key in document:
        return document[key]
    return next((value for name, value in document.items() if str(name).lower() == key.lower()), None)


def whereabouts(file: EstateFile) -> Iterator[tuple[str, Any]]:
    """Each element with the words that point to it: ``nsgs.json[3]``."""
    for index, element in enumerate(file.elements):
        yield f"{file.path}[{index}]", element
