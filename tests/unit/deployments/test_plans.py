"""What a Terraform plan says in its own ways: names known later, what it forgets, what it replaces."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.unit.deployments.judged import INPUTS, Answer, preflight

type Change = dict[str, Any]

OPEN = "nsg-mgmt-open-to-internet"


def judged(folder: Path, name: str, edit: Callable[[dict[str, Any]], None], *more: str) -> Answer:
    """A plan of the inputs with something changed."""
    plan = json.loads((INPUTS / name).read_text())
    edit(plan)
    path = folder / "plan.json"
    path.write_text(json.dumps(plan))
    return preflight("--terraform-plan", path, *more)


def of(plan: dict[str, Any], address: str) -> Change:
    found: Change = next(one for one in plan["resource_changes"] if one["address"] == address)
    return found


def test_a_rule_stands_in_its_group_although_no_name_is_known_yet(tmp_path: Path) -> None:
    """Random names are known after the apply; the configuration says what belongs together."""

    def random_names(plan: dict[str, Any]) -> None:
        group = of(plan, "azurerm_network_security_group.app")["change"]
        rule = {**group["after"]["security_rule"][0], "resource_group_name": "rg-shop"}
        group["after"]["security_rule"] = []
        del group["after"]["name"]
        group["after_unknown"]["name"] = True
        unknown = {"id": True, "network_security_group_name": True}
        own = {"address": "azurerm_network_security_rule.ssh", "mode": "managed", "name": "ssh"}
        own["type"] = "azurerm_network_security_rule"
        change = {"actions": ["create"], "before": None, "after": rule, "after_unknown": unknown}
        plan["resource_changes"].append({**own, "change": change})
        references = ["azurerm_network_security_group.app.name", "azurerm_network_security_group.app"]
        expressions = {"network_security_group_name": {"references": references}}
        plan["configuration"]["root_module"]["resources"].append({**own, "expressions": expressions})

    told = judged(tmp_path, "plan-first-apply.json", random_names)
    assert f"{OPEN} azurerm_network_security_group.app" in told.by("new")
    assert told.document["effects"] == [
        "this change lets 20.0.0.0/8 reach vm-web-01 on 22 through lb-ops port 2222"
    ]


def test_what_a_plan_forgets_is_still_there(tmp_path: Path) -> None:
    def forget(plan: dict[str, Any]) -> None:
        for one in plan["resource_changes"]:
            one["change"] |= {"actions": ["forget"], "after": None}

    told = judged(tmp_path, "plan-destroy.json", forget)
    assert (told.by("new"), told.by("resolved"), told.document["effects"]) == ([], [], [])
    assert f"{OPEN} nsg-shop" in told.by("existing")


def test_a_group_that_is_replaced_keeps_none_of_its_rules(tmp_path: Path) -> None:
    def replace(plan: dict[str, Any]) -> None:
        change = of(plan, "azurerm_network_security_group.app")["change"]
        del change["after"]["id"]
        change |= {"actions": ["delete", "create"], "after_unknown": {"id": True, "security_rule": True}}
        del change["after"]["security_rule"]
        of(plan, "azurerm_network_security_rule.ssh")["change"] |= {"actions": ["delete"], "after": None}

    told = judged(tmp_path, "plan-widens-rule.json", replace)
    assert f"{OPEN} nsg-shop" in told.by("resolved")


def test_a_rule_that_the_plan_does_not_know_stays_where_the_estate_has_it(tmp_path: Path) -> None:
    """A group is read before it is written: rules of others stay, though the plan is silent about them."""
    estate = json.loads((INPUTS / "estate-shop.json").read_text())
    group = estate[1]["properties"]["securityRules"]
    group.append({"name": "of-another-team", "properties": {**group[0]["properties"], "priority": 310}})
    path = tmp_path / "estate.json"
    path.write_text(json.dumps(estate))

    def without_inline(plan: dict[str, Any]) -> None:
        change = of(plan, "azurerm_network_security_group.app")["change"]
        for side in ("before", "after"):
            change[side] = {**change[side], "security_rule": None, "tags": {side: "x"}}
        change["actions"] = ["update"]
        of(plan, "azurerm_network_security_rule.ssh")["change"] |= {"actions": ["delete"], "after": None}

    told = judged(tmp_path, "plan-widens-rule.json", without_inline, "--estate", str(path))
    assert f"{OPEN} nsg-shop" in [*told.by("existing"), *told.by("new")]


def test_the_subscription_is_the_one_a_variable_says(tmp_path: Path) -> None:
    other = "11111111-2222-3333-4444-555555555555"

    def by_variable(plan: dict[str, Any]) -> None:
        expressions = plan["configuration"]["provider_config"]["azurerm"]["expressions"]
        expressions["subscription_id"] = {"references": ["var.subscription_id"]}
        plan["variables"] = {"subscription_id": {"value": other}}

    told = judged(tmp_path, "plan-first-apply.json", by_variable).document
    assert {one["resourceId"].split("/")[2] for one in told["findings"]} == {other}
