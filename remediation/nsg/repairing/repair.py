"""What a repair is, and why there may be none.

`plan_repair` is the way in: from an NSG and what is forbidden to the smallest proven list of writes. What can
be proven is repaired; a rule of which nothing can be proven is left as it is and named, and takes nothing
away from the others.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remediation.model import NoFix
from remediation.nsg.breadth import BroadFrom
from remediation.nsg.context import NSG_ALONE, Context
from remediation.nsg.difference import Difference
from remediation.nsg.document import Nsg, parse
from remediation.nsg.exposure import Exposure, exposure
from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.repairing.changes import RuleChange
from remediation.nsg.repairing.forbidden import RDP, detected, forbidden
from remediation.nsg.repairing.planner import Limits, Plan, Planner
from remediation.nsg.repairing.wording import proof, suggestion, tolerances
from remediation.nsg.rule import ANY_PROTOCOL, HIGHEST_PRIORITY, LOWEST_PRIORITY, SecurityRule
from remediation.nsg.spaces.addresses import cidrs
from remediation.nsg.spaces.sets import subtract

_JIT_NAME = re.compile(
    r"(SecurityCenter|MicrosoftDefenderForCloud)-JITRule([_-])-?\d+\2[0-9A-F]{32}", re.IGNORECASE
)
_OWNED_NAME = re.compile(r"k8s-azure-.*|Microsoft\.Databricks-workspaces_UseOnly_.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Left:
    """A rule that stays as it is although it lets the internet in, and why.

    `rule` is "" where no rule certainly does: a tag of unknown content may.
    """

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A proven rewrite.

    `changes` is in order of writing and empty when nothing is open; `inverse` is the way back, in order.
    `difference` is what the writes take away, `tolerances` what the proof left aside. `left` are rules that
    stay open, with `suggestion` for a person; `kept` are prefixes that rules name narrowly and that stay.
    """

    title: str
    changes: tuple[RuleChange, ...]
    inverse: tuple[RuleChange, ...]
    proof: str
    tolerances: tuple[str, ...]
    difference: Difference
    left: tuple[Left, ...] = ()
    suggestion: str = ""
    kept: tuple[str, ...] = ()


def plan_repair(
    nsg: Nsg | Mapping[str, Any],
    ports: Sequence[int] = (22, RDP),
    approved: Sequence[str] = (),
    context: Context = NSG_ALONE,
    limits: Limits | None = None,
    *,
    keep: BroadFrom | None = None,
    leave: Collection[str] = (),
) -> Repair | NoFix:
    """Close `ports` to every public source that is not approved, over TCP and UDP; change nothing else.

    With `keep`, sources that a rule names by a few addresses stay where it names them. `leave` are names of
    rules that belong to somebody else (a live just-in-time request): they count as if they were not open, are
    never written, and no rule is made before them.

    Returns a `Repair` (with no changes where no public source certainly gets in) or the reason why no write
    is proven. `context` decides what is found open; the proof holds for the NSG alone, whatever is attached.
    """
    before = nsg if isinstance(nsg, Nsg) else parse(nsg)
    context = replace(context, approved=(*context.approved, *approved))
    if not before.understood:
        return NoFix(f"cannot be proven, because the NSG was not read: {before.not_understood}")
    seen = [exposure(before, port, protocol, context) for port, protocol in detected(ports)]
    if not any(subtract(answer.sources, context.approved_ranges) for answer in seen):
        return _nothing_certain(seen, context)
    f = forbidden(before, ports, context, keep)
    found = Planner(before, f, limits or Limits(), untouchable, leave).plan()
    return _repair(before, found)


def _nothing_certain(seen: Sequence[Exposure], context: Context) -> Repair | NoFix:
    for answer in seen:
        if answer.alert_as_open:
            return NoFix(f"cannot be proven, because the deciding flow is unknown: {answer.reason}")
    return _nothing_to_do(context)


def _nothing_to_do(context: Context) -> Repair:
    nothing = Difference((), (), (), context)
    return Repair("Nothing to repair", (), (), "No public source certainly gets in.", (), nothing)


def _repair(before: Nsg, found: Plan) -> Repair | NoFix:
    advice = suggestion(before, found) if found.left or found.why_not else ""
    if found.why_not:
        return NoFix(f"cannot be proven, because {found.why_not}", advice)
    if not found.changes and not found.left:
        return _nothing_to_do(found.f.context)
    if not found.changes or (found.left and not found.difference.removed):
        rule, why = found.left[0]
        because = f"of rule {rule}: {why}" if rule else why
        return NoFix(f"cannot be proven, because {because}", advice)
    return Repair(
        title="; ".join(candidate.title for candidate in found.chosen),
        changes=found.changes,
        inverse=found.inverse,
        proof=proof(before, found),
        tolerances=tolerances(before, found),
        difference=found.difference,
        left=tuple(Left(rule, why) for rule, why in found.left),
        suggestion=advice,
        kept=tuple(cidrs(found.f.narrow)),
    )


def untouchable(rule: SecurityRule) -> str | None:
    """Why a rule must never be written, whatever could be proven about it; None when it may be."""
    if rule.default:
        return "it is a default rule"
    if is_jit_name(rule.name):
        return "its name is that of a just-in-time access rule"
    if _OWNED_NAME.fullmatch(rule.name):
        return f"{_owner(rule.name)} keeps it and would write it again"
    if rule.priority is None or not LOWEST_PRIORITY <= rule.priority <= HIGHEST_PRIORITY:
        return f"its priority is not one of {LOWEST_PRIORITY}-{HIGHEST_PRIORITY}, which ARM takes"
    if rule.incomplete:
        return f"it is incomplete ({', '.join(rule.missing_fields())} missing)"
    fields = (rule.source, rule.destination, rule.source_ports, rule.destination_ports)
    if any(field.doubts for field in fields):
        return "a part of it cannot be read"
    if rule.protocol == ANY_PROTOCOL and rule.destination_ports.known == EVERY_PORT:
        return "it allows every protocol on every port, and a list of ports would not keep ICMP, ESP and AH"
    return None


def _owner(name: str) -> str:
    return "the AKS cluster's cloud controller" if name.lower().startswith("k8s") else "Azure Databricks"


def is_jit_name(name: str) -> bool:
    """Whether a rule is named as just-in-time access names its rules."""
    return _JIT_NAME.fullmatch(name) is not None
