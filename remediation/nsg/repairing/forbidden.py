"""The set F of a repair: who may not reach which ports, and which named sources a person decides about.

    F = (public sources that are not approved) x any destination x {TCP, UDP} x management ports

Closing a port to everybody leaves those alone whom a rule lets in by a few named addresses: an office, a jump
host. They are *named narrowly*: each prefix by itself, and all of them together, stay below the size from
which an exposure counts as broad. A person approves or closes them; a repair keeps them where they stand.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from remediation.nsg.breadth import BroadFrom, Grade, breadth
from remediation.nsg.context import Context
from remediation.nsg.document import Nsg
from remediation.nsg.matching import by_priority, matches
from remediation.nsg.outcomes import outcome
from remediation.nsg.rule import DEFAULT_RULES, TRANSPORTS, Access, Direction, SecurityRule
from remediation.nsg.spaces.addresses import FAMILIES, parse_addresses
from remediation.nsg.spaces.cells import RuleBits, bits_of
from remediation.nsg.spaces.places import Place, places
from remediation.nsg.spaces.sets import EMPTY, Ranges, from_pairs, intersect, subtract, union
from remediation.nsg.walk import Table, table

RDP = 3389


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The set F, and `narrow`: named sources within it that a repair keeps where a rule names them.

    `context` holds for the NSG alone: attachments and memberships change, so a proof does not lean on them.
    """

    context: Context
    ports: tuple[int, ...]
    narrow: Ranges = EMPTY
    sources: Ranges = field(init=False)
    port_set: Ranges = field(init=False)

    def __post_init__(self) -> None:
        ports = from_pairs((port, port + 1) for port in self.ports)
        object.__setattr__(self, "port_set", ports)
        object.__setattr__(self, "sources", subtract(self.context.public, self.context.approved_ranges))

    @property
    def closed_to(self) -> Ranges:
        """The sources that get in nowhere after a repair."""
        return subtract(self.sources, self.narrow)


def detected(ports: Sequence[int]) -> list[tuple[int, str]]:
    """What counts as a finding: TCP on every management port, and UDP where remote desktop speaks it."""
    return [(port, "tcp") for port in ports] + [(port, "udp") for port in ports if port == RDP]


def forbidden(nsg: Nsg, ports: Iterable[int], context: Context, keep: BroadFrom | None = None) -> Forbidden:
    """F for any target behind the NSG; with `keep`, what its rules name narrowly stays."""
    alone = replace(
        context, attached=None, asg_members=None, virtual_network=(), families=tuple(FAMILIES), machines=None
    )
    everything = Forbidden(alone, tuple(sorted(set(ports))))
    if keep is None:
        return everything
    rules = (rule for rule in nsg.custom if _opens(rule, everything.port_set))
    named = union(*(named_narrowly(rule, alone, keep) for rule in rules))
    return everything if breadth(named, alone, keep) is Grade.CRITICAL else replace(everything, narrow=named)


def _opens(rule: SecurityRule, ports: Ranges) -> bool:
    inbound = rule.access is Access.ALLOW and rule.direction is Direction.INBOUND
    return inbound and bool(intersect(rule.destination_ports.known, ports))


def named_narrowly(rule: SecurityRule, context: Context, broad: BroadFrom) -> Ranges:
    """The unapproved public addresses that a rule names by prefixes each of which is small."""
    spans = (parse_addresses(text.strip()) for text in source_texts(rule))
    small = (span for span in spans if span is not None and breadth(span, context, broad) is Grade.MEDIUM)
    return subtract(intersect(from_pairs(small), context.public), context.approved_ranges)


def source_texts(rule: SecurityRule) -> Iterator[str]:
    """The sources of a rule as they are written, singular and plural."""
    yield from texts_at(rule, ("sourceAddressPrefix", "sourceAddressPrefixes"))


def texts_at(rule: SecurityRule, keys: tuple[str, str]) -> Iterator[str]:
    """The texts of one side of a rule; `keys` are its singular and its plural member."""
    one, many = (rule.properties.get(key) for key in keys)
    yield from (text for text in (one, *(many if isinstance(many, list) else ())) if isinstance(text, str))


def offenders(
    nsg: Nsg, f: Forbidden, through: Callable[[SecurityRule], bool] | None = None
) -> list[SecurityRule]:
    """Rules that certainly let in a part of F that is not kept, lowest priority number first.

    With `through`, also those which would, were the ones gone that it holds of: rules that stand one above
    the other are found together. Within a bound, so there may be more.
    """
    found: dict[int, SecurityRule] = {}
    for port in f.ports:
        for protocol in TRANSPORTS:
            for rule in _deciding(nsg, f, port, protocol, through):
                found[id(rule)] = rule
    return sorted(found.values(), key=lambda rule: (rule.priority or 0, rule.name))


def _deciding(
    nsg: Nsg, f: Forbidden, port: int, protocol: str, through: Callable[[SecurityRule], bool] | None
) -> Iterable[SecurityRule]:
    rules = (*nsg.custom, *DEFAULT_RULES[Direction.INBOUND])
    found = by_priority(matches(rules, Direction.INBOUND, protocol, port, f.context))
    rows = table([found], f.closed_to, f.context.attached_ranges)
    bits, deeper = 0, 2 * len(found) if through else 0
    for place in places(rows.matches, f.context.attached_ranges):
        gone = 0
        while new := _letting_in(rows, _without(place, gone)) & ~gone:
            bits |= new
            removable = [at for at in bits_of(new) if through is not None and through(found[at].rule)]
            deeper -= 1
            if not removable or deeper < 0:
                break
            gone |= sum(1 << at for at in removable)
    return [match.rule for index, match in enumerate(rows.matches) if bits >> index & 1]


def _letting_in(rows: Table, place: Place) -> RuleBits:
    """The rules that let something in at a place for certain."""
    deciders = outcome(rows, place, rows.board.everything).deciders
    return sum(1 << at for at in bits_of(deciders) if rows.accesses[at] is Access.ALLOW)


def _without(place: Place, gone: RuleBits) -> Place:
    if not gone:
        return place
    doubts = tuple((must & ~gone, may & ~gone) for must, may in place.doubts)
    return place._replace(must=place.must & ~gone, may=place.may & ~gone, doubts=doubts)
