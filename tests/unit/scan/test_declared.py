"""`scan --declared`: what a team's own files declare, held against the estate, in one command."""

import copy
import json

import pytest

from lab.arm import Arm, in_background
from remediation.cli import main
from tests.builders import FOREIGN, NSG_ID, SUBSCRIPTION, WEB, Document, a_setting, an_nsg
from tests.unit.declared.declaring import template
from tests.unit.declared.states import a_group, a_rule, shown
from tests.unit.scan.scanned import Desk, an_estate

DRIFT = "declared-drift"
CLOSED = an_estate(ssh_from="10.0.0.0/8")
SNAPSHOT = {"predictedResources": [template(document) for document in copy.deepcopy(CLOSED)]}


def test_an_estate_as_declared_has_no_such_finding(desk: Desk) -> None:
    declared = desk.file(SNAPSHOT, "main.snapshot.json")
    answer = desk.scanned(CLOSED, "--declared", declared)
    assert DRIFT not in {rule for rule, _ in answer.found}
    assert "note: declared and not compared: 2 resources/subscriptions/resourcegroups" in answer.errors


def test_one_finding_for_each_resource_that_differs_a_deleted_one_too(desk: Desk) -> None:
    declared = desk.file(SNAPSHOT, "main.snapshot.json")
    answer = desk.scanned(an_estate(logs=False), "--declared", declared)
    assert answer.status == 1
    found = {one["resourceId"]: one for one in answer.document["findings"] if one["rule"] == DRIFT}
    assert set(found) == {NSG_ID.text, a_setting()["id"]}
    opened = found[NSG_ID.text]
    assert opened["severity"] == "critical"
    assert opened["evidence"]["declaredBy"] == declared
    assert opened["evidence"]["differences"] == [
        {
            "path": "securityRules/allow-ssh/sourceAddressPrefix",
            "declared": "10.0.0.0/8",
            "live": "*",
            "effect": "opens",
        }
    ]
    (deleted,) = found[a_setting()["id"]]["evidence"]["differences"]
    assert (deleted["path"], deleted["live"], deleted["effect"]) == ("", None, "none")
    assert found[a_setting()["id"]]["severity"] == "high"


def test_several_files_of_different_kinds_declare_together(desk: Desk) -> None:
    state = desk.file(shown(a_group(a_rule())), "web.tfstate.json")
    setting = desk.file([a_setting()], "settings.json")
    answer = desk.scanned(an_estate(logs=False), "--declared", state, "--declared", setting)
    told = {one["resourceId"]: one["evidence"] for one in answer.document["findings"] if one["rule"] == DRIFT}
    assert {evidence["declaredBy"] for evidence in told.values()} == {state, setting}
    assert told[NSG_ID.text]["declaredIn"]["address"] == "azurerm_network_security_group.this"


def test_the_table_and_sarif_have_it_like_every_finding(desk: Desk) -> None:
    declared = desk.file(SNAPSHOT, "main.snapshot.json")
    estate = desk.file(an_estate())
    table = desk.scan("--estate", estate, "--declared", declared, form="table").text
    assert "securityRules/allow-ssh/sourceAddressPrefix is *" in " ".join(table.split())
    assert DRIFT in table
    log = desk.scan("--estate", estate, "--declared", declared, form="sarif").document["runs"][0]
    rules = log["tool"]["driver"]["rules"]
    (result,) = [one for one in log["results"] if one.get("ruleId") == DRIFT]
    assert rules[result["ruleIndex"]]["id"] == DRIFT
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("estate.json")


def test_without_declarations_nothing_of_it_speaks(desk: Desk) -> None:
    answer = desk.scan("--estate", desk.file(an_estate()), form="sarif")
    assert DRIFT not in answer.text
    assert DRIFT not in answer.errors


def test_the_threshold_counts_it(desk: Desk) -> None:
    declared = desk.file({"predictedResources": [template(an_nsg(allow_ssh_from="10.0.0.0/8"))]})
    estate = desk.file([an_nsg(allow_ssh_from="10.1.0.0/16", subnets=())], "live.json")
    for threshold, status in (("medium", 1), ("high", 0)):
        assert desk.scan("--estate", estate, "--declared", declared, "--fail-on", threshold).status == status


def test_the_baseline_may_switch_it_off_and_exempt_from_it(desk: Desk) -> None:
    declared = desk.file(SNAPSHOT, "main.snapshot.json")
    off: Document = {"version": 1, "rules": {DRIFT: {"action": "off"}}}
    answer = desk.scanned(an_estate(), "--declared", declared, baseline=off)
    assert DRIFT not in {rule for rule, _ in answer.found}


