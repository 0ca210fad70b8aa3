"""Who on the internet gets in: the exact set of public sources that reach a port, and a packet to prove it.

The answer is a projection. A source is in `public_sources` when there is *some* target behind the NSG and
*some* source port, which the caller is free to choose, for which the flow is certainly allowed at every
level. A packet has one family: an IPv6 source gets in only where some IPv6 target lets it in.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from remediation.model import Witness
from remediation.nsg.context import INTERNET, NSG_ALONE, VIRTUAL_NETWORK, Context
from remediation.nsg.document import Nsg
from remediation.nsg.fields import ONLY_NETWORK, ONLY_PROBES
from remediation.nsg.matching import Match, by_priority, matches
from remediation.nsg.projection import Entrance, project
from remediation.nsg.reasons import unknown_sources, why_unknown
from remediation.nsg.rule import DEFAULT_RULES, FIRST_DEFAULT_PRIORITY, Access, Direction
from remediation.nsg.spaces.addresses import PUBLIC, PUBLIC_V4, PUBLIC_V6, by_family, cidrs
from remediation.nsg.spaces.cells import RuleBits, bits_of
from remediation.nsg.spaces.sets import EMPTY, Ranges, size
from remediation.nsg.walk import Table, table
from remediation.nsg.witness import witness

type Verdict = Literal["open", "closed", "unknown"]
type Levels = Nsg | Sequence[Nsg | None]

# Nearly every answer is everybody, in both families or in one: the text and the share are written once.
_WHOLE = {
    PUBLIC: (tuple(cidrs(PUBLIC)), 1.0),
    PUBLIC_V4: (tuple(cidrs(PUBLIC_V4)), 1.0),
    PUBLIC_V6: (tuple(cidrs(PUBLIC_V6)), 0.0),
}
_V4_SIZE = size(PUBLIC_V4)


class Exposure(NamedTuple):
    """The answer for one port of one NSG, or of a subnet's and a NIC's together.

    public_sources   the public space that certainly gets in, approved or not, as collapsed CIDRs; `sources`
                     is the same set
    uncertain        the public space of which it is unknown whether it gets in
    public_share     the share of public IPv4 space in it, 0..1
    unknown_sources  tags and unreadable texts of which it depends whether more gets in
    reason           why the verdict is unknown, else None
    witness          one packet that gets in, when the verdict is open
    incomplete       a rule that lacks a whole field took part; nothing may be repaired on it
    alert_as_open    unknown only because a tag is denied above a rule that lets the internet in; no tag but
                     Internet holds all of it, so part of it certainly gets in
    allowed_by       rules that certainly let some public source in, in order of evaluation
    """

    verdict: Verdict
    port: int
    protocol: str
    public_sources: tuple[str, ...] = ()
    sources: Ranges = EMPTY
    public_share: float = 0.0
    unknown_sources: tuple[str, ...] = ()
    reason: str | None = None
    witness: Witness | None = None
    incomplete: bool = False
    alert_as_open: bool = False
    allowed_by: tuple[str, ...] = ()
    uncertain: Ranges = EMPTY


def exposure(levels: Levels, port: int, protocol: str = "tcp", context: Context = NSG_ALONE) -> Exposure:
    """Judge one NSG, or `[subnet NSG, NIC NSG]` in which None means that there is no NSG at that level."""
    nsgs = [levels] if isinstance(levels, Nsg) else [nsg for nsg in levels if nsg is not None]
    if not nsgs:
        return _without_nsg(port, protocol, context)
    local = context.attached_ranges
    rows = table([_inbound(nsg, port, protocol, context) for nsg in nsgs], context.public, local)
    found = project(rows, local)
    incomplete = any(match.rule.incomplete for match in rows.matches)
    if found.first is None:
        if not found.unknown:
            return Exposure("closed", port, protocol, incomplete=incomplete)
        doubts = why_unknown(rows, found.unknown, nsgs, context)
        return Exposure(
            "unknown",
            port,
            protocol,
            unknown_sources=doubts.sources,
            reason=doubts.reason,
            incomplete=incomplete,
            alert_as_open=doubts.alert_as_open,
            uncertain=rows.board.ranges(found.unknown),
        )
    sources = rows.board.ranges(found.allowed)
    texts, share = _in_public_space(sources)
    return Exposure(
        "open",
        port,
        protocol,
        public_sources=texts,
        sources=sources,
        public_share=share,
        unknown_sources=unknown_sources(rows, found.unknown, context) if found.unknown else (),
        witness=witness(rows, *_to_a_machine(rows, found.first, context), port, protocol),
        incomplete=incomplete,
        allowed_by=_that_allow(rows, found.deciders),
        uncertain=rows.board.ranges(found.unknown),
    )


def _inbound(nsg: Nsg, port: int, protocol: str, context: Context) -> list[Match]:
    rules = nsg.custom
    if not context.plain_defaults:
        rules = (*rules, *DEFAULT_RULES[Direction.INBOUND])
    # Otherwise no public source matches a default rule but the last, and that is how every walk ends.
    found = by_priority(matches(rules, Direction.INBOUND, protocol, port, context))
    if found and rules is nsg.custom and (found[-1].rule.priority or 0) >= FIRST_DEFAULT_PRIORITY:
        rules = (*rules, *DEFAULT_RULES[Direction.INBOUND])  # someone's rule stands among the default rules
        found = by_priority(matches(rules, Direction.INBOUND, protocol, port, context))
    if not context.plain_defaults:
        return found
    return [_for_the_public(match, context) for match in found if not _for_the_network_alone(match)]


def _for_the_network_alone(match: Match) -> bool:
    """Whether a rule speaks of no public source, in one of the two commonest spellings."""
    source = match.rule.source
    return source is ONLY_NETWORK or source is ONLY_PROBES


def _for_the_public(match: Match, context: Context) -> Match:
    """The match without what lies beside the public space: all of it is in Internet, none in VirtualNetwork.

    Not needed for the answer. These sets have the edges of the whole public space, which need no cutting.
    """
    tags = match.rule.source.tags
    if len(tags) == 0 or match.remote is context.public:
        return match
    named = {tag.lower() for tag in tags}
    if INTERNET in named and context.internet_ipv6:
        match = match._replace(remote=context.public)
    if VIRTUAL_NETWORK in named:
        symbols = [symbol for symbol in match.remote_symbols if symbol.name != VIRTUAL_NETWORK]
        match = match._replace(remote_symbols=tuple(symbols))
    return match


def _to_a_machine(rows: Table, first: Entrance, context: Context) -> Entrance:
    """The way in that a witness should take: to a machine that is there, where all of them are known."""
    machines = context.machine_ranges
    return (project(rows, machines).first if machines else None) or first


def _that_allow(rows: Table, deciders: RuleBits) -> tuple[str, ...]:
    accesses, matches = rows.accesses, rows.matches
    return tuple([matches[at].rule.name for at in bits_of(deciders) if accesses[at] is Access.ALLOW])


def _in_public_space(sources: Ranges) -> tuple[tuple[str, ...], float]:
    whole = _WHOLE.get(sources)
    return whole or (tuple(cidrs(sources)), size(by_family(sources)[0]) / _V4_SIZE)


def _without_nsg(port: int, protocol: str, context: Context) -> Exposure:
    """No NSG at either level: the SKU of the public IP or load balancer in front decides."""
    sku = (context.public_ip_sku or "").lower()
    if sku == "basic":
        texts, share = _in_public_space(context.public_callers)
        return Exposure("open", port, protocol, texts, context.public_callers, share)
    if sku == "standard":
        return Exposure("closed", port, protocol)
    reason = "no network security group at either level, and the SKU of the public IP is not known"
    return Exposure("unknown", port, protocol, reason=reason)
