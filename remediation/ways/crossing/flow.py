"""One lead on its way to one port of a target: who gets past admin rules and groups.

Every set is exact. What the same groups answer about the same kind of flow is asked once.
"""

from dataclasses import dataclass, replace
from typing import Any

from remediation.nsg import Context, Decider, Direction, Exposure, FlowAnswer, exposure, flow_allowed
from remediation.nsg.spaces.addresses import FAMILIES, PUBLIC, cidrs, parse_addresses, ranges_of, to_text
from remediation.nsg.spaces.places import CALLERS_PORT
from remediation.nsg.spaces.sets import EMPTY, Ranges, contains, intersect, subtract, union
from remediation.ways.crossing.admin_rules import Ruling
from remediation.ways.crossing.guards import Guard
from remediation.ways.lead import Lead, Target


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who gets past something: certainly, and possibly (the certain ones included); `reason` for the rest."""

    certain: Ranges = EMPTY
    possible: Ranges = EMPTY
    reason: str = ""


_NOBODY = Admitted()
_PLATFORM = "168.63.129.16"  # the host's virtual address, which VirtualNetwork always holds
_DYNAMIC: Ranges = (CALLERS_PORT, 65536)


@dataclass(frozen=True, slots=True)
class Flow:
    """What one lead brings to one port of a target, before the groups that guard it."""

    lead: Lead
    target: Target
    guard: Guard
    port: int
    protocol: str
    answers: dict[tuple[Any, ...], Any]

    @property
    def destination(self) -> str | None:
        """The address to which packets are going when they meet the groups; None where it is not known."""
        return self.lead.address if self.lead.floating else self.target.address

    @property
    def context(self) -> Context:
        context = self.guard.context
        if self.lead.floating:
            at = None if self.destination is None else (self.destination,)
            context = replace(context, attached=at, asg_members=None, floating=True)
        if self.lead.apart and not context.default_route:
            own = () if self.destination is None else (self.destination,)
            context = replace(context, tag_prefixes={"VirtualNetwork": (_PLATFORM, *own)})
        elif self.lead.seen_as and not self.lead.apart:
            context = replace(context, virtual_network=self.lead.seen_as)
        return context

    def admitted(self, asked: Ranges, perhaps: Ranges) -> tuple[Admitted, Ruling | None]:
        """Who gets past everything, of those who certainly and possibly come past the entry."""
        if self.lead.stop is not None:
            return _NOBODY, None
        return self._behind_proxy(asked, perhaps) if self.lead.seen_as else self._directly(asked, perhaps)

    def _directly(self, asked: Ranges, perhaps: Ranges) -> tuple[Admitted, Ruling]:
        """Callers who come under their own address."""
        groups = self._groups_let_in()
        ruling = self.guard.wall.ruling(perhaps, self.destination, self.port, self.protocol)
        certain = union(ruling.always, intersect(ruling.asked, groups.certain))
        possible = union(ruling.may_be_always, intersect(ruling.may_be_asked, groups.possible))
        reason = groups.reason or _unclear(ruling)
        if not self.guard.groups and self.guard.whole and self.lead.sku != "basic":
            certain = EMPTY
            reason = (
                reason or "whether an AlwaysAllow lets anybody in where no group stands is not documented"
            )
        return Admitted(intersect(certain, asked), intersect(possible, perhaps), reason), ruling

    def _behind_proxy(self, asked: Ranges, perhaps: Ranges) -> tuple[Admitted, Ruling]:
        """Callers who come under the address of what sent them on; it may be any of its prefixes'."""
        seen = intersect(ranges_of(*self.lead.seen_as), FAMILIES[self.target.family])
        ruling = self.guard.wall.ruling(seen, self.destination, self.port, self.protocol)
        if seen and ruling.always == seen:
            return Admitted(asked, perhaps), ruling
        if not (ruling.may_be_always or ruling.may_be_asked):
            return _NOBODY, ruling
        groups = self._groups_let_proxy_in()
        if groups == "denied" and not ruling.may_be_always:
            return _NOBODY, ruling
        if groups == "allowed" and ruling.asked == seen:
            return Admitted(asked, perhaps), ruling
        why = self.guard.doubts[0] if self.guard.doubts else _unclear(ruling)
        sender = self.lead.entry.name
        return Admitted(EMPTY, perhaps, why or f"it depends on which of its addresses {sender} uses"), ruling

    def _groups_let_in(self) -> Admitted:
        """Which public sources the groups let in, whatever admin rules say before them."""
        guard, levels = self.guard, self.guard.levels
        if not levels:
            return self._without_groups()
        found = self.exposed()
        certain, possible, reason = found.sources, union(found.sources, found.uncertain), found.reason or ""
        if guard.route and "virtualnetwork" in {one.lower() for one in found.unknown_sources}:
            reason = f"{reason}: {guard.route}"
        if guard.doubts:
            return Admitted(EMPTY, possible, guard.doubts[0])
        if self.destination is None and (guard.names_addresses or self.lead.floating):
            return Admitted(EMPTY, possible, "its address is not known, and rules are for certain ones")
        return Admitted(certain, possible, reason)

    def _without_groups(self) -> Admitted:
        """Where no group stands, Basic lets everybody in and Standard nobody."""
        everybody = intersect(PUBLIC, FAMILIES[self.target.family])
        if self.guard.doubts:
            return Admitted(EMPTY, everybody, self.guard.doubts[0])
        if self.lead.sku == "basic":
            return Admitted(everybody, everybody)
        if self.lead.sku == "standard":
            return _NOBODY
        return Admitted(EMPTY, everybody, f"the SKU of {self.lead.entry.name} is not known")

    def exposed(self) -> Exposure:
        """What the groups let in of the internet."""
        key = ("exposure", *self._key)
        if key not in self.answers:
            self.answers[key] = exposure(self.guard.levels, self.port, self.protocol, self.context)
        answer: Exposure = self.answers[key]
        return answer

    def answer_to(self, sources: tuple[str, ...], source_port: int | None = None) -> FlowAnswer:
        """What the groups do with certain callers."""
        key = ("flow", *self._key, sources, source_port)
        if key not in self.answers:
            destination = self.destination or "*"
            self.answers[key] = flow_allowed(
                self.guard.levels,
                Direction.INBOUND,
                sources,
                destination,
                self.port,
                self.protocol,
                self.context,
                _DYNAMIC if source_port is None else (source_port, source_port + 1),
            )
        answer: FlowAnswer = self.answers[key]
        return answer

    def _groups_let_proxy_in(self) -> str:
        guard = self.guard
        if not guard.levels and guard.doubts:
            return "unknown"
        if not guard.levels:  # inside a network nobody is kept out; where access is off nobody passes
            return "denied" if self.lead.apart else "allowed"
        verdict = self.answer_to(self.lead.seen_as).verdict
        unsure = bool(guard.doubts) or (self.destination is None and guard.names_addresses)
        return "unknown" if unsure and verdict != "denied" else verdict

    def proven(self, certain: Ranges) -> tuple[int, int] | None:
        """An address, and a port it may send from, of which the groups prove that it gets in.

        None where no group is asked about the callers' own addresses. Which ports will do may differ from
        one address to the other.
        """
        if not certain or not self.guard.groups or self.lead.seen_as:
            return None
        found = self.exposed().witness
        if found is None or not _holds(certain, found.source):
            others = tuple(cidrs(subtract(PUBLIC, certain)))
            only = replace(self.context, private_ranges=others)
            found = exposure(self.guard.levels, self.port, self.protocol, only).witness
        pair = None if found is None else parse_addresses(found.source)
        return None if pair is None or found is None else (pair[0], found.source_port)

    def deciders(self, source: int | None, source_port: int | None) -> tuple[Decider, ...]:
        """The rules that decide about one caller, a proxy's address where one stands between."""
        if not self.guard.levels or (source is None and not self.lead.seen_as):
            return ()
        callers = self.lead.seen_as or (to_text(source or 0),)
        answer = self.answer_to(callers, source_port)
        return answer.allowed_by if answer.verdict == "allowed" else answer.denied_by

    @property
    def _key(self) -> tuple[Any, ...]:
        floating = self.destination if self.lead.floating else None
        return self.guard.key, self.port, self.protocol, floating, self.lead.seen_as, self.lead.apart


def _holds(ranges: Ranges, text: str) -> bool:
    pair = parse_addresses(text)
    return pair is not None and contains(ranges, pair[0])


def _unclear(ruling: Ruling) -> str:
    """The reason an admin rule gives where it may or may not match."""
    unclear = [one for one in ruling.rules if one.certain != one.possible]
    return f"whether admin rule {unclear[0].rule.id.name} holds for it cannot be told" if unclear else ""
