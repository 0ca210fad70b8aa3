from typing import Any

from tests.builders import NSG_ID, a_rule, a_spoke, an_nsg
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import JIT_LIST, NOON, OVER, a_jit_allow, a_policy

SPOKE = a_spoke(public_ip=True)


def case(name: str, says: Any, rule: Document, *policies: Document, **more: Any) -> Case:
    return Case(name, says, NSG_ID.text, (an_nsg(rule), *SPOKE, *policies), **{"moment": NOON, **more})


CASES = (
    case("no rule of that name", "silent", a_rule("allow-web"), a_policy(source="*")),
    case("a request with one address", "silent", a_jit_allow(), a_policy()),
    case("a request for everybody that is over", "silent", a_jit_allow("*"), a_policy(source="*", end=OVER)),
    case("a rule for everybody without a request, which is another finding", "silent", a_jit_allow("*")),
    case("a live request for everybody", "speaks", a_jit_allow("*"), a_policy(source="*"), severity="low"),
    case("a live request for the internet", "speaks", a_jit_allow("Internet"), a_policy(source="Internet")),
    case("policies nobody may read", "unknown", a_jit_allow("*"), unread=(JIT_LIST,)),
)
