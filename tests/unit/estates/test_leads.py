"""Parts that ways in lead through, out of files: what is listed and linked, what counts as not exported."""

import copy
from typing import Any

import pytest

from remediation.errors import PermanentError
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.kinds import (
    ADMIN_RULE,
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    EFFECTIVE_ADMIN_RULE,
    LEADS,
    LOAD_BALANCER,
    MANAGED_CLUSTER,
    NIC,
    RULE_COLLECTION_GROUP,
    SCALE_SET,
    SCALE_SET_MACHINE,
    SCALE_SET_NIC,
    SCALE_SET_PUBLIC_IP,
    SUBNET,
)
from remediation.model import Listing, Resource
from remediation.resource_id import ResourceId
from tests.builders import AT, HUB, SUBNET_ID, VNET_ID, WEB, Document, a_nic, a_subnet, a_vnet, an_nsg

ELSEWHERE = "/subscriptions/22222222-2222-3333-4444-555555555555"
POLICY, FIREWALL, OFFICE = (
    f"{HUB}/firewallPolicies/base",
    f"{HUB}/azureFirewalls/fw",
    f"{HUB}/ipGroups/office",
)
COLLECTIONS = f"{POLICY}/ruleCollectionGroups/dnat"
GATEWAY = f"{WEB}/applicationGateways/agw"
FLEET = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/fleet"
INSTANCE_NIC = f"{FLEET}/virtualMachines/0/networkInterfaces/nic"
ADDRESS = f"{INSTANCE_NIC}/ipConfigurations/ip/publicIPAddresses/pub"
MANAGER = f"{ELSEWHERE}/resourceGroups/rg/providers/Microsoft.Network/networkManagers/m"
RULE = f"{MANAGER}/securityAdminConfigurations/c/ruleCollections/rc/rules/ssh"
NOT_EXPORTED = "none is in the estate, so that they count as not exported"


def document(identity: str, **properties: Any) -> Document:
    return {"id": identity, "name": identity.rpartition("/")[2], "properties": properties}


def estate(*documents: Document, open_world: tuple[str, ...] = (), **facts: Any) -> Estate:
    return Estate([EstateFile("estate.json", copy.deepcopy(documents), facts=facts)], open_world)


def listed(held: Estate, kind: str, scope: ResourceId | str = AT) -> list[str]:
    return [found.id.name for found in held.list(Listing(kind, str(scope)))]


def the(held: Estate, identity: ResourceId | str) -> Resource:
    found = held.get(ResourceId.parse(str(identity)))
    assert found is not None
    return found


def named(held: Estate, identity: str, *path: str) -> list[str]:
    return [one["id"].rpartition("/")[2] for one in the(held, identity).properties(*path)]


# Firewalls ---------------------------------------------------------------------------------------


def test_rule_collection_groups_are_listed_on_their_policy_which_names_them() -> None:
    held = estate(document(POLICY), document(COLLECTIONS, priority=100))

    assert listed(held, RULE_COLLECTION_GROUP, POLICY) == ["dnat"]
    assert named(held, POLICY, "ruleCollectionGroups") == ["dnat"]


def test_groups_that_a_policy_was_written_with_stand_beside_it() -> None:
    inline = {"name": "dnat", "properties": {"priority": 100}}
    held = estate(document(POLICY, ruleCollectionGroups=[inline]))

    assert listed(held, RULE_COLLECTION_GROUP, POLICY) == ["dnat"]
    assert the(held, COLLECTIONS).properties("priority") == 100


@pytest.mark.parametrize("scope", [POLICY, AT])
def test_a_group_that_its_policy_names_and_that_was_not_exported_is_missed_by_name(scope: str) -> None:
    held = estate(document(POLICY, ruleCollectionGroups=[{"id": COLLECTIONS}]))

    with pytest.raises(PermanentError, match="ruleCollectionGroups/dnat is not in the estate"):
        listed(held, RULE_COLLECTION_GROUP, scope)


def test_the_groups_of_a_policy_that_was_not_exported_are_not_none() -> None:
    with pytest.raises(PermanentError, match="firewallPolicies/base is not in the estate"):
        listed(estate(), RULE_COLLECTION_GROUP, POLICY)


def test_a_policy_without_groups_has_none() -> None:
    assert listed(estate(document(POLICY)), RULE_COLLECTION_GROUP, POLICY) == []


