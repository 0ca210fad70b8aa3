"""A way through a deny: one allow rule, placed before whatever blocks. For the fixes that give traffic back.

An opening only adds: it matches exactly the traffic that is missing, stands at the nearest free priority
numerically below the blocking rule, never in 100-110 (just-in-time access writes there) and never in place of
a rule of somebody else.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from remediation.landing_zone.security_rules import fix_of, whole_fix_of
from remediation.model import Applicability, Fix, NoFix, Resource
from remediation.nsg import Decider, Direction, Nsg, RuleChange, apply_changes, difference, is_jit_name, parse

OWN_PREFIX = "bastion-guard-"
PROOF = "On the whole flow space, in both directions: {} new rule(s) refuse nothing that is allowed now."
AS_A_WHOLE = (
    "They are one write of the whole group, with every other property as it was read: Azure refuses each "
    "step that leaves the group without a rule it insists on."
)
NO_WAY_BACK = (
    "Azure does not take it back while the group belongs to a Bastion and would be incomplete again."
)
FUTURE = "NSGs are stateful: what is let in holds for new connections."
_FIRST = 111  # 100-110 belong to just-in-time access
_LAST = 4096

type Planned = tuple[RuleChange, ...]


def opening(
    nsg: Nsg, name: str, properties: dict[str, Any], blocking: Iterable[Decider]
) -> RuleChange | NoFix:
    """The change that adds an allow rule before the rules that block, or why there is none.

    `properties` are the rule's own without its priority, which is only a wish where nothing but a default
    rule blocks.
    """
    denies = [decider for decider in blocking if not decider.default]
    just_in_time = next((deny.name for deny in denies if is_jit_name(deny.name)), None)
    if just_in_time is not None:
        return NoFix(f"it is blocked by {just_in_time}, which belongs to just-in-time access")
    if nsg.rule(name) is not None:
        return NoFix(f"there is a rule named {name} already")
    wish = int(properties.get("priority") or _FIRST)
    priority = _free(nsg, Direction(properties["direction"]), [deny.priority for deny in denies], wish)
    if priority is None:
        return NoFix("no priority is free before the rule that blocks it")
    body = {"name": name, "properties": {**properties, "access": "Allow", "priority": priority}}
    return RuleChange(name, None, body)


def _free(nsg: Nsg, direction: Direction, blocking: Sequence[int], wish: int) -> int | None:
    """The nearest free priority before what blocks; where nothing blocks, the wish or the next free one."""
    taken = {rule.priority for rule in nsg.custom if rule.direction in {direction, None}}
    if None in taken:
        return None  # a rule whose priority cannot be read may sit anywhere
    places = range(min(blocking) - 1, _FIRST - 1, -1) if blocking else range(max(wish, _FIRST), _LAST + 1)
    return next((priority for priority in places if priority not in taken), None)


def opening_fix(nsg: Resource, changes: Planned, title: str, *, whole: bool = False) -> Fix | NoFix:
    """The fix made of openings, proven to take nothing away; or why it is not. `whole`: as one write."""
    before, after = parse(nsg.body), parse(apply_changes(nsg.body, changes))
    made = difference(before, after, portless=False)
    if made.removed or made.unknown:
        return NoFix("it is not proven that it takes nothing away")
    make = whole_fix_of if whole else fix_of
    return make(
        nsg,
        changes,
        title=title,
        applicability=Applicability.UNSAFE,
        proof=f"{PROOF.format(len(changes))} {AS_A_WHOLE}" if whole else PROOF.format(len(changes)),
        traffic=made.summary(),
        tolerances=(FUTURE, NO_WAY_BACK) if whole else (FUTURE,),
    )
