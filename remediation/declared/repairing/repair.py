"""One resource's differences as writes that put back what was declared, or as what a person would type.

Written are the kinds for which the app has the right: rules and groups, Bastion hosts, diagnostic settings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remediation.declared.declaration import Declaration
from remediation.declared.deployed.places import target_of
from remediation.declared.difference import Difference
from remediation.declared.forms import is_silent
from remediation.declared.holding import Drifted
from remediation.declared.kinds import KINDS
from remediation.declared.repairing.groups import repaired
from remediation.declared.restoring import restored
from remediation.kinds import BASTION, DIAGNOSTIC_SETTING, NIC, NSG, SUBNET
from remediation.landing_zone import commands
from remediation.landing_zone.rewriting import as_put
from remediation.model import Applicability, Fix, Json, NoFix, Resource, Write

LONGEST_COMMAND = 6000
AGAIN = "Deploy it again, or declare what is there"
UNSEEN = NoFix("what it stands on is not read: its tags may say that others keep it", AGAIN)
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Restoring:
    """How differences are put back: by writes, or by hand; `fix` says why where there are none."""

    fix: Fix | NoFix
    by_hand: tuple[str, ...] = ()


def restoring(one: Drifted, alone: Mapping[str, str] = _NOTHING) -> Restoring:
    """The smallest way back. `alone` are rules of a group that no write may touch, and why."""
    kind, live = one.declaration.id.type, one.live
    if kind == DIAGNOSTIC_SETTING:
        fix = _setting(live, one.declaration, one.differences)
        by_hand = commands.for_fix(fix)
        return Restoring(UNSEEN if target_of(one.declaration.id) == one.declaration.id else fix, by_hand)
    if live is None:
        return Restoring(NoFix(f"the {KINDS[kind].word} is gone", "Deploy it again"))
    if kind == NSG:
        made = repaired(live, one.declaration, one.differences, alone)
        return Restoring(made, commands.for_fix(made))
    if kind == BASTION:
        made = _host(live, one.declaration, one.differences)
        return Restoring(made, commands.for_fix(made))
    why = NoFix(f"the app has no right to write a {KINDS[kind].word}", AGAIN)
    return Restoring(why, tuple(_typed(one, live)))


def _setting(live: Resource | None, declaration: Declaration, differences: Sequence[Difference]) -> Fix:
    """The setting as it was declared; where a log or a sink would go that is there now, a person agrees."""
    body = _properties(restored(live, declaration, differences).body)
    before = None if live is None else _properties(live.body)
    write = Write("PUT", declaration.id, body)
    back = Write("DELETE", write.id) if before is None else Write("PUT", write.id, before)
    takes = [one for one in differences if live is not None and is_silent(one.declared)]
    return Fix(
        title=f"Put diagnostic setting {declaration.id.name} back, as declared",
        applicability=Applicability.UNSAFE if takes else Applicability.SAFE,
        writes=(write,),
        inverse=(back,),
        before={write.id.key: before},
        proof="Only this setting is written, as it was declared; it lets nobody in and shuts nobody out.",
        consent="it ends a log or a destination that is there now" if takes else "",
    )


def _host(live: Resource, declaration: Declaration, differences: Sequence[Difference]) -> Fix:
    before = as_put(live.body)
    after = as_put(restored(live, declaration, differences).body)
    return Fix(
        title=f"Put {', '.join(dict.fromkeys(one.parts[-1] for one in differences))} back, as declared",
        applicability=Applicability.UNSAFE,
        writes=(Write("PUT", live.id, after, if_match=live.etag),),
        inverse=(Write("PUT", live.id, before),),
        before={live.id.key: before},
        proof="Only what differs is written as it was declared; everything else goes back as it was read.",
        consent="a host takes minutes to change, and people may be on it",
    )


def _properties(body: Json) -> dict[str, Any]:
    return {"properties": as_put(body).get("properties") or {}}


def _typed(one: Drifted, live: Resource) -> Sequence[str]:
    """What a person types: the verbs for a subnet or an interface, else the whole document if it is short."""
    if one.declaration.id.type == SUBNET:
        return [line for each in one.differences if (line := _attached(live, each))]
    steps = [_wired(live, each) for each in one.differences] if one.declaration.id.type == NIC else []
    if steps and all(steps):
        return steps
    body = as_put(restored(live, one.declaration, one.differences).body)
    line = commands.rest(
        "put", live.id, {key: value for key, value in body.items() if key != "id"}, live.etag
    )
    return [line] if len(line) <= LONGEST_COMMAND else []


def _wired(interface: Resource, difference: Difference) -> str:
    """The verb that puts back an interface's group, or a public address of it; "" where there is none."""
    *above, last = difference.parts
    declared = difference.declared
    if last == "networkSecurityGroup" and not above and declared is not None:
        return commands.attach_nsg_to_nic(interface.id, str(declared))
    if last == "publicIPAddress" and len(above) == 2:
        if declared is None:
            return commands.detach_public_ip(interface, above[1])
        return commands.attach_public_ip(interface, above[1], str(declared))
    return ""


def _attached(subnet: Resource, difference: Difference) -> str:
    option = {"networkSecurityGroup": "--network-security-group", "routeTable": "--route-table"}
    known = option.get(difference.path)
    if known is None or difference.declared is None:
        return ""
    return commands.words(
        "az network vnet subnet update", "--ids", subnet.id.text, known, str(difference.declared)
    )
