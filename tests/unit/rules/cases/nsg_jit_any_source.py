from typing import Any

from tests.builders import NSG_ID, a_rule, a_spoke, an_nsg
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import JIT_ALLOW, JIT_LIST, NOON, OVER, a_jit_allow, a_policy

SPOKE = a_spoke(public_ip=True)
HALVES = ["0.0.0.0/1", "128.0.0.0/1"]
EIGHTHS = [f"{first}.0.0.0/3" for first in range(0, 256, 32)]
OFFICE = ["45.60.12.0/24", "45.61.0.0/16"]


def several(name: str, says: Any, rules: tuple[Document, ...], *policies: Document, **more: Any) -> Case:
    documents = (an_nsg(*rules), *SPOKE, *policies)
    return Case(name, says, NSG_ID.text, documents, **{"moment": NOON, **more})


def named(policy: Document, name: str) -> Document:
    return {**policy, "id": policy["id"][:-1] + name, "name": name}


def from_any_of(sources: list[str]) -> Document:
    return a_jit_allow(sourceAddressPrefix=None, sourceAddressPrefixes=sources)


def case(name: str, says: Any, rule: Document, *policies: Document, **more: Any) -> Case:
    return Case(name, says, NSG_ID.text, (an_nsg(rule), *SPOKE, *policies), **{"moment": NOON, **more})


CASES = (
    case("no rule of that name", "silent", a_rule("allow-web"), a_policy(source="*")),
    case("a request with one address", "silent", a_jit_allow(), a_policy()),
    case("a request for everybody that is over", "silent", a_jit_allow("*"), a_policy(source="*", end=OVER)),
    case("a rule for everybody without a request, which is another finding", "silent", a_jit_allow("*")),
    case("a live request for everybody", "speaks", a_jit_allow("*"), a_policy(source="*"), severity="medium"),
    Case(
        "a live request for everybody, to a machine that nobody reaches from the internet",
        "speaks",
        NSG_ID.text,
        (an_nsg(a_jit_allow("*")), *a_spoke(), a_policy(source="*")),
        severity="low",
        moment=NOON,
    ),
    case(
        "a live request for both halves",
        "speaks",
        from_any_of(HALVES),
        a_policy(source=HALVES),
        severity="medium",
    ),
    case("a live request for eight eighths", "speaks", from_any_of(EIGHTHS), a_policy(source=EIGHTHS)),
    case(
        "a live request for half of the internet",
        "speaks",
        a_jit_allow(HALVES[0]),
        a_policy(source=HALVES[0]),
    ),
    case(
        "a live request that names no source",
        "speaks",
        a_jit_allow("*"),
        a_policy(source=None),
        severity="medium",
    ),
    case("a live request for an office", "silent", from_any_of(OFFICE), a_policy(source=OFFICE)),
    case(
        "a live request for what the team approved",
        "silent",
        a_jit_allow(HALVES[0]),
        a_policy(source=HALVES[0]),
        baseline={"allowedManagementSources": [HALVES[0]]},
    ),
    case(
        "both halves for ever, which is another finding",
        "silent",
        from_any_of(HALVES),
        a_policy(source=HALVES, end="2099-01-01T00:00:00Z"),
    ),
    case("a live request for the internet", "speaks", a_jit_allow("Internet"), a_policy(source="Internet")),
    several(
        "two live requests that are broad together only",
        "speaks",
        (
            a_jit_allow("0.0.0.0/2"),
            a_jit_allow("64.0.0.0/2", name=JIT_ALLOW.replace("6A8F", "7B9F"), priority=101),
        ),
        a_policy(source="0.0.0.0/2"),
        named(a_policy(source="64.0.0.0/2"), "q"),
        baseline={"limits": {"broadIpv4Addresses": 1 << 30}},
        severity="medium",
    ),
    case("policies nobody may read", "unknown", a_jit_allow("*"), unread=(JIT_LIST,)),
)
