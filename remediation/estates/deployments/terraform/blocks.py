"""The values of one resource of a plan, read block by block; what is known after the apply only has a name.

Values come as they are, None where nothing is said. An unknown one is an expression with its address, an
unknown id is the id of the resource it refers to, if that is one and the plan makes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from remediation.estates.deployments.terraform.instances import Instance


class Ids(Protocol):
    """Who knows what an expression means and which id that will have."""

    def of_expression(self, expression: Any, instance: Instance, kinds: Sequence[str]) -> list[str]: ...

    def in_group(self, instance: Instance, kind: str, attribute: str) -> str: ...


class Block:
    """One block of a resource: the values, what of them is unknown, and the expressions they come from."""

    def __init__(
        self, instance: Instance, values: Any, unknown: Any, expressions: Any, ids: Ids, path: str = ""
    ) -> None:
        self.instance = instance
        self.values: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
        self._unknown = unknown
        self._expressions: Mapping[str, Any] = expressions if isinstance(expressions, Mapping) else {}
        self._ids = ids
        self._path = path

    def is_unknown(self, name: str) -> bool:
        if isinstance(self._unknown, Mapping):
            return self._unknown.get(name) is True
        return self._unknown is True

    def is_written(self, name: str) -> bool:
        """Whether the configuration says anything of it; one with a dynamic block may."""
        return name in self._expressions

    def get(self, *names: str) -> Any:
        """A value under the first of several names that has one: providers rename."""
        for name in names:
            value = self.values.get(name)
            if value is not None and value != "":
                return _with_unknowns(value, self._unknown_of(name), self.text(name))
            if self.is_unknown(name) and self.is_written(name):
                return self.text(name)
        return None

    def text(self, name: str) -> str:
        """The name of an unknown value."""
        return f"[{self.instance.address}.{self._path}{name}]"

    def _unknown_of(self, name: str) -> Any:
        return self._unknown.get(name) if isinstance(self._unknown, Mapping) else self._unknown

    def id(self, name: str, *kinds: str) -> str | None:
        """The id of what another resource of these Terraform types is; None where nothing is said."""
        value = self.values.get(name)
        if isinstance(value, str) and value:
            return value
        if not (self.is_unknown(name) and self.is_written(name)):
            return None
        found = self._ids.of_expression(self._expressions.get(name), self.instance, kinds)
        return found[0] if len(found) == 1 else self.text(name)

    def neighbour(self, kind: str, attribute: str) -> str:
        """The id of what an attribute names, in the group of the resource itself."""
        return self._ids.in_group(self.instance, kind, attribute)

    def ids(self, name: str, *kinds: str) -> list[str]:
        """The ids of a list of references."""
        value, unknown = self.values.get(name), self._unknown_of(name)
        told = [one for one in value if isinstance(one, str) and one] if isinstance(value, list) else []
        parts = unknown if isinstance(unknown, list) else [unknown]
        missing = sum(1 for one in parts if one is True)
        if not missing:
            return told
        found = self._ids.of_expression(self._expressions.get(name), self.instance, kinds)
        found = [one for one in found if one.lower() not in {each.lower() for each in told}]
        all_found = len(found) == missing or (unknown is True and bool(found))
        return [*told, *found] if all_found else [*told, self.text(name)]

    def ref(self, name: str, *kinds: str) -> dict[str, str] | None:
        """A reference as ARM writes it."""
        identity = self.id(name, *kinds)
        return None if identity is None else {"id": identity}

    def refs(self, name: str, *kinds: str) -> list[dict[str, str]] | None:
        return [{"id": identity} for identity in self.ids(name, *kinds)] or None

    def blocks(self, *names: str) -> "Iterator[Block]":
        """Blocks inside this one, under the first of several names that has any."""
        for name in names:
            values, unknown = self.values.get(name), self._unknown_of(name)
            expressions = self._expressions.get(name)
            values = values if isinstance(values, list) else [values] if isinstance(values, Mapping) else []
            for at, value in enumerate(values):
                yield Block(
                    self.instance, value, _element(unknown, at), _expression(expressions, at), self._ids,
                    f"{self._path}{name}[{at}].",
                )  # fmt: skip
            if values:
                return


def _element(unknown: Any, at: int) -> Any:
    if isinstance(unknown, list):
        return unknown[at] if at < len(unknown) else False
    return unknown


def _expression(expressions: Any, at: int) -> Any:
    """The expressions of a block; where a loop makes several of one, those of the one."""
    if isinstance(expressions, list):
        return expressions[at] if at < len(expressions) else expressions[-1] if expressions else {}
    return expressions


def _with_unknowns(value: Any, unknown: Any, text: str) -> Any:
    """A list of which some elements are unknown, each with a name."""
    if isinstance(value, list) and isinstance(unknown, list):
        return [text if at < len(unknown) and unknown[at] is True else one for at, one in enumerate(value)]
    return value


def properties(**members: Any) -> dict[str, Any]:
    """The members that say anything."""
    return {name: value for name, value in members.items() if value is not None}
