"""A template's resources written out: conditions decided, loops turned, templates within it opened.

Resources may be a list or named by symbols; children may stand inside their parents. First every resource
gets its id, then bodies are evaluated as somebody asks for them, so that the order in a file is no matter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from remediation.estates.deployments.templates.evaluator import NOWHERE, Budget, Local
from remediation.estates.deployments.templates.frame import Frame, Raw, identity_of, lowered
from remediation.estates.deployments.templates.functions.ids import Target, segment
from remediation.estates.deployments.templates.instances import DEPLOYMENT, Instance, Pointer
from remediation.estates.deployments.templates.references import Document
from remediation.estates.deployments.templates.values import (
    ExpressionError,
    TooMuchError,
    Unknown,
    call,
    unknowns,
)

MOST_RESOURCES = 100_000
DEEPEST = 40


@dataclass(slots=True)
class Expansion:
    """Everything a deployment declares. `doubts` are (id or place, reason) of what cannot be told."""

    instances: list[Instance] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)
    complete: set[str] = field(default_factory=set)
    budget: Budget = field(default_factory=Budget)
    by_id: dict[str, Instance] = field(default_factory=dict)
    _entered: set[str] = field(default_factory=set)

    def lookup(self, identity: str) -> Document | None:
        instance = self.by_id.get(identity.lower())
        if instance is None or instance.doubt:
            return None
        if instance.is_deployment:
            self._enter(instance)
        return instance.body()

    def open(self, template: Raw, target: Target, given: Mapping[str, Any], where: Pointer = ()) -> Frame:
        """Take in a whole template; raises TooMuchError where that has no end."""
        frame = Frame(template, target, given, self.lookup, self.budget)
        self._take(frame, where)
        return frame

    def _take(self, frame: Frame, where: Pointer) -> None:
        """Ids first, then what stands in the deployments among them."""
        if len(where) > DEEPEST * 4:
            raise TooMuchError("deployments are nested deeper than Azure takes")
        found = list(self._resources(frame, frame.template.get("resources"), (*where, "resources"), None))
        for one in found:
            if one.is_deployment:
                self._enter(one)

    def _resources(
        self, frame: Frame, declared: Any, where: Pointer, parent: Instance | None
    ) -> Iterator[Instance]:
        pairs: list[tuple[str | int, Any]]
        several = declared if isinstance(declared, list) else ()
        pairs = list(declared.items()) if isinstance(declared, dict) else list(enumerate(several))
        for key, raw in pairs:
            if not isinstance(raw, Mapping):
                self.doubts.append((_shown((*where, key)), "it is no resource"))
                continue
            for local, index in self._turns(frame, raw, (*where, key)):
                symbol = key if isinstance(key, str) and index is None else f"{key}[{index}]"
                symbols = () if isinstance(key, int) else tuple({str(symbol), key})
                one = self._instance(frame, raw, local, (*where, key), parent, symbols)
                if one is not None:
                    yield one
                    yield from self._resources(frame, raw.get("resources"), (*one.where, "resources"), one)

    def _turns(self, frame: Frame, raw: Raw, where: Pointer) -> Iterator[tuple[Local, int | None]]:
        """The turns of a resource's loop, or one without any."""
        loop = raw.get("copy")
        if not isinstance(loop, Mapping):
            yield NOWHERE, None
            return
        count = frame.evaluator.value(loop.get("count"))
        name = str(frame.evaluator.value(loop.get("name")))
        if isinstance(count, int) and 0 <= count <= MOST_RESOURCES:
            yield from ((NOWHERE.in_loop(name, at), at) for at in range(count))
            return
        self.doubts.append(
            (self._loosely(frame, raw, where), f"how many there are of it is not known: {count}")
        )

    def _loosely(self, frame: Frame, raw: Raw, where: Pointer) -> str:
        """The id of a resource of which not even the number is known."""
        try:
            name = frame.evaluator.value(raw.get("name"))
            return identity_of(frame, raw, str(raw.get("type")), segment(name))
        except (ExpressionError, TypeError):
            return _shown(where)

    def _instance(
        self,
        frame: Frame,
        raw: Raw,
        local: Local,
        where: Pointer,
        parent: Instance | None,
        symbols: tuple[str, ...],
    ) -> Instance | None:
        condition = frame.evaluator.value(raw.get("condition", True), local)
        if condition is False or str(condition).lower() == "false":
            return None
        kind, name = str(raw.get("type", "")), segment(frame.evaluator.value(raw.get("name"), local))
        if parent is not None and not kind.lower().startswith(f"{parent.kind.lower()}/"):
            kind, name = f"{parent.kind}/{kind}", f"{parent.name}/{name}"
        try:
            identity = self._identity(frame, raw, kind, name, local, parent)
        except (ExpressionError, TypeError) as error:
            self.doubts.append((_shown(where), f"where it is to stand is not known: {error}"))
            return None
        for symbol in symbols:
            frame.symbols.setdefault(symbol.lower(), []).append(identity)
        frame.versions[identity.lower()] = str(raw.get("apiVersion", ""))
        if raw.get("existing") is True:
            return None
        frame.symbols.setdefault("", []).append(identity)
        doubt = f"whether it is deployed is not known: {condition}" if isinstance(condition, Unknown) else ""
        one = Instance(frame, raw, local, kind, name, identity, where, doubt)
        self._keep(one)
        return one

    def _identity(
        self, frame: Frame, raw: Raw, kind: str, name: str, local: Local, parent: Instance | None
    ) -> str:
        if kind.lower() != DEPLOYMENT:
            scoped = parent.raw if parent is not None and "scope" in parent.raw else raw
            return identity_of(frame, scoped, kind, name, local)
        return identity_of(frame, {}, kind, name)

    def _keep(self, one: Instance) -> None:
        if len(self.instances) >= MOST_RESOURCES:
            raise TooMuchError(f"the template declares more than {MOST_RESOURCES:,} resources")
        self.instances.append(one)
        self.by_id[one.identity.lower()] = one
        if one.doubt:
            self.doubts.append((one.identity, one.doubt))

    def _enter(self, one: Instance) -> None:
        """Open the template within a deployment, once: in its turn, or when somebody asks for an output."""
        if one.identity.lower() in self._entered:
            return
        self._entered.add(one.identity.lower())
        properties = one.raw.get("properties")
        template = properties.get("template") if isinstance(properties, Mapping) else None
        if one.doubt:
            return
        if not isinstance(properties, Mapping) or not isinstance(template, Mapping):
            self.doubts.append((one.identity, "what it deploys is linked and was not read"))
            return
        target = self._target(one)
        if target is None:
            return
        evaluated = one.frame.evaluator
        options = lowered(properties.get("expressionEvaluationOptions"))
        inside = str(options.get("scope", "")).lower() == "inner"
        given = {
            name: _given(evaluated.value(value, one.local), name)
            for name, value in lowered(properties.get("parameters")).items()
        }
        if inside:
            one.inner = Frame(template, target, given, self.lookup, self.budget)
        else:
            one.inner = _Outside(template, target, one.frame)
        self._take(one.inner, (*one.where, "properties", "template"))
        if str(evaluated.value(properties.get("mode"), one.local)).lower() == "complete":
            self.complete.add(target.scope.lower())

    def _target(self, one: Instance) -> Target | None:
        """Where a deployment within the template goes."""
        evaluator = one.frame.evaluator
        subscription, group, scope = (
            evaluator.value(one.raw.get(key), one.local)
            for key in ("subscriptionId", "resourceGroup", "scope")
        )
        strange = next(unknowns([subscription, scope]), None)
        if strange is not None:
            self.doubts.append((one.identity, f"where it deploys to is not known: {strange}"))
            return None
        group = None if group is None else segment(group)
        if isinstance(scope, str) and scope:
            parts = scope.strip("/").split("/")
            if parts[0].lower() != "subscriptions" or len(parts) < 2:
                return Target(one.frame.target.subscription, above=scope, name=one.name)
            subscription, group = parts[1], parts[3] if len(parts) > 3 else None
        return one.frame.target.inside(subscription, group, one.name)


class _Outside(Frame):
    """A template whose expressions are evaluated where it stands, as ARM does unless told otherwise."""

    def __init__(self, template: Raw, target: Target, outer: Frame) -> None:
        super().__init__(template, target, {}, outer.lookup, outer.evaluator.budget)
        self._outer = outer
        self.symbols, self.versions = outer.symbols, outer.versions

    def parameter(self, name: str) -> Any:
        return self._outer.parameter(name)

    def variable(self, name: str) -> Any:
        return self._outer.variable(name)


def _given(value: Any, name: str) -> Any:
    """A parameter's value as a deployment hands it in; a secret from a vault stays one."""
    if isinstance(value, Mapping) and "value" in value:
        return value["value"]
    return call("parameters", [name]) if isinstance(value, Mapping) else value


def _shown(where: Pointer) -> str:
    return "/".join(map(str, where))
