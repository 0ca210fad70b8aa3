"""A file that somebody names for an answer: looked at before the work, written after it."""

from collections.abc import Iterable
from pathlib import Path

from remediation.errors import InputError


def check(option: str, path: str) -> None:
    """Before anything is read: an hour of reading is not lost over a folder that is not there.

    Raises InputError naming the option.
    """
    target = Path(path)
    try:
        if not path or target.is_dir():
            raise InputError(f"{option} {path}: not a file to write to")
        if not target.parent.is_dir():
            raise InputError(f"{option} {path}: cannot be written: there is no folder {target.parent}")
    except (OSError, ValueError) as error:  # a name too long, a NUL in it
        raise InputError(f"{option} {path}: cannot be written: {error}") from error


def write(option: str, path: str, text: str | Iterable[str]) -> None:
    """Write a text, or parts of one as they come. Raises InputError naming the option."""
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            file.writelines([text] if isinstance(text, str) else text)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        said = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{option} {path}: cannot be written: {said}") from error