def test_only_what_no_rule_judges_is_not_nothing(desk: Desk) -> None:
    group = f"{WEB}/firewallPolicies/fwp/ruleCollectionGroups/in"
    document: Document = {"id": group, "name": "in", "properties": {"priority": 100, "ruleCollections": []}}
    declared = desk.file([document], "declared.json")
    assert desk.scanned([document], "--declared", declared).status == 0


def refused(desk: Desk, declared: str, *more: str) -> str:
    arguments = [part for path in (declared, *more) for part in ("--declared", path)]
    answer = desk.scanned(CLOSED, *arguments)
    assert (answer.status, answer.text) == (2, "")
    (line,) = answer.errors.splitlines()
    return line


def test_a_plan_a_truncated_file_and_a_stranger_are_one_line_each(desk: Desk) -> None:
    plan = desk.file({"format_version": "1.2", "planned_values": {}, "resource_changes": []}, "plan.json")
    assert "plan.json: a Terraform plan" in refused(desk, plan)
    cut = desk.file(json.dumps(SNAPSHOT)[:-20], "cut.json")
    assert "it breaks off" in refused(desk, cut)
    foreign = json.loads(json.dumps(SNAPSHOT).replace(SUBSCRIPTION, FOREIGN))
    assert f"declares resources of subscription {FOREIGN}" in refused(
        desk, desk.file(foreign, "foreign.json")
    )


def test_two_that_contradict_each_other_are_one_line(desk: Desk) -> None:
    one = desk.file([an_nsg(allow_ssh_from="10.0.0.0/8")], "one.json")
    other = desk.file([an_nsg(allow_ssh_from="20.0.0.0/8")], "other.json")
    assert "contradict each other" in refused(desk, one, other)


def test_a_live_subscription_is_held_against_it_as_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    """What is declared and no rule asks for is read by itself; nothing is written."""
    table: Document = {"id": f"{WEB}/routeTables/rt", "name": "rt", "properties": {"routes": []}}
    declared = desk.file(
        {"predictedResources": [*SNAPSHOT["predictedResources"], table]}, "main.snapshot.json"
    )
    lab = Arm()
    lab.seed(an_estate())
    with in_background(lab) as url:
        monkeypatch.setenv("ARM_ENDPOINT", url)
        monkeypatch.setenv("ARM_STATIC_TOKEN", "ada")
        main(["scan", "--subscription", SUBSCRIPTION, "--declared", declared, "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    told = {one["resourceId"].lower() for one in found if one["rule"] == DRIFT}
    assert told == {NSG_ID.key, table["id"].lower()}
    assert {entry.method for entry in lab.log.entries()} <= {"GET", "POST"}  # effective rules are asked for


def test_ways_in_says_what_of_the_ways_nobody_declared(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = desk.file(SNAPSHOT, "main.snapshot.json")
    estate = desk.file(an_estate())
    status = main(["ways-in", "--estate", estate, "--declared", declared, "--format", "json"])
    told = capsys.readouterr()
    (finding,) = json.loads(told.out)["drift"]
    assert (status, finding["resourceId"]) == (0, NSG_ID.text)
    assert "note: this change lets the whole internet reach vm1 on 22 through vm1-ip" in told.err


def test_ways_in_of_a_live_subscription_is_held_against_it_as_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    lab = Arm()
    lab.seed(an_estate())
    with in_background(lab) as url:
        monkeypatch.setenv("ARM_ENDPOINT", url)
        monkeypatch.setenv("ARM_STATIC_TOKEN", "ada")
        declared = desk.file(SNAPSHOT, "main.snapshot.json")
        main(["ways-in", "--subscription", SUBSCRIPTION, "--declared", declared, "--format", "json"])
    told = json.loads(capsys.readouterr().out)["drift"]
    assert [finding["resourceId"].lower() for finding in told] == [NSG_ID.key]


def test_the_rule_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", DRIFT]) == 0
    assert "Only declared properties are compared" in capsys.readouterr().out


def test_what_is_wrong_by_the_teams_own_word_is_told_as_such(desk: Desk) -> None:
    told = json.dumps({"predictedResources": [template(an_nsg(allow_ssh_from="*"))]}, indent=1)
    answer = desk.scanned(an_estate(), "--declared", desk.file(told, "main.snapshot.json"))
    finding = answer.finding("nsg-mgmt-open-to-internet")
    assert finding["message"].endswith("main.snapshot.json, line 5, says so")
    assert finding["evidence"]["declaredIn"]["line"] == 5
    assert DRIFT not in {rule for rule, _ in answer.found}


def test_a_rule_that_others_wrote_into_a_group_is_not_the_teams_word(desk: Desk) -> None:
    bare: Document = {"id": NSG_ID.text, "name": "web", "location": "westeurope"}
    declared = desk.file({"predictedResources": [bare]}, "main.snapshot.json")
    finding = desk.scanned(an_estate(), "--declared", declared).finding("nsg-mgmt-open-to-internet")
    assert "says so" not in finding["message"]
