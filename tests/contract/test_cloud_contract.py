"""Every cloud keeps the same promises: ARM in memory, and ARM over HTTP as the lab's server speaks it."""

import copy
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from lab.arm import Arm, Settings, in_background
from remediation.adapters.arm.cloud import ArmCloud
from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.memory.storage import MemoryCloud
from remediation.adapters.retrying import Retry
from remediation.errors import ConflictError, PermanentError
from remediation.model import Listing, Resource, Write
from remediation.ports import Cloud, Operation, Progress
from remediation.resource_id import ResourceId

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000cafe"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-hub"
OTHER_GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-other"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
WEB = ResourceId.parse(f"{NETWORK}/networkSecurityGroups/web")
DB = ResourceId.parse(f"{OTHER_GROUP}/providers/Microsoft.Network/networkSecurityGroups/db")
LOCKED = f"{SUBSCRIPTION}/resourceGroups/rg-locked"
VAULT = ResourceId.parse(f"{LOCKED}/providers/Microsoft.Network/networkSecurityGroups/vault")
GONE = ResourceId.parse(f"{NETWORK}/networkSecurityGroups/gone")
VNET = ResourceId.parse(f"{NETWORK}/virtualNetworks/hub")
HUB = ResourceId.parse(f"{NETWORK}/virtualHubs/wan")
POLICY = ResourceId.parse(f"{NETWORK}/firewallPolicies/base")
FLEET = f"{GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/fleet"
INSTANCE = f"{FLEET}/virtualMachines/0"
INTERFACE = f"{INSTANCE}/networkInterfaces/nic"
ADDRESS = f"{INTERFACE}/ipConfigurations/ip/publicIPAddresses/pub"
ADMIN_RULES = f"{OTHER_GROUP}/providers/Microsoft.Network/networkManagers/avnm/securityAdminConfigurations/c"
SETTING = WEB.extension("Microsoft.Insights/diagnosticSettings", "to-central")
NSGS = "Microsoft.Network/networkSecurityGroups"
RULES = f"{NSGS}/securityRules"
SETTINGS = "Microsoft.Insights/diagnosticSettings"
LOCKS = "Microsoft.Authorization/locks"
CONNECTIONS = "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections"
GROUPS_OF_RULES = "Microsoft.Network/firewallPolicies/ruleCollectionGroups"
MACHINES = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines"
EFFECTIVE = "Microsoft.Network/virtualNetworks/effectiveSecurityAdminRules"
SINK = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/central"
POLLS = 2


def a_rule(name: str, priority: int, on: ResourceId = WEB, etag: str = 'W/"1"') -> dict[str, Any]:
    own = {"name": name, "id": f"{on}/securityRules/{name}", "etag": etag, "type": RULES}
    return own | {"properties": {"provisioningState": "Succeeded", **what(priority)}}


def what(priority: int, **changes: Any) -> dict[str, Any]:
    return {
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "destinationPortRange": "22",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
        "access": "Allow",
        "priority": priority,
        "direction": "Inbound",
        "sourcePortRanges": [],
        "destinationPortRanges": [],
        "sourceAddressPrefixes": [],
        "destinationAddressPrefixes": [],
    } | changes


def an_nsg(resource: ResourceId, *rules: dict[str, Any]) -> dict[str, Any]:
    subnet = {"id": f"{VNET}/subnets/web"}
    return {
        "name": resource.name,
        "id": resource.text,
        "etag": 'W/"1"',
        "type": NSGS,
        "location": "westeurope",
        "tags": {"environment": "prod"},
        "properties": {
            "provisioningState": "Succeeded",
            "notKnownToUs": {"kept": [1, None]},
            "securityRules": list(rules),
            "defaultSecurityRules": [],
            "subnets": [subnet],
        },
    }


def an_extension(identity: str, kind: str, **properties: Any) -> dict[str, Any]:
    return {"id": identity, "name": identity.rpartition("/")[2], "type": kind, "properties": properties}


def a_subnet(name: str) -> dict[str, Any]:
    return {
        "id": f"{VNET}/subnets/{name}",
        "name": name,
        "etag": 'W/"1"',
        "properties": {"addressPrefix": "10.0.0.0/26"},
    }


