"""Documents that somebody in this process holds: who reads one again in the same words holds the same one.

Each look reads the lists it judges by itself, since they must be newer than its claim; so four looks at the
networks of a large subscription held its interfaces four times. What is read is as new as before, and is only
kept once. Nothing is kept for longer than somebody holds it.
"""

import hashlib
import marshal
from weakref import WeakValueDictionary

from remediation.model import Resource

_PLAIN = 2
"""The version of marshal without references: the same JSON has the same bytes, and 1, 1.0 and true differ."""


class Held:
    """Resources that are held now, by id and content. Safe among threads."""

    def __init__(self) -> None:
        self._held = WeakValueDictionary[tuple[str, bytes], Resource]()

    def same(self, found: Resource) -> Resource:
        """The one that is held already where it says just the same, else this one."""
        try:
            words = marshal.dumps(found.body, _PLAIN)  # type: ignore[arg-type]  # JSON is of such values
        except ValueError:  # deeper than anybody nests
            return found
        return self._held.setdefault((found.id.text, hashlib.blake2b(words, digest_size=32).digest()), found)
