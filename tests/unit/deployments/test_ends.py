"""How a run ends, and where each format points: thresholds, lines of the input, what is new."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.deployments.judged import INPUTS, Answer, preflight
from tests.unit.scan.scanned import an_estate

CHILDREN = ("--template", "template-children.json", "--estate", "estate-shop.json")
OPEN = "nsg-mgmt-open-to-internet"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--what-if", "what-if-without-bastion.json"), 0),
        (("--what-if", "what-if-without-bastion.json", "--fail-on", "info"), 1),
        (("--what-if", "what-if-breaks-bastion.json"), 1),
        (("--what-if", "what-if-breaks-bastion.json", "--fail-on", "high"), 0),
        (("--what-if", "what-if-breaks-bastion.json", "--fail-on", "never"), 0),
        (("--what-if", "what-if-closed.json"), 0),
        (("--template", "template-maybe.json"), 0),
        (("--template", "template-maybe.json", "--fail-on-unknown"), 1),
        (("--what-if", "what-if-ids-only.json"), 3),
        (("--template", "template-hub.json", "--fail-on", "high"), 0),
    ],
)
def test_new_findings_alone_decide_how_a_run_ends(arguments: tuple[str, ...], status: int) -> None:
    assert preflight(*arguments).status == status


def test_a_change_that_nobody_could_judge_is_no_green(tmp_path: Path) -> None:
    path = tmp_path / "what-if.json"
    path.write_text('{"changes": [], "status": "Succeeded"}')
    assert preflight("--what-if", path).status == 3


def test_the_same_change_over_the_estate_it_leads_to_brings_nothing(tmp_path: Path) -> None:
    """Laid over itself, everything was there before."""
    estate = tmp_path / "estate.json"
    estate.write_text(json.dumps(an_estate()))
    changes = [
        {"resourceId": one["id"], "changeType": "Modify", "before": one, "after": one, "delta": []}
        for one in an_estate()
    ]
    result = tmp_path / "what-if.json"
    result.write_text(json.dumps({"changes": changes}))
    alone, over = preflight("--what-if", result), preflight("--what-if", result, "--estate", estate)
    for told in (alone, over):
        assert (told.status, told.by("new"), told.by("resolved"), told.document["effects"]) == (0, [], [], [])
        assert told.by("existing") != []


# SARIF ----------------------------------------------------------------------------------------------


def results(answer: Answer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer.document["runs"][0]["results"]
    return found


def line_of(result: dict[str, Any], text: str) -> str:
    line: int = result["locations"][0]["physicalLocation"]["region"]["startLine"]
    return text.splitlines()[line - 1]


def test_sarif_points_at_the_lines_of_the_template() -> None:
    """A group that is not in the template itself is shown where its rule stands."""
    lines = (INPUTS / "template-children.json").read_text().splitlines()
    found = {
        one["ruleId"]: one["locations"][0]["physicalLocation"]
        for one in results(preflight(*CHILDREN, how="sarif"))
        if one.get("baselineState") in {"new", "updated"}
    }
    begins = {rule: lines[place["region"]["startLine"]].strip() for rule, place in found.items()}
    assert begins[OPEN].startswith('"type": "Microsoft.Network/networkSecurityGroups/securityRules"')
    assert begins["pip-attached-to-vm-nic"].startswith('"type": "Microsoft.Network/publicIPAddresses"')
    assert {place["artifactLocation"]["uri"].rpartition("/")[2] for place in found.values()} == {
        "template-children.json"
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--snapshot", "snapshot-web.json"), '"id": "/subscriptions/'),
        (("--what-if", "what-if-widened.json"), '"resourceId": "/subscriptions/'),
    ],
)
def test_sarif_points_at_the_line_with_the_id(arguments: tuple[str, ...], said: str) -> None:
    text = (INPUTS / arguments[1]).read_text()
    (one,) = [one for one in results(preflight(*arguments, how="sarif")) if one["ruleId"] == OPEN]
    assert said in line_of(one, text)
    assert "/networkSecurityGroups/" in line_of(one, text)


def test_sarif_names_the_address_of_a_terraform_resource() -> None:
    told = results(preflight("--terraform-plan", "plan-modules.json", how="sarif"))
    (one,) = [one for one in told if one["ruleId"] == OPEN]
    names = {each["fullyQualifiedName"] for each in one["locations"][0]["logicalLocations"]}
    assert 'module.spoke["pay"].module.nsg.azurerm_network_security_group.this' in names


def test_sarif_tells_new_worse_old_and_gone_apart() -> None:
    told = results(preflight("--what-if", "what-if-widened.json", how="sarif"))
    states = {(one["ruleId"], one["baselineState"], one["kind"]) for one in told}
    assert (OPEN, "updated", "fail") in states
    assert ("bastion-coverage-gap", "unchanged", "fail") in states
    assert ("vm-nsg-mgmt-from-any-private", "absent", "pass") in states


# Markdown, table, JSON -------------------------------------------------------------------------------


def test_a_comment_begins_with_what_is_new_and_folds_the_rest_away() -> None:
    told = preflight(*CHILDREN, how="markdown").output
    head, _, folded = told.partition("<details>")
    assert told.startswith("### Bastion Guard preflight: 3 new findings")
    assert "lets the whole internet reach vm-shop on 3389 through pip-shop" in head
    assert "bastion-coverage-gap" not in head
    assert "bastion-coverage-gap" in folded


def test_a_comment_makes_nothing_of_what_a_template_says(tmp_path: Path) -> None:
    """Anybody may propose a template: no link, no picture, no mention comes out of a name."""
    text = (INPUTS / "template-jump-host.json").read_text()
    evil = "@team ![x](http://a.b/c) <img src=x> [y](http://z)\\n# title"
    path = tmp_path / "template.json"
    path.write_text(text.replace('"name": "SSH"', f'"name": "{evil}"'))
    told = preflight("--template", path, how="markdown").output
    assert all(sign not in told for sign in ("![", "<img", "\n# title", "@team"))
    assert re.search(r"(?<!\\)\]\(", told) is None  # a bracket with a stroke before it begins no link


def test_a_resource_without_an_id_is_named_by_its_address(tmp_path: Path) -> None:
    """A group whose name is random is known after the apply only."""
    plan = json.loads((INPUTS / "plan-first-apply.json").read_text())
    for change in plan["resource_changes"]:
        if change["type"] == "azurerm_network_security_group":
            del change["change"]["after"]["name"]
            change["change"]["after_unknown"]["name"] = True
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    told = preflight("--terraform-plan", path).document
    assert "azurerm_network_security_group.app" in {one["resourceId"] for one in told["findings"]}


def test_json_is_a_scans_with_the_change_of_each_finding() -> None:
    told = preflight(*CHILDREN).document
    assert {"findings", "unknown", "evaluated"} <= set(told)
    for one in told["findings"]:
        assert {
            "rule",
            "resourceId",
            "severity",
            "message",
            "guidance",
            "evidence",
            "disposition",
            "fix",
        } <= {*one}
        assert one["change"] in {"new", "existing", "resolved"}


def test_a_table_says_first_who_gets_in() -> None:
    told = preflight("--snapshot", "snapshot-web.json", how="table").output
    assert told.startswith("this change lets 20.0.0.0/8 reach vm-web-01 on 22 through lb-ops\n")


# Where it goes ---------------------------------------------------------------------------------------


def test_a_template_goes_where_it_is_told_to_go() -> None:
    told = preflight(
        *("--template", "template-jump-host.json", "--resource-group", "rg-elsewhere"),
        *("--subscription", "11111111-2222-3333-4444-555555555555"),
    ).document
    assert {one["resourceId"].split("/providers/")[0] for one in told["findings"]} == {
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-elsewhere"
    }
