"""What rules ask of the ways through one group: who arrives, why nobody does, and what a repair closes."""

from collections.abc import Sequence
from typing import Any

from remediation import baseline
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.judging.evaluation import judge
from remediation.judging.gathering import gather
from remediation.model import Finding, Resource
from remediation.resource_id import ResourceId
from remediation.rules import registry
from tests.unit.ways.backwards import as_read
from tests.unit.ways.documents import Document, address, admin_rule, group, id_of, interface, reference
from tests.unit.ways.examples import (
    APPS,
    FRONT,
    SSH,
    balanced,
    behind_firewall,
    one_machine,
    spoke,
    with_address,
)
from tests.unit.ways.fronts import balancing_rule

RULE = "nsg-mgmt-open-to-internet"


def findings(documents: Sequence[Document], name: str = "g", **standard: Any) -> tuple[Finding, ...]:
    """What the rule says of a group of an estate, in enforce mode."""
    estate = Estate([EstateFile("estate.json", as_read(documents))])
    text = str({"version": 1, "mode": "enforce", **standard})
    ours = baseline.read(text, known_rules=list(registry()))
    subject = estate.get(ResourceId.parse(id_of("networkSecurityGroups", name)))
    assert isinstance(subject, Resource)
    snapshot = gather(estate, subject, [registry()[RULE]], ours)
    return judge(snapshot, [registry()[RULE]], ours).findings


def finding(documents: Sequence[Document], name: str = "g", **standard: Any) -> Finding:
    (only,) = findings(documents, name, **standard)
    return only


def test_somebody_who_arrives_makes_an_open_group_critical_and_the_way_is_told() -> None:
    told = finding(with_address(SSH))

    assert ("critical", "") == (told.severity.text, told.latent)
    assert ["m: TCP 22 through public IP p, port 22"] == told.evidence["waysIn"]


def test_where_nobody_arrives_the_message_says_that_it_was_lowered_and_why() -> None:
    told = finding([spoke(), *one_machine(), group("g", SSH)])

    assert "medium" == told.severity.text
    assert told.message.endswith("(critical, lowered to medium: nothing behind it has a public path today)")


def test_a_group_of_the_interface_that_denies_makes_the_open_one_of_the_subnet_latent() -> None:
    documents = [
        spoke(),
        *one_machine(public="p", group="own"),
        address("p", FRONT),
        group("g", SSH),
        group("own"),
    ]

    assert "own denies it by DenyAllInBound" == finding(documents).latent


def test_an_admin_rule_that_denies_makes_it_latent_and_is_named() -> None:
    documents = [*with_address(SSH), admin_rule("keep-out", 10, "Deny", "Internet", ["22"])]

    assert "keep-out" in finding(documents).latent


def test_below_an_admin_rule_that_always_allows_no_repair_is_promised() -> None:
    told = finding([*with_address(SSH), admin_rule("come-in", 10, "AlwaysAllow", "*", ["22"])])

    assert told.fix is None
    assert told.no_fix is not None
    assert "come-in" in told.no_fix.text


def test_an_interface_of_nobody_lets_nobody_in() -> None:
    documents = with_address(SSH)
    lonely = [one for one in documents if "virtualMachines" not in one["id"]]
    for one in lonely:
        one.get("properties", {}).pop("virtualMachine", None)

    assert "no interface behind it belongs to a machine" == finding(lonely).latent


def test_a_public_address_that_was_not_read_leaves_it_critical_and_says_what_is_missing() -> None:
    documents = [one for one in with_address(SSH) if not one["id"].endswith("/p")]
    told = finding(documents)

    assert ("critical", "") == (told.severity.text, told.latent)
    assert "it is not in the estate" in told.evidence["waysUnknown"]
    assert "whether anybody arrives there is not known" in told.message


def test_a_repair_says_which_ways_it_closes_and_which_stay() -> None:
    documents = behind_firewall(rules_of_group=SSH)
    for one in documents:
        if one["id"].endswith("/n"):
            held = one["properties"]["ipConfigurations"][0]["properties"]
            held["publicIPAddress"] = reference(id_of("publicIPAddresses", "p"))
    told = finding([*documents, address("p", "20.50.0.9")])

    assert told.fix is not None
    assert ("closes 1 of 2 ways in to m; the other is firewall fw, port 2222",) == told.fix.closes


def test_a_repair_that_ends_the_only_way_says_so() -> None:
    told = finding(with_address(SSH))

    assert told.fix is not None
    assert ("closes the way in to m",) == told.fix.closes


def test_a_rule_for_the_front_of_a_floating_address_is_an_opening() -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (22, 22), floating=True)]
    documents = balanced(group("g", f"300 Allow Tcp Internet>{FRONT}:22"), loadBalancingRules=rules)

    assert "critical" == finding(documents).severity.text


def test_the_same_rule_without_floating_address_is_none() -> None:
    rules = [balancing_rule("lb", "r", "front", "pool", (22, 22))]
    documents = balanced(group("g", f"300 Allow Tcp Internet>{FRONT}:22"), loadBalancingRules=rules)

    assert () == findings(documents)


def test_sources_that_the_path_narrows_to_an_office_are_proposed_and_not_cut_off() -> None:
    """The group is open to anybody; the group of the interface lets only an office through."""
    office = group("own", "300 Allow Tcp 20.49.199.4>*:22")
    documents = [spoke(), *one_machine(public="p", group="own"), address("p", FRONT), group("g", SSH), office]
    told = finding(documents)

    assert told.fix is not None
    assert ("medium", True) == (told.severity.text, "20.49.199.4" in told.fix.consent)


def test_a_group_without_any_attachment_is_latent() -> None:
    alone = spoke(subnet={})
    nobody = interface("x", {"name": "c", "properties": {"subnet": reference(APPS)}})

    assert finding([alone, nobody, group("g", SSH)]).latent
