"""What a rule matches once direction, protocol and destination port of a question are fixed.

Three dimensions remain: the *remote* address (the source of inbound, the destination of outbound traffic),
the *local* address behind the NSG, and the source port. For each a rule has a *must* set, which it certainly
matches, and a *may* set, which also holds what an unknown tag or an unreadable element might match.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from remediation.nsg.context import Context
from remediation.nsg.fields import ANY_ADDRESS, AddressField, PortField
from remediation.nsg.rule import ANY_PROTOCOL, Access, Direction, SecurityRule
from remediation.nsg.spaces.addresses import EVERY_ADDRESS
from remediation.nsg.spaces.sets import EMPTY, Ranges, contains, union


class Match(NamedTuple):
    """One rule, reduced to the dimensions that remain.

    `doubtful`: for some reason of its own, such as an unreadable direction, the rule matches nothing for
    certain. `local_may` is a plain yes or no, because a doubt about the local side may concern any address.
    """

    rule: SecurityRule
    doubtful: bool
    remote: Ranges
    remote_may: Ranges
    ports: Ranges
    ports_may: bool
    local: Ranges
    local_groups: tuple[str, ...]
    local_may: bool
    remote_symbols: tuple[str, ...] = ()  # only where sets of unknown content are told apart by name


def matches(
    rules: Iterable[SecurityRule], direction: Direction, protocol: str, port: int, context: Context
) -> Iterator[Match]:
    """The rules that may match such traffic, in no particular order."""
    inbound = direction is Direction.INBOUND
    for rule in rules:
        if rule.direction is not direction and rule.direction is not None:
            continue
        doubt = _protocol_doubt(rule.protocol, protocol)
        if doubt is None:
            continue
        ports = rule.destination_ports
        if not contains(ports.known, port):
            if not (ports.doubts or ports.missing):
                continue
            doubt = doubt or bool(ports.doubts)
        if rule.access is Access.DENY and rule.incomplete:
            continue  # an incomplete Deny is read at its narrowest
        yield _match(rule, doubt=doubt, inbound=inbound, context=context)


def _protocol_doubt(written: str | None, asked: str) -> bool | None:
    """Whether a match is doubtful; None when the rule certainly speaks of another protocol."""
    if written in (asked, ANY_PROTOCOL, None):
        return False
    return True if written == "?" else None


def _match(rule: SecurityRule, *, doubt: bool, inbound: bool, context: Context) -> Match:
    doubtful = doubt or rule.direction is None or rule.priority is None
    near, far = (rule.destination, rule.source) if inbound else (rule.source, rule.destination)
    ports: PortField = rule.source_ports
    remote, remote_may = remote_sets(far, context)
    local, groups, local_may = _local_sets(near, context)
    return Match(
        rule, doubtful, remote, remote_may, ports.known, bool(ports.doubts), local, groups, local_may
    )


def remote_sets(field: AddressField, context: Context) -> tuple[Ranges, Ranges]:
    """Addresses on the far side that a field certainly and possibly names."""
    if field is ANY_ADDRESS or field.missing:
        return EVERY_ADDRESS, EVERY_ADDRESS
    if not (field.tags or field.groups or field.doubts):
        return field.known, field.known
    return _resolve(field, context, context.tag)


def _resolve(
    field: AddressField, context: Context, tag: Callable[[str], tuple[Ranges, Ranges]]
) -> tuple[Ranges, Ranges]:
    parts = [tag(name) for name in field.tags] + [context.group(group) for group in field.groups]
    sure = union(field.known, *(part[0] for part in parts)) if field.known or len(parts) > 1 else EMPTY
    if field.doubts:
        return sure or union(*(part[0] for part in parts)), EVERY_ADDRESS
    if len(parts) == 1 and not field.known:
        return parts[0]
    return sure, union(field.known, *(part[1] for part in parts))


def _local_sets(field: AddressField, context: Context) -> tuple[Ranges, tuple[str, ...], bool]:
    """Addresses certainly named, ASGs whose members are not known, and whether anything else may match."""
    if field is ANY_ADDRESS or field.missing:
        return EVERY_ADDRESS, (), False
    parts = [context.local_tag(name) for name in field.tags]
    doubtful = bool(field.doubts) or any(sure != possible for sure, possible in parts)
    groups = field.groups
    if context.members is not None:
        parts += [context.group(group) for group in groups]
        groups = ()
    return union(field.known, *(sure for sure, _ in parts)), groups, doubtful


def by_priority(found: Iterable[Match]) -> list[Match]:
    """In order of evaluation.

    A rule without a readable priority may come at any place: it goes first, where, matching nothing for
    certain, it casts its doubt on all that follows.
    """
    return sorted(found, key=_order)


def _order(match: Match) -> tuple[int, str]:
    priority = match.rule.priority
    return (-1 if priority is None else priority), match.rule.name
