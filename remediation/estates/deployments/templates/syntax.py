"""The expressions of ARM templates, read into small trees.

    [concat(parameters('name'), '-', variables('list')[copyIndex()].part)]

A text in brackets is an expression; one that begins with two is a text. Literals are texts in single
quotes and whole numbers; everything else is a call, with members and indexes after it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from remediation.estates.deployments.templates.values import ExpressionError

DEEPEST = 100
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_$][\w$]*)|(?P<sign>\.\?|\[\?|[\[\](),.]))"
)


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `name` is as it was written, with its namespace."""

    name: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Access:
    """A member or an element of something; a `safe` one is null where it is not there."""

    of: "Node"
    key: "Node"
    safe: bool = False


type Node = Literal | Call | Access


def is_expression(text: str) -> bool:
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def plain_text(text: str) -> str:
    """A text that is no expression, as it is meant."""
    return text[1:] if text.startswith("[[") else text


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Read an expression with its brackets; raises ExpressionError where it is none."""
    reader = _Reader(text[1:-1])
    node = reader.expression(0)
    if reader.at != len(reader.tokens):
        raise ExpressionError(f"does not end where it should: {text[:120]}")
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0

    def expression(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise ExpressionError("is nested deeper than Azure takes")
        node = self._operand(depth)
        while self.at < len(self.tokens):
            sign = self.tokens[self.at]
            if sign in {("sign", "."), ("sign", ".?")}:
                self.at += 1
                node = Access(node, Literal(self._take("name")), safe=sign[1] == ".?")
            elif sign in {("sign", "["), ("sign", "[?")}:
                self.at += 1
                node = Access(node, self.expression(depth + 1), safe=sign[1] == "[?")
                self._take("sign", "]")
            else:
                break
        return node

    def _operand(self, depth: int) -> Node:
        if self.at >= len(self.tokens):
            raise ExpressionError("ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return Literal(text[1:-1].replace("''", "'"))
        if kind == "number":
            return Literal(float(text) if "." in text else int(text))
        if kind != "name":
            raise ExpressionError(f"has an unexpected {text}")
        while self._is(".") and self.at + 1 < len(self.tokens) and self.tokens[self.at + 1][0] == "name":
            self.at += 1
            text += f".{self._take('name')}"
        self._take("sign", "(")
        return Call(text, self._arguments(depth))

    def _arguments(self, depth: int) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self._is(")"):
            if found:
                self._take("sign", ",")
            found.append(self.expression(depth + 1))
        self._take("sign", ")")
        return tuple(found)

    def _is(self, sign: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at] == ("sign", sign)

    def _take(self, kind: str, text: str | None = None) -> str:
        if self.at < len(self.tokens):
            found = self.tokens[self.at]
            if found[0] == kind and text in {None, found[1]}:
                self.at += 1
                return found[1]
        raise ExpressionError(f"lacks {text or 'a name'}")


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"cannot be read from {text[at : at + 20]!r} on")
        found.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        at = match.end()
    return found
