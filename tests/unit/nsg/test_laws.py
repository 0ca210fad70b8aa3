"""Laws that hold whatever the rules are, on random NSGs."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediation.nsg import Repair, apply_changes, difference, exposure, parse, plan_repair
from tests.unit.nsg.strategies import nsgs, rules


def with_rules(document: dict[str, Any], *more: dict[str, Any]) -> dict[str, Any]:
    changed = deepcopy(document)
    changed["properties"]["securityRules"] += more
    return changed


@given(nsgs(nasty=True, unique=True, inbound=False), st.randoms())
def test_the_order_of_the_json_means_nothing(document: dict[str, Any], chance: Any) -> None:
    shuffled = deepcopy(document)
    chance.shuffle(shuffled["properties"]["securityRules"])
    assert difference(parse(document), parse(shuffled)).empty
    assert exposure(parse(document), 22) == exposure(parse(shuffled), 22)


@given(nsgs(nasty=True), rules("below"))
def test_a_rule_below_a_full_match_changes_nothing(document: dict[str, Any], below: dict[str, Any]) -> None:
    wall = deepcopy(below)
    wall["name"] = "wall"
    wall["properties"] |= {"priority": 4000, "access": "Deny"}
    below["properties"]["priority"] = 4001
    walled = with_rules(document, wall)
    assert difference(parse(walled), parse(with_rules(walled, below)), portless=False).empty


@given(nsgs(), rules("copy"))
def test_a_rule_shadowed_by_its_equal_changes_nothing(document: dict[str, Any], rule: dict[str, Any]) -> None:
    rule["properties"]["priority"] = 110
    shadowed = deepcopy(rule)
    shadowed["name"] = "shadowed"
    shadowed["properties"]["priority"] = 111
    before, after = parse(with_rules(document, rule)), parse(with_rules(document, rule, shadowed))
    assert difference(before, after, portless=False).empty


@given(nsgs(unique=True, nasty=True))
def test_no_step_of_a_repair_widens_what_can_be_reached(document: dict[str, Any]) -> None:
    repair = plan_repair(document)
    state = document
    for change in repair.changes if isinstance(repair, Repair) else ():
        state = apply_changes(state, [change])
        assert not difference(parse(document), parse(state), portless=False).added


@given(nsgs(nasty=True))
def test_judging_leaves_the_document_as_it_was(document: dict[str, Any]) -> None:
    before = deepcopy(document)
    exposure(parse(document), 22)
    plan_repair(document)
    assert document == before


@given(nsgs(unique=True))
def test_planning_twice_gives_the_same_plan(document: dict[str, Any]) -> None:
    assert plan_repair(document) == plan_repair(deepcopy(document))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    *("priority", "direction", "access", "protocol", "sourceAddressPrefix", "sourceAddressPrefixes"),
    *("destinationPortRange", "destinationPortRanges", "sourceApplicationSecurityGroups", "sourcePortRange"),
    "destinationAddressPrefix",
)
RULES = JSON | st.fixed_dictionaries({"properties": st.dictionaries(st.sampled_from(FIELDS), JSON)})


@given(st.lists(RULES), JSON)
def test_no_content_makes_the_engine_raise(elements: list[Any], properties: Any) -> None:
    for document in (
        {"properties": {"securityRules": elements}},
        {"properties": properties},
        {"securityRules": properties},
    ):
        nsg = parse(document)
        assert exposure(nsg, 22).verdict in {"open", "closed", "unknown"}
        assert isinstance(nsg.problems, tuple)
        plan_repair(document)
        assert difference(nsg, parse({"properties": {}})).summary() is not None
