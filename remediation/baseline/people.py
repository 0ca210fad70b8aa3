"""The section `people`: who may read, repair and leave alone over HTTP."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remediation.baseline.mistakes import Mistakes

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_KEYS = frozenset({"apply", "exempt", "read"})
MOST = 200
"""Ids that one right may name: more people than that belong into a group."""


@dataclass(frozen=True, slots=True)
class People:
    """Entra object ids (lower case) of groups or persons, by right. Who may act may read, too."""

    apply: frozenset[str] = frozenset()
    exempt: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()

    def rights_of(self, ids: frozenset[str]) -> frozenset[str]:
        """The rights of somebody who is these ids: a person, and the groups they are in."""
        named = {"apply": self.apply, "exempt": self.exempt, "read": self.read}
        found = {right for right, those in named.items() if those & ids}
        return frozenset(found | {"read"} if found else found)


NOBODY = People()


def read_people(value: Any, mistakes: Mistakes) -> People:
    """The section as typed values; every mistake in it is noted."""
    if value is None:
        return NOBODY
    if not isinstance(value, Mapping):
        mistakes.wrong("people", "must be a mapping", value)
        return NOBODY
    for key in value:
        if key not in _KEYS:
            mistakes.wrong(f"people.{key}", f"unknown key{mistakes.meant(str(key), _KEYS)}")
    return People(**{key: frozenset(_ids(value.get(key), key, mistakes)) for key in sorted(_KEYS)})


def _ids(value: Any, key: str, mistakes: Mistakes) -> Iterator[str]:
    listed = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, list):
        mistakes.wrong(f"people.{key}", "must be a list of Entra object ids", value)
        return
    if len(listed) > MOST:
        mistakes.wrong(f"people.{key}", f"are more than {MOST}: name a group", len(listed))
        return
    for index, identity in enumerate(listed):
        if not isinstance(identity, str) or not _GUID.fullmatch(identity):
            mistakes.wrong(
                f"people.{key}[{index}]", "not the Entra object id of a group or a person", identity
            )
        else:
            yield identity.lower()