def test_a_policy_names_its_firewalls_and_those_that_inherit_from_it() -> None:
    heir = f"{HUB}/firewallPolicies/heir"
    held = estate(
        document(POLICY),
        document(heir, basePolicy={"id": POLICY}),
        document(FIREWALL, firewallPolicy={"id": POLICY}),
    )

    assert named(held, POLICY, "firewalls") == ["fw"]
    assert named(held, POLICY, "childPolicies") == ["heir"]


def test_an_ip_group_names_the_firewalls_whose_own_rules_use_it() -> None:
    rules = {"name": "in", "properties": {"rules": [{"name": "ssh", "sourceIpGroups": [OFFICE]}]}}
    held = estate(document(OFFICE), document(FIREWALL, natRuleCollections=[rules]))

    assert named(held, OFFICE, "firewalls") == ["fw"]


def test_a_hubs_firewall_is_found_from_every_subscription_since_it_leads_to_all_of_them() -> None:
    held = estate(document(FIREWALL), document(f"{WEB}/loadBalancers/lb"), a_nic())

    for kind, name in ((AZURE_FIREWALL, "fw"), (LOAD_BALANCER, "lb"), (NIC, "vm1-nic")):
        assert listed(held, kind, ELSEWHERE) == listed(held, kind) == [name]


def test_a_firewall_that_cannot_be_read_is_missed_in_every_subscription() -> None:
    held = estate({"id": FIREWALL})

    with pytest.raises(PermanentError, match=r"azureFirewalls/fw is one and cannot be read"):
        listed(held, AZURE_FIREWALL, ELSEWHERE)


# Gateways ----------------------------------------------------------------------------------------


def test_a_gateways_pool_and_subnet_name_what_joined_them() -> None:
    nic = a_nic()
    pool = {"id": f"{GATEWAY}/backendAddressPools/pool"}
    nic["properties"]["ipConfigurations"][0]["properties"]["applicationGatewayBackendAddressPools"] = [pool]
    inside = {"name": "g", "properties": {"subnet": {"id": SUBNET_ID.text}}}
    pools = [{"name": "pool", "properties": {}}]
    gateway = document(GATEWAY, gatewayIPConfigurations=[inside], backendAddressPools=pools)
    held = estate(gateway, nic, a_vnet(a_subnet()))

    (joined,) = the(held, GATEWAY).properties("backendAddressPools")
    assert [one["id"] for one in joined["properties"]["backendIPConfigurations"]] == [
        f"{nic['id']}/ipConfigurations/ipconfig1"
    ]
    (subnet,) = held.list(Listing(SUBNET, VNET_ID.text))
    assert subnet.properties("applicationGatewayIPConfigurations") == [
        {"id": f"{GATEWAY}/gatewayIPConfigurations/g"}
    ]


# Scale sets --------------------------------------------------------------------------------------


def a_fleet(capacity: int = 1) -> Document:
    return document(FLEET) | {"sku": {"name": "Standard_B1s", "capacity": capacity}}


def an_instance_nic(**configuration: Any) -> Document:
    inner = {"name": "ip", "properties": {"subnet": {"id": SUBNET_ID.text}, **configuration}}
    return document(INSTANCE_NIC, ipConfigurations=[inner], networkSecurityGroup={"id": an_nsg()["id"]})


def test_interfaces_and_addresses_of_instances_need_no_type_to_be_found() -> None:
    held = estate(a_fleet(), an_instance_nic(), document(ADDRESS, ipAddress="20.1.1.1"))

    assert listed(held, SCALE_SET_NIC, FLEET) == listed(held, SCALE_SET_NIC) == ["nic"]
    assert listed(held, SCALE_SET_PUBLIC_IP, FLEET) == ["pub"]


def test_an_instances_interface_shows_where_an_interface_would() -> None:
    pool = f"{WEB}/loadBalancers/lb/backendAddressPools/pool"
    nic = an_instance_nic(loadBalancerBackendAddressPools=[{"id": pool}], publicIPAddress={"id": ADDRESS})
    balancer = document(f"{WEB}/loadBalancers/lb", backendAddressPools=[{"name": "pool", "properties": {}}])
    held = estate(a_fleet(), nic, balancer, an_nsg(), a_vnet(a_subnet()), document(ADDRESS))
    configuration = f"{INSTANCE_NIC}/ipConfigurations/ip"

    assert named(held, an_nsg()["id"], "networkInterfaces") == ["nic"]
    assert {"id": configuration} in the(held, SUBNET_ID).properties("ipConfigurations")
    assert the(held, ADDRESS).properties("ipConfiguration") == {"id": configuration}
    assert the(held, INSTANCE_NIC).properties("virtualMachine") == {"id": f"{FLEET}/virtualMachines/0"}
    (joined,) = the(held, f"{WEB}/loadBalancers/lb").properties("backendAddressPools")
    assert joined["properties"]["backendIPConfigurations"] == [{"id": configuration}]


