"""Bicep files as text with a grammar: what the snapshots cannot tell, such as descriptions and secrets.

What a template makes is in `snapshots.py`, as Bicep itself works it out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).resolve().parents[3]
INFRA = ROOT / "infra"
_PARSER = Parser(Language(tree_sitter_bicep.language()))
_KINDS = {
    "parameter_declaration": "param",
    "output_declaration": "output",
    "variable_declaration": "var",
    "resource_declaration": "resource",
    "module_declaration": "module",
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """One param, var, resource, module or output. `decorators` maps names to their only argument, if any."""

    kind: str
    name: str
    decorators: dict[str, Any]
    node: Node

    @property
    def of(self) -> str:
        """The type of a resource with its API version, or the path of a module."""
        return next(text for text in map(_plain, self.node.named_children) if text is not None)

    @property
    def body(self) -> dict[str, Any]:
        """The object behind the equals sign, or in the loop or condition there."""
        return next(_value(node) for node in walk(self.node) if node.type == "object")

    @property
    def text(self) -> str:
        return _text(self.node)


def templates() -> list[Path]:
    return sorted(INFRA.rglob("*.bicep"))


def tree(path: Path) -> Node:
    return _PARSER.parse(path.read_bytes()).root_node


def declarations(path: Path, kind: str = "") -> list[Declaration]:
    found, decorators = [], {}
    for node in tree(path).named_children:
        if node.type == "decorators":
            decorators = dict(_decorators(node))
            continue
        if node.type in _KINDS:
            name = _text(next(child for child in node.named_children if child.type == "identifier"))
            found.append(Declaration(_KINDS[node.type], name, decorators, node))
        decorators = {}
    return [each for each in found if kind in {"", each.kind}]


def the(path: Path, kind: str, name: str) -> Declaration:
    return next(each for each in declarations(path, kind) if each.name == name)


def strings(node: Node) -> Iterator[str]:
    """Every string below a node, interpolations written as in the source."""
    yield from (text for text in map(_plain, walk(node)) if text is not None)


def keys(node: Node) -> Iterator[str]:
    """Every key of every object below a node."""
    for each in walk(node):
        if each.type == "object_property":
            yield _key(each)


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def _decorators(node: Node) -> Iterator[tuple[str, Any]]:
    for decorator in node.named_children:
        call = decorator.named_children[0]
        arguments = [_value(each) for each in call.named_children[1].named_children]
        yield _text(call.named_children[0]), arguments[0] if arguments else None


def _value(node: Node) -> Any:
    """Objects, arrays and literals as Python has them; an expression as its own text."""
    match node.type:
        case "object":
            pairs = (child for child in node.named_children if child.type == "object_property")
            return {_key(pair): _value(pair.named_children[-1]) for pair in pairs}
        case "array":
            return [_value(child) for child in node.named_children if child.type != "comment"]
        case "string":
            return _plain(node)
        case "number":
            return int(_text(node))
        case "boolean":
            return _text(node) == "true"
    return _text(node)


def _key(pair: Node) -> str:
    first = pair.named_children[0]
    return _plain(first) or _text(first)


def _plain(node: Node) -> str | None:
    return _text(node)[1:-1] if node.type == "string" else None


def _text(node: Node) -> str:
    return (node.text or b"").decode()
