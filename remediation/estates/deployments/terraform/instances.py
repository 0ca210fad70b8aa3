"""The resources of a Terraform plan, one for each key of a loop, with what their configuration refers to."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

type Key = str | int | None
type ModulePath = tuple[tuple[str, Key], ...]

_STEP = re.compile(r'module\.([^.\[]+)(\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\])?')


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A resource of a plan: its values before and after, None where it is not there then.

    `unknown` mirrors `after`: true where a value is known after the apply only.
    """

    address: str
    module: ModulePath
    type: str
    name: str
    key: Key
    actions: tuple[str, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    unknown: Mapping[str, Any]
    expressions: Mapping[str, Any] = field(default_factory=dict)
    data: bool = False

    @property
    def changes(self) -> bool:
        return bool({"create", "update", "delete"} & set(self.actions))


def module_path(address: Any) -> ModulePath:
    """`module.net["a"].module.sub[0]` as names with their keys."""
    found: list[tuple[str, Key]] = []
    for match in _STEP.finditer(address if isinstance(address, str) else ""):
        text, number = match.group(3), match.group(4)
        found.append((match.group(1), int(number) if number else _unquoted(text)))
    return tuple(found)


def _unquoted(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


class Plan:
    """A plan's instances, found by where they stand; raises nothing over content that is odd."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.configuration = _mapping(document.get("configuration"))
        self._variables = _mapping(document.get("variables"))
        self.instances = list(self._changes(document))
        self._by_place: dict[tuple[ModulePath, bool, str, str], list[Instance]] = {}
        for one in (*self.instances, *self._sources(document)):
            self._by_place.setdefault((one.module, one.data, one.type, one.name), []).append(one)

    def at(self, module: ModulePath, kind: str, name: str, *, data: bool = False) -> list[Instance]:
        """The instances of a resource of one instance of a module."""
        return self._by_place.get((module, data, kind, name), [])

    def _changes(self, document: Mapping[str, Any]) -> Iterator[Instance]:
        for change in _list(document.get("resource_changes")):
            told = _mapping(change.get("change")) if isinstance(change, Mapping) else {}
            if not told or change.get("deposed"):
                continue
            module = module_path(change.get("module_address"))
            kind, name = str(change.get("type")), str(change.get("name"))
            actions = tuple(str(one) for one in _list(told.get("actions")))
            is_data = change.get("mode") == "data"
            if actions == ("forget",):  # it stays, and Terraform looks away
                told = {**told, "after": told.get("before")}
            yield Instance(
                str(change.get("address")), module, kind, name, change.get("index"), actions,
                _values(told.get("before")), None if actions == ("delete",) else _values(told.get("after")),
                _mapping(told.get("after_unknown")), self._expressions(module, kind, name), data=is_data,
            )  # fmt: skip

    def _sources(self, document: Mapping[str, Any]) -> Iterator[Instance]:
        """Data sources that were read already."""
        state = _mapping(_mapping(document.get("prior_state")).get("values")).get("root_module")
        for module, resource in _in_modules(_mapping(state), ()):
            if resource.get("mode") == "data":
                values = _values(resource.get("values"))
                kind, name = str(resource.get("type")), str(resource.get("name"))
                yield Instance(
                    str(resource.get("address")), module, kind, name, resource.get("index"), ("read",),
                    values, values, {}, data=True,
                )  # fmt: skip

    def subscriptions(self) -> Iterator[str]:
        """What the providers of the configuration say, by themselves or by a variable that has a value."""
        for provider in _mapping(self.configuration.get("provider_config")).values():
            told = _mapping(_mapping(_mapping(provider).get("expressions")).get("subscription_id"))
            names = [
                text.removeprefix("var.") for text in _list(told.get("references")) if isinstance(text, str)
            ]
            given = [_mapping(self._variables.get(name)).get("value") for name in names]
            yield from (one for one in (told.get("constant_value"), *given) if isinstance(one, str) and one)

    def module(self, path: ModulePath) -> Mapping[str, Any]:
        """The configuration of a module."""
        found = _mapping(self.configuration.get("root_module"))
        for name, _ in path:
            found = _mapping(_mapping(_mapping(found.get("module_calls")).get(name)).get("module"))
        return found

    def output(self, path: ModulePath, name: str) -> Any:
        """The expression of an output of a module."""
        return _mapping(_mapping(self.module(path).get("outputs")).get(name)).get("expression")

    def call(self, path: ModulePath) -> Mapping[str, Any]:
        """The expressions with which a module is called."""
        calls = _mapping(self.module(path[:-1]).get("module_calls"))
        return _mapping(_mapping(calls.get(path[-1][0])).get("expressions"))

    def _expressions(self, module: ModulePath, kind: str, name: str) -> Mapping[str, Any]:
        for resource in _list(self.module(module).get("resources")):
            if isinstance(resource, Mapping) and (resource.get("type"), resource.get("name")) == (kind, name):
                return _mapping(resource.get("expressions"))
        return {}


def _in_modules(
    module: Mapping[str, Any], path: ModulePath
) -> Iterator[tuple[ModulePath, Mapping[str, Any]]]:
    for resource in _list(module.get("resources")):
        if isinstance(resource, Mapping):
            yield path, resource
    for child in _list(module.get("child_modules")):
        if isinstance(child, Mapping):
            yield from _in_modules(child, module_path(child.get("address")))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _values(value: Any) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
