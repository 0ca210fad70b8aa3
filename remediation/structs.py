"""JSON read into structs, by several threads at once.

What msgspec has to know of a struct it works out when the first is read, and lets go of the interpreter
meanwhile: another thread then finds half of it, and the process ends by a segmentation fault
(`msgspec._core`, `convert`, seen with 0.22.0). So the first is prepared by one thread, while others wait.
"""

import threading
from typing import Any

import msgspec

_prepared: set[type] = set()
_preparing = threading.Lock()


def converted[T](value: Any, kind: type[T]) -> T:
    """Plain JSON as a struct; raises msgspec.ValidationError where it is none."""
    _prepare(kind)
    return msgspec.convert(value, kind)


def decoded[T](text: str | bytes, kind: type[T]) -> T:
    """JSON text as a struct; raises msgspec.DecodeError, UnicodeDecodeError or RecursionError."""
    _prepare(kind)
    return msgspec.json.decode(text, type=kind)


def _prepare(kind: type) -> None:
    if kind not in _prepared:
        with _preparing:
            msgspec.json.Decoder(kind)
            _prepared.add(kind)
