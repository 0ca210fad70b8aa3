"""Functions of templates on texts. Each takes known values; whatever Python refuses, Azure would too."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urljoin

from remediation.estates.deployments.templates.hashes import guid, unique_string
from remediation.estates.deployments.templates.values import ExpressionError, as_text, bounded

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^{}]*))?\}")
_DIGITS = re.compile(r"[dD](\d{1,2})|(0+)")


def formatted(text: str, *values: Any) -> str:
    """`format`: .NET's placeholders, with a number of digits where one is asked for."""

    def filled(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group()[0]
        value, width = values[int(match.group(1))], int(match.group(2) or 0)
        told = _in_format(value, match.group(3)) if match.group(3) else as_text(value)
        return told.ljust(-width) if width < 0 else told.rjust(width)

    return bounded(_PLACEHOLDER.sub(filled, text))


def _in_format(value: Any, wanted: str) -> str:
    digits = _DIGITS.fullmatch(wanted)
    if digits is None or isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f"the format {wanted} is not known here")
    return f"{value:0{int(digits.group(1) or len(digits.group(2) or ''))}d}"


def _split(text: str, by: str | list[str]) -> list[str]:
    signs = [by] if isinstance(by, str) else by
    return re.split("|".join(map(re.escape, signs)), text)


def _substring(text: str, start: int, length: int | None = None) -> str:
    end = len(text) if length is None else start + length
    if not 0 <= start <= end <= len(text):
        raise ExpressionError("the part lies outside the text")
    return text[start:end]


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        raise ExpressionError("nothing to replace")
    return bounded(text.replace(old, new))


def _joined(values: list[Any], by: str) -> str:
    return bounded(by.join(map(as_text, values)))


def _pad(value: Any, width: int, sign: str = " ") -> str:
    if width > 16384:
        raise ExpressionError("the text is longer than Azure takes")
    return as_text(value).rjust(width, sign)


def _integer(value: Any) -> int:
    return int(float(value)) if isinstance(value, float) else int(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    if value.lower() in {"true", "false"}:
        return bool(value.lower() == "true")
    raise ExpressionError("neither true nor false")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "format": formatted,
    "split": _split,
    "join": _joined,
    "replace": _replace,
    "substring": _substring,
    "tolower": lambda text: text.lower(),
    "toupper": lambda text: text.upper(),
    "trim": lambda text: text.strip(),
    "startswith": lambda text, part: text.lower().startswith(part.lower()),
    "endswith": lambda text, part: text.lower().endswith(part.lower()),
    "padleft": _pad,
    "base64": _encoded,
    "base64tostring": _decoded,
    "base64tojson": lambda text: json.loads(_decoded(text)),
    "datauri": lambda text: f"data:text/plain;charset=utf-8;base64,{_encoded(text)}",
    "datauritostring": lambda text: _decoded(text.partition(",")[2]),
    "uri": urljoin,
    "uricomponent": lambda text: quote(text, safe=""),
    "uricomponenttostring": unquote,
    "string": as_text,
    "int": _integer,
    "float": float,
    "bool": _boolean,
    "json": json.loads,
    "uniquestring": lambda *parts: unique_string(parts),
    "guid": lambda *parts: guid(parts),
}
