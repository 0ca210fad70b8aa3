"""What `scan` says of an estate: findings, unknowns, dispositions, order, exit status."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from remediation import baseline
from remediation.adapters.memory.cloud import MemoryCloud
from remediation.errors import PermanentError
from remediation.estates.scanning import Subject, scan
from remediation.model import Listing, Resource, Severity
from remediation.resource_id import ResourceId
from remediation.rules import judged_types
from tests.builders import (
    AT,
    BASTION_ID,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    VNET_ID,
    WEB,
    Document,
    a_bastion,
    a_group,
    a_lock,
    a_public_ip,
    a_setting,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.unit.scan.scanned import ENFORCING, Desk, an_estate

OPEN = "nsg-mgmt-open-to-internet"
LOGS = "bastion-diagnostics"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_an_open_port_is_found_and_would_be_repaired_in_enforce_mode(desk: Desk) -> None:
    answer = desk.scanned(an_estate())
    found = answer.finding(OPEN)
    assert (found["resourceId"], found["severity"], found["disposition"]) == (NSG_ID.text, "critical", "fix")
    assert found["fix"]["writes"][-1]["id"] == f"{NSG_ID}/securityRules/allow-ssh"
    assert answer.status == 1


def test_the_result_has_exactly_the_keys_that_other_tools_read(desk: Desk) -> None:
    document = desk.scanned(an_estate()).document
    assert list(document) == ["findings", "unknown", "evaluated"]
    assert list(document["findings"][0]) == [
        "rule", "resourceId", "severity", "message", "guidance", "evidence", "disposition", "fix", "commands",
    ]  # fmt: skip
    unknown = desk.scanned(an_estate(), baseline=None).document["unknown"]
    assert {tuple(one) for one in unknown} == {("rule", "resourceId", "reason")}


def test_without_a_baseline_nothing_would_be_written(desk: Desk) -> None:
    answer = desk.scanned(an_estate(logs=False), baseline=None)
    assert {one["disposition"] for one in answer.document["findings"]} <= {"propose", "alert"}
    assert "no baseline given" == answer.finding(OPEN)["evidence"]["heldBackBy"][0]


def test_every_resource_of_a_judged_type_is_counted(desk: Desk) -> None:
    documents = [
        document for document in an_estate() if ResourceId.parse(document["id"]).type in judged_types()
    ]
    assert desk.scanned(an_estate()).document["evaluated"] == len(documents)


def test_an_empty_estate_is_not_clean_since_nothing_was_judged(desk: Desk) -> None:
    answer = desk.scanned([])
    assert (answer.status, answer.document) == (3, {"findings": [], "unknown": [], "evaluated": 0})
    assert "nothing was judged" in answer.errors


def test_the_answer_does_not_depend_on_the_order_of_the_file(desk: Desk) -> None:
    documents = an_estate(sku="Basic", logs=False)
    first = desk.scanned(documents).document
    assert desk.scanned(documents[::-1]).document == first
    assert desk.scanned(documents[3:] + documents[:3]).document == first


def test_findings_come_worst_first_then_by_rule_and_id(desk: Desk) -> None:
    found = desk.scanned(an_estate(sku="Basic", logs=False)).document["findings"]
    keys = [(-Severity[one["severity"].upper()], one["rule"], one["resourceId"].lower()) for one in found]
    assert len({one["severity"] for one in found}) > 1
    assert keys == sorted(keys)


# Exit status -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("threshold", "status"), [("info", 1), ("medium", 1), ("MEDIUM", 1), ("high", 0), ("critical", 0)]
)
def test_findings_below_the_threshold_do_not_fail(desk: Desk, threshold: str, status: int) -> None:
    estate = [a_bastion(), a_setting(workspace=None)]
    answer = desk.scanned(estate, "--fail-on", threshold)
    assert answer.finding(LOGS)["severity"] == "medium"
    worst = {one["severity"] for one in answer.document["findings"]}
    assert worst == {"medium"}
    assert answer.status == status


def test_unknowns_alone_fail_only_when_asked_for(desk: Desk) -> None:
    estate = [an_nsg(allow_ssh_from="*", state="Updating"), a_vnet(a_subnet())]
    assert desk.scanned(estate).status == 0
    answer = desk.scanned(estate, "--fail-on-unknown")
    assert (answer.status, answer.document["findings"]) == (1, [])
    assert (OPEN, "web") in answer.unknown


# The closed world --------------------------------------------------------------------------------


def test_no_diagnostic_setting_in_the_estate_means_that_there_is_none(desk: Desk) -> None:
    assert (LOGS, BASTION_ID.name) in desk.scanned([a_bastion(), a_group("rg-hub")]).found


def test_a_list_of_hosts_alone_does_not_show_their_diagnostic_settings(desk: Desk) -> None:
    """As `az network bastion list` prints it."""
    answer = desk.scanned([a_bastion()])
    assert (LOGS, BASTION_ID.name) in answer.unknown
    assert LOGS not in {rule for rule, _ in answer.found}


def test_a_type_said_to_be_missing_makes_its_lists_unknown(desk: Desk) -> None:
    answer = desk.scanned([a_bastion()], "--open-world", "microsoft.insights/DiagnosticSettings")
    assert (LOGS, BASTION_ID.name) in answer.unknown
    assert LOGS not in {rule for rule, _ in answer.found}


def test_without_the_interfaces_nothing_behind_an_nsg_is_proven_to_be_out_of_reach(desk: Desk) -> None:
    """What nobody reaches is less severe; that takes all interfaces."""
    documents = [an_nsg(allow_ssh_from="*"), a_vnet(a_subnet(nics=()))]
    closed = desk.scanned(documents).finding(OPEN)
    opened = desk.scanned(documents, "--open-world", "Microsoft.Network/networkInterfaces").finding(OPEN)
    assert (closed["severity"], opened["severity"]) == ("medium", "critical")
    assert opened["fix"] is None


def test_a_setting_of_another_resource_does_not_count(desk: Desk) -> None:
    other = ResourceId.parse(f"{BASTION_ID.text}2")
    assert (LOGS, BASTION_ID.name) in desk.scanned([a_bastion(), a_setting(on=other)]).found


def test_what_is_referred_to_and_absent_was_not_exported_and_makes_unknown(desk: Desk) -> None:
    attached = a_public_ip(attached_to=f"{NIC_ID}/ipConfigurations/ipconfig1")
    answer = desk.scanned([attached])
    assert ("pip-attached-to-vm-nic", PIP_ID.name) in answer.unknown
    assert not answer.found & {("pip-attached-to-vm-nic", PIP_ID.name)}
    reason = next(
        one["reason"] for one in answer.document["unknown"] if one["rule"] == "pip-attached-to-vm-nic"
    )
    assert "not in the estate" in reason


def test_ids_compare_without_case(desk: Desk) -> None:
    documents = [a_bastion(), a_setting()]
    documents[1]["id"] = documents[1]["id"].lower()
    assert LOGS not in {rule for rule, _ in desk.scanned(documents).found}


def test_a_resource_without_type_gets_it_from_its_id(desk: Desk) -> None:
    nsg = an_nsg(allow_ssh_from="*")
    del nsg["type"]
    assert (OPEN, "web") in desk.scanned([nsg]).found


@pytest.mark.parametrize(
    ("lock", "held"),
    [
        (a_lock(NSG_ID.text), True),
        (a_lock(AT, name="all"), True),
        (a_lock(f"{AT}/resourceGroups/rg-hub"), False),
    ],
    ids=["on it", "on its subscription", "elsewhere"],
)
def test_a_lock_of_the_estate_holds_a_repair_back(desk: Desk, lock: Document, held: bool) -> None:
    found = desk.scanned([*an_estate(), lock]).finding(OPEN)
    assert found["disposition"] == ("propose" if held else "fix")
    assert any("lock" in reason for reason in found["evidence"].get("heldBackBy", ())) is held


# Exemptions --------------------------------------------------------------------------------------


def exempting(until: datetime) -> Document:
    entry = {"resource": f"{WEB}/*", "rule": OPEN, "until": until.isoformat()}
    return {**ENFORCING, "exemptions": [entry]}


def test_an_exempt_finding_is_listed_with_its_end(desk: Desk) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    found = desk.scanned(an_estate(), baseline=exempting(until)).finding(OPEN)
    assert found["disposition"] == "alert"
    assert datetime.fromisoformat(found["evidence"]["exemptUntil"]) == until


def test_an_expired_exemption_counts_as_none_and_is_told(desk: Desk) -> None:
    answer = desk.scanned(an_estate(), baseline=exempting(datetime(2025, 1, 1, tzinfo=UTC)))
    assert answer.finding(OPEN)["disposition"] == "fix"
    assert "baseline.json: exemptions[0]: the exemption" in answer.errors
    assert "ended at 2025-01-01" in answer.errors


# Subnets -----------------------------------------------------------------------------------------


def test_a_subnet_is_the_subject_of_its_finding(desk: Desk) -> None:
    found = desk.scanned([a_vnet(a_subnet(nsg=None))]).finding("subnet-without-nsg")
    assert found["resourceId"] == SUBNET_ID.text


def test_a_subnet_exported_alone_is_judged_and_its_network_is_not(desk: Desk) -> None:
    answer = desk.scanned([a_subnet(nsg=None)])
    assert ("subnet-without-nsg", SUBNET_ID.name) in answer.found
    assert VNET_ID.text not in {one["resourceId"] for one in answer.document["findings"]}
    assert ("bastion-coverage-gap", VNET_ID.name) in answer.unknown


# Robustness --------------------------------------------------------------------------------------


class Refusing:
    """An estate of which nothing but the subject may be read."""

    def get(self, resource: ResourceId) -> Resource | None:
        raise PermanentError(f"no {resource.name} for you")

    def list(self, listing: Listing) -> list[Resource]:
        raise PermanentError(f"no list of {listing.type} for you")


class Broken(MemoryCloud):
    """Reading diagnostic settings ends in a mistake of ours."""

    def list(self, listing: Listing) -> Any:
        if "diagnostic" in listing.type.lower():
            raise TypeError("a bug")
        return super().list(listing)


def test_what_may_not_be_read_is_unknown_and_never_a_finding_that_depends_on_it() -> None:
    standard = baseline.read(json.dumps(ENFORCING))
    result = scan(Refusing(), [Subject(Resource.of(a_bastion()))], standard, NOW)
    assert LOGS in {unknown.rule for unknown in result.unknowns}
    assert LOGS not in {finding.rule for finding in result.findings}


def test_a_rule_that_breaks_takes_no_other_rule_with_it() -> None:
    standard = baseline.read(json.dumps(ENFORCING))
    result = scan(Broken(a_bastion("Basic")), [Subject(Resource.of(a_bastion("Basic")))], standard, NOW)
    assert "bastion-sku-tier" in {finding.rule for finding in result.findings}
    assert LOGS in {failure.rule for failure in result.failures}
    assert any(one.rule == LOGS and "a bug" in one.reason for one in result.unknowns)


@pytest.mark.parametrize(
    ("applicability", "disposition"), [(None, "fix"), ("unsafe", "fix"), ("safe", "propose")]
)
def test_a_repair_less_safe_than_the_team_wants_is_only_proposed(
    desk: Desk, applicability: str | None, disposition: str
) -> None:
    entry = {"action": "fix"} | ({"applicability": applicability} if applicability else {})
    answer = desk.scanned(
        [a_bastion("Basic"), a_setting()], baseline={**ENFORCING, "rules": {"bastion-sku-tier": entry}}
    )
    assert answer.finding("bastion-sku-tier")["disposition"] == disposition


def test_an_nsg_of_the_team_s_special_subnet_is_not_repaired(desk: Desk) -> None:
    special = {**ENFORCING, "specialSubnets": [SUBNET_ID.name.upper()]}
    found = desk.scanned(an_estate(), baseline=special).finding(OPEN)
    assert found["disposition"] == "propose"
    assert any("special subnet" in reason for reason in found["evidence"]["heldBackBy"])
    assert (
        desk.scanned([an_nsg(allow_ssh_from="*", subnets=()), a_group()], baseline=special).finding(OPEN)[
            "disposition"
        ]
        == "fix"
    )


@pytest.mark.parametrize("odd", [None, 7, "text", [], [None, 7, "x"], {"a": 1}], ids=str)
def test_odd_values_anywhere_in_a_document_end_no_scan(desk: Desk, odd: object) -> None:
    documents: list[Document] = []
    for document in an_estate():
        for key in document["properties"]:
            copy = json.loads(json.dumps(document))
            copy["id"] += f"-{key}"
            copy["properties"][key] = odd
            documents.append(copy)
    answer = desk.scanned(documents)
    assert answer.status in {0, 1}
    assert "Traceback" not in answer.errors


def test_the_example_shows_drift_that_people_would_act_on(desk: Desk) -> None:
    examples = Path(__file__).parents[3] / "examples"
    answer = desk.scan("--estate", str(examples / "estate.json"), baseline=None)
    rules = {rule for rule, _ in answer.found}
    assert {OPEN, "pip-attached-to-vm-nic", "lb-nat-mgmt-port", "subnet-without-nsg"} <= rules
    assert answer.status == 1
