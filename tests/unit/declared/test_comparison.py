"""What differs is told by name, and nothing else is."""

from remediation.declared.merging import together
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    HUB,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
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
from tests.unit.declared.declaring import declaration, declared, differing, paths, properties, template

RULE = f"{NSG_ID}/securityRules"
BALANCER = f"{WEB}/loadBalancers/lb"


def test_a_widened_rule_is_told_with_both_values() -> None:
    told = template(an_nsg(allow_ssh_from="10.0.0.0/8"))
    assert differing(told, an_nsg(allow_ssh_from="*")) == [
        ("securityRules/allow-ssh/sourceAddressPrefix", "10.0.0.0/8", "*")
    ]


def test_several_prefixes_are_told_as_the_lists_they_are() -> None:
    live = an_nsg(a_rule("web", sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/8", "20.0.0.0/8"]))
    told = template(an_nsg(a_rule("web", sourceAddressPrefix="10.0.0.0/8")))
    assert differing(told, live) == [
        ("securityRules/web/sourceAddressPrefixes", ["10.0.0.0/8"], ["10.0.0.0/8", "20.0.0.0/8"])
    ]


def test_a_rule_that_nobody_declared_has_no_declared_value() -> None:
    found = differing(template(an_nsg(a_rule())), an_nsg(a_rule(), a_rule("for-a-minute", 310)))
    assert [(path, told) for path, told, _ in found] == [("securityRules/for-a-minute", None)]
    assert found[0][2]["priority"] == 310


def test_a_rule_that_is_gone_has_no_live_value() -> None:
    found = differing(template(an_nsg(a_rule(), a_rule("deny", 310, access="Deny"))), an_nsg(a_rule()))
    assert [(path, told["access"], live) for path, told, live in found] == [
        ("securityRules/deny", "Deny", None)
    ]


def test_a_resource_that_is_gone_is_one_difference_without_a_path() -> None:
    ((path, told, live),) = differing(template(an_nsg(a_rule())), None)
    assert (path, live) == ("", None)
    assert told["securityRules"]


def test_an_empty_list_of_rules_is_the_whole_list() -> None:
    assert paths(properties(an_nsg(), securityRules=[]), an_nsg(a_rule())) == ["securityRules/allow-web"]


def test_a_group_that_declares_no_list_says_nothing_of_its_rules() -> None:
    told = {"id": NSG_ID.text, "name": NSG_ID.name, "location": "westeurope"}
    assert paths(told, an_nsg(a_rule())) == []


def test_a_child_declared_by_itself_speaks_for_itself_alone() -> None:
    alone = declaration({"id": f"{RULE}/allow-web", "properties": template(a_rule())["properties"]})
    assert paths(alone, an_nsg(a_rule(), a_rule("theirs", 310))) == []
    assert paths(alone, an_nsg(a_rule(priority=320), a_rule("theirs", 310))) == [
        "securityRules/allow-web/priority"
    ]
    assert paths(alone, None) == ["securityRules/allow-web"]


def test_an_inline_list_and_a_child_by_itself_are_one_whole_list_in_which_the_child_counts() -> None:
    group = template(an_nsg(a_rule()))
    child = {"id": f"{RULE}/deny", "properties": template(a_rule(access="Deny"))["properties"]}
    both = declaration(group, child)
    assert paths(both, an_nsg(a_rule(), a_rule("deny", access="Deny"))) == []
    assert paths(both, an_nsg(a_rule(), a_rule("deny", access="Deny"), a_rule("more"))) == [
        "securityRules/more"
    ]


def test_who_declares_a_source_declares_that_there_is_no_application_group() -> None:
    groups = [{"id": f"{WEB}/applicationSecurityGroups/web"}]
    told = template(an_nsg(a_rule(sourceAddressPrefix="10.0.0.0/8")))
    live = an_nsg(a_rule(sourceAddressPrefix=None, sourceApplicationSecurityGroups=groups))
    assert paths(told, live) == [
        "securityRules/allow-web/sourceAddressPrefix",
        "securityRules/allow-web/sourceApplicationSecurityGroups",
    ]


def test_a_members_expression_is_not_compared_and_the_rest_is() -> None:
    told = an_nsg(a_rule(sourceAddressPrefix="[reference('x').ip]", priority=200))
    assert paths(told, an_nsg(a_rule())) == ["securityRules/allow-web/priority"]


def test_a_list_that_is_an_expression_says_nothing() -> None:
    told = properties(an_nsg(), securityRules="[parameters('rules')]")
    assert paths(told, an_nsg(a_rule())) == []


def test_tags_are_compared_only_where_somebody_asks() -> None:
    told = {**template(an_nsg()), "tags": {"Owner": "shop"}}
    live = an_nsg(tags={"owner": "bank", "cost": "1"})
    assert paths(told, live) == []
    assert differing(told, live, ()) == [("tags/Owner", "shop", "bank")]


def test_what_somebody_does_not_want_to_hear_of_is_left_out() -> None:
    told = template(an_nsg(a_rule(description="of old")))
    live = an_nsg(a_rule(description="of today"))
    assert paths(told, live) == ["securityRules/allow-web/description"]
    assert paths(told, live, ("Description",)) == []


def test_a_networks_subnets_are_compared_by_their_associations_alone() -> None:
    told = declared(a_vnet(a_subnet()))
    (only,) = told.declarations.values()
    assert only.id == SUBNET_ID
    assert paths(only, properties(a_subnet(), addressPrefix="10.1.7.0/24")) == []
    assert differing(only, a_subnet(nsg=None)) == [("networkSecurityGroup", NSG_ID.text, None)]


def test_an_address_that_nobody_declared_on_an_interface_differs() -> None:
    assert differing(template(a_nic()), a_nic(public_ip=PIP_ID)) == [
        ("ipConfigurations/ipconfig1/publicIPAddress", None, PIP_ID.text)
    ]


def test_an_interfaces_group_that_was_taken_away_differs() -> None:
    assert differing(a_nic(nsg=NSG_ID), a_nic()) == [("networkSecurityGroup", NSG_ID.text, None)]


def test_a_static_address_differs_and_one_that_azure_gives_does_not() -> None:
    def nic(address: str, method: str) -> Document:
        document = a_nic()
        document["properties"]["ipConfigurations"][0]["properties"] |= {
            "privateIPAddress": address,
            "privateIPAllocationMethod": method,
        }
        return document

    assert paths(nic("10.1.0.9", "Dynamic"), nic("10.1.0.4", "Dynamic")) == []
    assert paths(nic("10.1.0.9", "Static"), nic("10.1.0.4", "Static")) == [
        "ipConfigurations/ipconfig1/privateIPAddress"
    ]


def test_a_hosts_switches_and_sku_differ() -> None:
    told = properties(a_bastion("Standard"), enableTunneling=True, disableCopyPaste=False)
    live = properties(a_bastion("Basic"), enableTunneling=False, disableCopyPaste=True)
    assert paths(told, live) == ["sku/name", "enableTunneling", "disableCopyPaste"]


def test_a_log_that_is_switched_off_or_goes_elsewhere_differs() -> None:
    told = a_setting()
    off = a_setting(logs=[{"categoryGroup": "allLogs", "enabled": False}])
    elsewhere = a_setting(workspace=f"{AT}/resourceGroups/rg/providers/x/workspaces/mine")
    assert differing(told, off) == [("logs/allLogs/enabled", True, False)]
    assert paths(told, elsewhere) == ["workspaceId"]


def a_nat_rule(name: str, port: int) -> Document:
    front = {"id": f"{BALANCER}/frontendIPConfigurations/front"}
    members = {
        "frontendIPConfiguration": front,
        "protocol": "Tcp",
        "frontendPort": 50022,
        "backendPort": port,
    }
    return {"name": name, "properties": members}


def test_a_balancers_rule_by_itself_is_compared_in_its_parent() -> None:
    alone = declaration({"id": f"{BALANCER}/inboundNatRules/ssh", **a_nat_rule("ssh", 22)})
    both = [a_nat_rule("ssh", 22), a_nat_rule("rdp", 3389)]
    live: Document = {"id": BALANCER, "name": "lb", "properties": {"inboundNatRules": both}}
    assert paths(alone, live) == []
    live["properties"]["inboundNatRules"] = [a_nat_rule("ssh", 3389)]
    assert differing(alone, live) == [("inboundNatRules/ssh/backendPort", 22, 3389)]


def test_a_firewalls_rule_is_told_by_the_names_on_the_way_to_it() -> None:
    identity = f"{HUB}/firewallPolicies/fwp/ruleCollectionGroups/inbound"

    def group(sources: list[str]) -> Document:
        rule = {"name": "ssh", "ruleType": "NatRule", "sourceAddresses": sources, "destinationPorts": ["22"]}
        held = {"name": "dnat", "ruleCollectionType": "x", "action": {"type": "DNAT"}, "rules": [rule]}
        return {"id": identity, "name": "inbound", "properties": {"priority": 100, "ruleCollections": [held]}}

    assert differing(group(["20.1.2.3"]), group(["*"])) == [
        ("ruleCollections/dnat/rules/ssh/sourceAddresses", ["20.1.2.3"], ["*"])
    ]


def test_an_actions_type_differs() -> None:
    identity = f"{HUB}/firewallPolicies/fwp/ruleCollectionGroups/out"

    def group(action: str) -> Document:
        held = {"name": "web", "action": {"type": action}, "rules": []}
        return {"id": identity, "name": "out", "properties": {"ruleCollections": [held]}}

    assert differing(group("Deny"), group("Allow")) == [("ruleCollections/web/action/type", "Deny", "Allow")]


def test_an_address_with_another_sku_or_method_differs() -> None:
    told, live = a_public_ip(), {**a_public_ip(), "sku": {"name": "Basic"}}
    live["properties"] = {**live["properties"], "publicIPAllocationMethod": "Dynamic"}
    assert paths(told, live) == ["sku/name", "publicIPAllocationMethod"]


def test_types_that_are_not_compared_are_counted() -> None:
    machine = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm1"
    found = declared(an_nsg(), {"id": machine}, {"id": f"{machine}2"}, {"id": "[reference('later').id]"})
    assert list(found.declarations) == [NSG_ID.key]
    assert found.left_out == {"microsoft.compute/virtualmachines": 2}
    assert found.unplaced == ("[reference('later').id]",)


def test_two_files_that_speak_of_different_parts_of_a_resource_are_one_declaration() -> None:
    first = declared({"id": NIC_ID.text, "properties": {"networkSecurityGroup": {"id": NSG_ID.text}}})
    rule = declared({"id": f"{RULE}/allow-web", "properties": template(a_rule())["properties"]})
    group = declared({"id": NSG_ID.text, "name": "web", "location": "westeurope"})
    found = together([first, rule, group])
    assert set(found.declarations) == {NIC_ID.key, NSG_ID.key}
    both = found.declarations[NSG_ID.key]
    assert both.itself
    assert paths(both, an_nsg(a_rule(priority=301))) == ["securityRules/allow-web/priority"]


def test_an_id_in_another_case_is_the_same_resource() -> None:
    shouted = ResourceId.parse(NSG_ID.text.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))
    assert paths({**template(an_nsg(a_rule())), "id": shouted.text}, an_nsg(a_rule())) == []


def test_a_subnet_by_itself_is_deployed_after_the_one_in_its_network() -> None:
    of_old = a_subnet(nsg=ResourceId.parse(f"{WEB}/networkSecurityGroups/of-old"))
    for order in ((a_vnet(of_old), a_subnet()), (a_subnet(), a_vnet(of_old))):
        (only,) = declared(*order).declarations.values()
        assert paths(only, a_subnet()) == []
