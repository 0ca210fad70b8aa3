"""Security admin rules, which a virtual network manager has evaluated before any group.

In order of priority `Deny` is final, `AlwaysAllow` is final, and `Allow` goes on to the groups; what no rule
speaks of goes on too. They are not applied in networks with SQL managed instances or Databricks (security
admin rules, "Nonapplication of security admin rules").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.kinds import EFFECTIVE_ADMIN_RULE
from remediation.model import Resource, Unread
from remediation.nsg import NSG_ALONE
from remediation.nsg.fields import EVERY_PORT, parse_ports
from remediation.nsg.spaces.addresses import EVERY_ADDRESS, parse_addresses
from remediation.nsg.spaces.sets import (
    EMPTY,
    Ranges,
    contains,
    covers,
    from_pairs,
    intersect,
    subtract,
    union,
)
from remediation.resource_id import ResourceId
from remediation.rule import values_at
from remediation.ways.landscape import Landscape
from remediation.ways.way import Hop

HOP = "admin rule"
_EXEMPT = frozenset({"microsoft.sql/managedinstances", "microsoft.databricks/workspaces"})
_DELEGATED = "properties.subnets[].properties.delegations[].properties.serviceName"
_LOWEST = 4097
_ANY_PROTOCOL = frozenset({"any", "*", ""})


@dataclass(frozen=True, slots=True)
class Matched:
    """An inbound rule that speaks of one flow: sources that match certainly, and that may."""

    rule: Resource
    access: str
    certain: Ranges
    possible: Ranges

    @property
    def hop(self) -> Hop:
        return Hop(HOP, self.rule.id, self.rule.id.name)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the admin rules do with the sources asked about, as sets.

    always, may_be_always   let in whatever the groups say: certainly, possibly (the certain ones included)
    asked, may_be_asked     go on to the groups: certainly, possibly
    denied                  certainly kept out
    rules                   those that matched, in order
    """

    always: Ranges
    may_be_always: Ranges
    asked: Ranges
    may_be_asked: Ranges
    denied: Ranges
    rules: tuple[Matched, ...] = ()

    def by(self, access: str) -> Hop | None:
        """The first rule of an access that took part."""
        return next((one.hop for one in self.rules if one.access == access), None)


@dataclass(frozen=True, slots=True)
class Wall:
    """The admin rules of a network in order; `unread` says why they are not known, "" where they are."""

    rules: tuple[Resource, ...] = ()
    unread: str = ""

    def ruling(self, sources: Ranges, target: str | None, port: int, protocol: str) -> Ruling:
        """What becomes of sources on their way to an address (None: not known) and a port."""
        sure, perhaps = sources, sources
        always = may_always = asked = may_ask = denied = EMPTY
        matched = []
        for one in self._speaking_of(sources, target, port, protocol):
            if not intersect(perhaps, one.possible):
                continue
            matched.append(one)
            here, maybe = intersect(sure, one.certain), intersect(perhaps, one.possible)
            if one.access == "alwaysallow":
                always, may_always = union(always, here), union(may_always, maybe)
            elif one.access == "deny":
                denied = union(denied, here)
            elif one.access == "allow":
                asked, may_ask = union(asked, here), union(may_ask, maybe)
            else:  # it cannot be read: whatever it says
                may_always, may_ask = union(may_always, maybe), union(may_ask, maybe)
            sure, perhaps = subtract(sure, one.possible), subtract(perhaps, one.certain)
        return Ruling(always, may_always, union(asked, sure), union(may_ask, perhaps), denied, tuple(matched))

    def _speaking_of(
        self, sources: Ranges, target: str | None, port: int, protocol: str
    ) -> Iterator[Matched]:
        for rule in self.rules:
            certain, possible = _matching(rule, target, port, protocol)
            possible = intersect(possible, sources)
            if possible:
                access = str(rule.properties("access") or "").lower()
                yield Matched(rule, access, intersect(certain, sources), possible)


