"""A judged lead as a way: its hops with the rules that decide, the packet that proves it, and the reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.nsg import Decider
from remediation.nsg.spaces.addresses import parse_addresses, to_text
from remediation.nsg.spaces.places import CALLERS_PORT
from remediation.nsg.spaces.sets import EMPTY, Ranges, contains
from remediation.ways.crossing.admin_rules import Ruling
from remediation.ways.crossing.flow import Flow
from remediation.ways.way import Hop, Packet, Step, Stop, Verdict, Way

ONLY_APPROVED = "only approved sources get in"
NOT_KNOWN = "an address that is not known"
_RESERVED = 4  # Azure keeps the first addresses of a subnet


@dataclass(frozen=True, slots=True)
class Passed:
    """What was found of a lead.

    certain, possible  sources that get in, none of them approved
    approved           approved sources that get in, or may
    strangers          whoever may come to the entry and is not approved
    """

    front: int | str
    certain: Ranges
    possible: Ranges
    approved: Ranges
    strangers: Ranges
    reason: str
    ruling: Ruling | None

    @property
    def verdict(self) -> Verdict:
        return "open" if self.certain else "unknown" if self.possible else "closed"


def described(flow: Flow, passed: Passed) -> Way:
    """The way that a lead turned out to be."""
    verdict = passed.verdict
    caller, port = flow.proven(passed.certain) or (_caller(flow, passed), None)
    deciders = flow.deciders(caller, port)
    hops = tuple(_hops(flow, passed, caller, deciders))
    stop = _stop(flow, passed, hops) if verdict == "closed" else None
    return Way(
        kind=flow.lead.kind,
        entry=flow.lead.entry,
        address=flow.lead.address,
        front_port=passed.front,
        port=flow.port,
        protocol=flow.protocol,
        family=flow.target.family,
        verdict=verdict,
        sources=EMPTY if flow.lead.for_customers else passed.certain,
        through=hops,
        stopped_by=stop,
        witness=None
        if verdict != "open" or caller is None
        else _packet(flow, passed, (caller, CALLERS_PORT if port is None else port), hops),
        reason="" if verdict == "open" else _reason(flow, passed, stop),
        target=flow.target.id,
        partly=verdict == "unknown" and _partly(flow),
    )


def _partly(flow: Flow) -> bool:
    """Whether the groups alone leave it open, and only for a tag that is denied before everybody gets in."""
    unclear = flow.lead.doubt or flow.lead.seen_as or flow.guard.doubts or flow.guard.wall.rules
    return bool(flow.guard.groups) and not unclear and flow.exposed().alert_as_open


def _caller(flow: Flow, passed: Passed) -> int | None:
    """One caller to tell the story by: not the first address, which is often a network's own."""
    ranges = passed.certain or passed.possible or passed.strangers or passed.approved
    if not ranges or flow.lead.for_customers:
        return None
    return ranges[0] + 1 if ranges[1] - ranges[0] > 2 else ranges[0]


def _hops(flow: Flow, passed: Passed, caller: int | None, deciders: Sequence[Decider]) -> Iterator[Hop]:
    """The hops in order; of a closed way those up to what stops it."""
    yield from flow.lead.through
    if flow.lead.stop is not None or not passed.strangers:
        return
    closed = passed.verdict == "closed"
    admin = _admin_hop(flow, passed, caller)
    if admin is not None:
        yield admin[0]
        if admin[1] == "deny" and closed:
            return
    always = admin is not None and admin[1] == "alwaysallow"
    for level, group in enumerate(flow.guard.groups):
        here = next((one for one in deciders if one.level == level), None)
        yield group.hop("" if always or here is None else here.name)
        denied = closed and not always and here is not None and level == _first_level(deciders)
        if denied:
            return
    yield Hop("machine", flow.target.machine)


def _first_level(deciders: Sequence[Decider]) -> int:
    return min(one.level for one in deciders)


def _admin_hop(flow: Flow, passed: Passed, caller: int | None) -> tuple[Hop, str] | None:
    """The admin rule that decides about the caller, or sends it on, and its access."""
    if passed.ruling is None:
        return None
    if flow.lead.seen_as:
        found = next(iter(passed.ruling.rules), None)
    else:
        found = next(
            (one for one in passed.ruling.rules if caller is not None and contains(one.possible, caller)),
            None,
        )
    return None if found is None else (found.hop, found.access)


def _stop(flow: Flow, passed: Passed, hops: Sequence[Hop]) -> Stop | None:
    if flow.lead.stop is not None:
        return flow.lead.stop
    if not passed.strangers:
        return None  # nobody but approved sources comes to the entry, which stops nobody
    last = hops[-1] if hops else None
    if last is not None and last.kind != "machine" and last.rule:
        return Stop(last.id, last.rule)
    return Stop(flow.lead.entry) if not flow.guard.groups else None


def _reason(flow: Flow, passed: Passed, stop: Stop | None) -> str:
    if passed.verdict == "unknown":
        return passed.reason or flow.lead.why or "it depends on what cannot be read"
    if flow.lead.stop is not None:
        return flow.lead.why
    if flow.lead.apart and not flow.guard.groups:
        return flow.lead.doubt.partition(";")[0]
    if passed.approved or not passed.strangers:
        return ONLY_APPROVED
    if not flow.guard.groups and stop is not None and not stop.rule:
        return f"no group stands on the path, and {flow.lead.entry.name} lets nobody in without one"
    return f"{stop.id.name} denies it by {stop.rule}" if stop is not None and stop.rule else "nobody gets in"


def _packet(flow: Flow, passed: Passed, caller: tuple[int, int], hops: Sequence[Hop]) -> Packet:
    """The packet of a caller, an address and a port, as each hop sees it."""
    source, target = to_text(caller[0]), flow.target.address or NOT_KNOWN
    arrives = flow.destination or NOT_KNOWN
    front = passed.front if isinstance(passed.front, int) else int(passed.front.partition("-")[0])
    before = len(flow.lead.through)
    steps = [Step(hop.id, source, flow.lead.address or NOT_KNOWN, front, hop.rule) for hop in hops[:before]]
    inside = _sender(flow) if flow.lead.seen_as else source
    for hop in hops[before:]:
        at = target if hop.kind == "machine" and not flow.lead.floating else arrives
        steps.append(Step(hop.id, inside, at, flow.port, hop.rule))
    return Packet(source, caller[1], flow.protocol, tuple(steps))


def _sender(flow: Flow) -> str:
    """The first address that a proxy can have of its prefixes."""
    pair = parse_addresses(flow.lead.seen_as[0])
    if pair is None:
        return flow.lead.seen_as[0]
    low, high = pair
    return to_text(min(low + _RESERVED, high - 1))
