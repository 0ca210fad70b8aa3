"""Estate files as people have them: a list, a page of a list, one resource, a Resource Graph export, our own.

    [{...}, ...]                          Azure CLI, portal download
    {"value": [...], "nextLink": ...}     a page as ARM's REST API returns it
    {"data": [...]}, {"data": {"columns": [...], "rows": [...]}}   Resource Graph
    {"value": [...], "bastionGuard": {...}}   `export`, with what could not be read
    one document a line, or one page behind the other

What they are is told apart, and what is no resources refused, at the door.

A file that cannot be used is a mistake; a bad element of a good file is a warning, and the rest is judged.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remediation.errors import InputError
from remediation.estates.door.reading import values_of
from remediation.estates.door.recognising import (
    cut,
    elements_of,
    is_resource,
    refusal,
    refusal_of_elements,
)

STDIN = "-"
OWN_KEY = "bastionGuard"
_HINT = "expected a list of ARM resources or an object with `value` or `data`"


@dataclass(frozen=True, slots=True)
class EstateFile:
    """One file's elements as they stand there.

    `cut` says why the file is known not to hold everything (more pages were left), or is empty. `facts` is
    what our own export adds. `declared` are resources as a template has them: what they leave out is the
    default, and not unread.
    """

    path: str
    elements: Sequence[Any]
    cut: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    declared: bool = False


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
    return file_of(path, values_of(path, bytes_of(path), _HINT))


def file_of(path: str, values: Sequence[Any]) -> EstateFile:
    """The JSON documents of a file as one; raises InputError where they are no resources."""
    wrong = next((reason for value in values if (reason := refusal(value))), "")
    if wrong:
        raise InputError(f"{path}: this is {wrong}")
    return _file(path, values[0] if len(values) == 1 else values)


def bytes_of(path: str) -> bytes:
    """The bytes of a file or of standard input; raises InputError where it cannot be read."""
    try:
        return sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be read: {problem}") from error


def _file(path: str, document: Any) -> EstateFile:
    if is_resource(document):
        return EstateFile(path, _accepted(path, [document]))
    elements = elements_of(document)
    if elements is None:
        raise InputError(f"{path}: not an estate; {_HINT}")
    if elements and not any(isinstance(element, Mapping) for element in elements):
        raise InputError(f"{path}: the list holds no JSON object; {_HINT}")
    facts = document.get(OWN_KEY) if isinstance(document, Mapping) else None
    return EstateFile(
        path, _accepted(path, elements), _cut(document), facts if isinstance(facts, Mapping) else {}
    )


def _accepted(path: str, elements: Sequence[Any]) -> Sequence[Any]:
    """The elements, unless they are none of resources; raises InputError that says what they are."""
    wrong = refusal_of_elements(elements)
    if wrong:
        raise InputError(f"{path}: this is {wrong}")
    return elements


def _cut(document: Any) -> str:
    """Why one page of several is all there is: of the document, or of the last of many pages."""
    pages = document if isinstance(document, list) else [document]
    return cut(pages[-1]) if pages else ""


def whereabouts(file: EstateFile) -> Iterator[tuple[str, Any]]:
    """Each element with the words that point to it: ``nsgs.json[3]``."""
    for index, element in enumerate(file.elements):
        yield f"{file.path}[{index}]", element
