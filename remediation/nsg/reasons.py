"""Why a verdict is unknown: which tags and which unreadable things decide, in words for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from remediation.nsg.context import INTERNET, VIRTUAL_NETWORK, Context
from remediation.nsg.document import Nsg
from remediation.nsg.fields import AddressField
from remediation.nsg.matching import Match
from remediation.nsg.outcomes import outcome, variants
from remediation.nsg.projection import project
from remediation.nsg.rule import Access, Direction, SecurityRule
from remediation.nsg.spaces.addresses import GLOBAL_UNICAST_V6, V4_SPACE
from remediation.nsg.spaces.cells import AtomBits, RuleBits, bits_of
from remediation.nsg.spaces.places import places
from remediation.nsg.spaces.sets import Ranges, intersect, size
from remediation.nsg.walk import Passed, Table

_MANY = 5
_PERHAPS_EVERYBODY = frozenset((INTERNET, VIRTUAL_NETWORK))  # tags that may hold the whole internet


@dataclass(frozen=True, slots=True)
class Doubts:
    """What an unknown verdict depends on."""

    sources: tuple[str, ...]
    reason: str
    alert_as_open: bool


def why_unknown(rows: Table, unknown: AtomBits, nsgs: Sequence[Nsg], context: Context) -> Doubts:
    """Explain the atoms that may be let in and are not certain to be."""
    bits, by_source = _doubters(rows, unknown, context.attached_ranges)
    rules = [rows.matches[index].rule for index in bits_of(bits)]
    sources = _texts(rows, by_source, context)
    part = _surely_in_part(rows, unknown, context)
    return Doubts(sources, _reason(rules, sources, nsgs, context, part=part), part)


def unknown_sources(rows: Table, unknown: AtomBits, context: Context) -> tuple[str, ...]:
    """The tags and unreadable texts alone of which it depends whether these atoms are let in."""
    return _texts(rows, _doubters(rows, unknown, context.attached_ranges)[1], context)


def _texts(rows: Table, rules: RuleBits, context: Context) -> tuple[str, ...]:
    fields = [rows.matches[index].rule.source for index in bits_of(rules)]
    return _unique(text for field in fields for text in doubtful_sources(field, context))


def doubtful_sources(field: AddressField, context: Context) -> Iterator[str]:
    """Texts of a field whose content on the far side is not known, as they are written."""
    for tag in field.tags:
        if intersect(context.tag(tag)[1], context.public):
            yield tag
    for group in field.groups:
        if intersect(context.group(group)[1], context.public):
            yield group
    yield from (doubt for doubt in field.doubts if doubt != "?")


def _doubters(rows: Table, unknown: AtomBits, local: Ranges) -> tuple[RuleBits, RuleBits]:
    """Rules that may have decided, and not for certain, where the outcome stayed unknown.

    The second result has those of them of which it is their source that is in doubt there.
    """
    found = by_source = 0
    for place in places(rows.matches, local, memberships=len(rows.levels)):
        here = outcome(rows, place, unknown).unknown
        for level in rows.levels if here else ():
            for must, may in variants(rows, place):
                doubters, unclear = _doubters_at(rows, must & level, may & level, here)
                found |= doubters
                by_source |= unclear
    return found, by_source


def _doubters_at(rows: Table, must: RuleBits, may: RuleBits, rest: AtomBits) -> tuple[RuleBits, RuleBits]:
    found = by_source = 0
    passed = Passed(rows)
    for index in bits_of(may):
        sure = rows.must[index] & rest if must >> index & 1 else 0
        rivals = [
            other
            for other in rows.rivals.get(index, ())
            if may >> other & 1 and rows.may[other] & passed.left(other) & rest
        ]
        possible = rows.may[index] & rest
        if index in rows.shared.naming:
            possible &= passed.by(index, certainly=bool(must >> index & 1))
        if possible & ~sure or (possible and (rivals or rows.accesses[index] is None)):
            for one in (index, *rivals):  # a rival may stand above, wherever its name puts it
                found |= 1 << one
                by_source |= bool(rows.may[one] & ~rows.must[one] & rest) << one
        rest &= ~sure
        if not rest:
            break
    return found, by_source


def _surely_in_part(rows: Table, unknown: AtomBits, context: Context) -> bool:
    """Whether the doubt is only how much an unknown tag denies of more than half of a family's public space.

    No tag except Internet holds the whole Internet, so part of what stands below such a Deny gets in.
    """
    doubted = [index for index, match in enumerate(rows.matches) if match.doubted]
    trusted = {index for index in doubted if _denies_only_tags(rows.matches[index])}
    if not trusted:
        return False
    may = [rows.must[index] if index in trusted else mask for index, mask in enumerate(rows.may)]
    naming = {index: one for index, one in rows.shared.naming.items() if index not in trusted}
    trusting = rows._replace(may=may, shared=replace(rows.shared, naming=naming))
    allowed = rows.board.ranges(project(trusting, context.attached_ranges).allowed & unknown)
    return bool(allowed) and any(
        2 * size(intersect(allowed, family)) > size(intersect(context.public, family))
        for family in (V4_SPACE, GLOBAL_UNICAST_V6)
    )


def _denies_only_tags(match: Match) -> bool:
    """Whether a rule is a Deny whose sources only tags leave in doubt, none of which may be everybody."""
    source = match.rule.source
    tags = {tag.lower() for tag in source.tags}
    return match.rule.access is Access.DENY and not source.doubts and not tags & _PERHAPS_EVERYBODY


def _reason(
    rules: Sequence[SecurityRule],
    sources: Sequence[str],
    nsgs: Sequence[Nsg],
    context: Context,
    *,
    part: bool,
) -> str:
    unread = [nsg.not_understood for nsg in nsgs if nsg.not_understood is not None]
    if unread:
        return f"the network security group was not read: {unread[0]}"
    unreadable = {doubt for rule in rules for doubt in rule.source.doubts}
    tags = [source for source in sources if source not in unreadable]
    parts = []
    if tags and _only_virtual_network(tags):
        parts.append(f"{tags[0]} may hold the default route")
    elif tags:
        parts.append(f"what {_listed(tags)} holds is not known")
    parts += [
        f"rule {rule.name}: {text}" for rule in rules[:_MANY] for text in _own_doubts(rule, rules, context)
    ]
    if part:
        parts.append("no tag except Internet covers the whole internet, so part of it certainly gets in")
    return "; ".join(parts) or "the order of the deciding rules is not known"


def _own_doubts(rule: SecurityRule, others: Sequence[SecurityRule], context: Context) -> Iterator[str]:
    """What makes a rule uncertain apart from its sources."""
    if rule.priority is None:
        yield "its priority cannot be read"
    elif any(other.priority == rule.priority and other.access is not rule.access for other in others):
        yield f"another rule has the same priority {rule.priority} and a different access"
    for doubt in rule.source.doubts:
        yield (
            "an element of its source cannot be read"
            if doubt == "?"
            else f"its source {doubt} cannot be read"
        )
    if rule.direction is None:
        yield "its direction cannot be read"
    if rule.access is None:
        yield "its access cannot be read"
    if rule.protocol == "?":
        yield "its protocol cannot be read"
    if rule.destination_ports.doubts or rule.source_ports.doubts:
        yield "a port cannot be read"
    unclear = [tag for tag in rule.destination.tags if context.local_tag(tag)[1]]
    if unclear and rule.direction is not Direction.OUTBOUND:
        yield f"what its destination {_listed(unclear)} holds is not known"
    if rule.destination.doubts:
        yield "its destination cannot be read"


def _only_virtual_network(sources: Sequence[str]) -> bool:
    return all(source.lower() == VIRTUAL_NETWORK for source in sources)


def _unique(texts: Iterator[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for text in texts:
        kept.setdefault(text.lower(), text)
    return tuple(kept[key] for key in sorted(kept))


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_MANY])
    return shown if len(texts) <= _MANY else f"{shown} and {len(texts) - _MANY} more"