SEED: list[dict[str, Any]] = [
    an_nsg(WEB, a_rule("allow-ssh", 100), a_rule("allow-https", 110)),
    an_nsg(DB),
    an_nsg(VAULT, a_rule("kept", 100, on=VAULT)),
    an_extension(
        VNET.text,
        "Microsoft.Network/virtualNetworks",
        subnets=[a_subnet("AzureBastionSubnet"), a_subnet("web")],
    )
    | {"location": "westeurope", "etag": 'W/"1"'},
    an_extension(HUB.text, "Microsoft.Network/virtualHubs") | {"location": "westeurope"},
    an_extension(f"{HUB}/hubVirtualNetworkConnections/spoke", CONNECTIONS),
    an_extension(POLICY.text, "Microsoft.Network/firewallPolicies") | {"location": "westeurope"},
    an_extension(f"{POLICY}/ruleCollectionGroups/dnat", GROUPS_OF_RULES, priority=100),
    an_extension(FLEET, "Microsoft.Compute/virtualMachineScaleSets") | {"location": "westeurope"},
    an_extension(INSTANCE, MACHINES),
    # What Azure shows of an instance's interfaces and addresses often has no type.
    {"id": INTERFACE, "name": "nic", "properties": {"primary": True}},
    {"id": ADDRESS, "name": "pub", "properties": {"ipAddress": "20.1.1.1"}},
    an_extension(f"{ADMIN_RULES}/ruleCollections/rc/rules/ssh", "x", access="AlwaysAllow", priority=1),
    an_extension(f"{ADMIN_RULES}/ruleCollections/rc/rules/rdp", "x", access="Deny", priority=2),
    an_extension(f"{VAULT}/providers/{LOCKS}/on-vault", LOCKS, level="CanNotDelete"),
    an_extension(f"{LOCKED}/providers/{LOCKS}/on-group", LOCKS, level="CanNotDelete"),
    an_extension(
        f"{GROUP}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default",
        "Microsoft.Security/locations/jitNetworkAccessPolicies",
        virtualMachines=[],
    ),
]


@dataclass(frozen=True)
class Rig:
    cloud: Cloud
    unknown_operation: str

    def the(self, resource: ResourceId) -> Resource:
        found = self.cloud.get(resource)
        assert found is not None
        return found

    def done(self, write: Write) -> Progress:
        """Write, and follow the operation to its end."""
        return self.ended(self.cloud.write(write))

    def ended(self, operation: Operation) -> Progress:
        if operation.url is None:
            return Progress("succeeded")
        stages = [self.cloud.poll(operation.url) for _ in range(POLLS + 2)]
        return next(stage for stage in stages if stage.state != "running")

    def names(self, kind: str, scope: ResourceId | str) -> list[str]:
        return sorted(found.id.name for found in self.cloud.list(Listing(kind, str(scope))))

    def rules(self, resource: ResourceId = WEB) -> dict[str, Any]:
        return {rule["name"]: rule for rule in self.the(resource).properties("securityRules")}


@pytest.fixture(params=["memory", "arm", "arm in pages"])
def rig(request: pytest.FixtureRequest, clock: VirtualClock) -> Iterator[Rig]:
    seed = copy.deepcopy(SEED)
    if request.param == "memory":
        yield Rig(MemoryCloud(*seed, polls={"": POLLS}), "memory://operations/unknown")
        return
    page_size = 1 if request.param == "arm in pages" else None
    lab = Arm(settings=Settings(polls_all=POLLS, if_match={"*": True}, page_size=page_size))
    lab.seed(seed)
    with in_background(lab) as url:
        cloud = ArmCloud(LabCredential("bastion-guard"), endpoint=url, retry=Retry(clock))
        with closing(cloud):
            unknown = f"{url}{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope/operations/0"
            yield Rig(cloud, f"{unknown}?api-version=2026-03-01")


def test_what_is_not_there_is_none(rig: Rig) -> None:
    assert rig.cloud.get(GONE) is None
    assert rig.cloud.get(WEB.child("securityRules", "gone")) is None
    assert rig.cloud.get(SETTING) is None


def test_a_document_keeps_what_nobody_here_knows(rig: Rig) -> None:
    found = rig.the(WEB)

    assert found.id == WEB
    assert found.properties("notKnownToUs") == {"kept": [1, None]}
    assert found.tags == {"environment": "prod"}


