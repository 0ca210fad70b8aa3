"""Companion rules: what keeps a way in for those who may stay when a rule gives up its ports.

A rule can name one tag or many addresses of one IP version, not all of these, and it has one list of ports
for all its sources. What does not fit into the rule moves to a companion beside it, which is written first.
"""

from hashlib import sha256

from remediation.nsg.document import Nsg
from remediation.nsg.repairing.changes import Body, RuleChange
from remediation.nsg.rule import ANY_PROTOCOL, HIGHEST_PRIORITY, Direction, SecurityRule
from remediation.nsg.spaces.sets import intersect

JIT_PRIORITIES = range(100, 111)  # just-in-time access writes its allows here: nobody else makes a rule there
FIRST_FREE = JIT_PRIORITIES.stop
LONGEST_NAME = 80
_DESCRIPTION = "Keeps the allowed sources of a rule that Bastion Guard narrowed."  # ARM takes 140 characters


def companion(nsg: Nsg, original: SecurityRule, suffix: str, properties: Body) -> RuleChange | None:
    """A new rule beside `original`, at a priority of its own; None when there is no place for it."""
    name = companion_name(original.name, suffix)
    priority = free_priority(nsg, original)
    if priority is None or nsg.rule(name) is not None:
        return None
    own = {"priority": priority, "description": _DESCRIPTION}
    return RuleChange(name, None, {"name": name, "properties": properties | own})


def companion_name(original: str, suffix: str) -> str:
    """Deterministic, so that a repair that is planned twice writes one rule."""
    name = f"{original}-{suffix}"
    if len(name) <= LONGEST_NAME:
        return name
    digest = sha256(original.encode()).hexdigest()[:12]
    return f"{original[: LONGEST_NAME - len(suffix) - 14]}-{digest}-{suffix}"


def free_priority(nsg: Nsg, original: SecurityRule) -> int | None:
    """The nearest free priority with no overlapping rule between it and the original, below it first."""
    taken = {rule.priority: rule for rule in nsg.custom if rule.direction is not Direction.OUTBOUND}
    place = original.priority
    if place is None or None in taken:
        return None  # a rule whose priority cannot be read may sit anywhere
    for step, end in ((1, HIGHEST_PRIORITY + 1), (-1, FIRST_FREE - 1)):
        for priority in range(place + step, end, step):
            rule = taken.get(priority)
            if rule is None:
                if priority >= FIRST_FREE:
                    return priority
            elif overlaps(rule, original):
                break
    return None


def overlaps(left: SecurityRule, right: SecurityRule) -> bool:
    """Whether two rules may match the same flow; where that is not plain, yes."""
    protocols = {left.protocol, right.protocol}
    if len(protocols) == 2 and not protocols & {ANY_PROTOCOL, None, "?"}:
        return False
    ports = (left.destination_ports, right.destination_ports)
    if not any(field.doubts or field.missing for field in ports) and not intersect(
        ports[0].known, ports[1].known
    ):
        return False
    there = (left.destination, right.destination)
    if any(field.tags or field.groups or field.doubts or field.missing for field in there):
        return True
    return bool(intersect(there[0].known, there[1].known))
