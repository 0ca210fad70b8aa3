"""One template with its parameters: what the names in it stand for, and the resources it declares."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from remediation.estates.deployments.templates.evaluator import NOWHERE, Budget, Evaluator, Local, Scope
from remediation.estates.deployments.templates.functions.ids import Target, within
from remediation.estates.deployments.templates.references import Lookup, Reference
from remediation.estates.deployments.templates.values import ExpressionError, Unknown, call

type Raw = Mapping[str, Any]

_BUSY = object()


class Frame:
    """Evaluates one template. `given` are parameters with their values, `lookup` finds declared resources."""

    def __init__(
        self, template: Raw, target: Target, given: Mapping[str, Any], lookup: Lookup, budget: Budget
    ) -> None:
        self.template = template
        self.target = target
        self.lookup = lookup
        self.evaluator = Evaluator(self, budget)
        self._given = {name.lower(): value for name, value in given.items()}
        self._declared = lowered(template.get("parameters"))
        self._variables = lowered(template.get("variables"))
        self._known: dict[tuple[str, str], Any] = {}
        self.symbols: dict[str, list[str]] = {}
        self.versions: dict[str, str] = {}
        self._loops = _loops(template.get("variables"))

    def parameter(self, name: str) -> Any:
        return self._once("parameters", name, self._parameter)

    def _parameter(self, name: str) -> Any:
        key = name.lower()
        if key in self._given:
            return self._given[key]
        declared = self._declared.get(key)
        if not isinstance(declared, Mapping):
            return call("parameters", [name])
        if "defaultValue" in declared:
            return self.evaluator.value(declared["defaultValue"])
        return None if declared.get("nullable") is True else call("parameters", [name])

    def variable(self, name: str) -> Any:
        return self._once("variables", name, self._variable)

    def _variable(self, name: str) -> Any:
        key = name.lower()
        if key in self._loops:
            return self.evaluator.value({"copy": [self._loops[key]]}).get(str(self._loops[key].get("name")))
        if key in self._variables:
            return self.evaluator.value(self._variables[key])
        return call("variables", [name])

    def _once(self, what: str, name: str, evaluate: Any) -> Any:
        """Evaluate a name when it is first asked for; one that asks for itself is unknown."""
        key = what, name.lower()
        value = self._known.get(key, self)
        if value is self:
            self._known[key] = _BUSY
            value = self._known[key] = evaluate(name)
        return call(what, [name]) if value is _BUSY else value

    def function(self, name: str) -> "tuple[Sequence[str], Any, Scope] | None":
        space, _, own = name.lower().partition(".")
        spaces = self.template.get("functions")
        for one in map(lowered, spaces if isinstance(spaces, list) else ()):
            declared = lowered(lowered(one.get("members")).get(own))
            if str(one.get("namespace", "")).lower() == space and declared:
                told = declared.get("parameters")
                names = [lowered(each).get("name") for each in told] if isinstance(told, list) else []
                return list(map(str, names)), lowered(declared.get("output")).get("value"), self
        return None

    def reference(self, arguments: Sequence[Any]) -> Any:
        """A question about a resource: by its symbol, its id or, within one template, its name."""
        text = call("reference", list(arguments)).text
        asked = arguments[0]
        if not isinstance(asked, str):
            return Unknown(text)
        full = len(arguments) > 2 and str(arguments[2]).lower() == "full"
        identities = self.symbols.get(asked.lower()) or self._named(asked)
        identity = identities[0] if len(identities) == 1 else asked
        version = list(arguments[1:]) or [self.versions.get(identity.lower(), "")]
        told = call("reference", [identity, *version])
        return Reference(told.text, identity, () if full else ("properties",), self.lookup)

    def _named(self, name: str) -> list[str]:
        if name.startswith("/"):
            return [name]
        wanted = f"/{name}".lower()
        found = {one for known in self.symbols.values() for one in known if one.lower().endswith(wanted)}
        return sorted(found)

    def output(self, name: str) -> Any:
        """An output's value."""
        return self._once("outputs", name, self._output)

    def _output(self, name: str) -> Any:
        declared = lowered(self.template.get("outputs")).get(name.lower())
        if not isinstance(declared, Mapping):
            return call("outputs", [name])
        loop = declared.get("copy")
        if isinstance(loop, Mapping):
            made = self.evaluator.value({"copy": [{**loop, "name": "made"}]})
            return made["made"]
        return self.evaluator.value(declared.get("value"))

    def outputs(self) -> Iterator[str]:
        outputs = self.template.get("outputs")
        yield from map(str, outputs) if isinstance(outputs, Mapping) else ()


def lowered(members: Any) -> dict[str, Any]:
    """Members by lower-cased name."""
    return {str(key).lower(): value for key, value in members.items()} if isinstance(members, Mapping) else {}


def _loops(variables: Any) -> dict[str, Raw]:
    """Variables that a loop makes."""
    loops = variables.get("copy") if isinstance(variables, Mapping) else None
    every = loops if isinstance(loops, list) else ()
    return {str(one.get("name")).lower(): one for one in every if isinstance(one, Mapping)}


def identity_of(frame: Frame, raw: Raw, kind: str, name: Any, local: Local = NOWHERE) -> str:
    """The id that a resource of a template gets; raises ExpressionError where name and type do not match."""
    target = frame.target
    scope = frame.evaluator.value(raw.get("scope"), local)
    if isinstance(scope, str) and scope:
        return within(scope if scope.startswith("/") else _relative(target, scope), kind, [name])
    lower = kind.lower()
    if lower == "microsoft.resources/resourcegroups":
        return f"/subscriptions/{target.subscription}/resourceGroups/{name}"
    if isinstance(scope, Unknown):
        raise ExpressionError(f"its scope is not known: {scope}")
    return within(target.scope, kind, [name])


def _relative(target: Target, scope: str) -> str:
    """`Microsoft.Network/publicIPAddresses/pip`, as templates name what an extension stands on."""
    namespace, *pairs = scope.split("/")
    kind = "/".join([namespace, *pairs[::2]])
    return within(target.scope, kind, ["/".join(pairs[1::2])])
