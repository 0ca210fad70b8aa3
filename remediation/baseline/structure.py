"""What every part of a baseline is made of: mappings, lists, texts and scopes, read with their mistakes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from remediation.baseline.mistakes import Mistakes
from remediation.baseline.scopes import Match

MATCHES = frozenset({"tags", "resourceGroups", "subscriptions", "resources"})


class Structure(Mistakes):
    """Reads values by their shape; `known_rules` are the ids that may be named, None accepts any."""

    def __init__(self, name: str, known_rules: Sequence[str] | None) -> None:
        super().__init__(name)
        self.known_rules = known_rules

    def _only(self, mapping: Mapping[Any, Any], known: frozenset[str] | set[str], path: str) -> None:
        for key in mapping:
            if key not in known:
                self.wrong(f"{path}{key}", f"unknown key{self.meant(str(key), known)}")

    def _mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(path, "must be a mapping", value)
            return {}
        return value

    def _each[T](self, mapping: Mapping[Any, Any], key: str, read: Callable[[Any, str], T | None]) -> list[T]:
        values = mapping.get(key)
        if values is None:
            return []
        if not isinstance(values, list):
            self.wrong(key, "must be a list", values)
            return []
        read_values = [read(value, f"{key}[{index}]") for index, value in enumerate(values)]
        return [value for value in read_values if value is not None]

    def _choice(self, mapping: Mapping[Any, Any], key: str, allowed: tuple[str, ...], default: str) -> Any:
        value = mapping.get(key, default)
        if value not in allowed:
            self.wrong(key, f"must be {' or '.join(allowed)}", value)
            return default
        return value

    def _text(self, mapping: Mapping[Any, Any], key: str, path: str, *, needed: bool = False) -> str | None:
        value = mapping.get(key)
        if value is None and not needed:
            return None
        if not isinstance(value, str) or not value.strip():
            self.wrong(path, *(("is required",) if value is None else ("must be text", value)))
            return None
        return value

    def _texts(self, value: Any, path: str) -> tuple[str, ...]:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(item, str) and item for item in values):
            self.wrong(path, "must be text or a list of texts", value)
            return ()
        return tuple(values)

    def _known_rule(self, rule: str, path: str) -> None:
        if self.known_rules is None or rule in self.known_rules:
            return
        self.wrong(path, f"no such rule{self.meant(rule, self.known_rules)}")

    def _match(self, value: Any, path: str, known: frozenset[str] = MATCHES) -> Match:
        entry = self._mapping(value, path)
        if not entry:
            self.wrong(path, f"is required: {_either(known)}")
        self._only(entry, known, f"{path}.")
        tags = {
            str(name).lower(): self._texts(values, f"{path}.tags.{name}")
            for name, values in self._mapping(entry.get("tags"), f"{path}.tags").items()
        }
        parts = {
            key: self._texts(entry[key], f"{path}.{key}") if key in entry else ()
            for key in ("resourceGroups", "subscriptions", "resources")
        }
        for key in sorted(known & set(entry)):
            if entry[key] in ([], {}):
                self.wrong(f"{path}.{key}", "is empty and would match everything; leave it out or fill it")
        return Match(tags, parts["resourceGroups"], parts["subscriptions"], parts["resources"])


def _either(names: frozenset[str]) -> str:
    """The names as a choice: tags, resourceGroups, subscriptions or resources."""
    order = ("tags", "resourceGroups", "subscriptions", "resources", "rules", "severity")
    *first, last = [name for name in order if name in names]
    return f"{', '.join(first)} or {last}"
