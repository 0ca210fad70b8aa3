"""Rewrites worth proving, the plainest first. Nothing here decides; the proof does.

    delete    the rule does nothing but forbidden things
    narrow    all its ports are forbidden ones: keep the rule for the sources that may stay
    strip     it has other ports too: take the forbidden ones out, keep who may stay in companions

Fewest rules first: a colleague would not type a rule for what another rule lets in anyway, and lets the
team's own denies do their work.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from remediation.nsg.document import Nsg
from remediation.nsg.fields import EVERY_PORT
from remediation.nsg.repairing.changes import Body, RuleChange, changed, rule_body
from remediation.nsg.repairing.companions import companion
from remediation.nsg.repairing.forbidden import Forbidden
from remediation.nsg.repairing.sources import SOURCE_KEYS, Parts, choices, staying
from remediation.nsg.rule import SecurityRule
from remediation.nsg.spaces.sets import Ranges, intersect, pairs, subtract

PORT_KEYS = ("destinationPortRange", "destinationPortRanges")

type Kind = tuple[str, ...]
type Rewritten = tuple[str, tuple[RuleChange, ...]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Some writes in order, in words.

    `tolerant`: private sources outside VirtualNetwork may disappear. `kind` says which rewrite it is: what
    was proven for one rule is tried first on rules of the same form.
    """

    title: str
    changes: tuple[RuleChange, ...]
    kind: Kind
    tolerant: bool = False


def candidates(
    nsg: Nsg, rule: SecurityRule, f: Forbidden, most_addresses: int, only: Kind | None = None
) -> Iterator[Candidate]:
    """Ways to make one rule let in nothing of F, none of which lists more addresses than allowed.

    `only` is a kind that passed for a rule of the same form: others are not made.
    """
    strip = bool(subtract(rule.destination_ports.known, f.port_set))
    if not strip and staying(rule, f).nobody:
        change = RuleChange(rule.name, rule_body(rule), None)
        yield Candidate(f"Delete rule {rule.name}", (change,), ("delete",))
        return
    for parts, tolerant in choices(rule, f, strip=strip):
        kind = ("strip" if strip else "narrow", *(part.suffix for part in parts))
        if only in {None, kind} and all(part.addresses <= most_addresses for part in parts):
            found = _stripped(nsg, rule, f, parts) if strip else _narrowed(nsg, rule, parts)
            if found:
                yield Candidate(*found, kind=kind, tolerant=tolerant)


def form(rule: SecurityRule, f: Forbidden) -> Kind:
    """What decides which rewrites of a rule there are: rules of one form are mostly rewritten alike."""
    who = staying(rule, f)
    strip = bool(subtract(rule.destination_ports.known, f.port_set))
    facts = {
        "strip": strip,
        "anyone": who.anyone,
        "network": who.network,
        "groups": who.groups,
        "addresses": bool(who.addresses),
        "named": bool(who.named),
    }
    return (*(name for name, holds in facts.items() if holds), rule.protocol or "")


def _narrowed(nsg: Nsg, rule: SecurityRule, parts: Parts) -> Rewritten | None:
    first, others = (parts[0].properties, parts[1:]) if parts else ({}, ())
    beside = _companions(nsg, rule, others, {})
    if beside is None:
        return None
    kept = " and ".join(part.text for part in parts) or "its application security groups"
    return f"Narrow rule {rule.name} to {kept}", (*beside, _put(rule, SOURCE_KEYS, first))


def _stripped(
    nsg: Nsg, rule: SecurityRule, f: Forbidden, parts: Parts
) -> tuple[str, tuple[RuleChange, ...]] | None:
    ports = rule.destination_ports.known
    taken = intersect(ports, f.port_set)
    beside = _companions(nsg, rule, parts, {PORT_KEYS[1]: _port_texts(taken)})
    if beside is None:
        return None
    title = f"Take port {', '.join(_port_texts(taken))} out of rule {rule.name}"
    if parts:
        title += f", keeping it for {' and '.join(part.text for part in parts)}"
    left = {PORT_KEYS[1]: _port_texts(subtract(ports, f.port_set))}
    return title, (*beside, _put(rule, PORT_KEYS, left))


def _companions(nsg: Nsg, rule: SecurityRule, parts: Parts, ports: Body) -> tuple[RuleChange, ...] | None:
    """Companions for some parts, each planned on the NSG that holds the ones before; None without room."""
    changes: list[RuleChange] = []
    for part in parts:
        drop = (*SOURCE_KEYS, *(PORT_KEYS if ports else ()))
        change = companion(nsg, rule, part.suffix, _without(rule, drop) | part.properties | ports)
        if change is None:
            return None
        changes.append(change)
        nsg = changed(nsg, [change])
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
