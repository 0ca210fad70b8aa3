"""A Terraform state declares what somebody wrote, and not what Terraform filled in."""

import json

import pytest

from remediation.declared.comparison import compare
from remediation.declared.declaration import Declared
from remediation.declared.files import declared_in
from remediation.declared.restoring import restored
from remediation.model import Resource
from tests.builders import BASTION_ID, NIC_ID, NSG_ID, PIP_ID, SUBNET_ID, WEB, Document, a_nic, an_nsg
from tests.builders import a_rule as a_live_rule
from tests.builders import a_subnet as a_live_subnet
from tests.unit.declared import states
from tests.unit.declared.declaring import paths
from tests.unit.declared.states import POOL, TABLE, kept, managed, shown


def of(*resources: Document) -> Declared:
    return declared_in("web.tfstate.json", shown(*resources))


def ssh_from(source: str) -> Document:
    return an_nsg(allow_ssh_from=source)


def test_a_groups_rules_are_the_whole_list() -> None:
    (group,) = of(states.a_group(states.a_rule())).declarations.values()
    assert paths(group, ssh_from("10.0.0.0/8")) == []
    assert paths(group, ssh_from("*")) == ["securityRules/allow-ssh/sourceAddressPrefix"]
    assert paths(group, an_nsg(a_live_rule(), allow_ssh_from="10.0.0.0/8")) == ["securityRules/allow-web"]


def test_rules_beside_a_group_speak_for_themselves_and_what_terraform_filled_in_says_nothing() -> None:
    """The group's own list holds what was found at the last refresh: rules of others too."""
    group = states.a_group(states.a_rule(), states.a_rule("theirs", priority=310))
    (found,) = of(group, states.a_rule_alone()).declarations.values()
    assert paths(found, ssh_from("10.0.0.0/8")) == []
    assert paths(found, ssh_from("*")) == ["securityRules/allow-ssh/sourceAddressPrefix"]
    assert paths(found, an_nsg()) == ["securityRules/allow-ssh"]


def test_a_group_without_rules_says_nothing_of_them() -> None:
    (group,) = of(states.a_group()).declarations.values()
    assert paths(group, ssh_from("*")) == []


def test_an_association_declares_a_subnets_group() -> None:
    found = of(states.a_network(), states.a_subnet(), states.its_group()).declarations
    assert paths(found[SUBNET_ID.key], a_live_subnet()) == []
    assert paths(found[SUBNET_ID.key], a_live_subnet(nsg=None)) == ["networkSecurityGroup"]


def test_an_association_alone_declares_nothing_else_of_the_subnet() -> None:
    (subnet,) = of(states.its_group()).declarations.values()
    assert not subnet.itself
    assert paths(subnet, None) == ["networkSecurityGroup"]


def test_inline_subnets_count_where_no_subnet_stands_by_itself() -> None:
    inline = {
        "name": "web",
        "address_prefixes": ["10.1.0.0/24"],
        "security_group": NSG_ID.text,
        "id": SUBNET_ID.text,
    }
    (subnet,) = of(states.a_network(inline)).declarations.values()
    assert paths(subnet, a_live_subnet(nsg=None)) == ["networkSecurityGroup"]
    old = {**inline, "security_group": f"{WEB}/networkSecurityGroups/of-old"}
    found = of(states.a_network(old), states.a_subnet(), states.its_group()).declarations
    assert paths(found[SUBNET_ID.key], a_live_subnet()) == []


def test_a_pool_that_was_joined_to_an_interface_is_one_of_others() -> None:
    (interface,) = of(states.an_interface(), states.its_pool()).declarations.values()
    joined = a_nic()
    members = joined["properties"]["ipConfigurations"][0]["properties"]
    members["loadBalancerBackendAddressPools"] = [
        {"id": POOL.upper().replace("/SUBS", "/subs")},
        {"id": f"{POOL}2"},
    ]
    assert paths(interface, joined) == []
    assert paths(interface, a_nic()) == ["ipConfigurations/ipconfig1/loadBalancerBackendAddressPools"]


def test_an_address_on_an_interface_declared_without_one_differs() -> None:
    (interface,) = of(states.an_interface()).declarations.values()
    assert interface.id == NIC_ID
    assert paths(interface, a_nic(public_ip=PIP_ID)) == ["ipConfigurations/ipconfig1/publicIPAddress"]


def test_a_setting_is_known_by_terraforms_own_id() -> None:
    (setting,) = of(states.a_setting()).declarations.values()
    assert setting.id.text == f"{BASTION_ID}/providers/Microsoft.Insights/diagnosticSettings/to-central"
    live = {"workspaceId": setting.document["properties"]["workspaceId"], "logs": []}
    assert paths(setting, {"id": setting.id.text, "properties": live}) == ["logs/allLogs"]


