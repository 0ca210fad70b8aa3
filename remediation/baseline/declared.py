"""The section `declared`: whose word is the declaration, and what of it is compared."""

import re
from collections.abc import Mapping
from typing import Any

from remediation.baseline.mistakes import Mistakes
from remediation.baseline.values import DeclaredPolicy

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LISTS = ("deployers", "ignore")
_NUMBERS = {"settleMinutes": 24 * 60, "staleAfterDays": 3660}
KEYS = frozenset({*_LISTS, *_NUMBERS})


def read_declared(value: Any, mistakes: Mistakes) -> DeclaredPolicy:
    """The section as typed values; every mistake in it is noted."""
    if value is None:
        return DeclaredPolicy()
    if not isinstance(value, Mapping):
        mistakes.wrong("declared", "must be a mapping", value)
        return DeclaredPolicy()
    for key in value:
        if key not in KEYS:
            mistakes.wrong(f"declared.{key}", f"unknown key{mistakes.meant(str(key), KEYS)}")
    usual = DeclaredPolicy()
    deployers = _texts(value, "deployers", usual.deployers, mistakes)
    for index, identity in enumerate(deployers):
        if not _GUID.fullmatch(identity):
            mistakes.wrong(f"declared.deployers[{index}]", "not an Entra object or application id", identity)
    return DeclaredPolicy(
        deployers=tuple(identity.lower() for identity in deployers),
        settle_minutes=_number(value, "settleMinutes", usual.settle_minutes, mistakes),
        ignore=_texts(value, "ignore", usual.ignore, mistakes),
        stale_after_days=_number(value, "staleAfterDays", usual.stale_after_days, mistakes),
    )


def _texts(
    section: Mapping[Any, Any], key: str, usual: tuple[str, ...], mistakes: Mistakes
) -> tuple[str, ...]:
    if key not in section:
        return usual
    value = [section[key]] if isinstance(section[key], str) else section[key]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        mistakes.wrong(f"declared.{key}", "must be text or a list of texts", section[key])
        return usual
    return tuple(value)


def _number(section: Mapping[Any, Any], key: str, usual: int, mistakes: Mistakes) -> int:
    value, most = section.get(key, usual), _NUMBERS[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        mistakes.wrong(f"declared.{key}", f"must be a whole number from 0 to {most}", value)
        return usual
    return value