def test_ids_are_looked_up_without_case(rig: Rig) -> None:
    shouted = ResourceId.parse(WEB.text.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/"))

    assert rig.the(shouted).at("name") == "web"


def test_a_child_can_be_read_by_itself(rig: Rig) -> None:
    rule = rig.the(WEB.child("securityRules", "Allow-SSH"))

    assert rule.at("name") == "allow-ssh"
    assert rule.properties("priority") == 100


def test_what_was_read_can_be_changed_without_changing_the_cloud(rig: Rig) -> None:
    rig.the(WEB).body["properties"]["securityRules"].clear()

    assert list(rig.rules()) == ["allow-ssh", "allow-https"]


def test_a_rule_that_is_written_shows_in_its_group_beside_the_others(rig: Rig) -> None:
    before = rig.the(WEB)

    ended = rig.done(
        Write("PUT", WEB.child("securityRules", "deny-ssh"), {"properties": what(190, access="Deny")})
    )

    assert ended.state == "succeeded"
    assert sorted(rig.rules()) == ["allow-https", "allow-ssh", "deny-ssh"]
    assert rig.rules()["deny-ssh"]["properties"]["access"] == "Deny"
    assert rig.rules()["deny-ssh"]["properties"]["provisioningState"] == "Succeeded"
    assert rig.rules()["allow-https"]["properties"] == before.properties("securityRules")[1]["properties"]
    assert rig.the(WEB).properties("notKnownToUs") == before.properties("notKnownToUs")


def test_a_group_and_its_rules_share_a_version_and_every_write_changes_it(rig: Rig) -> None:
    before = rig.the(WEB).etag
    rule = WEB.child("securityRules", "allow-ssh")

    rig.done(Write("PUT", rule, {"properties": what(100, access="Deny")}))

    now = rig.the(WEB).etag
    assert now != before
    assert {each["etag"] for each in rig.rules().values()} == {now}
    assert rig.the(rule).etag == now


def test_a_rule_that_is_replaced_keeps_nothing_of_the_old_one(rig: Rig) -> None:
    rule = WEB.child("securityRules", "allow-ssh")
    rig.done(Write("PUT", rule, {"properties": what(100, description="old")}))

    rig.done(Write("PUT", rule, {"properties": what(101)}))

    properties = rig.the(rule).properties()
    assert properties["priority"] == 101
    assert "description" not in properties
    assert len(rig.rules()) == 2


def test_a_rule_that_is_deleted_is_gone_from_its_group(rig: Rig) -> None:
    rule = WEB.child("securityRules", "allow-ssh")

    assert rig.done(Write("DELETE", rule)).state == "succeeded"

    assert rig.cloud.get(rule) is None
    assert list(rig.rules()) == ["allow-https"]


def test_deleting_what_is_gone_succeeds_and_changes_nothing(rig: Rig) -> None:
    before = rig.the(WEB)

    for gone in (WEB.child("securityRules", "gone"), GONE, SETTING, GONE.child("securityRules", "x")):
        assert rig.done(Write("DELETE", gone)).state == "succeeded"

    assert rig.the(WEB) == before


def test_writing_a_group_replaces_its_rules_and_keeps_where_it_is_attached(rig: Rig) -> None:
    before = rig.the(WEB)
    kept = {"properties": what(200), "name": "only"}
    body = {"location": "westeurope", "properties": {"securityRules": [kept]}}

    rig.done(Write("PUT", WEB, body))

    now = rig.the(WEB)
    assert list(rig.rules()) == ["only"]
    assert now.properties("subnets") == before.properties("subnets")
    assert now.properties("provisioningState") == "Succeeded"
    assert rig.the(WEB.child("securityRules", "only")).properties("priority") == 200


def test_a_deleted_resource_takes_its_children_and_settings_out_of_sight(rig: Rig) -> None:
    rig.done(Write("PUT", DB.child("securityRules", "r"), {"properties": what(100)}))
    detached = {"location": "westeurope", "properties": {"securityRules": []}}
    fresh = ResourceId.parse(f"{NETWORK}/networkSecurityGroups/fresh")
    rig.done(Write("PUT", fresh, detached))

    rig.done(Write("DELETE", fresh))

    assert rig.cloud.get(fresh) is None
    assert rig.names(NSGS, SUBSCRIPTION) == ["db", "vault", "web"]


def test_an_outdated_write_is_refused_and_changes_nothing(rig: Rig) -> None:
    rule = WEB.child("securityRules", "allow-ssh")
    read = rig.the(rule).etag
    rig.done(Write("PUT", WEB.child("securityRules", "colleague"), {"properties": what(300)}))
    before = rig.the(WEB)

    for stale in (
        Write("PUT", rule, {"properties": what(100, access="Deny")}, if_match=read),
        Write("DELETE", rule, if_match=read),
    ):
        with pytest.raises(ConflictError):
            rig.cloud.write(stale)

    assert rig.the(WEB) == before


def test_a_write_against_the_version_that_was_read_passes(rig: Rig) -> None:
    rule = rig.the(WEB.child("securityRules", "allow-ssh"))

    rig.done(Write("PUT", rule.id, {"properties": what(100, access="Deny")}, if_match=rule.etag))

    assert rig.the(rule.id).properties("access") == "Deny"


def test_two_rules_never_share_priority_and_direction(rig: Rig) -> None:
    with pytest.raises(PermanentError) as caught:
        rig.cloud.write(Write("PUT", WEB.child("securityRules", "new"), {"properties": what(100)}))

    assert caught.value.code == "SecurityRuleConflict"
    assert sorted(rig.rules()) == ["allow-https", "allow-ssh"]
    outbound = what(100, direction="Outbound")
    assert (
        rig.done(Write("PUT", WEB.child("securityRules", "out"), {"properties": outbound})).state
        == "succeeded"
    )


@pytest.mark.parametrize("priority", [0, 99, 4097])
def test_a_priority_outside_the_range_is_refused(rig: Rig, priority: int) -> None:
    with pytest.raises(PermanentError) as caught:
        rig.cloud.write(Write("PUT", WEB.child("securityRules", "new"), {"properties": what(priority)}))

    assert caught.value.code == "SecurityRuleInvalidPriority"
    assert sorted(rig.rules()) == ["allow-https", "allow-ssh"]


def test_a_group_whose_rules_conflict_is_refused_whole(rig: Rig) -> None:
    rules = [{"name": name, "properties": what(200)} for name in ("one", "two")]
    before = rig.the(WEB)

    with pytest.raises(PermanentError) as caught:
        rig.cloud.write(Write("PUT", WEB, {"location": "westeurope", "properties": {"securityRules": rules}}))

    assert caught.value.code == "SecurityRuleConflict"
    assert rig.the(WEB) == before


def test_a_lock_keeps_what_stands_below_it(rig: Rig) -> None:
    rule = VAULT.child("securityRules", "kept")
    with pytest.raises(PermanentError) as caught:
        rig.cloud.write(Write("DELETE", rule))
    assert caught.value.code == "ScopeLocked"

    assert rig.done(Write("PUT", rule, {"properties": what(101)})).state == "succeeded"

    lock = an_extension(f"{LOCKED}/providers/{LOCKS}/on-group", LOCKS, level="ReadOnly")
    rig.done(Write("PUT", ResourceId.parse(lock["id"]), {"properties": lock["properties"]}))
    with pytest.raises(PermanentError) as caught:
        rig.cloud.write(Write("PUT", rule, {"properties": what(102)}))
    assert caught.value.code == "ScopeLocked"
    assert rig.the(rule).properties("priority") == 101


def test_a_rule_of_a_group_that_is_gone_cannot_be_written(rig: Rig) -> None:
    with pytest.raises(PermanentError) as caught:
        rig.cloud.write(Write("PUT", GONE.child("securityRules", "new"), {"properties": what(100)}))

    assert caught.value.code == "ResourceNotFound"
    assert rig.cloud.get(GONE) is None


def test_a_diagnostic_setting_is_written_and_removed_at_once(rig: Rig) -> None:
    body = {
        "properties": {
            "workspaceId": SINK,
            "logs": [{"category": "NetworkSecurityGroupEvent", "enabled": True}],
        }
    }

    assert rig.cloud.write(Write("PUT", SETTING, body)).url is None
    assert rig.the(SETTING).properties("workspaceId") == SINK
    assert rig.names(SETTINGS, WEB) == ["to-central"]
    assert rig.names(SETTINGS, DB) == []

    assert rig.cloud.write(Write("DELETE", SETTING)).url is None
    assert rig.cloud.get(SETTING) is None
    assert rig.names(SETTINGS, WEB) == []


def test_a_running_operation_shows_in_the_resource_until_it_ends(rig: Rig) -> None:
    rule = WEB.child("securityRules", "deny-ssh")
    operation = rig.cloud.write(Write("PUT", rule, {"properties": what(190, access="Deny")}))

    assert operation.url is not None
    assert rig.cloud.poll(operation.url).state == "running"
    assert rig.the(rule).properties("provisioningState") == "Updating"
    assert rig.ended(operation) == Progress("succeeded")
    assert rig.the(rule).properties("provisioningState") == "Succeeded"


def test_a_second_write_cancels_the_first_that_still_runs(rig: Rig) -> None:
    first = rig.cloud.write(Write("PUT", WEB.child("securityRules", "one"), {"properties": what(191)}))
    second = rig.cloud.write(Write("PUT", WEB.child("securityRules", "two"), {"properties": what(192)}))

    assert rig.ended(first).state == "cancelled"
    assert rig.ended(first).code == "Canceled"
    assert rig.ended(second).state == "succeeded"


def test_an_operation_nobody_remembers_counts_as_done(rig: Rig) -> None:
    assert rig.cloud.poll(rig.unknown_operation) == Progress("succeeded")


@pytest.mark.parametrize(
    ("kind", "scope", "names"),
    [
        (NSGS, SUBSCRIPTION, ["db", "vault", "web"]),
        (
            NSGS.lower(),
            SUBSCRIPTION.upper().replace("/SUBSCRIPTIONS", "/subscriptions"),
            ["db", "vault", "web"],
        ),
        (NSGS, GROUP, ["web"]),
        (RULES, WEB.text, ["allow-https", "allow-ssh"]),
        (RULES, SUBSCRIPTION, ["allow-https", "allow-ssh", "kept"]),
        ("microsoft.network/virtualnetworks/subnets", VNET.text, ["AzureBastionSubnet", "web"]),
        ("microsoft.network/virtualnetworks/subnets", SUBSCRIPTION, ["AzureBastionSubnet", "web"]),
        ("microsoft.network/virtualhubs/hubvirtualnetworkconnections", HUB.text, ["spoke"]),
        ("microsoft.network/virtualhubs/hubvirtualnetworkconnections", SUBSCRIPTION, ["spoke"]),
        ("Microsoft.Network/bastionHosts", SUBSCRIPTION, []),
        (GROUPS_OF_RULES, POLICY.text, ["dnat"]),
        (GROUPS_OF_RULES.lower(), SUBSCRIPTION, ["dnat"]),
        (GROUPS_OF_RULES, f"{NETWORK}/firewallPolicies/gone", []),
        (MACHINES, FLEET, ["0"]),
        (f"{MACHINES}/networkInterfaces", FLEET, ["nic"]),
        (f"{MACHINES}/networkInterfaces", INSTANCE, ["nic"]),
        (f"{MACHINES}/networkInterfaces".lower(), SUBSCRIPTION, ["nic"]),
        (f"{MACHINES}/networkInterfaces/ipConfigurations/publicIPAddresses", FLEET, ["pub"]),
        (f"{MACHINES}/networkInterfaces/ipConfigurations/publicIPAddresses", SUBSCRIPTION, ["pub"]),
        (f"{MACHINES}/networkInterfaces", f"{FLEET}2", []),
        ("Microsoft.ContainerService/managedClusters", SUBSCRIPTION, []),
        (EFFECTIVE, VNET.text, ["rdp", "ssh"]),
        (EFFECTIVE.lower(), SUBSCRIPTION, ["rdp", "ssh"]),
        (EFFECTIVE, f"{NETWORK}/virtualNetworks/gone", []),
        (RULES, GONE.text, []),
        (SETTINGS, WEB.text, []),
        (LOCKS, VAULT.text, ["on-group", "on-vault"]),
        (LOCKS, f"{VAULT}2", ["on-group"]),
        (LOCKS, WEB.text, []),
        (LOCKS, LOCKED, ["on-group", "on-vault"]),
        (LOCKS, SUBSCRIPTION, ["on-group", "on-vault"]),
        ("Microsoft.Security/jitNetworkAccessPolicies", SUBSCRIPTION, ["default"]),
        ("microsoft.security/locations/jitnetworkaccesspolicies", GROUP, ["default"]),
        ("Microsoft.Security/jitNetworkAccessPolicies", OTHER_GROUP, []),
    ],
)
def test_a_list_holds_what_is_on_or_under_its_scope(
    rig: Rig, kind: str, scope: str, names: list[str]
) -> None:
    assert rig.names(kind, scope) == names


def test_a_rule_that_governs_a_network_reads_like_the_rule_itself(rig: Rig) -> None:
    found = {rule.id.name: rule for rule in rig.cloud.list(Listing(EFFECTIVE, VNET.text))}

    assert found["ssh"].id.text == f"{ADMIN_RULES}/ruleCollections/rc/rules/ssh"
    assert (found["ssh"].properties("access"), found["rdp"].properties("priority")) == ("AlwaysAllow", 2)


def test_parts_of_a_scale_set_are_read_by_themselves(rig: Rig) -> None:
    assert rig.the(ResourceId.parse(INTERFACE)).properties("primary") is True
    assert rig.the(ResourceId.parse(ADDRESS)).properties("ipAddress") == "20.1.1.1"
