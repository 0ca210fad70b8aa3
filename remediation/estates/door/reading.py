"""Bytes of a file made JSON, as shells and tools write it: any Unicode encoding, one document or one a line.

What is no JSON is refused with what it looks like and what writes JSON instead.
"""

import json
import re
from typing import Any

from remediation.errors import InputError

_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip"}
_COLOURS = re.compile(r"\x1b\[")
_FIRST = 4000  # characters that are looked at to say what a text is


def values_of(path: str, data: bytes, expected: str) -> list[Any]:
    """Every JSON document of a file, mostly one; InputError with one line where it holds none.

    `expected` says what should be there.
    """
    packed = next((name for magic, name in _PACKED.items() if data.startswith(magic)), "")
    if packed:
        raise InputError(f"{path}: packed with {packed}: unpack it first, and give the JSON in it")
    if not data.strip():
        raise InputError(f"{path}: empty; {expected}")
    try:
        text = data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        how = "in PowerShell, end with | Out-File FILE -Encoding utf8"
        raise InputError(f"{path}: not text: {error.reason} at byte {error.start}; {how}") from error
    try:
        return [json.loads(text)]
    except json.JSONDecodeError as error:
        return _several(path, text, error)
    except ValueError as error:  # Python's limit on the digits of an integer
        raise InputError(f"{path}: not JSON: a number in it has thousands of digits") from error
    except RecursionError as error:
        raise InputError(f"{path}: not to be read: the JSON is nested too deeply") from error


def _several(path: str, text: str, error: json.JSONDecodeError) -> list[Any]:
    """One document after the other: a line each, or the pages of a list one behind the other."""
    decoder, at, found = json.JSONDecoder(), 0, []
    try:
        while at < len(text):
            if text[at].isspace():
                at += 1
                continue
            value, at = decoder.raw_decode(text, at)
            found.append(value)
    except (ValueError, RecursionError):
        found = []
    if not found or not all(isinstance(value, dict | list) for value in found):
        raise InputError(f"{path}: not JSON: {error}{_hint(text, error)}") from error
    return found


def _hint(text: str, error: json.JSONDecodeError) -> str:
    """What the text is instead, as far as it shows, and how to have JSON; "" where it does not show."""
    start = text[:_FIRST].lstrip()
    if _COLOURS.search(start):
        return "; it has colours in it: use --output json"
    if re.match(r"(targetScope|param|resource|module|var|metadata|@\w+\()\b.*", start) and "=" in start:
        return "; this looks like Bicep: judge what it deploys with preflight --bicepparam or --snapshot"
    if re.match(r"(terraform|provider|resource|variable|module|locals|data)\b[^\n]*\{", start):
        return "; this looks like Terraform: judge its plan with preflight --terraform-plan"
    if start.startswith("<"):
        return "; this looks like XML or a page: a sign-in page is what a proxy or an expired session gives"
    if start[:1] in "[{" and (error.pos >= len(text.rstrip()) or "Unterminated" in error.msg):
        return "; it breaks off: whatever wrote it did not finish, run it again"
    if re.match(r"-? ?[A-Za-z$][\w$]*:", start):
        return "; this looks like YAML: use --output json"
    if re.match(r'"?[A-Za-z ]+"?(,"?[A-Za-z ]+"?)+\s', start):
        return "; this looks like CSV: download it as JSON, or use az graph query --output json"
    if re.match(r"[A-Za-z]+( {2,}[A-Za-z]+)+", start):
        return "; this looks like a table: use --output json, or in PowerShell | ConvertTo-Json -Depth 20"
    return ""
