"""Which work a change means, by its id alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.declared.deployed.places import target_of
from remediation.intake.routing import MEANINGS, NOWHERE, Route, operations, route, route_id
from remediation.kinds import (
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    HOSTS,
    MANAGED_CLUSTER,
    PRIVATE_LINK_SERVICE,
    ROUTE_TABLE,
    RULE_COLLECTION_GROUP,
    SCALE_SET,
    VNET,
)
from remediation.resource_id import ResourceId
from remediation.rules import judged_types
from tests.builders import AT, BASTION_ID, HUB, NIC_ID, NSG_ID, PIP_ID, SUBNET_ID, VNET_ID, WEB, a_change
from tests.story.core.calm import CALM

GROUP = f"{AT}/resourceGroups/rg-web"
BALANCER = f"{WEB}/loadBalancers/lb"
FIREWALL, POLICY, MANAGER = (
    f"{HUB}/azureFirewalls/fw",
    f"{HUB}/firewallPolicies/p",
    f"{HUB}/networkManagers/m",
)
FLEET = f"{GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/fleet"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
SETTING = "providers/Microsoft.Insights/diagnosticSettings/s"
READY = (
    AZURE_FIREWALL, RULE_COLLECTION_GROUP, VNET, SCALE_SET, MANAGED_CLUSTER, APPLICATION_GATEWAY,
    PRIVATE_LINK_SERVICE, ROUTE_TABLE,
)  # fmt: skip
LOCK = "providers/Microsoft.Authorization/locks/l"
TAGS = "providers/Microsoft.Resources/tags/default"
ROLE = "providers/Microsoft.Authorization/roleAssignments/r"


def led(text: str) -> Route:
    return route_id(ResourceId.parse(text))


@pytest.mark.parametrize(
    ("changed", "target"),
    [
        (NSG_ID.text, NSG_ID.text),
        (f"{NSG_ID}/securityRules/allow-ssh", NSG_ID.text),
        (BASTION_ID.text, BASTION_ID.text),
        (PIP_ID.text, PIP_ID.text),
        (BALANCER, BALANCER),
        (f"{BALANCER}/inboundNatRules/ssh", BALANCER),
        (f"{BALANCER}/backendAddressPools/pool", BALANCER),
        (FIREWALL, FIREWALL),
        (f"{POLICY}/ruleCollectionGroups/dnat", f"{POLICY}/ruleCollectionGroups/dnat"),
        (f"{WEB}/applicationGateways/agw", f"{WEB}/applicationGateways/agw"),
        (f"{WEB}/privateLinkServices/pls", f"{WEB}/privateLinkServices/pls"),
        (f"{WEB}/privateLinkServices/pls/privateEndpointConnections/c", f"{WEB}/privateLinkServices/pls"),
        (FLEET, FLEET),
        (f"{FLEET}/virtualMachines/0", FLEET),
        (CLUSTER, CLUSTER),
        (f"{CLUSTER}/agentPools/edge", CLUSTER),
        (f"{WEB}/routeTables/rt", f"{WEB}/routeTables/rt"),
        (f"{WEB}/routeTables/rt/routes/default", f"{WEB}/routeTables/rt"),
        (f"{FIREWALL}/{LOCK}", FIREWALL),
        (VNET_ID.text, VNET_ID.text),
        (f"{BASTION_ID}/{SETTING}", BASTION_ID.text),
        (f"{NSG_ID}/{LOCK}", NSG_ID.text),
        (f"{NSG_ID}/{TAGS}", NSG_ID.text),
        (f"{BASTION_ID}/{ROLE}", BASTION_ID.text),
        (f"{NSG_ID}/securityRules/allow-ssh/{TAGS}", NSG_ID.text),
    ],
)
def test_a_judged_resource_is_looked_at_whichever_part_of_it_changed(changed: str, target: str) -> None:
    assert target == str(led(changed).target)


@pytest.mark.parametrize(
    ("changed", "expand"),
    [
        (NIC_ID.text, NIC_ID.text),
        (SUBNET_ID.text, SUBNET_ID.text),
        (VNET_ID.text, VNET_ID.text),
        (f"{VNET_ID}/virtualNetworkPeerings/to-hub", VNET_ID.text),
        (BALANCER, BALANCER),
        (f"{BALANCER}/inboundNatRules/ssh", BALANCER),
        (f"{WEB}/routeTables/rt", f"{WEB}/routeTables/rt"),
        (f"{WEB}/routeTables/rt/routes/default", f"{WEB}/routeTables/rt"),
        (f"{WEB}/natGateways/gw", f"{WEB}/natGateways/gw"),
        (f"{HUB}/virtualHubs/wan", f"{HUB}/virtualHubs/wan"),
        (
            f"{HUB}/virtualHubs/wan/hubVirtualNetworkConnections/c",
            f"{HUB}/virtualHubs/wan/hubVirtualNetworkConnections/c",
        ),
        (f"{NIC_ID}/{LOCK}", NIC_ID.text),
        (f"{BALANCER}/backendAddressPools/pool", BALANCER),
        (FIREWALL, FIREWALL),
        (POLICY, POLICY),
        (f"{POLICY}/ruleCollectionGroups/dnat", f"{POLICY}/ruleCollectionGroups/dnat"),
        (f"{HUB}/ipGroups/office", f"{HUB}/ipGroups/office"),
        (f"{WEB}/applicationGateways/agw", f"{WEB}/applicationGateways/agw"),
        (f"{WEB}/privateLinkServices/pls", f"{WEB}/privateLinkServices/pls"),
        (f"{FLEET}/virtualMachines/0", FLEET),
        (f"{CLUSTER}/agentPools/edge", CLUSTER),
        (MANAGER, MANAGER),
        (f"{MANAGER}/networkGroups/g/staticMembers/m", MANAGER),
        (f"{MANAGER}/networkGroups/g", MANAGER),
        (f"{MANAGER}/securityAdminConfigurations/c", MANAGER),
        (f"{MANAGER}/securityAdminConfigurations/c/ruleCollections/rc", MANAGER),
        (f"{MANAGER}/securityAdminConfigurations/c/ruleCollections/rc/rules/r", MANAGER),
    ],
)
def test_a_neighbour_is_expanded(changed: str, expand: str) -> None:
    assert expand == str(led(changed).expand)


@pytest.mark.parametrize(
    ("changed", "sweep"), [(GROUP, GROUP), (AT, AT), (f"{GROUP}/{LOCK}", GROUP), (f"{AT}/{ROLE}", AT)]
)
def test_a_change_of_a_scope_sweeps_it(changed: str, sweep: str) -> None:
    assert Route(sweep=ResourceId.parse(sweep)) == led(changed)


@pytest.mark.parametrize(
    "changed",
    [
        f"{GROUP}/providers/Microsoft.Resources/deployments/main",
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/ours",
        f"{GROUP}/providers/Microsoft.Web/sites/bastion-guard",
        f"{NSG_ID}/{LOCK}/{TAGS}",
    ],
)
def test_everything_else_means_nothing(changed: str) -> None:
    assert NOWHERE == led(changed)


@pytest.mark.parametrize(
    "host",
    [f"{GROUP}/providers/Microsoft.Storage/storageAccounts/logs", NIC_ID.text, f"{HUB}/virtualHubs/w", AT],
)
def test_a_setting_of_what_no_rule_judges_is_a_target_itself(host: str) -> None:
    """It may have been declared; that is for the ledger to say."""
    assert Route(target=ResourceId.parse(f"{host}/{SETTING}")) == led(f"{host}/{SETTING}")


@pytest.mark.parametrize("kind", sorted(kind for kind, (what, on) in MEANINGS.items() if on == "itself"))
def test_a_setting_is_looked_at_with_its_host_where_that_is_looked_at(kind: str) -> None:
    provider, *types = kind.split("/")
    host = f"{GROUP}/providers/{provider}/{'/'.join(f'{name}/one' for name in types)}"
    setting = ResourceId.parse(f"{host}/{SETTING}")
    if setting.extended is None:
        return  # what stands on a scope stands on no resource

    assert led(setting.text).target == target_of(setting)
    assert (kind in HOSTS) == (led(host).target == ResourceId.parse(host))


def test_every_row_of_the_table_leads_somewhere() -> None:
    for kind in MEANINGS:
        provider, *types = kind.split("/")
        below = "/".join(f"{name}/{name}-1" for name in types)
        text = {
            "microsoft.resources/subscriptions": AT,
            "microsoft.resources/subscriptions/resourcegroups": GROUP,
        }.get(
            kind,
            f"{NSG_ID if MEANINGS[kind][1] == 'what it stands on' else GROUP}/providers/{provider}/{below}",
        )
        assert NOWHERE != led(text), kind


def test_every_type_that_a_rule_judges_is_a_target() -> None:
    """A rule of a new type needs a row in the table, if there is none; those of ways in have theirs."""
    for kind in judged_types():
        provider, *types = kind.split("/")
        below = "/".join(f"{name}/{name}-1" for name in types)
        identity = ResourceId.parse(f"{GROUP}/providers/{provider}/{below}")
        assert identity == route_id(identity).target, kind


@pytest.mark.parametrize("kind", READY)
def test_a_type_that_rules_of_ways_will_judge_is_a_target_already(kind: str) -> None:
    provider, *types = kind.split("/")
    below = "/".join(f"{name}/{name}-1" for name in types)
    identity = ResourceId.parse(f"{GROUP}/providers/{provider}/{below}")
    assert identity == route_id(identity).target


def test_rules_of_a_network_manager_take_effect_when_they_are_committed() -> None:
    manager = ResourceId.parse(MANAGER)
    commit = replace(a_change(kind="action"), target=manager, operation=f"{MANAGER}/commit/action")

    assert Route(expand=manager) == route(commit)
    assert "microsoft.network/networkmanagers/commit/action" in operations()


def test_asking_what_governs_a_network_is_no_change_of_it() -> None:
    assert NOWHERE == route(replace(a_change(kind="action"), target=VNET_ID))


@pytest.mark.parametrize("kind", ["write", "delete"])
def test_writes_and_deletes_mean_the_same(kind: str) -> None:
    assert Route(target=NSG_ID) == route(a_change(kind=kind))


def test_a_failed_change_is_a_reason_to_look_all_the_same() -> None:
    assert Route(target=NSG_ID) == route(replace(a_change(), status="failure"))


@CALM
@given(st.sampled_from(sorted(MEANINGS)), st.booleans())
def test_case_never_changes_where_a_change_leads(kind: str, shout: bool) -> None:
    text = f"{GROUP}/providers/Microsoft.Network/{kind.rpartition('/')[2]}/x"

    assert led(text) == led(text.upper() if shout else text.lower())


def test_a_message_carries_who_when_and_what() -> None:
    change = a_change(by="alice@contoso.example")

    (message,) = route(change).messages(change)

    assert (NSG_ID.text, "event", "event-1") == (message.target, message.reason, message.event_id)
    assert ({"name": "alice@contoso.example"}, change.event_time) == (message.actor, message.event_time)
    assert not message.force
