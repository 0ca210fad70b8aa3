from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import HOST, IN_PRODUCTION, IN_SANDBOX, a_developer_host, a_host

ELSEWHERE = {"environments": [{"name": "production", "match": {"tags": {"environment": ["prod"]}}}]}

CASES = (
    Case("a dedicated host in production", "silent", HOST, (a_host(),), IN_PRODUCTION),
    Case("the shared pool in a sandbox", "silent", HOST, (a_developer_host(),), IN_SANDBOX),
    Case("the shared pool in production", "speaks", HOST, (a_developer_host(),), IN_PRODUCTION, "high", HOST),
    Case(
        "a SKU in another case",
        "speaks",
        HOST,
        ({**a_developer_host(), "sku": {"name": "developer"}},),
        IN_PRODUCTION,
    ),
    Case("no environment is named at all", "silent", HOST, (a_developer_host(),)),
    Case("environments are named, and none is its", "unknown", HOST, (a_developer_host(),), ELSEWHERE),
    Case("a SKU of next year", "unknown", HOST, (a_host("Ultra"),), IN_PRODUCTION),
)