def test_an_address_says_by_its_id_whose_it_is() -> None:
    held = estate(a_fleet(), document(ADDRESS))

    assert the(held, ADDRESS).properties("ipConfiguration") == {"id": f"{INSTANCE_NIC}/ipConfigurations/ip"}


@pytest.mark.parametrize("kind", [SCALE_SET_MACHINE, SCALE_SET_NIC, SCALE_SET_PUBLIC_IP])
def test_instances_that_nobody_asked_for_are_not_none(kind: str) -> None:
    with pytest.raises(PermanentError, match=NOT_EXPORTED):
        listed(estate(a_fleet()), kind, FLEET)


def test_a_scale_set_whose_instances_alone_are_missing_is_told_by_name() -> None:
    held = estate(a_fleet(3), document(f"{FLEET}2"), document(f"{FLEET}2/virtualMachines/0"))

    with pytest.raises(PermanentError, match=r"the 3 instances of .*/fleet are not in the estate"):
        listed(held, SCALE_SET_MACHINE, FLEET)
    assert listed(held, SCALE_SET_MACHINE, f"{FLEET}2") == ["0"]


@pytest.mark.parametrize("kind", [SCALE_SET_MACHINE, SCALE_SET_NIC, SCALE_SET_PUBLIC_IP])
def test_a_scale_set_of_no_instances_has_none_and_neither_has_an_estate_without_scale_sets(kind: str) -> None:
    assert listed(estate(a_fleet(0)), kind, FLEET) == []
    assert listed(estate(a_vnet()), kind) == []


@pytest.mark.parametrize("scope", [FLEET, f"{FLEET}/virtualMachines/0"])
def test_the_instances_of_a_scale_set_that_is_missing_itself_are_not_none(scope: str) -> None:
    with pytest.raises(PermanentError, match=NOT_EXPORTED):
        listed(estate(a_vnet()), SCALE_SET_NIC, scope)


def test_a_live_scan_that_saw_no_instances_is_believed() -> None:
    assert listed(estate(a_fleet(2), listed=[SCALE_SET_NIC]), SCALE_SET_NIC, FLEET) == []


# What governs a network --------------------------------------------------------------------------


def test_every_admin_rule_of_the_estate_may_govern_a_network() -> None:
    assert listed(estate(document(RULE, access="Deny")), EFFECTIVE_ADMIN_RULE, VNET_ID) == ["ssh"]


def test_without_an_admin_rule_what_governs_a_network_counts_as_not_exported() -> None:
    with pytest.raises(PermanentError, match=NOT_EXPORTED):
        listed(estate(a_vnet()), EFFECTIVE_ADMIN_RULE, VNET_ID)


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ({"subscriptions": [ELSEWHERE]}, []),
        ({"subscriptions": [AT.upper()]}, ["ssh"]),
        ({"subscriptions": [ELSEWHERE], "managementGroups": ["/providers/x/managementGroups/all"]}, ["ssh"]),
        ({"subscriptions": []}, ["ssh"]),
        ({"subscriptions": [ELSEWHERE], "crossTenantScopes": [{"tenantId": "t"}]}, ["ssh"]),
        (None, ["ssh"]),
    ],
)
def test_only_a_network_outside_its_managers_scope_is_certainly_not_governed(
    scopes: Any, expected: list[str]
) -> None:
    held = estate(document(MANAGER, networkManagerScopes=scopes), document(RULE))

    assert listed(held, EFFECTIVE_ADMIN_RULE, VNET_ID) == expected


def test_what_azure_said_governs_a_network_holds_for_that_network() -> None:
    answered = {VNET_ID.text.upper().replace("/SUBSCRIPTIONS", "/subscriptions"): [document(RULE)]}
    held = estate(document(RULE.replace("ssh", "rdp")), effectiveAdminRules=answered)

    assert listed(held, EFFECTIVE_ADMIN_RULE, VNET_ID) == ["ssh"]
    assert listed(held, EFFECTIVE_ADMIN_RULE, f"{HUB}/virtualNetworks/hub") == ["rdp"]


