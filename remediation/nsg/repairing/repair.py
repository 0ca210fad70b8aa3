"""From an NSG and what is forbidden to the smallest proven list of writes, or to why there is none.

Offending rules are taken one by one, the one evaluated first first, as the writes will be. For each the
candidates are tried in order until one passes; then the whole is proven once more against the NSG as it was.
Planning on the result of a repair finds nothing to do.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remediation.model import NoFix
from remediation.nsg.context import NSG_ALONE, Context
from remediation.nsg.difference import Difference, difference
from remediation.nsg.document import Nsg, parse
from remediation.nsg.exposure import Exposure, exposure
from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.repairing.candidates import Candidate, candidates
from remediation.nsg.repairing.changes import RuleChange, apply_changes, undo
from remediation.nsg.repairing.companions import JIT_PRIORITIES
from remediation.nsg.repairing.proof import (
    Forbidden,
    closes_all,
    forbidden,
    offenders,
    opens_nothing,
    takes_only,
)
from remediation.nsg.rule import ANY_PROTOCOL, HIGHEST_PRIORITY, LOWEST_PRIORITY, SecurityRule
from remediation.nsg.spaces.sets import subtract

RDP = 3389
_JIT_NAME = re.compile(
    r"(SecurityCenter|MicrosoftDefenderForCloud)-JITRule([_-])-?\d+\2[0-9A-F]{32}", re.IGNORECASE
)

PORTLESS_TOLERANCE = (
    "What a rule of protocol * with a list of ports does to ICMP, ESP and AH is not confirmed and was left "
    "out of the comparison."
)
PRIVATE_TOLERANCE = (
    "Private sources outside VirtualNetwork, which cannot be routed here, may no longer match a rule that "
    "named any source."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What ARM takes, and how long a list of addresses may get before a person should look."""

    listed_addresses: int = 100
    rules: int = 1000


@dataclass(frozen=True, slots=True)
class Repair:
    """A proven rewrite.

    `changes` is in order of writing and empty when nothing is open; `inverse` is the way back, in order.
    `difference` is what the writes take away, `tolerances` what the proof left aside.
    """

    title: str
    changes: tuple[RuleChange, ...]
    inverse: tuple[RuleChange, ...]
    proof: str
    tolerances: tuple[str, ...]
    difference: Difference


