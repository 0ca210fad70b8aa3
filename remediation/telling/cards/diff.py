"""What a fix changes, as a person reads it: the properties that differ, before and after.

ARM documents are compared leaf by leaf. What ARM alone writes (etag, provisioning state) is left out, and
null, an empty list and a missing key count as the same nothing, as they do for ARM.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from remediation.errors import InvalidResourceId
from remediation.findings import FixRecord
from remediation.kinds import NAMING_KEYS, SERVER_KEYS
from remediation.resource_id import ResourceId

type Sign = Literal["-", "+"]

_ARMS_OWN = NAMING_KEYS | SERVER_KEYS | {f"properties.{key}" for key in SERVER_KEYS}
_RULE = "/securityrules"
_GROUP = "/networksecuritygroups"
_SIGNS: tuple[Sign, Sign] = ("-", "+")
_NAMED_BY = ("name", "categoryGroup", "category", "id")


@dataclass(frozen=True, slots=True)
class Change:
    """One write: what happens to which resource, and the lines that leave (-) or come (+)."""

    title: str
    lines: tuple[tuple[Sign, str], ...]


def changes(fix: FixRecord) -> tuple[Change, ...]:
    """The writes of a fix in their order; a write whose body equals what was there has no lines."""
    before = {key.lower(): body for key, body in fix.before.items()}
    return tuple(_change(write, before.get(str(write.get("id", "")).lower())) for write in fix.writes)


def _change(write: Mapping[str, Any], before: Mapping[str, Any] | None) -> Change:
    after = None if write.get("method") == "DELETE" else write.get("body") or {}
    verb = "deleted" if after is None else "changed" if before else "created"
    kind, name = _named(str(write.get("id", "")))
    if kind.endswith(_RULE) and not (before and after):
        return Change(
            "", tuple(_whole_rule(f"{name} is {verb}", before or after or {}, deleted=after is None))
        )
    if kind.endswith(_GROUP) and before and after:
        return Change(f"{name} is {verb}:", tuple(_group_that_differs(before, after)))
    return Change(f"{name} is {verb}:", tuple(_leaves_that_differ(before or {}, after or {})))


def _named(resource: str) -> tuple[str, str]:
    try:
        parsed = ResourceId.parse(resource)
    except InvalidResourceId:
        return "", resource
    return parsed.type, f"{_singular(parsed.type)} {parsed.name}"


def _singular(kind: str) -> str:
    words = {
        "securityrules": "Rule",
        "diagnosticsettings": "Diagnostic setting",
        "bastionhosts": "Bastion",
        "networksecuritygroups": "Group",
    }
    return words.get(kind.rpartition("/")[2], "Resource")


def _whole_rule(what: str, rule: Mapping[str, Any], *, deleted: bool) -> Iterator[tuple[Sign, str]]:
    properties = rule.get("properties")
    yield "-" if deleted else "+", f"{what}: {rule_line(properties)}" if properties else what


def _group_that_differs(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[Sign, str]]:
    """A group that is written whole: its rules a line each, and whatever else differs."""
    (old, was), (new, becomes) = _apart(before), _apart(after)
    for name in dict.fromkeys([*was, *becomes]):
        lines = [rule_line(rules[name]) if name in rules else "" for rules in (was, becomes)]
        if lines[0] != lines[1]:
            yield from ((sign, f"{name}: {line}") for sign, line in zip(_SIGNS, lines, strict=True) if line)
        elif name in was and name in becomes:
            shown = _leaves_that_differ({name: was[name]}, {name: becomes[name]})
            yield from ((sign, text) for sign, text in shown if _tail(text) not in SERVER_KEYS)
    yield from _leaves_that_differ(old, new)


def _apart(group: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Mapping[str, Any]]]:
    """A group without its rules, and its rules' properties by name."""
    properties = group.get("properties")
    inside = dict(properties) if isinstance(properties, Mapping) else {}
    rules = inside.pop("securityRules", None)
    named = {
        str(rule.get("name")): rule.get("properties") or {}
        for rule in (rules if isinstance(rules, list) else ())
        if isinstance(rule, Mapping)
    }
    return {**group, "properties": inside}, named


def _tail(text: str) -> str:
    return text.partition(":")[0].rpartition(".")[2]


def rule_line(rule: Mapping[str, Any]) -> str:
    """An NSG rule in one line: ``300 Allow Inbound Tcp, from *, to 10.0.0.0/24, ports 22, 443``."""
    source = _either(rule, "sourceAddressPrefix", "sourceAddressPrefixes", "sourceApplicationSecurityGroups")
    target = _either(
        rule, "destinationAddressPrefix", "destinationAddressPrefixes", "destinationApplicationSecurityGroups"
    )
    ports = _either(rule, "destinationPortRange", "destinationPortRanges")
    head = " ".join(str(rule.get(key, "?")) for key in ("priority", "access", "direction", "protocol"))
    return f"{head}, from {source}, to {target}, ports {ports}"


def _either(rule: Mapping[str, Any], *keys: str) -> str:
    return ", ".join(_text(rule[key]) for key in keys if not _nothing(rule.get(key))) or "?"


def _leaves_that_differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[Sign, str]]:
    old, new = dict(_leaves(before)), dict(_leaves(after))
    for path in dict.fromkeys([*old, *new]):
        was, becomes = old.get(path), new.get(path)
        if was == becomes or path in _ARMS_OWN:
            continue
        short = _short(was) != _short(becomes)  # else the difference lies in what shortening hides
        shown = path.removeprefix("properties.")
        if was is not None:
            yield "-", f"{shown}: {_short(was) if short else was}"
        if becomes is not None:
            yield "+", f"{shown}: {_short(becomes) if short else becomes}"


def _short(text: str | None) -> str | None:
    """The end of a resource id, which is what people know it by: ``workspaces/central``."""
    return "/".join(text.split("/")[-2:]) if text and text.startswith("/subscriptions/") else text


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for number, item in enumerate(value):
            yield from _item(item, path, number)
    elif not _nothing(value):
        yield path, _text(value)


def _item(item: Any, path: str, number: int) -> Iterator[tuple[str, str]]:
    """An object in a list goes by what names it, ``logs[audit].enabled``; its number where nothing does."""
    fields = dict(item) if isinstance(item, Mapping) else {"": item}
    naming = next((key for key in _NAMED_BY if fields.get(key)), None)
    if naming is None or len(fields) == 1:
        yield from _leaves(item, f"{path}[{number}]")
    else:
        name = str(fields.pop(naming)).rpartition("/")[2]
        yield from _leaves(fields, f"{path}[{name}]")


def _nothing(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        return str(value.get("id", "")).rpartition("/")[2] or "{...}"
    return str(value).lower() if isinstance(value, bool) else str(value)
