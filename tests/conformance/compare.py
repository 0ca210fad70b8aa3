"""Comparing an answer with the recorded one: generated values are bound at first sight and must stay.

A newer answer may have more members, never fewer. Own ids are compared with their casing, mere
references without it (Azure itself writes them both ways).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

CLIENT = re.compile(r"client '[^']*' with object id '[^']*'")
# Bound one to one: two recorded values are two of the lab's, and the same one is the same.
IDENTITIES = frozenset({"etag", "resourceGuid"})
# Bound within their resource: two resources may have the same (the recorder replaced addresses).
GENERATED = frozenset(
    {"ipAddress", "privateIPAddress", "macAddress", "dnsName", "internalDomainNameSuffix", "internalFqdn",
     "routeSetVersion", "ipPrefix"}
)  # fmt: skip
# When, and who: of the same kind, but the lab's own.
TIMES = frozenset(
    {"createdOn", "updatedOn", "lastComputedTime", "nextEligibleComputeTime", "createdBy", "updatedBy"}
)
# Decided by the kind of subscription or by what the cloud is made of just then, not by any request.
SURROUNDINGS = frozenset(
    {"allowPort25Out", "expandedSourceAddressPrefix", "expandedDestinationAddressPrefix", "tagMap"}
)
LRO_HEADERS = ("azure-asyncoperation", "azure-asyncnotification", "location", "etag", "x-ms-failure-cause")
RATES = "x-ms-ratelimit-"
FEW_HEADERS = "cloud-custodian"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an answer departs from the recorded one; `field` is a path without names or numbers."""

    field: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.field}: recorded {self.expected!r}, answered {self.actual!r}"


@dataclass(slots=True)
class Bindings:
    """Which value of the lab stands for which recorded one."""

    forward: dict[tuple[str, str], str] = field(default_factory=dict)
    back: dict[tuple[str, str], str] = field(default_factory=dict)

    def matches(self, kind: str, recorded: str, actual: str, of: str = "") -> bool:
        """Bind at first sight; afterwards say whether the pair still holds.

        `of` is the resource a value belongs to, where two resources may have the same one.
        """
        self.forward.setdefault((kind, recorded), actual)
        known = self.forward.setdefault((kind + of, recorded), actual)
        return known == actual and self.back.setdefault((kind + of, actual), recorded) == recorded

    def translated(self, value: Any) -> Any:
        """What is sent to the lab in place of recorded values."""
        if isinstance(value, dict):
            return {key: self._member(key, item) for key, item in value.items()}
        return [self.translated(item) for item in value] if isinstance(value, list) else value

    def _member(self, key: str, value: Any) -> Any:
        return self.forward.get((key, value), value) if isinstance(value, str) else self.translated(value)


class Comparison:
    """One comparison; `differences` fills as it goes."""

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._resource = ""
        self.differences: list[Difference] = []

    def note(self, where: str, expected: Any, actual: Any) -> None:
        self.differences.append(Difference(where, expected, actual))

    def values(self, where: str, key: str, expected: Any, actual: Any, *, reference: bool = False) -> None:
        if key in SURROUNDINGS:
            return
        if isinstance(expected, dict) and isinstance(actual, dict):
            self.objects(where, expected, actual)
        elif isinstance(expected, list) and isinstance(actual, list):
            self.lists(where, key, expected, actual)
        elif type(expected) is not type(actual):
            self.note(where, expected, actual)
        elif isinstance(expected, str):
            self._strings(where, key, expected, actual, reference=reference)
        elif expected != actual:
            self.note(where, expected, actual)

    def objects(self, where: str, expected: dict[str, Any], actual: dict[str, Any]) -> None:
        reference = set(expected) == {"id"}
        outer = self._resource
        if isinstance(expected.get("id"), str):
            self._resource = expected["id"].lower()
        for key, value in expected.items():
            at = f"{where}.{key}" if where else key
            if key not in actual:
                self.note(at, value, "(absent)")
            else:
                self.values(at, key, value, actual[key], reference=reference)
        self._resource = outer

    def lists(self, where: str, key: str, expected: list[Any], actual: list[Any]) -> None:
        where += "[]"
        expected = [each for each in expected if not _is_dropped(each)]
        actual = [each for each in actual if not _is_dropped(each)]
        if len(expected) != len(actual):
            self.note(where, f"{len(expected)} items", f"{len(actual)} items: {_names(actual)}")
            return
        named = (
            {_identity(item): item for item in actual} if all(_identity(item) for item in expected) else {}
        )
        for at, item in enumerate(expected):
            other = named.get(_identity(item)) if named else actual[at]
            if other is None:
                self.note(where, _identity(item), f"not among {_names(actual)}")
            else:
                self.values(where, key, item, other)

    def _strings(self, where: str, key: str, expected: str, actual: str, *, reference: bool) -> None:
        if key in TIMES:
            return
        if key in IDENTITIES:
            same = self._bindings.matches(key, expected, actual)
        elif key in GENERATED or (key == "fqdn" and "sysgen" in expected):
            same = self._bindings.matches(key, expected, actual, of=self._resource)
        elif key == "message":
            same = CLIENT.sub("", expected) == CLIENT.sub("", actual)
        elif reference or key in {"publicUri", "scope"}:
            same = expected.lower() == actual.lower()
        else:
            same = expected == actual
        if not same:
            self.note(where, expected, actual)


def _identity(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    found = item.get("id") or item.get("name")
    key = found.lower() if isinstance(found, str) else ""
    return f"/{key}" if key.startswith("subscriptions/") else key


def _is_dropped(item: Any) -> bool:
    """A range the platform routes nowhere: which ones there are changes now and then."""
    return isinstance(item, dict) and item.get("source") == "Default" and item.get("nextHopType") == "None"


def _names(items: list[Any]) -> list[str]:
    return [_identity(item).rpartition("/")[2] for item in items]


def compare_headers(
    comparison: Comparison, source: str, expected: dict[str, str], actual: dict[str, str]
) -> None:
    """Presence of what steers a client, both ways; rates only if they were recorded."""
    for name in LRO_HEADERS:
        had, has = name in expected, name in actual
        if had != has and (had or source != FEW_HEADERS):
            comparison.note(f"header {name}", "present" if had else "absent", "present" if has else "absent")
    for name in expected:
        if name.startswith(RATES) and name not in actual:
            comparison.note(f"header {name}", "present", "absent")


def compare_list(
    comparison: Comparison, expected: list[Any], actual: list[Any], own: set[str], *, whole: bool
) -> None:
    """A list: the session's own items by value, foreign ones by their members; nothing own beyond them."""
    answered = {_identity(item): item for item in actual}
    for item in expected:
        key = _identity(item)
        other = answered.get(key)
        if key in own:
            if other is None:
                comparison.note("value[]", key, "not in the list")
            else:
                comparison.values("value[]", "value", item, other)
        elif other is None and not any(_covers(each, item) for each in actual):
            comparison.note("value[]", sorted(item), "no item with these members")
        elif other is not None and not _covers(other, item):
            comparison.note("value[]", sorted(item), sorted(other))
    surplus = set(answered) - {_identity(item) for item in expected}
    if whole and surplus & own:
        comparison.note("value[]", f"{len(expected)} items", f"also {sorted(surplus & own)}")


def _covers(actual: Any, expected: Any) -> bool:
    """Whether an item has every member another one has."""
    return isinstance(actual, dict) and isinstance(expected, dict) and set(expected) <= set(actual)