def plan_repair(
    nsg: Nsg | Mapping[str, Any],
    ports: Sequence[int] = (22, RDP),
    approved: Sequence[str] = (),
    context: Context = NSG_ALONE,
    limits: Limits | None = None,
) -> Repair | NoFix:
    """Close `ports` to every public source that is not approved, over TCP and UDP; change nothing else.

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
    return _Planner(before, forbidden(ports, context), limits or Limits()).plan()


def detected(ports: Sequence[int]) -> list[tuple[int, str]]:
    """What counts as a finding: TCP on every management port, and UDP where remote desktop speaks it."""
    return [(port, "tcp") for port in ports] + [(port, "udp") for port in ports if port == RDP]


def _nothing_certain(seen: Sequence[Exposure], context: Context) -> Repair | NoFix:
    for answer in seen:
        if answer.alert_as_open:
            return NoFix(f"cannot be proven, because the deciding flow is unknown: {answer.reason}")
    return Repair(
        "Nothing to repair",
        (),
        (),
        "No public source certainly gets in.",
        (),
        Difference((), (), (), context),
    )


class _Planner:
    """One plan: the NSG as it was, and as it stands after the changes chosen so far."""

    def __init__(self, before: Nsg, f: Forbidden, limits: Limits) -> None:
        self.before, self.f, self.limits = before, f, limits
        self.now = before
        self.chosen: list[Candidate] = []

    def plan(self) -> Repair | NoFix:
        offending = offenders(self.before, self.f)
        while offending:
            rule = offending[0]
            hindrance = untouchable(rule) or self._unaddressable(rule)
            if hindrance:
                return self._unprovable(rule, hindrance)
            found = self._first_proven(rule)
            if found is None:
                return self._unprovable(rule, "no single rewrite of it passes the proof")
            candidate, self.now = found
            self.chosen.append(candidate)
            offending = offenders(self.now, self.f)
        return self._proven()

    def _unaddressable(self, rule: SecurityRule) -> str | None:
        """A write names one child rule; where no name, or more than one rule's, it could hit another."""
        if not rule.named:
            return "it has no name to write it under"
        same = sum(other.name.lower() == rule.name.lower() for other in self.now.custom)
        return "another rule has the same name" if same > 1 else None

    def _first_proven(self, rule: SecurityRule) -> tuple[Candidate, Nsg] | None:
        for candidate in candidates(self.now, rule, self.f, self.limits.listed_addresses):
            after = self._passes(candidate, rule)
            if after is not None:
                return candidate, after
        return None

    def _passes(self, candidate: Candidate, rule: SecurityRule) -> Nsg | None:
        state = self.now
        for change in candidate.changes:
            state = parse(apply_changes(state.document, [change]))
            if len(state.custom) > self.limits.rules or not opens_nothing(self.before, state, self.f):
                return None
        change_made = difference(self.now, state, self.f.context, portless=False)
        if not takes_only(change_made, self.f, tolerant=candidate.tolerant):
            return None
        still = any(offender.name == rule.name for offender in offenders(state, self.f))
        return None if still else state

    def _proven(self) -> Repair | NoFix:
        change = difference(self.before, self.now, self.f.context, portless=False)
        tolerant = any(candidate.tolerant for candidate in self.chosen)
        if not takes_only(change, self.f, tolerant=tolerant):
            return NoFix("cannot be proven, because the rewrites together change other traffic")
        left = closes_all(self.before, self.now, self.f)
        if left:
            return NoFix(f"cannot be proven, because {left}", self._suggestion())
        changes = tuple(change for candidate in self.chosen for change in candidate.changes)
        return Repair(
            title="; ".join(candidate.title for candidate in self.chosen),
            changes=changes,
            inverse=undo(changes),
            proof=_proof(self.f, len(changes)),
            tolerances=self._tolerances(change),
            difference=change,
        )

    def _tolerances(self, change: Difference) -> tuple[str, ...]:
        found = []
        names = {change.name for candidate in self.chosen for change in candidate.changes}
        if any(rule.protocol == ANY_PROTOCOL for rule in self.before.custom if rule.name in names):
            found.append(PORTLESS_TOLERANCE)
        if not takes_only(change, self.f, tolerant=False):
            found.append(PRIVATE_TOLERANCE)
        return tuple(found)

    def _unprovable(self, rule: SecurityRule, why: str) -> NoFix:
        return NoFix(f"cannot be proven, because of rule {rule.name}: {why}", self._suggestion())

    def _suggestion(self) -> str:
        ports = " and ".join(str(port) for port in self.f.ports)
        text = f"A person could add a Deny rule above it: source Internet, destination *, Tcp, ports {ports}"
        text += f"; and the same for Udp {RDP}" if RDP in self.f.ports else ""
        return f"{text}. Approved sources need an Allow above that."


def untouchable(rule: SecurityRule) -> str | None:
    """Why a rule must never be written, whatever could be proven about it; None when it may be."""
    if rule.default:
        return "it is a default rule"
    if is_jit_name(rule.name):
        return "its name is that of a just-in-time access rule"
    if rule.priority in JIT_PRIORITIES:
        return "its priority lies in 100-110, which belongs to just-in-time access"
    if rule.priority is None or not LOWEST_PRIORITY <= rule.priority <= HIGHEST_PRIORITY:
        return f"its priority is not one of {LOWEST_PRIORITY}-{HIGHEST_PRIORITY}, which ARM takes"
    if rule.incomplete:
        return f"it is incomplete ({', '.join(rule.missing_fields())} missing)"
    if (
        rule.source.doubts
        or rule.destination.doubts
        or rule.source_ports.doubts
        or rule.destination_ports.doubts
    ):
        return "a part of it cannot be read"
    if rule.protocol == ANY_PROTOCOL and rule.destination_ports.known == EVERY_PORT:
        return "it allows every protocol on every port, and a list of ports would not keep ICMP, ESP and AH"
    return None


def is_jit_name(name: str) -> bool:
    """Whether a rule is named as just-in-time access names its rules."""
    return _JIT_NAME.fullmatch(name) is not None


def _proof(f: Forbidden, writes: int) -> str:
    ports = ", ".join(str(port) for port in f.ports)
    return (
        f"On the whole flow space, in both directions: what is allowed after {writes} write(s) is what was "
        f"allowed before, without TCP and UDP {ports} from public sources that are not approved. Nothing is "
        "newly allowed after any single write. Connections that are open already stay open."
    )
