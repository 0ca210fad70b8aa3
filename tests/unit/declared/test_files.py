"""A file that declares is told apart by itself; what is none is refused in one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediation.declared.files import MOST_BYTES, MOST_RESOURCES, declared_in, read_all
from remediation.errors import InputError
from tests.builders import AT, FOREIGN, NSG_ID, WEB, Document, a_rule, a_vnet, an_nsg
from tests.unit.declared.declaring import paths, template
from tests.unit.declared.states import a_group, shown

MACHINE = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm1"


def snapshot(*resources: Document) -> bytes:
    return json.dumps({"predictedResources": list(resources), "diagnostics": []}, indent=2).encode()


def export(*resources: Document) -> bytes:
    return json.dumps({"value": list(resources), "bastionGuard": {"listed": []}}).encode()


def mistake(data: bytes, path: str = "f.json") -> str:
    with pytest.raises(InputError) as caught:
        declared_in(path, data)
    (line,) = caught.value.mistakes
    assert "\n" not in str(line)
    return str(line)


def test_a_snapshot_a_state_and_an_export_declare_the_same_group() -> None:
    told = template(an_nsg(allow_ssh_from="10.0.0.0/8"))
    rule = {
        "name": "allow-ssh", "access": "Allow", "direction": "Inbound", "priority": 300, "protocol": "Tcp",
        "source_port_range": "*", "destination_port_range": "22", "source_address_prefix": "10.0.0.0/8",
        "destination_address_prefix": "*",
    }  # fmt: skip
    for data in (snapshot(told), export(an_nsg(allow_ssh_from="10.0.0.0/8")), shown(a_group(rule))):
        (group,) = declared_in("f.json", data).declarations.values()
        assert paths(group, an_nsg(allow_ssh_from="10.0.0.0/8")) == []
        assert paths(group, an_nsg(allow_ssh_from="*")) == ["securityRules/allow-ssh/sourceAddressPrefix"]


def test_a_declaration_knows_where_it_stands() -> None:
    (group,) = declared_in("main.snapshot.json", snapshot(template(an_nsg()))).declarations.values()
    assert (group.source.sort, group.names, group.source.line) == ("snapshot", "main.snapshot.json", 5)


def test_a_list_of_the_azure_cli_is_an_export(tmp_path: Path) -> None:
    flat = {"id": NSG_ID.text, "name": "web", "securityRules": [{"name": "web", "priority": 300}]}
    path = tmp_path / "nsgs.json"
    path.write_text(json.dumps([flat]), "utf-8")
    (group,) = read_all([str(path)]).declarations.values()
    assert paths(group, an_nsg(a_rule("web"))) == []


def test_references_inside_a_snapshot_are_answered() -> None:
    subnet = f"[reference('{WEB}/virtualNetworks/spoke', '2024-05-01').subnets[0].id]"
    network = a_vnet({"name": "web", "properties": {"addressPrefix": "10.1.0.0/24"}})
    configuration = {"name": "c", "properties": {"subnet": {"id": subnet}}}
    nic = {
        "id": f"{WEB}/networkInterfaces/n",
        "name": "n",
        "properties": {"ipConfigurations": [configuration]},
    }
    found = declared_in("f.json", snapshot(network, nic)).declarations[f"{WEB}/networkInterfaces/n".lower()]
    at = found.document["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"]
    assert at.lower() == f"{WEB}/virtualNetworks/spoke/subnets/web".lower()


REFUSED: dict[str, tuple[bytes, str]] = {
    "a Terraform plan": (
        json.dumps({"format_version": "1.2", "planned_values": {}, "resource_changes": []}).encode(),
        "a Terraform plan, which says what will be: declared is what was applied, give terraform show -json",
    ),
    "an ARM template": (
        json.dumps({"$schema": "https://x/deploymentTemplate.json#", "resources": []}).encode(),
        "an ARM template, whose resources have no ids yet: give what bicep snapshot makes of it",
    ),
    "a what-if result": (
        json.dumps({"changes": [{"changeType": "Modify", "resourceId": NSG_ID.text}]}).encode(),
        "this is a what-if result",
    ),
    "a file that breaks off": (export(an_nsg())[:-40], "it breaks off"),
    "a page of a list": (
        json.dumps({"value": [an_nsg()], "nextLink": "https://more"}).encode(),
        "not whole, so that what it leaves out says nothing",
    ),
    "nothing": (b"", "empty; expected a Bicep snapshot, terraform show -json of a state"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\xff", "not text"),
    "a snapshot of nothing": (snapshot(), "declares nothing that is compared: it holds no resource"),
    "machines alone": (
        snapshot({"id": MACHINE, "name": "vm1", "properties": {}}),
        "declares nothing that is compared: it holds 1 microsoft.compute/virtualmachines",
    ),
    "an empty state": (shown(), "declares nothing that is compared"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_declares_nothing_is_refused_in_one_line(name: str) -> None:
    data, expected = REFUSED[name]
    line = mistake(data)
    assert line.startswith("f.json: ")
    assert expected in line


@pytest.mark.parametrize("sort", ["snapshot", "export", "state"])
def test_more_resources_than_anybody_declares_are_refused(sort: str) -> None:
    many: Any = [{"id": NSG_ID.text}] * (MOST_RESOURCES + 1)
    state = {"format_version": "1", "terraform_version": "1", "values": {"root_module": {"resources": []}}}
    state["values"] = {"root_module": {"resources": [{"mode": "managed"}] * (MOST_RESOURCES + 1)}}
    data = {"snapshot": {"predictedResources": many}, "export": many, "state": state}[sort]
    line = mistake(json.dumps(data).encode())
    assert line == "f.json: declares 50,001 resources, more than 50,000: split it by resource group"


def test_a_file_that_contradicts_itself_is_refused() -> None:
    line = mistake(snapshot(an_nsg(a_rule()), an_nsg(a_rule(access="Deny"))))
    assert line == (
        f"f.json: contradicts itself: {NSG_ID}: securityRules/allow-web/access is declared as Allow and as "
        "Deny; nothing of it is compared, give the one that is in force"
    )


def test_two_files_that_contradict_each_other_are_refused_and_both_are_named(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_bytes(snapshot(template(an_nsg(allow_ssh_from="10.0.0.0/8"))))
    other.write_bytes(export(an_nsg(allow_ssh_from="20.0.0.0/8")))
    with pytest.raises(InputError, match="contradict each other") as caught:
        read_all([str(one), str(other)])
    assert str(one) in str(caught.value)
    assert str(other) in str(caught.value)


def test_two_whole_lists_that_hold_different_rules_contradict_each_other(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_bytes(snapshot(template(an_nsg(a_rule()))))
    other.write_bytes(snapshot(template(an_nsg(a_rule(), a_rule("more", 310)))))
    with pytest.raises(InputError, match="securityRules/more"):
        read_all([str(one), str(other)])


def test_every_file_that_cannot_be_used_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("")
    with pytest.raises(InputError) as caught:
        read_all([str(tmp_path / "empty.json"), str(tmp_path / "missing.json")])
    assert len(caught.value.mistakes) == 2


def test_standard_input_is_read_once() -> None:
    with pytest.raises(InputError, match="read once"):
        read_all(["-", "-"])


def test_an_id_of_another_subscription_is_another_resource() -> None:
    foreign = NSG_ID.text.replace(AT, f"/subscriptions/{FOREIGN}")
    found = declared_in("f.json", snapshot({**template(an_nsg()), "id": foreign}))
    assert found.subscriptions == {FOREIGN}


def alone(name: str, **members: Any) -> Document:
    told = template(a_rule(name, **members))
    return {"id": f"{NSG_ID}/securityRules/{name}", "name": f"web/{name}", "properties": told["properties"]}


def test_two_files_with_rules_of_one_group_declare_both(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_bytes(snapshot(alone("first")))
    other.write_bytes(snapshot(alone("second", priority=310), alone("first")))
    (group,) = read_all([str(one), str(other)]).declarations.values()
    assert paths(group, an_nsg(a_rule("first"), a_rule("second", 310), a_rule("theirs", 320))) == []
    assert paths(group, an_nsg()) == ["securityRules/second", "securityRules/first"]


def test_a_list_and_a_rule_by_itself_of_another_file_are_one_whole_list(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_bytes(snapshot(template(an_nsg(a_rule("first")))))
    other.write_bytes(snapshot(alone("second", priority=310)))
    (group,) = read_all([str(one), str(other)]).declarations.values()
    live = an_nsg(a_rule("first"), a_rule("second", 310), a_rule("theirs", 320))
    assert paths(group, live) == ["securityRules/theirs"]


def test_two_documents_of_one_resource_that_agree_are_joined() -> None:
    bare = {
        "id": NSG_ID.text,
        "name": "web",
        "tags": {"owner": "shop"},
        "properties": {"flushConnection": True},
    }
    (group,) = declared_in("f.json", snapshot(bare, template(an_nsg(a_rule())))).declarations.values()
    assert paths(group, an_nsg()) == ["flushConnection", "securityRules/allow-web"]


def test_one_child_that_is_declared_twice_and_differently_is_refused() -> None:
    line = mistake(snapshot(alone("ssh"), alone("ssh", access="Deny")))
    assert "securityRules/ssh/access is declared as Allow and as Deny" in line


def test_more_bytes_than_anybody_declares_are_refused() -> None:
    line = mistake(b" " * (MOST_BYTES + 1))
    assert line == "f.json: 256 MB; a declaration has at most 256 MB: split it by resource group"
