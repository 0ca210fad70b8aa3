"""What just-in-time access does to a declared group is nobody's drift while a request backs it."""

from remediation.baseline import Baseline
from remediation.declared.drift import Drift, drift
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from tests.builders import NSG_ID, Document, a_nic, a_rule, a_subnet, a_vnet, an_nsg
from tests.unit.declared.declaring import declared
from tests.unit.rules.estates_nsg import JIT_ALLOW, NOON, OVER, a_jit_allow, a_jit_deny, a_policy

DECLARED = an_nsg(a_rule())


def drifted(*others: Document, rules: tuple[Document, ...]) -> Drift:
    documents = [an_nsg(a_rule(), *rules), a_vnet(a_subnet()), a_nic(), *others]
    files = [EstateFile("estate.json", documents)]
    return drift(declared(DECLARED), Estate(files), files, Baseline(), NOON)


def paths(found: Drift) -> list[str]:
    return [one["path"] for finding in found.findings for one in finding.evidence["differences"]]


def test_a_rule_with_a_live_request_is_no_drift() -> None:
    found = drifted(a_policy(), rules=(a_jit_allow(), a_jit_deny()))
    assert (found.findings, found.unknowns) == ((), ())


def test_a_rule_whose_request_is_over_is_somebodys() -> None:
    found = drifted(a_policy(end=OVER), rules=(a_jit_allow(), a_jit_deny()))
    assert paths(found) == [f"securityRules/{JIT_ALLOW}"]


def test_a_rule_that_only_has_the_name_is_somebodys() -> None:
    assert paths(drifted(rules=(a_jit_allow("*"),))) == [f"securityRules/{JIT_ALLOW}"]


def test_where_nobody_can_tell_it_is_unknown() -> None:
    """Not every interface behind the group was read: whose machine the rule leads to is not known."""
    documents = [an_nsg(a_rule(), a_jit_allow()), a_vnet(a_subnet()), a_policy()]
    files = [EstateFile("estate.json", documents)]
    found = drift(declared(DECLARED), Estate(files), files, Baseline(), NOON)
    assert found.findings == ()
    assert [one.resource for one in found.unknowns] == [NSG_ID]


def test_what_else_differs_is_told_all_the_same() -> None:
    widened = an_nsg(a_rule(priority=310), a_jit_allow())
    files = [EstateFile("estate.json", [widened, a_vnet(a_subnet()), a_nic(), a_policy()])]
    found = drift(declared(DECLARED), Estate(files), files, Baseline(), NOON)
    assert paths(found) == ["securityRules/allow-web/priority"]
