"""`reference(ID, API).path`: what a template asks of another resource, answered where that one is known.

Plain values are answered as they are. Objects and lists stay questions as long as somebody may ask for a
part that Azure adds: an element's `id` follows from its parent, its address does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remediation.estates.deployments.templates.functions.collections import found
from remediation.estates.deployments.templates.values import Unknown

type Document = Mapping[str, Any]
type Lookup = Callable[[str], Document | None]
"""The document of an id, as far as it is known."""


@dataclass(frozen=True, slots=True)
class Reference(Unknown):
    """A question that is not answered yet; `path` goes from the whole document on."""

    identity: str = field(default="", compare=False)
    path: tuple[Any, ...] = field(default=(), compare=False)
    lookup: Lookup = field(default=lambda _: None, compare=False)

    def member(self, key: object) -> Any:
        asked = Unknown(self.text).member(key)
        answer = self._at((*self.path, key))
        if answer is None or isinstance(answer, dict | list):
            return Reference(asked.text, self.identity, (*self.path, key), self.lookup)
        return answer

    def whole(self) -> Any:
        """The object or list itself, where it is known and somebody wants all of it."""
        answer = self._at(self.path)
        return answer if isinstance(answer, list) and answer else self

    def _at(self, path: Sequence[Any]) -> Any:
        document = self.lookup(self.identity)
        return None if document is None else dug(document, self.identity, path)


def dug(document: Any, identity: str, path: Sequence[Any]) -> Any:
    """The value at a path of keys and indexes; None where it is not there. Elements get the id they have."""
    at, here = document, identity
    for place, key in enumerate(path):
        if isinstance(at, dict) and isinstance(key, str):
            name = found(at, key)
            if name is None:
                return here if key.lower() == "id" and place == len(path) - 1 and here != identity else None
            at = at[name]
        elif isinstance(at, list) and isinstance(key, int) and 0 <= key < len(at):
            at = at[key]
            name = str(at.get("name")) if isinstance(at, dict) else ""
            here = f"{here}/{path[place - 1]}/{name}"
        else:
            return None
    return at