def test_a_route_table_a_balancer_and_a_firewalls_rules_are_read() -> None:
    route = {"name": "out", "address_prefix": "0.0.0.0/0", "next_hop_type": "VirtualAppliance",
             "next_hop_in_ip_address": "10.9.0.4"}  # fmt: skip
    rule = {"name": "ssh", "protocols": ["TCP"], "source_addresses": ["*"], "destination_address": "20.1.1.1",
            "destination_ports": ["22"], "translated_address": "10.1.0.4", "translated_port": 22}  # fmt: skip
    held = {"name": "dnat", "priority": 100, "action": "Dnat", "rule": [rule]}
    found = of(
        managed("azurerm_route_table", id=TABLE, name="rt", resource_group_name="rg-web", route=[route]),
        managed(
            "azurerm_lb",
            id=f"{WEB}/loadBalancers/lb",
            name="lb",
            sku="Standard",
            frontend_ip_configuration=[],
        ),
        managed(
            "azurerm_firewall_policy_rule_collection_group",
            id=f"{WEB}/firewallPolicies/fwp/ruleCollectionGroups/in",
            name="in",
            priority=100,
            nat_rule_collection=[held],
            network_rule_collection=[],
            application_rule_collection=[],
        ),
        managed(
            "azurerm_bastion_host", id=BASTION_ID.text, name="bas-hub", sku="Standard", ip_configuration=[]
        ),
        managed(
            "azurerm_public_ip", id=PIP_ID.text, name="vm1-ip", sku="Standard", allocation_method="Static"
        ),
    )
    kinds = {one.id.type.rpartition("/")[2] for one in found.declarations.values()}
    assert kinds == {
        "routetables",
        "loadbalancers",
        "rulecollectiongroups",
        "bastionhosts",
        "publicipaddresses",
    }


def test_both_forms_of_a_state_declare_the_same() -> None:
    every = (states.a_group(states.a_rule()), states.a_subnet(), states.its_group(), states.an_interface())
    shown_one = of(*every).declarations
    kept_one = declared_in("terraform.tfstate", kept(*every)).declarations
    assert {key: one.document for key, one in kept_one.items()} == {
        key: one.document for key, one in shown_one.items()
    }
    assert kept_one[NSG_ID.key].source.address == 'azurerm_network_security_group.this["a"]'


def test_resources_of_modules_are_read_with_their_addresses() -> None:
    inner = {
        **states.a_group(states.a_rule()),
        "address": "module.web[0].azurerm_network_security_group.this",
    }
    modules = [{"address": "module.web[0]", "resources": [inner]}]
    (group,) = declared_in("s.json", shown(modules=modules)).declarations.values()
    assert group.source.address == "module.web[0].azurerm_network_security_group.this"


def test_types_that_are_not_compared_are_counted_and_data_is_no_declaration() -> None:
    other = managed("azurerm_key_vault", id="/subscriptions/x", name="kv")
    data = {**states.a_setting(), "mode": "data"}
    found = of(states.a_group(), other, data)
    assert found.left_out == {"azurerm_key_vault": 1}
    assert list(found.declarations) == [NSG_ID.key]


@pytest.mark.parametrize("version", [3, 5])
def test_a_state_of_another_version_is_refused(version: int) -> None:
    with pytest.raises(
        Exception, match=f"s.tfstate: a Terraform state of version {version}; known is version 4"
    ):
        declared_in("s.tfstate", kept(states.a_group(), version=version))


def test_a_secret_of_a_state_is_in_no_declaration() -> None:
    secret = managed("azurerm_key_vault_secret", id="x", value="hunter2")
    found = of(states.a_group(states.a_rule()), secret)
    assert "hunter2" not in json.dumps([one.to_json() for one in found.declarations.values()])


def test_what_was_joined_is_put_back_beside_what_others_joined() -> None:
    (interface,) = of(states.an_interface(), states.its_pool()).declarations.values()
    live = a_nic()
    members = live["properties"]["ipConfigurations"][0]["properties"]
    members["loadBalancerBackendAddressPools"] = [{"id": f"{POOL}2"}]
    there = Resource(NIC_ID, live)
    again = restored(there, interface, compare(interface, there))
    found = again.properties("ipConfigurations")[0]["properties"]["loadBalancerBackendAddressPools"]
    assert [one["id"] for one in found] == [f"{POOL}2", POOL]
