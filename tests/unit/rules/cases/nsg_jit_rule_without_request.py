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
HALVES = ["0.0.0.0/1", "128.0.0.0/1"]
FROM_HALVES = a_jit_allow(sourceAddressPrefix=None, sourceAddressPrefixes=HALVES)
FOR_EVER, LAST_MOMENT = "2099-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"
FIVE_HOURS = "2026-03-01T16:00:00Z"
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
    case("a request for ever", "speaks", a_jit_allow(), a_policy(end=FOR_EVER), severity="high"),
    case("a request that ends with the calendar", "speaks", a_jit_allow(), a_policy(end=LAST_MOMENT)),
    case(
        "a request for ever, that is told to begin shortly before its end",
        "speaks",
        a_jit_allow(),
        a_policy(start="2098-12-31T23:00:00Z", end=FOR_EVER),
    ),
    case(
        "a request for both halves of the internet for ever",
        "speaks",
        FROM_HALVES,
        a_policy(source=HALVES, end=FOR_EVER),
    ),
    case(
        "a request a little longer than its policy allows", "speaks", a_jit_allow(), a_policy(end=FIVE_HOURS)
    ),
    case(
        "as long a request, by a policy that allows it",
        "silent",
        a_jit_allow(),
        a_policy(end=FIVE_HOURS, longest="PT5H"),
    ),
    case(
        "a request as long as the longest policy allows",
        "silent",
        a_jit_allow(),
        a_policy(start="2026-02-28T23:00:00Z", end="2026-03-01T23:00:00Z", longest="P1D"),
    ),
    case(
        "a request for two days, by a policy that says it allows a week",
        "speaks",
        a_jit_allow(),
        a_policy(start="2026-02-28T13:00:00Z", end="2026-03-02T13:00:00Z", longest="P7D"),
    ),
    case(
        "a request for two days in its last hour",
        "speaks",
        a_jit_allow(),
        a_policy(start="2026-02-27T13:00:00Z", end=LIVE, longest="P2D"),
    ),
    case("a request by a policy that allows minutes", "speaks", a_jit_allow(), a_policy(longest="PT30M")),
    case(
        "a request that begins tomorrow",
        "speaks",
        a_jit_allow(),
        a_policy(start="2026-03-02T11:00:00Z", end="2026-03-02T13:00:00Z"),
    ),
    case(
        "a request by a policy of another group", "speaks", a_jit_allow(), a_policy(group="rg-somebody-else")
    ),
    case(
        "a request by a policy of a group that is spelt otherwise",
        "silent",
        a_jit_allow(),
        a_policy(group="RG-Web"),
    ),
    case(
        "a request for a port that its policy does not offer", "speaks", a_jit_allow(), a_policy(offers=3389)
    ),
    case("ports as text", "silent", a_jit_allow(), a_policy(port="22")),
    case("a policy that does not say how long it allows", "speaks", a_jit_allow(), a_policy(longest=None)),
    case(
        "a request for ever, by a policy that does not say how long it allows",
        "speaks",
        a_jit_allow(),
        a_policy(end=FOR_EVER, longest="for ever"),
    ),
    case("a request that does not say when it began", "speaks", a_jit_allow(), a_policy(start=None)),
    case(
        "a request for ever that does not say when it began",
        "speaks",
        a_jit_allow(),
        a_policy(start=None, end=FOR_EVER),
    ),
    case(
        "an old request whose end cannot be read",
        "speaks",
        a_jit_allow(),
        a_policy(start="2026-01-01T00:00:00Z", end="never"),
    ),
    case("policies nobody may read", "unknown", a_jit_allow(), unread=(JIT_LIST,)),
    case("a machine nobody may read", "unknown", a_jit_allow(), a_policy(), unread=(NIC_ID.text,)),
    case("a request whose end cannot be read", "speaks", a_jit_allow(), a_policy(end="soon")),
    case("a judgement at no known moment", "unknown", a_jit_allow(), a_policy(end=LIVE), moment=None),
)
