"""Rewrites worth proving, the smallest and plainest first. Nothing here decides; the proof does.

    delete    the rule does nothing but forbidden things
    narrow    all its ports are forbidden ones: keep the rule for the sources that may stay
    strip     it has other ports too: take the forbidden ones out, keep who may stay in companions

The sources that may stay fit into one rule or need several, because a rule names one tag or many addresses.
A *way* lists them part by part: when narrowing, the rule itself takes the first part and companions take the
others; when stripping, companions take all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from remediation.nsg.context import VIRTUAL_NETWORK
from remediation.nsg.document import Nsg, parse
from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.repairing.changes import Body, RuleChange, apply_changes, rule_body
from remediation.nsg.repairing.companions import companion
from remediation.nsg.repairing.proof import Forbidden
from remediation.nsg.rule import SecurityRule
from remediation.nsg.spaces.addresses import LOAD_BALANCER, cidrs
from remediation.nsg.spaces.sets import EMPTY, Ranges, intersect, pairs, subtract, union

_SHOWN = 3
_SOURCES = ("sourceAddressPrefix", "sourceAddressPrefixes")
_PORTS = ("destinationPortRange", "destinationPortRanges")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Some writes in order, in words. `tolerant`: private sources outside VirtualNetwork may disappear."""

    title: str
    changes: tuple[RuleChange, ...]
    tolerant: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Sources that one rule can name. `suffix` is for the name of a companion."""

    suffix: str
    properties: Body
    text: str
    addresses: int = 1


type Way = tuple[Part, ...]

_TAG = Part("vnet", {_SOURCES[0]: "VirtualNetwork"}, "VirtualNetwork")
_PROBES = Part("probes", {_SOURCES[0]: "AzureLoadBalancer"}, "AzureLoadBalancer")


def _listed(addresses: Ranges) -> Part:
    texts = cidrs(addresses)
    shown = ", ".join(texts[:_SHOWN]) + (f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else "")
    return Part("sources", {_SOURCES[1]: texts}, shown, len(texts))


def candidates(nsg: Nsg, rule: SecurityRule, f: Forbidden, most_addresses: int) -> Iterator[Candidate]:
    """Ways to make one rule let in nothing of F, none of which lists more addresses than allowed."""
    strip = bool(subtract(rule.destination_ports.known, f.port_set))
    anyone = names_anyone(rule)
    if not strip and _nothing_stays(rule, f):
        yield Candidate(f"Delete rule {rule.name}", (RuleChange(rule.name, rule_body(rule), None),))
        return
    for way, tolerant in _ways(rule, f, anyone=anyone, strip=strip):
        if all(part.addresses <= most_addresses for part in way):
            found = _stripped(nsg, rule, f, way) if strip else _narrowed(nsg, rule, way)
            if found:
                yield Candidate(*found, tolerant=tolerant)


def names_anyone(rule: SecurityRule) -> bool:
    """Whether the source is `*` or holds `0.0.0.0/0` as such."""
    one, many = (rule.properties.get(key) for key in _SOURCES)
    texts = [one, *(many if isinstance(many, list) else ())]
    return any(isinstance(text, str) and text.strip() in {"*", "0.0.0.0/0"} for text in texts)


def _stays(rule: SecurityRule, f: Forbidden) -> tuple[Ranges, bool]:
    """Addresses that may stay, and whether the rule names VirtualNetwork besides."""
    context = f.context
    tags = [
        tag for tag in rule.source.tags if tag.lower() != VIRTUAL_NETWORK or tag.lower() in context.supplied
    ]
    named = union(rule.source.known, *(context.tag(tag)[0] for tag in tags))
    return subtract(named, f.sources), len(tags) < len(rule.source.tags)


def _nothing_stays(rule: SecurityRule, f: Forbidden) -> bool:
    return _stays(rule, f) == (EMPTY, False) and not rule.source.groups


def _ways(rule: SecurityRule, f: Forbidden, *, anyone: bool, strip: bool) -> Iterator[tuple[Way, bool]]:
    addresses, tagged = _stays(rule, f)
    if strip:
        yield (), anyone
    if anyone and not f.context.default_route:
        approved = intersect(addresses, f.context.public)
        parts = [_PROBES]
        if approved:
            parts = [_listed(approved), _PROBES, _listed(union(approved, LOAD_BALANCER))]
        if strip:  # VirtualNetwork may need no help: a default rule lets it in
            yield from (((part,), True) for part in parts)
        yield (_TAG,), True
        yield from (((_TAG, part), True) for part in parts)
    exact = ((_TAG,) if tagged else ()) + ((_listed(addresses),) if addresses else ())
    if exact or rule.source.groups:
        yield exact, False


def _narrowed(nsg: Nsg, rule: SecurityRule, way: Way) -> tuple[str, tuple[RuleChange, ...]] | None:
    first, others = (way[0].properties, way[1:]) if way else ({}, ())
    beside = _companions(nsg, rule, others, {})
    if beside is None:
        return None
    kept = " and ".join(part.text for part in way) or "its application security groups"
    return f"Narrow rule {rule.name} to {kept}", (*beside, _put(rule, _SOURCES, first))


def _stripped(
    nsg: Nsg, rule: SecurityRule, f: Forbidden, way: Way
) -> tuple[str, tuple[RuleChange, ...]] | None:
    ports = rule.destination_ports.known
    taken = intersect(ports, f.port_set)
    beside = _companions(nsg, rule, way, {_PORTS[1]: _port_texts(taken)})
    if beside is None:
        return None
    title = f"Take port {', '.join(_port_texts(taken))} out of rule {rule.name}"
    if way:
        title += f", keeping it for {' and '.join(part.text for part in way)}"
    left = {_PORTS[1]: _port_texts(subtract(ports, f.port_set))}
    return title, (*beside, _put(rule, _PORTS, left))


def _companions(nsg: Nsg, rule: SecurityRule, parts: Way, ports: Body) -> tuple[RuleChange, ...] | None:
    """Companions for some parts, each planned on the NSG that holds the ones before; None without room."""
    changes: list[RuleChange] = []
    for part in parts:
        drop = (*_SOURCES, *(_PORTS if ports else ()))
        change = companion(nsg, rule, part.suffix, _without(rule, drop) | part.properties | ports)
        if change is None:
            return None
        changes.append(change)
        nsg = parse(apply_changes(nsg.document, [change]))
    return tuple(changes)


def _put(rule: SecurityRule, replaced: tuple[str, ...], properties: Body) -> RuleChange:
    after = {"name": rule.name, "properties": _without(rule, replaced) | properties}
    return RuleChange(rule.name, rule_body(rule), after)


def _without(rule: SecurityRule, keys: tuple[str, ...]) -> Body:
    properties: Body = rule_body(rule)["properties"]
    return {key: value for key, value in properties.items() if key not in keys}


def _port_texts(ports: Ranges) -> list[str]:
    if ports == EVERY_PORT:
        return ["*"]
    return [str(low) if high == low + 1 else f"{low}-{high - 1}" for low, high in pairs(ports)]
