"""Expressions evaluated, as far as they can be before a deployment.

What depends on something unknown is unknown itself, reduced to what is left of its expression. Nothing here
raises over content, except where a template is made to take for ever.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from remediation.estates.deployments.templates import lambdas
from remediation.estates.deployments.templates.functions import collections, ids, networks, numbers, texts
from remediation.estates.deployments.templates.references import Reference
from remediation.estates.deployments.templates.syntax import (
    Access,
    Call,
    Literal,
    Node,
    is_expression,
    parse,
    plain_text,
)
from remediation.estates.deployments.templates.values import (
    MOST_VALUES,
    ExpressionError,
    Place,
    TooMuchError,
    Unknown,
    call,
    is_known,
)

_FAULTS = (ExpressionError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
_OF_KNOWN: Mapping[str, Callable[..., Any]] = {
    **texts.FUNCTIONS, **collections.FUNCTIONS, **numbers.FUNCTIONS, **networks.FUNCTIONS,
}  # fmt: skip
_BUILT_IN = "sys."


@dataclass(frozen=True, slots=True)
class Local:
    """What an expression sees besides its template: indexes of loops, and variables of lambdas."""

    indexes: Mapping[str, int] = field(default_factory=dict)
    loop: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)

    def in_loop(self, name: str, index: int) -> "Local":
        return Local({**self.indexes, name.lower(): index}, name.lower(), self.variables)

    def with_variables(self, variables: Mapping[str, Any]) -> "Local":
        return Local(self.indexes, self.loop, {**self.variables, **variables})


NOWHERE = Local()


class Scope(Protocol):
    """What the names in a template stand for."""

    target: ids.Target

    def parameter(self, name: str) -> Any: ...

    def variable(self, name: str) -> Any: ...

    def reference(self, arguments: Sequence[Any]) -> Any: ...

    def function(self, name: str) -> "tuple[Sequence[str], Any, Scope] | None": ...


class Budget:
    """How much one input may ask to be evaluated, however its parts call each other."""

    def __init__(self, steps: int = MOST_VALUES) -> None:
        self._left = steps
        self._depth = 0

    def step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooMuchError("the template takes longer to evaluate than any deployment")

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth > 400:
            self._depth = 0
            raise TooMuchError("the template is nested deeper than any deployment")

    def __exit__(self, *_: object) -> None:
        self._depth -= 1


class Evaluator:
    """Evaluates the values of one scope."""

    def __init__(self, scope: Scope, budget: Budget) -> None:
        self._scope = scope
        self.budget = budget

    def value(self, raw: Any, local: Local = NOWHERE) -> Any:
        """A JSON value with its expressions evaluated, and its property loops written out."""
        with self.budget:
            if isinstance(raw, str):
                return self.text(raw, local)
            if isinstance(raw, list):
                return [self.value(element, local) for element in raw]
            if isinstance(raw, dict):
                return self._object(raw, local)
        return raw

    def text(self, raw: str, local: Local = NOWHERE) -> Any:
        if not is_expression(raw):
            return plain_text(raw)
        try:
            return self.node(parse(raw), local)
        except ExpressionError:
            return Unknown(raw[1:-1])

    def _object(self, raw: Mapping[str, Any], local: Local) -> Any:
        whole: dict[str, Any] = {}
        for key, member in raw.items():
            if key.lower() == "copy" and isinstance(member, list):
                whole |= self._loops(member, local)
                continue
            name = self.text(key, local) if is_expression(key) else plain_text(key)
            whole[str(name)] = self.value(member, local)
        return whole

    def _loops(self, loops: Sequence[Any], local: Local) -> dict[str, Any]:
        """What `copy` within an object makes: a list for each of its loops."""
        made: dict[str, Any] = {}
        for loop in loops:
            if not isinstance(loop, Mapping):
                continue
            name, count = str(loop.get("name")), self.value(loop.get("count"), local)
            if not isinstance(count, int) or not 0 <= count <= 10_000:
                made[name] = call("copy", (name, count))
                continue
            made[name] = [self.value(loop.get("input"), local.in_loop(name, at)) for at in range(count)]
        return made

    def node(self, node: Node, local: Local) -> Any:
        """An expression's tree."""
        self.budget.step()
        with self.budget:
            match node:
                case Literal():
                    return node.value
                case Access():
                    return self._access(node, local)
                case Call():
                    return self._call(node, local)

    def _access(self, node: Access, local: Local) -> Any:
        of, key = self.node(node.of, local), self.node(node.key, local)
        if isinstance(of, Unknown):
            return of.member(key)
        if isinstance(key, Unknown):
            return call("tryGet", (of, key))
        if node.safe:
            return collections.OF_ANY["tryget"](of, key)
        if isinstance(of, dict) and isinstance(key, str):
            name = collections.found(of, key)
            if name is not None:
                return of[name]
            if isinstance(of, Place):
                return Unknown(of.text).member(key)
        if isinstance(of, list) and isinstance(key, int) and 0 <= key < len(of):
            return of[key]
        return call("tryGet", (of, key))

    def _call(self, node: Call, local: Local) -> Any:
        name = node.name.lower().removeprefix(_BUILT_IN)
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, node.arguments, local)
        arguments = [self._argument(argument, local) for argument in node.arguments]
        if "." in name:
            return self._own_function(node.name, arguments)
        try:
            return self._result(name, node.name, arguments)
        except _FAULTS:
            return call(node.name, arguments)

    def _argument(self, node: Node, local: Local) -> Any:
        value = self.node(node, local)
        return value.whole() if isinstance(value, Reference) else value

    def _result(self, name: str, spelled: str, arguments: list[Any]) -> Any:
        """What a function makes of its arguments; raises what Python raises where it cannot."""
        if name in collections.OF_ANY:
            return collections.OF_ANY[name](*arguments)
        if name in _PLACES:
            return _PLACES[name](self._scope.target, arguments)
        if name == "reference":
            return self._scope.reference(arguments)
        if name in collections.OF_PARTS and not any(isinstance(one, Unknown) for one in arguments):
            return collections.OF_PARTS[name](*arguments)
        if name in _OF_KNOWN and is_known(arguments):
            return _OF_KNOWN[name](*arguments)
        return call(spelled, arguments)

    def _own_function(self, name: str, arguments: Sequence[Any]) -> Any:
        """A function that the template defines; it sees its parameters and nothing else."""
        known = self._scope.function(name)
        if known is None:
            return call(name, list(arguments))
        parameters, output, scope = known
        inner = _InFunction(
            scope, {key.lower(): one for key, one in zip(parameters, arguments, strict=False)}
        )
        return Evaluator(inner, self.budget).value(output)

    # What sees its arguments before they are evaluated ---------------------------------------------

    def if_(self, arguments: Sequence[Node], local: Local) -> Any:
        condition = self.node(arguments[0], local) if len(arguments) == 3 else None
        if isinstance(condition, bool):
            return self.node(arguments[1 if condition else 2], local)
        return call("if", [condition, *(self.node(one, local) for one in arguments[1:])])

    def all_(self, arguments: Sequence[Node], local: Local) -> Any:
        return self._until(False, "and", arguments, local)

    def any_(self, arguments: Sequence[Node], local: Local) -> Any:
        return self._until(True, "or", arguments, local)

    def _until(self, decides: bool, name: str, arguments: Sequence[Node], local: Local) -> Any:
        left = []
        for argument in arguments:
            value = self.node(argument, local)
            if value is decides:
                return decides
            if not isinstance(value, bool):
                left.append(value)
        return call(name, left) if left else not decides

    def coalesce(self, arguments: Sequence[Node], local: Local) -> Any:
        for place, argument in enumerate(arguments):
            value = self.node(argument, local)
            if isinstance(value, Unknown):
                return call("coalesce", [value, *(self.node(one, local) for one in arguments[place + 1 :])])
            if value is not None:
                return value
        return None

    def named(self, arguments: Sequence[Node], local: Local, what: str) -> Any:
        """A parameter, a variable, or a variable of a lambda, by its name."""
        name = self.node(arguments[0], local) if arguments else None
        if not isinstance(name, str):
            return call(what, [name])
        if what == "lambdaVariables":
            return local.variables.get(name.lower(), call(what, [name]))
        return self._scope.parameter(name) if what == "parameters" else self._scope.variable(name)

    def index(self, arguments: Sequence[Node], local: Local) -> Any:
        """`copyIndex()`, of the innermost loop or of a named one, with an offset."""
        values = [self.node(argument, local) for argument in arguments]
        name = next((one.lower() for one in values if isinstance(one, str)), local.loop)
        offset = next((one for one in values if isinstance(one, int)), 0)
        at = local.indexes.get(name)
        return call("copyIndex", values) if at is None else at + offset

    def lambda_(self, name: str, arguments: Sequence[Node], local: Local) -> Any:
        """A function that calls a lambda for each element of what comes first."""
        values = [self._argument(one, local) for one in arguments if not lambdas.is_lambda(one)]
        functions = [self._closure(one, local) for one in arguments if lambdas.is_lambda(one)]
        try:
            return lambdas.FUNCTIONS[name.lower()](*values, *functions)
        except _FAULTS:
            return call(name, [*values, Unknown("lambda(…)")])

    def _closure(self, node: Node, local: Local) -> Callable[..., Any]:
        *names, body = node.arguments if isinstance(node, Call) else (node,)
        keys = [str(self.node(name, local)).lower() for name in names]

        def called(*values: Any) -> Any:
            return self.node(body, local.with_variables(dict(zip(keys, values, strict=False))))

        return called