def test_a_network_that_azure_says_nothing_governs_has_no_rules() -> None:
    held = estate(a_vnet(), effectiveAdminRules={VNET_ID.text: []})

    assert listed(held, EFFECTIVE_ADMIN_RULE, VNET_ID) == []
    with pytest.raises(PermanentError, match=NOT_EXPORTED):
        listed(held, EFFECTIVE_ADMIN_RULE, f"{HUB}/virtualNetworks/hub")


def test_an_admin_rule_that_cannot_be_read_leaves_unknown_what_governs_a_network() -> None:
    with pytest.raises(PermanentError, match="is one and cannot be read"):
        listed(estate(document(RULE), {"id": f"{RULE}2"}), EFFECTIVE_ADMIN_RULE, VNET_ID)


def test_a_network_that_a_live_scan_was_not_permitted_to_ask_is_unknown() -> None:
    refused = {"type": EFFECTIVE_ADMIN_RULE, "scope": VNET_ID.text, "reason": "HTTP 403"}
    held = estate(document(RULE), unread=[refused])

    with pytest.raises(PermanentError, match="HTTP 403"):
        listed(held, EFFECTIVE_ADMIN_RULE, VNET_ID)


# Closed and open -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [AZURE_FIREWALL, APPLICATION_GATEWAY, SCALE_SET, MANAGED_CLUSTER])
def test_a_type_of_which_none_is_there_is_empty(kind: str) -> None:
    assert listed(estate(a_vnet()), kind) == []


@pytest.mark.parametrize("kind", [*LEADS, ADMIN_RULE])
def test_a_type_that_was_not_exported_can_be_said_to_be_open(kind: str) -> None:
    held = estate(a_vnet(), document(RULE), a_fleet(0), an_instance_nic(), open_world=(kind.upper(),))
    scope = {EFFECTIVE_ADMIN_RULE: VNET_ID.text, ADMIN_RULE: AT}.get(kind, AT)

    with pytest.raises(PermanentError, match="--open-world"):
        listed(held, kind, scope)


# As tools print them -------------------------------------------------------------------------------


def test_what_the_azure_cli_flattens_is_read_as_arm_shows_it() -> None:
    """Of a scale set's model, a firewall, a group of rules, and a network's effective rules."""
    flattened: list[Document] = [
        {
            "id": FLEET,
            "sku": {"capacity": 0},
            "virtualMachineProfile": {
                "networkProfile": {
                    "networkInterfaceConfigurations": [
                        {
                            "name": "nic",
                            "ipConfigurations": [
                                {"name": "ip", "publicIpAddressConfiguration": {"name": "pub"}}
                            ],
                        }
                    ]
                }
            },
        },
        {"id": FIREWALL, "natRuleCollections": [{"name": "in", "priority": 100, "rules": [{"name": "ssh"}]}],
         "hubIpAddresses": {"publicIPs": {"count": 1}}},
        {"id": COLLECTIONS, "priority": 100, "ruleCollections": [{"name": "in", "rules": []}]},
        {"id": RULE, "kind": "Custom", "access": "Deny", "sources": [{"addressPrefix": "*"}]},
    ]  # fmt: skip
    held = estate(*flattened)

    model = the(held, FLEET).properties("virtualMachineProfile", "networkProfile")
    (interface,) = model["networkInterfaceConfigurations"]
    (configuration,) = interface["properties"]["ipConfigurations"]
    assert configuration["properties"]["publicIPAddressConfiguration"]["name"] == "pub"
    assert the(held, FLEET).at("sku", "capacity") == 0
    (rules,) = the(held, FIREWALL).properties("natRuleCollections")
    assert (rules["properties"]["priority"], rules["properties"]["rules"]) == (100, [{"name": "ssh"}])
    assert the(held, FIREWALL).properties("hubIPAddresses", "publicIPs", "count") == 1
    assert the(held, COLLECTIONS).properties("ruleCollections") == [{"name": "in", "rules": []}]
    (governing,) = held.list(Listing(EFFECTIVE_ADMIN_RULE, VNET_ID.text))
    assert governing.properties("access") == "Deny"
