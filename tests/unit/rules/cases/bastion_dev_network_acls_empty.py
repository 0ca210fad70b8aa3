from tests.unit.rules.case import Case
from tests.unit.rules.estates_bastion import HOST, a_developer_host, a_host

CASES = (
    Case("a list of ranges", "silent", HOST, (a_developer_host("20.1.2.0/24"),)),
    Case("a dedicated host needs none", "silent", HOST, (a_host("Basic"),)),
    Case("no list at all", "speaks", HOST, (a_developer_host(),), severity="low", on=HOST),
    Case("an empty list", "speaks", HOST, (a_developer_host(networkAcls={"ipRules": []}),)),
    Case("a list that is null", "speaks", HOST, (a_developer_host(networkAcls={"ipRules": None}),)),
    Case("a rule without a range", "speaks", HOST, (a_developer_host(networkAcls={"ipRules": [{}]}),)),
    Case("a SKU of next year", "unknown", HOST, (a_host("Ultra"),)),
)
