from typing import Any

from tests.builders import NIC_ID, NSG_ID, VM_ID, a_rule, a_spoke, an_nsg
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import (
    JIT_ALLOW,
    JIT_LIST,
    JUST_OVER,
    LIVE,
    NOON,
    OVER,
    a_jit_allow,
    a_jit_deny,
    a_policy,
)

WEB_NSG = NSG_ID.text
SPOKE = a_spoke(public_ip=True)
OTHER_VM = VM_ID.replace("vm1", "vm2")


def case(name: str, says: Any, rule: Document, *policies: Document, **more: Any) -> Case:
    documents = (an_nsg(rule, a_jit_deny()), *SPOKE, *policies)
    return Case(name, says, WEB_NSG, documents, **{"moment": NOON, **more})


CASES = (
    case("no rule of that name", "silent", a_rule("allow-web")),
    case("only the deny that just-in-time access puts there", "silent", a_rule("web"), a_policy(end=OVER)),
    case("a name that only begins like one", "silent", a_jit_allow(name="SecurityCenter-JITRule-mine")),
    case(
        "the newer prefix, with a request",
        "silent",
        a_jit_allow(name=JIT_ALLOW.replace("SecurityCenter", "MicrosoftDefenderForCloud").lower()),
        a_policy(),
    ),
    case("a live request", "silent", a_jit_allow(), a_policy()),
    case("a request that ended a few minutes ago", "silent", a_jit_allow(), a_policy(end=JUST_OVER)),
    case("a request that names no source", "silent", a_jit_allow("*"), a_policy(source=None)),
    case("a request for everybody", "silent", a_jit_allow("*"), a_policy(source="*")),
    case("no policy at all", "speaks", a_jit_allow(), severity="high"),
    case("a request that ended long ago", "speaks", a_jit_allow(), a_policy(end=OVER)),
    case("a request that was revoked", "speaks", a_jit_allow(), a_policy(status="revoked")),
    case("a request for another port", "speaks", a_jit_allow(), a_policy(port=3389)),
    case("a request for another machine", "speaks", a_jit_allow(), a_policy(machine=OTHER_VM)),
    case(
        "more ports than were asked for",
        "speaks",
        a_jit_allow(destinationPortRange=None, destinationPortRanges=["22", "3389"]),
        a_policy(),
    ),
    case(
        "more machines than were asked for", "speaks", a_jit_allow(destinationAddressPrefix="*"), a_policy()
    ),
    case("more sources than were asked for", "speaks", a_jit_allow("*"), a_policy()),
    case(
        "named like the deny, yet it allows",
        "speaks",
        a_jit_allow(name="SecurityCenter-JITRule_-1_00000000000000000000000000000000"),
        a_policy(end=OVER),
    ),
    case("policies nobody may read", "unknown", a_jit_allow(), unread=(JIT_LIST,)),
    case("a machine nobody may read", "unknown", a_jit_allow(), a_policy(), unread=(NIC_ID.text,)),
    case("a request whose end cannot be read", "unknown", a_jit_allow(), a_policy(end="soon")),
    case("a judgement at no known moment", "unknown", a_jit_allow(), a_policy(end=LIVE), moment=None),
)