class _InFunction:
    """The scope of a function that a template defines."""

    def __init__(self, outer: Scope, parameters: Mapping[str, Any]) -> None:
        self.target = outer.target
        self._outer = outer
        self._parameters = parameters

    def parameter(self, name: str) -> Any:
        return self._parameters.get(name.lower(), call("parameters", [name]))

    def variable(self, name: str) -> Any:
        return self._outer.variable(name)

    def reference(self, arguments: Sequence[Any]) -> Any:
        return call("reference", list(arguments))

    def function(self, name: str) -> "tuple[Sequence[str], Any, Scope] | None":
        return self._outer.function(name)


def _named(what: str) -> Callable[[Evaluator, Sequence[Node], Local], Any]:
    return lambda evaluator, arguments, local: evaluator.named(arguments, local, what)


def _lambda(name: str) -> Callable[[Evaluator, Sequence[Node], Local], Any]:
    return lambda evaluator, arguments, local: evaluator.lambda_(name, arguments, local)


_SPECIAL: Mapping[str, Callable[[Evaluator, Sequence[Node], Local], Any]] = {
    "if": Evaluator.if_,
    "and": Evaluator.all_,
    "or": Evaluator.any_,
    "coalesce": Evaluator.coalesce,
    "copyindex": Evaluator.index,
    **{what.lower(): _named(what) for what in ("parameters", "variables", "lambdaVariables")},
    **{name.lower(): _lambda(name) for name in lambdas.NAMES},
}
_PLACES: Mapping[str, Callable[[ids.Target, Sequence[Any]], Any]] = {
    "resourceid": ids.resource_id,
    "subscriptionresourceid": ids.subscription_id,
    "tenantresourceid": lambda _, arguments: ids.within("", arguments[0], arguments[1:]),
    "extensionresourceid": lambda _, arguments: ids.within(arguments[0], arguments[1], arguments[2:]),
    "managementgroupresourceid": lambda target, arguments: ids.within(
        target.above, arguments[0], arguments[1:]
    ),
    "subscription": lambda target, _: ids.subscription_of(target),
    "resourcegroup": lambda target, _: ids.group_of(target),
    "tenant": lambda target, _: ids.tenant_of(target),
    "deployment": lambda target, _: ids.deployment_of(target),
    "environment": lambda *_: ids.environment(),
}
