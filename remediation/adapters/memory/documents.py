"""What ARM does to documents it is sent, as far as memory needs it: the server's part, refusals, locks."""

from collections.abc import Iterable
from typing import Any

from remediation.errors import PermanentError
from remediation.kinds import LOCK
from remediation.model import Json, Write, dig

type Document = dict[str, Any]
type Documents = list[Document]

NSG = "microsoft.network/networksecuritygroups"
SECURITY_RULE = f"{NSG}/securityrules"
PRIORITIES = range(100, 4097)
KEPT_BY_ARM = ("defaultSecurityRules", "networkInterfaces", "subnets", "resourceGuid")
"""Properties of an NSG that belong to the server: a PUT neither needs nor changes them."""


def named(child: Json, name: str) -> bool:
    return str(child.get("name", "")).lower() == name.lower()


def cased(segment: str, field: str) -> str:
    """A child's path segment in the spelling of its array, which is ARM's own."""
    return field if field.lower() == segment else segment


def complete(child: Document, under: str, etag: str) -> None:
    """What ARM adds to a child that was sent inside its parent."""
    child.setdefault("id", f"{under}/{child.get('name')}")
    child["etag"] = etag


def keep_the_servers_part(body: Document, before: Document | None) -> None:
    properties = body.setdefault("properties", {})
    properties.setdefault("securityRules", [])
    for key in KEPT_BY_ARM:
        properties.pop(key, None)
        if before is not None and key in before.get("properties", {}):
            properties[key] = before["properties"][key]


def refuse_bad_rules(rules: Iterable[Json]) -> None:
    """What ARM says 400 to: a priority out of range, or one that two rules of a direction share."""
    taken: dict[tuple[object, object], object] = {}
    for rule in rules:
        priority, name = dig(rule, "properties", "priority"), rule.get("name")
        if priority is None:
            continue
        if priority not in PRIORITIES:
            message = f"Security rule has invalid Priority. Value provided: {priority}"
            raise PermanentError(f"{name}: {message}", code="SecurityRuleInvalidPriority")
        other = taken.setdefault((priority, dig(rule, "properties", "direction")), name)
        if other != name:
            message = f"Security rule {name} conflicts with rule {other}"
            raise PermanentError(message, code="SecurityRuleConflict")


def holds(lock: Json, write: Write) -> bool:
    """Whether a lock forbids a write: it works on everything below its scope but on locks themselves."""
    scope, _, _ = str(lock["id"]).lower().rpartition("/providers/")
    if write.id.type == LOCK or not f"{write.id.key}/".startswith(f"{scope}/"):
        return False
    level = dig(lock, "properties", "level")
    return level == "ReadOnly" or (level == "CanNotDelete" and write.method == "DELETE")
