"""What differences of a network security group do, by the exact difference of the two groups.

A difference opens what is let in more than without it, whether it is put back alone or made alone: two
changes that open something together only are both told as opening it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from remediation.baseline import Baseline
from remediation.declared.declaration import Declaration
from remediation.declared.difference import Difference, Effect, worst
from remediation.declared.restoring import restored
from remediation.model import Resource, Severity, Witness
from remediation.nsg import Context, Direction, Exposure, Nsg, detected, difference, exposure, parse
from remediation.nsg.comparison import Traffic
from remediation.nsg.difference import Difference as Flows
from remediation.nsg.spaces.addresses import PUBLIC
from remediation.nsg.spaces.sets import intersect, subtract, union
from remediation.ways.grading import severity_of

MOST_APART = 30
"""How many differences of one group are told apart; of more the group's whole effect is said of each."""
MOST_LINES = 6


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """What all differences of one group do together.

    `management` is how bad it is that management ports are open to more of the internet than declared, None
    where they are not or the team approved who gets in; `internet` says whether other ports are. `lines` are
    for people.
    """

    differences: tuple[Difference, ...]
    lines: tuple[str, ...] = ()
    management: Severity | None = None
    internet: bool = False
    witness: Witness | None = None


def of_group(
    live: Resource, declaration: Declaration, differences: Sequence[Difference], baseline: Baseline
) -> GroupEffect:
    """Judge the differences of a group that is there."""
    before = parse(restored(live, declaration, differences).body)
    after = parse(live.body)
    if not (before.understood and after.understood):
        return GroupEffect(tuple(replace(one, effect="unknown") for one in differences))
    flows = _flows(before, after)
    together = _effect(flows)
    told = tuple(_each(live, declaration, differences, before, together))
    opened = list(_opened(before, after, baseline))
    return GroupEffect(
        differences=told,
        lines=tuple(flows.summary(MOST_LINES)),
        management=max((grade for _, grade in opened if grade is not None), default=None),
        internet=any(_opens_another(one, baseline) for one in flows.added),
        witness=next((found.witness for found, _ in opened if found.witness), None),
    )


def of_attachment(declared: Resource | None, live: Resource | None) -> Effect:
    """What another group on a subnet or an interface does, apart from the ways in; no group lets all in."""
    if live is None:
        return "opens"
    if declared is None:
        return "unknown"
    before, after = parse(declared.body), parse(live.body)
    return _effect(_flows(before, after)) if before.understood and after.understood else "unknown"


def _each(
    live: Resource,
    declaration: Declaration,
    differences: Sequence[Difference],
    before: Nsg,
    together: Effect,
) -> Iterator[Difference]:
    if len(differences) > MOST_APART:
        yield from (replace(one, effect=together) for one in differences)
        return
    after = parse(live.body)
    for one in differences:
        if not one.path.startswith("securityRules"):
            yield replace(one, effect="none")
            continue
        rest = [other for other in differences if other is not one]
        without = parse(restored(live, declaration, (one,)).body)
        alone = parse(restored(live, declaration, rest).body)
        effects = _effect(_flows(without, after)), _effect(_flows(before, alone))
        yield replace(one, effect=worst([effect for effect in effects if effect != "none"]))


def _flows(before: Nsg, after: Nsg) -> Flows:
    return difference(before, after, portless=False)


def _effect(flows: Flows) -> Effect:
    if flows.added:
        return "opens"
    if flows.unknown:
        return "unknown"
    return "closes" if flows.removed else "none"


def _opens_another(piece: Traffic, baseline: Baseline) -> bool:
    """Whether public addresses, and not a service's alone, come in on other ports than people's."""
    if (
        piece.direction is not Direction.INBOUND
        or piece.remote_symbols
        or not intersect(piece.remote, PUBLIC)
    ):
        return False
    known = union(*((port, port + 1) for port in baseline.management_ports))
    return bool(subtract(piece.ports, known)) or not {"tcp", "udp"} & set(piece.protocols)


def _opened(before: Nsg, after: Nsg, baseline: Baseline) -> Iterator[tuple[Exposure, Severity | None]]:
    """Management ports that more of the internet reaches than declared, and how bad that is."""
    context = Context(approved=baseline.allowed_management_sources)
    for port, protocol in detected(baseline.management_ports):
        was, now = (exposure(group, port, protocol, context) for group in (before, after))
        if more := subtract(now.sources, was.sources):
            yield now, severity_of(more, baseline)
