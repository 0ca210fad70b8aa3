"""The writes of a repair one after the other: none may open anything, not even for the moment until the next.

Most writes plainly open nothing, and comparing whole groups for each would cost their number squared:

    a smaller allow rule    what it gives up falls to later rules, allow or deny
    a companion             its traffic is a part of what the rule beside it lets in, and nothing that might
                            match the same traffic stands between the two

Whatever is not plain is compared.
"""

from collections.abc import Sequence

from remediation.nsg.difference import difference
from remediation.nsg.document import Nsg
from remediation.nsg.fields import AddressField
from remediation.nsg.repairing.changes import RuleChange, changed
from remediation.nsg.repairing.companions import overlaps
from remediation.nsg.repairing.forbidden import Forbidden
from remediation.nsg.rule import Access, Direction, SecurityRule
from remediation.nsg.spaces.addresses import EVERY_ADDRESS
from remediation.nsg.spaces.sets import covers

type Rewrite = Sequence[RuleChange]  # companions first, the rule itself last


def open_nothing(before: Nsg, rewrites: Sequence[Rewrite], f: Forbidden, start: Nsg) -> bool:
    """Whether nothing is allowed after any single write, from `start` on, that `before` did not allow."""
    rules = {rule.name.lower(): rule for rule in start.custom}
    made: list[RuleChange] = []
    for rewrite in rewrites:
        original = rules.get(rewrite[-1].name.lower())
        for change in rewrite:
            made.append(change)
            was = rules.pop(change.name.lower(), None)
            becomes = None if change.after is None else SecurityRule(change.after)
            if not _is_plain(was, becomes, original, rules) and not _compared(before, made, f, start):
                return False
            if becomes is not None:
                rules[becomes.name.lower()] = becomes
    return True


def _compared(before: Nsg, made: Sequence[RuleChange], f: Forbidden, start: Nsg) -> bool:
    found = difference(before, changed(start, made), f.context, portless=False)
    return not found.added and not found.unknown


def _is_plain(
    was: SecurityRule | None,
    becomes: SecurityRule | None,
    original: SecurityRule | None,
    others: dict[str, SecurityRule],
) -> bool:
    if was is not None:
        allows = was.access is Access.ALLOW and was.priority is not None
        return allows and (becomes is None or (_same_place(becomes, was) and _is_part(becomes, was)))
    if becomes is None or original is None or original.access is not Access.ALLOW:
        return False
    return _is_part(becomes, original) and _nothing_between(becomes, original, others)


def _same_place(becomes: SecurityRule, was: SecurityRule) -> bool:
    return becomes.priority == was.priority


def _is_part(part: SecurityRule, whole: SecurityRule) -> bool:
    """Whether all that a rule matches is certainly matched by another of the same kind."""
    if any(getattr(part, name) != getattr(whole, name) for name in ("direction", "access", "protocol")):
        return False
    if part.destination != whole.destination or part.source_ports != whole.source_ports:
        return False
    ports, all_ports = part.destination_ports, whole.destination_ports
    if any(field.doubts or field.missing for field in (ports, all_ports)):
        return False
    return covers(all_ports.known, ports.known) and _names_no_more(part.source, whole.source)


def _names_no_more(part: AddressField, whole: AddressField) -> bool:
    if part.missing or part.doubts:
        return False
    if whole.known == EVERY_ADDRESS:
        return True
    named = {tag.lower() for tag in part.tags} <= {tag.lower() for tag in whole.tags}
    return named and set(part.groups) <= set(whole.groups) and covers(whole.known, part.known)


def _nothing_between(made: SecurityRule, original: SecurityRule, others: dict[str, SecurityRule]) -> bool:
    if made.priority is None or original.priority is None:
        return False
    low, high = sorted((made.priority, original.priority))
    return not any(
        rule.priority is None or (low <= rule.priority <= high and overlaps(rule, original))
        for rule in others.values()
        if rule.direction is not Direction.OUTBOUND and rule is not original
    )
