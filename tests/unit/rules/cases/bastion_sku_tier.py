from typing import Any

from tests.builders import BASTION_ID, a_bastion
from tests.unit.rules.case import Case

BASTION = BASTION_ID.text
ENVIRONMENTS: dict[str, Any] = {
    "environments": [
        {"name": "production", "match": {"tags": {"environment": ["prod"]}}},
        {"name": "sandbox", "match": {"tags": {"environment": ["sandbox"]}}},
    ],
    "bastion": {"allowedSkus": {"sandbox": ["Developer", "Basic", "Standard", "Premium"]}},
}
SANDBOX = {"environment": "Sandbox"}


def case(name: str, says: Any, sku: str | None, tags: dict[str, str] | None = None, **more: Any) -> Case:
    return Case(name, says, BASTION, (a_bastion(sku, tags=tags),), **{"baseline": ENVIRONMENTS, **more})


CASES = (
    case("standard in production", "silent", "Standard"),
    case("premium in production, in other case", "silent", "premium"),
    case("developer in the sandbox", "silent", "Developer", SANDBOX),
    case("an environment without a list", "silent", "Basic", {}, baseline={"defaultEnvironment": "lab"}),
    case("basic in production", "speaks", "Basic", severity="medium"),
    case("basic by age: a document from before there were SKUs", "speaks", None, severity="medium"),
    case("developer in production, which no single write mends", "speaks", "Developer", severity="high"),
    case("standard where only premium will do", "speaks", "Standard", severity="info",
         baseline={**ENVIRONMENTS, "bastion": {"allowedSkus": {"production": ["Premium"]}}}),
    case("basic where only premium will do", "speaks", "Basic",
         baseline={**ENVIRONMENTS, "bastion": {"allowedSkus": {"production": ["Premium"]}}}),
    case("a SKU that is in no table", "unknown", "Platinum"),
    case("an environment nobody knows", "unknown", "Basic", {}),
    case("no environment is named at all", "silent", "Basic", {}, baseline={}),
)  # fmt: skip
