"""Estate files in every shape people have, and in every bad one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.builders import (
    AT,
    BASTION_ID,
    NIC_ID,
    NSG_ID,
    SUBNET_ID,
    VNET_ID,
    WEB,
    Document,
    a_bastion,
    a_nic,
    a_public_ip,
    a_rule,
    a_setting,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.unit.scan.scanned import Answer, Desk, an_estate, flattened

OPEN = "nsg-mgmt-open-to-internet"
LOGS = "bastion-diagnostics"
ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "estate.json"


def verdicts(answer: Answer) -> Any:
    """Everything that is said, without the bodies of writes, which follow the shape of the input."""
    found = [
        {key: one[key] for key in one if key not in {"fix", "evidence"}}
        for one in answer.document["findings"]
    ]
    return found, answer.document["unknown"], answer.document["evaluated"]


# Shapes ------------------------------------------------------------------------------------------


def graph_table(documents: list[Document]) -> Document:
    names = sorted({key for document in documents for key in document})
    rows = [[document.get(name) for name in names] for document in documents]
    return {"data": {"columns": [{"name": name, "type": "string"} for name in names], "rows": rows}}


WRAPPED = {
    "an object with value": lambda documents: {"value": documents},
    "PowerShell's capitals": lambda documents: {"Value": documents, "Count": len(documents)},
    "Resource Graph": lambda documents: {"count": len(documents), "data": documents, "skip_token": None},
    "Resource Graph's table": graph_table,
    "what the Azure CLI prints": flattened,
    "what older Azure CLIs print": lambda documents: flattened(documents, old=True),
}


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED.keys())
def test_every_shape_of_an_estate_says_the_same(desk: Desk, wrap: Any) -> None:
    documents = an_estate(sku="Basic", logs=False)
    assert verdicts(desk.scanned(wrap(documents))) == verdicts(desk.scanned(documents))


@pytest.mark.parametrize("old", [False, True], ids=["today", "older"])
def test_what_the_cli_prints_leads_to_the_same_writes_to_the_letter(desk: Desk, old: bool) -> None:
    documents = json.loads((ROOT / "examples" / "estate.json").read_text(encoding="utf-8"))
    assert desk.scanned(flattened(documents, old=old)).document == desk.scanned(documents).document


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_every_encoding_a_shell_writes_is_read(desk: Desk, encoding: str) -> None:
    assert (OPEN, "web") in desk.scanned(json.dumps(an_estate()).encode(encoding)).found


def test_several_files_are_one_estate(desk: Desk) -> None:
    documents = an_estate()
    files = [desk.file([document], f"{number}.json") for number, document in enumerate(documents)]
    split = desk.scan("--estate", *files[:3], "--estate", *files[3:])
    assert verdicts(split) == verdicts(desk.scanned(documents))


def test_one_resource_is_an_estate_too(desk: Desk) -> None:
    assert desk.scanned(an_nsg(allow_ssh_from="*")).found == desk.scanned([an_nsg(allow_ssh_from="*")]).found


def test_the_cli_s_own_additions_do_not_come_into_a_write(desk: Desk) -> None:
    fix = desk.scanned(flattened([an_nsg(allow_ssh_from="*"), a_vnet(a_subnet(nics=()))])).finding(OPEN)[
        "fix"
    ]
    assert '"resourceGroup"' not in json.dumps(fix)


# Children and back references --------------------------------------------------------------------


def test_a_rule_exported_alone_is_judged_in_its_nsg(desk: Desk) -> None:
    alone = a_rule("allow-ssh", destinationPortRange="22")
    assert (OPEN, "web") in desk.scanned([an_nsg(), alone]).found


def test_a_subnet_exported_alone_fills_the_mere_reference_in_its_network(desk: Desk) -> None:
    network = a_vnet({"id": SUBNET_ID.text})
    assert ("subnet-without-nsg", SUBNET_ID.name) not in desk.scanned([network, a_subnet()]).found
    assert ("subnet-without-nsg", SUBNET_ID.name) in desk.scanned([network, a_subnet(nsg=None)]).found


def test_back_references_are_made_from_forward_ones(desk: Desk) -> None:
    """Files of infrastructure code name the NSG on the subnet, and never the subnet on the NSG."""
    documents = an_estate()
    for document in documents:
        for back in ("subnets", "networkInterfaces", "ipConfiguration"):
            if "virtualNetworks" not in document["id"]:
                document["properties"].pop(back, None)
        for subnet in document["properties"].get("subnets", ()):
            subnet["properties"].pop("ipConfigurations", None)
    answer = desk.scanned(documents)
    assert ("pip-attached-to-vm-nic", "vm1-ip") in answer.found
    assert answer.finding(OPEN)["evidence"]["attachments"] == [SUBNET_ID.text]
    assert answer.finding(OPEN)["severity"] == "critical"


def test_what_a_document_says_itself_is_not_said_twice(desk: Desk) -> None:
    found = desk.scanned([an_nsg(allow_ssh_from="*"), a_vnet(a_subnet())]).finding(OPEN)
    assert found["evidence"]["attachments"] == [SUBNET_ID.text]


def test_a_machine_is_known_by_its_own_list_of_interfaces(desk: Desk) -> None:
    machine = {
        "id": f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm1",
        "properties": {"networkProfile": {"networkInterfaces": [{"id": NIC_ID.text}]}},
    }
    address = a_public_ip()
    nic = a_nic(public_ip=None, machine=None)
    nic["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] = {"id": address["id"].lower()}
    assert ("pip-attached-to-vm-nic", "vm1-ip") in desk.scanned([machine, nic, address]).found


# Incomplete --------------------------------------------------------------------------------------


def test_one_page_of_settings_does_not_prove_that_there_is_none(desk: Desk) -> None:
    page = {"value": [a_setting("other", workspace=None)], "nextLink": "https://management.azure.com/next"}
    answer = desk.scan("--estate", desk.file([a_bastion()]), desk.file(page, "page.json"))
    assert (LOGS, BASTION_ID.name) in answer.unknown
    assert "page.json is incomplete" in answer.errors


def test_a_list_of_references_without_properties_is_unknown_and_never_clean(desk: Desk) -> None:
    """`az resource list` and a Graph query that projects names print such."""
    bare = [{"id": NSG_ID.text, "name": "web", "type": "x", "location": "westeurope", "properties": None}]
    answer = desk.scanned(bare)
    assert (OPEN, "web") in answer.unknown
    assert answer.document["findings"] == []


def test_a_flawed_diagnostic_setting_makes_its_list_unknown(desk: Desk) -> None:
    setting = a_setting()
    setting["properties"] = "oops"
    answer = desk.scanned([a_bastion(), setting])
    assert (LOGS, BASTION_ID.name) in answer.unknown


# Bad input ---------------------------------------------------------------------------------------

BAD = {
    "empty": ("", "empty"),
    "truncated": ('[{"id": "/sub', "not JSON"),
    "no JSON": ("resources:\n- a", "not JSON"),
    "text": ('"text"', "not an estate"),
    "a number": ("7", "not an estate"),
    "null": ("null", "not an estate"),
    "an object of nothing we know": ('{"resources": []}', "not an estate"),
    "a value that is no list": ('{"value": 3}', "not an estate"),
    "a list of no objects": ("[1, 2]", "the list holds no JSON object"),
    "too deep": ("[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize(("content", "problem"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_one_clear_line(desk: Desk, content: str, problem: str) -> None:
    answer = desk.scanned(content)
    assert (answer.status, answer.text) == (2, "")
    assert len(answer.errors.splitlines()) == 1
    assert answer.errors.startswith(f"remediation: {desk.folder}/estate.json: ")
    assert problem in answer.errors


def test_every_mistake_is_named_at_once(desk: Desk) -> None:
    missing, broken = str(desk.folder / "missing.json"), desk.file("{", "broken.json")
    answer = desk.scan(
        "--estate", missing, broken, str(desk.folder), "--fail-on", "awful", baseline={"version": 2}
    )
    lines = answer.errors.splitlines()
    assert answer.status == 2
    for expected in (
        "missing.json: cannot be read",
        "broken.json: not JSON",
        "Is a directory",
        "version: must be 1",
    ):
        assert any(expected in line for line in lines), expected
    assert any("--fail-on awful: not a severity" in line for line in lines)
    assert len(lines) == 5


def test_a_baseline_that_is_missing_is_named(desk: Desk) -> None:
    answer = desk.scan("--estate", desk.file([]), "--baseline", "nowhere.yaml", baseline=None)
    assert (answer.status, answer.errors) == (
        2,
        "remediation: cannot read nowhere.yaml: No such file or directory\n",
    )


def test_a_bad_element_is_a_warning_with_its_place_and_the_rest_is_judged(desk: Desk) -> None:
    """One with an id is unknown as well."""
    broken = {"id": f"{WEB}/networkSecurityGroups/broken", "properties": "oops"}
    answer = desk.scanned([7, {"id": "nonsense"}, {}, broken, an_nsg(allow_ssh_from="*")])
    for index in range(4):
        assert f"estate.json[{index}]: " in answer.errors
    assert (OPEN, "web") in answer.found
    assert (OPEN, "broken") in answer.unknown
    assert answer.document["evaluated"] == 1


def test_warnings_do_not_flood_the_terminal(desk: Desk) -> None:
    answer = desk.scanned([*range(1000), an_nsg()])
    assert len(answer.errors.splitlines()) <= 25
    assert "and 980 more" in answer.errors


def test_a_resource_that_is_there_twice_with_another_content_is_told(desk: Desk) -> None:
    answer = desk.scanned([an_nsg(), an_nsg(), an_nsg(allow_ssh_from="*")])
    assert answer.errors.count("is there twice and differs") == 1
    assert (OPEN, "web") in answer.found


def test_a_role_assignment_inherited_from_above_is_no_bad_element(desk: Desk) -> None:
    inherited = {
        "id": "/providers/Microsoft.Management/managementGroups/top/providers/Microsoft.Authorization"
        "/roleAssignments/one",
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {"principalId": "x"},
    }
    assert "warning" not in desk.scanned([inherited, an_nsg()]).errors


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--subscription", "mine"], "--subscription mine: not a subscription id"),
        (["--estate", "x.json", "--export", "y.json"], "--export: goes with --subscription"),
        (["--estate", "x.json", "--open-world", "settings"], "--open-world settings: not a resource type"),
    ],
)
def test_arguments_that_make_no_sense_are_named(desk: Desk, arguments: list[str], problem: str) -> None:
    answer = desk.scan(*arguments)
    assert answer.status == 2
    assert problem in answer.errors


def test_the_network_of_an_estate_is_found_under_any_spelling(desk: Desk) -> None:
    documents = [a_vnet(a_subnet()), an_nsg(allow_ssh_from="*", subnets=())]
    documents[0]["id"] = VNET_ID.text.upper().replace("/SUBSCRIPTIONS", "/subscriptions")
    documents[0]["properties"]["subnets"][0]["properties"]["networkSecurityGroup"]["id"] = NSG_ID.text.lower()
    found = desk.scanned(documents).finding(OPEN)
    assert [identity.lower() for identity in found["evidence"]["attachments"]] == [SUBNET_ID.key]


def test_what_is_missing_is_said_once_with_what_shows_it(desk: Desk) -> None:
    rule = an_nsg(allow_ssh_from="*", subnets=(SUBNET_ID, VNET_ID.child("subnets", "other")))
    answer = desk.scanned([rule])
    notes = [line for line in answer.errors.splitlines() if "note: " in line]
    assert "1 of virtualNetworks" in notes[0]
    assert "export --subscription 11111111-2222-3333-4444-555555555555 -o estate.json" in notes[1]
    assert "az network vnet list --subscription 11111111" in notes[2]
    assert len(notes) == 3


def test_an_estate_that_lacks_nothing_says_nothing_of_it(desk: Desk) -> None:
    assert "not in the input" not in desk.scanned(json.loads(EXAMPLE.read_text(encoding="utf-8"))).errors


def test_a_file_may_come_through_a_pipe(desk: Desk) -> None:
    command = [sys.executable, "-m", "remediation", "scan", "--estate", "-", "--format", "json"]
    piped = subprocess.run(
        command, input=json.dumps(an_estate()), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert OPEN in piped.stdout
    assert desk.scan("--estate", "-", "-").errors.endswith("standard input can be read once only\n")