def wall_of(network: ResourceId | None, around: Landscape) -> Wall:
    """The inbound admin rules that govern a network."""
    if network is None:
        return Wall(unread="the network is not known")
    listed = around.view.listed(EFFECTIVE_ADMIN_RULE, network)
    if isinstance(listed, Unread):
        return Wall(unread=listed.reason)
    inbound = [one for one in listed if str(one.properties("direction") or "inbound").lower() == "inbound"]
    if not inbound or _is_exempt(network, around):
        return Wall()
    return Wall(tuple(sorted(inbound, key=_priority)))


def _is_exempt(network: ResourceId, around: Landscape) -> bool:
    document = around.get(network)
    if not isinstance(document, Resource):
        return False
    return any(str(name).lower() in _EXEMPT for name in values_at(document.body, _DELEGATED))


def _priority(rule: Resource) -> int:
    value = rule.properties("priority")
    return value if type(value) is int else _LOWEST


def _matching(rule: Resource, target: str | None, port: int, protocol: str) -> tuple[Ranges, Ranges]:
    """The sources of which a rule certainly and possibly speaks, for one flow.

    A caller chooses the source port: a Deny for some of them only keeps nobody out.
    """
    spoken = str(rule.properties("protocol") or "").lower()
    if spoken not in _ANY_PROTOCOL and spoken != protocol:
        return EMPTY, EMPTY
    to_port, to_target = _on_port(rule, port), _to(rule, target)
    if to_port is False or to_target is False:
        return EMPTY, EMPTY
    certain, possible = _ends(values_at(rule.body, "properties.sources[]"))
    sure = bool(to_port and to_target)
    if str(rule.properties("access")).lower() == "deny" and not _every_source_port(rule):
        sure = False
    return (certain if sure else EMPTY), possible


def _on_port(rule: Resource, port: int) -> bool | None:
    spans = _spans(rule.properties("destinationPortRanges"))
    if spans is None:
        return None
    return not spans or contains(from_pairs(spans), port)


def _every_source_port(rule: Resource) -> bool:
    spans = _spans(rule.properties("sourcePortRanges"))
    return spans is not None and (not spans or covers(from_pairs(spans), EVERY_PORT))


def _spans(texts: object) -> Sequence[tuple[int, int]] | None:
    """Ports as they are written, none standing for all; None where one of them cannot be read."""
    written = [str(text) for text in texts] if isinstance(texts, list) else []
    found = [span for span in map(parse_ports, written) if span is not None]
    return found if len(found) == len(written) else None


def _to(rule: Resource, target: str | None) -> bool | None:
    """Whether a rule is for a target's address; None where that cannot be told."""
    certain, possible = _ends(values_at(rule.body, "properties.destinations[]"), local=True)
    if target is None:
        return True if covers(certain, EVERY_ADDRESS) else None
    address = parse_addresses(target)
    at = None if address is None else address[0]
    if at is not None and contains(certain, at):
        return True
    return None if at is None or contains(possible, at) else False


def _ends(items: Iterator[object], *, local: bool = False) -> tuple[Ranges, Ranges]:
    """Addresses that one side of a rule certainly and possibly holds; all of them where it names none."""
    certain, possible = EMPTY, EMPTY
    prefixes = [_prefix(item) for item in items]
    if not prefixes:
        return EVERY_ADDRESS, EVERY_ADDRESS
    for text in prefixes:
        known, others = _addresses(text, local=local)
        certain, possible = union(certain, known), union(possible, known, others)
    return certain, possible


def _prefix(item: object) -> str:
    return str(item.get("addressPrefix") or "") if isinstance(item, Mapping) else ""


def _addresses(text: str, *, local: bool) -> tuple[Ranges, Ranges]:
    pair = parse_addresses(text.strip())
    if text.strip() == "*":
        return EVERY_ADDRESS, EMPTY
    if pair is not None:
        return pair, EMPTY
    if not text or text.lower() == "default":
        return EMPTY, EVERY_ADDRESS
    return NSG_ALONE.local_tag(text) if local else NSG_ALONE.tag(text)
