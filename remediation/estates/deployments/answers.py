"""Expressions that an input left, answered from the resources it brings and from those that are there.

A snapshot keeps `reference(ID, API).path` wherever a template asks another resource for something: most of
that is known. What Azure gives out later stays an expression.
"""

from collections.abc import Callable, Sequence
from typing import Any

from remediation.estates.deployments.documents import Document
from remediation.estates.deployments.templates.evaluator import Budget, Evaluator, Scope
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.deployments.templates.references import Reference
from remediation.estates.deployments.templates.syntax import is_expression
from remediation.estates.deployments.templates.values import Unknown, as_json, call

LONGEST_CHAIN = 4

type Find = Callable[[str], Document | None]


class _Asked:
    """A scope in which nothing is known but what can be found."""

    def __init__(self, find: Find, target: Target) -> None:
        self.target = target
        self._find = find

    def parameter(self, name: str) -> Any:
        return call("parameters", [name])

    def variable(self, name: str) -> Any:
        return call("variables", [name])

    def reference(self, arguments: Sequence[Any]) -> Any:
        text = call("reference", list(arguments)).text
        if not isinstance(arguments[0], str):
            return Unknown(text)
        full = len(arguments) > 2 and str(arguments[2]).lower() == "full"
        return Reference(text, arguments[0], () if full else ("properties",), self._find)

    def function(self, _name: str) -> tuple[Sequence[str], Any, Scope] | None:
        return None


def answer(documents: Sequence[Document], find: Find, target: Target) -> None:
    """Put values into documents in place of expressions, as far as they are known. Raises TooMuchError."""
    evaluator = Evaluator(_Asked(find, target), Budget())
    waiting = [one for one in documents if _open(one)]
    for _ in range(LONGEST_CHAIN):
        if not waiting:
            return
        for document in waiting:
            for key, value in document.items():
                document[key] = _answered(value, evaluator)
        waiting = [one for one in waiting if _open(one)]


def evaluated(text: str, target: Target) -> Any:
    """An expression by itself, as far as it can be told."""
    return Evaluator(_Asked(lambda _: None, target), Budget()).text(text)


def _answered(value: Any, evaluator: Evaluator) -> Any:
    if isinstance(value, str):
        if not is_expression(value):
            return value
        told = evaluator.text(value)
        if isinstance(told, Reference):
            told = told.whole()
        return as_json(told)
    if isinstance(value, dict):
        return {key: _answered(member, evaluator) for key, member in value.items()}
    return [_answered(one, evaluator) for one in value] if isinstance(value, list) else value


def _open(value: Any) -> bool:
    """Whether an expression is left somewhere in a value."""
    stack = [value]
    while stack:
        match stack.pop():
            case str() as text:
                if is_expression(text):
                    return True
            case dict() as members:
                stack += members.values()
            case list() as items:
                stack += items
    return False
