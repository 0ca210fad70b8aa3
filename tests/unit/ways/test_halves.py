"""What came without its other half is named with how to get it, and leaves nothing closed."""

from collections.abc import Sequence

from tests.unit.ways.agreeing import told
from tests.unit.ways.backwards import as_read
from tests.unit.ways.documents import Document, group, subnet_id
from tests.unit.ways.examples import SSH, balanced, behind_firewall, with_address
from tests.unit.ways.fronts import balancing_rule, firewall, policy


def unknowns(documents: Sequence[Document]) -> list[tuple[str, str]]:
    return [(one.resource.name, one.reason) for one in told(documents).unknowns]


def without(documents: Sequence[Document], name: str) -> list[Document]:
    return [one for one in as_read(documents) if not one["id"].endswith(f"/{name}")]


def test_a_balancer_without_the_interface_it_leads_to_says_which() -> None:
    documents = balanced(
        group("g", SSH), loadBalancingRules=[balancing_rule("lb", "r", "front", "pool", (22, 22))]
    )

    assert (
        "lb",
        "interface n, to which it leads, was not read: export it (az network nic list)",
    ) in unknowns(without(documents, "n"))


def test_a_firewall_without_its_policy_says_so_and_closes_nothing() -> None:
    documents = behind_firewall()
    documents[-1] = firewall("fw", subnet_id("hub", "AzureFirewallSubnet"), ["p-fw"], policy="gone")
    whole = told(as_read(documents))

    assert [reason for one, reason in unknowns(as_read(documents)) if one == "fw" and "gone" in reason]
    assert {"unknown"} == {machine.verdict for machine in whole.machines}


def test_a_policy_without_its_groups_says_so() -> None:
    documents = behind_firewall()
    documents[-1] = firewall("fw", subnet_id("hub", "AzureFirewallSubnet"), ["p-fw"], policy="fp")

    assert [reason for _, reason in unknowns(as_read([*documents, policy("fp", "rcg")])) if "rcg" in reason]


def test_a_machine_without_its_interface_is_not_known() -> None:
    (machine,) = told(without(with_address(SSH), "n")).machines

    assert "unknown" == machine.verdict
    assert ("interface n was not read: export it (az network nic list)",) == machine.doubts


def test_an_estate_that_has_both_halves_says_nothing() -> None:
    assert [] == unknowns(as_read(behind_firewall(rules_of_group=SSH)))
