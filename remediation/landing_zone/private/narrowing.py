"""What a person would type to let only Bastion reach management ports of a group that lets everybody in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from remediation.landing_zone import commands
from remediation.landing_zone.private.reaching import ANYWHERE, TAG, Admissions, Service
from remediation.model import Resource
from remediation.nsg import NSG_ALONE, Direction, Nsg, RuleChange, SecurityRule, apply_changes, parse
from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.repairing.repair import untouchable
from remediation.nsg.rule import ANY_PROTOCOL
from remediation.nsg.spaces.sets import covers, from_pairs

_FIRST, _LAST = 111, 4096  # 100-110 belong to just-in-time access


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who may come (`prefixes` of Bastion) and on which services nobody else should."""

    prefixes: Sequence[str]
    services: Sequence[Service]

    @property
    def ports(self) -> list[str]:
        return [str(port) for port in sorted({port for port, _ in self.services})]

    @property
    def covered(self) -> tuple[int, ...]:
        return from_pairs((port, port + 1) for port, _ in self.services)


@dataclass(frozen=True, slots=True)
class _Step:
    """A command and what it changes; `others` is what it changes for everybody but Bastion."""

    line: str
    change: RuleChange
    others: RuleChange | None


def to_bastion(nsg: Resource, rules: Iterable[str], wanted: Wanted) -> tuple[str, ...]:
    """Commands that narrow rules of a group to Bastion; none where no priority is free for them.

    A rule about other ports too is left as it is: two rules before it then say who may use the management
    ports. Where a default rule would let everybody in behind them, a deny comes with it.
    """
    lines: list[str] = []
    after, others = nsg.body, nsg.body
    for name in rules:
        for step in _steps(nsg, parse(after), name, wanted):
            lines.append(step.line)
            after = apply_changes(after, (step.change,))
            others = others if step.others is None else apply_changes(others, (step.others,))
    left = parse(others)
    admissions = Admissions(left, ANYWHERE, NSG_ALONE)
    answers = (admissions.of(service) for service in wanted.services)
    if lines and any(answer.certain is not False for answer in answers):
        priority = _free(parse(after), range(_LAST, _FIRST - 1, -1))
        if priority is not None:
            lines.append(_create(nsg, "deny-others-management", priority, "Deny", [TAG], wanted).line)
    return tuple(lines)


def _steps(nsg: Resource, now: Nsg, name: str, wanted: Wanted) -> Iterator[_Step]:
    rule = now.rule(name)
    if rule is None or rule.priority is None or _is_kept(rule):
        return
    if covers(wanted.covered, rule.destination_ports.known) and not rule.destination_ports.doubts:
        as_it_is = RuleChange(rule.name, None, {"name": rule.name, "properties": dict(rule.properties)})
        narrow = commands.narrow_sources(nsg.id, rule.name, wanted.prefixes)
        yield _Step(narrow, as_it_is, RuleChange(rule.name, None, None))  # its priority stays taken
        return
    deny = _free(now, range(rule.priority - 1, _FIRST - 1, -1))
    allow = None if deny is None else _free(now, range(deny - 1, _FIRST - 1, -1))
    if deny is not None and allow is not None:
        yield _create(nsg, f"allow-bastion-before-{rule.name}", allow, "Allow", wanted.prefixes, wanted)
        yield _create(nsg, f"deny-others-before-{rule.name}", deny, "Deny", [TAG], wanted)


def _is_kept(rule: SecurityRule) -> bool:
    """Whether just-in-time access or a service keeps a rule, or it cannot be told what it is."""
    everything = rule.protocol == ANY_PROTOCOL and rule.destination_ports.known == EVERY_PORT
    return not everything and untouchable(rule) is not None


def _create(
    nsg: Resource, name: str, priority: int, access: str, sources: Sequence[str], wanted: Wanted
) -> _Step:
    properties = {
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": "*",
        "sourceAddressPrefixes": list(sources),
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRanges": wanted.ports,
    }
    change = RuleChange(name, None, {"name": name, "properties": properties})
    return _Step(commands.create_rule(nsg.id, name, properties), change, change if access == "Deny" else None)


def _free(nsg: Nsg, places: Iterable[int]) -> int | None:
    taken = {rule.priority for rule in nsg.custom if rule.direction is not Direction.OUTBOUND}
    return None if None in taken else next((place for place in places if place not in taken), None)
