"""Traps around Bastion: its logs, its addresses, its whole-document writes, what is not known of it."""

import itertools
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.kinds import BASTION, DIAGNOSTIC_SETTING, NSG, SECURITY_RULE
from remediation.landing_zone.facts import BASTION_SKUS, BASTION_SWITCHES
from remediation.model import Ending, Resource
from remediation.reconciling.writing import same
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    BASTION_ID,
    FOREIGN,
    HUB,
    PIP_ID,
    SETTING_TYPE,
    WORKSPACE,
    Document,
    a_baseline,
    a_bastion,
    a_nic,
    a_public_ip,
    a_setting,
    a_spoke,
    a_subnet,
    acting,
    an_nsg,
)
from tests.story.core.world import World
from tests.story.traps.looking import look_often, refusing
from tests.unit.rules.case import Case, all_cases, judged
from tests.unit.rules.cases.vm_nsg_blocks_bastion import deny
from tests.unit.rules.estates_bastion import (
    HOST,
    a_connection,
    a_host,
    a_peering_to_a_wan_hub,
    a_wan_hub,
    the_hub,
)
from tests.unit.rules.estates_nsg import a_machine, a_network, a_peering

LOGS_RULE = "bastion-diagnostics"
SLOW = {BASTION: 3}


def satisfies_the_policy(setting: Resource, group: str) -> bool:
    """The built-in policy's existence condition: both entries, with exact values, in one setting."""
    logs = {log["categoryGroup"]: log["enabled"] for log in setting.properties("logs")}
    wanted = {name: name == group for name in ("audit", "allLogs")}
    return setting.properties("workspaceId") == WORKSPACE and logs == wanted


@pytest.mark.parametrize("group", ["audit", "allLogs"])
@pytest.mark.parametrize(
    "there",
    [(), (a_setting(logs=[]),), (a_setting("mine", logs=[{"categoryGroup": "allLogs", "enabled": False}]),)],
    ids=["deleted", "emptied", "another name, switched off"],
)
def test_the_setting_we_put_is_the_one_the_builtin_policy_looks_for(
    group: str, there: tuple[Document, ...]
) -> None:
    """Trap 10: policy and product converge on one setting, so neither adds a second."""
    world = World(MemoryCloud(a_bastion(), *there), a_baseline(diagnostics_category_group=group))

    world.handle(world.hears(BASTION_ID))

    settings = [one for one in world.cloud.resources.values() if one.id.type == DIAGNOSTIC_SETTING]
    assert [True] == [satisfies_the_policy(setting, group) for setting in settings]


def test_a_data_sink_that_is_taken_is_one_alert_and_no_loop() -> None:
    """Trap 10: the 409 of a workspace another setting uses is not retried."""
    world = World(MemoryCloud(a_bastion()))
    taken = refusing(
        409, "Conflict", "Data sink '/subscriptions/x' is already used in diagnostic setting 'y'"
    )

    tried = look_often(world, BASTION_ID, taken)

    assert (1, ["DriftProposed"], []) == (len(tried), world.announced, world.waiting)


def test_logs_that_their_owner_has_opted_out_of_stay_off() -> None:
    """Trap 10: the opt-out tag is honoured."""
    world = World(MemoryCloud(a_bastion(tags={"bastion-guard:opt-out": LOGS_RULE})))

    world.handle(world.hears(BASTION_ID))

    assert [] == world.writes
    assert ["tag bastion-guard:opt-out"] == world.findings(BASTION_ID)[LOGS_RULE].evidence["heldBackBy"]


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({}, "the machine may lose its only way out to the internet"),
        ({"dnsSettings": {"domainNameLabel": "vm1"}}, "it has a DNS name"),
        ({"publicIPAllocationMethod": "Dynamic"}, "it is dynamic: the address is lost when detached"),
        ({"publicIPPrefix": {"id": f"{HUB}/publicIPPrefixes/p"}}, "it comes from a prefix"),
    ],
    ids=["the only way out", "a DNS label", "a dynamic address", "an address of a prefix"],
)
def test_a_public_ip_is_never_taken_off_a_machine_and_the_reason_is_told(
    properties: Document, why: str
) -> None:
    """Trap 12: even where the team says fix, a person decides, and knows what to look at first."""
    world = World(
        MemoryCloud(an_nsg(), *a_spoke(), a_nic(public_ip=PIP_ID)),
        a_baseline(rules=acting(pip_attached_to_vm_nic="fix")),
    )
    address = a_public_ip(attached_to=a_nic()["properties"]["ipConfigurations"][0]["id"])
    world.cloud.seed(address | {"properties": address["properties"] | properties})

    world.handle(world.hears(PIP_ID))

    found = world.findings(PIP_ID)["pip-attached-to-vm-nic"]
    assert ([], ["DriftFound"], None) == (world.writes, world.announced, found.fix)
    assert ("high", "alert") == (found.severity, found.disposition)
    assert found.commands[0].startswith("az network nic ip-config update ")
    assert why in found.evidence["beforeDetaching"]


RICH: dict[str, Any] = {
    "enableTunneling": False,
    "enableKerberos": True,
    "disableCopyPaste": False,
    "ofNextYear": {"kept": [1, {"a": None}]},
}
UPGRADE = ("bastion-sku-tier", a_host("Basic", zones=["1", "2"], **RICH), ("sku", "name"), "Standard")
CONNECT = (
    "bastion-vwan-ip-connect",
    a_host("Standard", zones=["1", "2"], **RICH),
    ("properties", "enableIpConnect"),
    True,
)


@pytest.mark.parametrize(
    ("rule", "host", "path", "value"), [UPGRADE, CONNECT], ids=lambda value: str(value)[:30]
)
def test_a_bastion_is_written_back_with_every_property_it_had(
    rule: str, host: Document, path: tuple[str, str], value: object
) -> None:
    """Trap 13: a Bastion PUT replaces everything, so everything that was read goes back."""
    tagged = host | {"tags": {"team": "network"}}
    baseline = a_baseline(rules=acting(**{rule.replace("-", "_"): "fix"}, bastion_diagnostics="off"))
    world = World(MemoryCloud(tagged, the_hub(), a_wan_hub(), a_connection()), baseline)
    top, inner = path

    world.handle(world.hears(ResourceId.parse(HOST)))

    (write,) = world.cloud.writes
    assert write.body is not None
    assert same({**tagged, top: {**tagged[top], inner: value}}, write.body)
    assert ("westeurope", ["1", "2"]) == (write.body["location"], write.body["zones"])


def test_no_fix_ever_puts_a_network_a_subnet_or_a_nic_and_a_whole_group_only_on_bastions_own_subnet() -> None:
    """Trap 13: what nobody writes cannot lose its subnets, routes or delegations.

    Azure takes the group of AzureBastionSubnet only as a whole; it goes back with everything that was read.
    """
    written = {
        (write.id.type, rule if write.id.type == NSG else "")
        for rule, case in all_cases()
        if case.says == "speaks"
        for finding in judged(rule, case).findings
        if finding.fix is not None
        for write in finding.fix.writes
    }

    others = {(kind, "") for kind in (SECURITY_RULE, DIAGNOSTIC_SETTING, BASTION)}
    assert others | {(NSG, "bastion-subnet-nsg-required-flows")} == written


def test_a_sku_is_never_raised_without_opting_in() -> None:
    """Trap 14: an upgrade cannot be taken back, so it is only offered."""
    world = World(MemoryCloud(a_bastion("Basic"), a_setting()))

    outcome = world.handle(world.hears(BASTION_ID))

    assert (Ending.OPEN, [], ["DriftProposed"]) == (outcome.ending, world.writes, world.announced)
    assert world.findings(BASTION_ID)["bastion-sku-tier"].commands


@pytest.mark.parametrize("host", [a_host("Ultra", enableTunneling=True), a_host(enableTelepathy=True)])
def test_a_sku_or_feature_in_no_table_is_unknown(host: Document) -> None:
    """Trap 21: what the platform adds later is no violation."""
    said = judged("bastion-sku-feature-mismatch", Case("", "unknown", HOST, (host,)))

    assert ((), True) == (said.findings, bool(said.unknowns))


@pytest.mark.parametrize(("sku", "switch"), list(itertools.product(BASTION_SKUS, BASTION_SWITCHES)))
def test_what_a_sku_offers_is_read_from_the_table(sku: str, switch: str) -> None:
    """Trap 21: the matrix is data; no SKU and no feature has code of its own."""
    on: dict[str, Any] = {switch: True}
    said = judged("bastion-sku-feature-mismatch", Case("", "speaks", HOST, (a_host(sku, **on),)))

    assert [] == list(said.unknowns)
    assert (sku not in BASTION_SWITCHES[switch]) == bool(said.findings)


ABROAD = ResourceId.parse(
    f"/subscriptions/{FOREIGN}/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/hub"
)
PEERED = (an_nsg(deny()), a_network(a_subnet(), peerings=(a_peering(ABROAD),)), a_nic(), a_machine())
BEHIND_A_HUB = (a_host(), the_hub(a_peering_to_a_wan_hub()))


@pytest.mark.parametrize(
    ("rule", "documents"),
    [("vm_nsg_blocks_bastion", PEERED), ("bastion_vwan_ip_connect", BEHIND_A_HUB)],
    ids=["a peered network", "a hub"],
)
def test_a_neighbour_abroad_that_may_not_be_read_gives_unknown_and_no_fix(
    rule: str, documents: tuple[Document, ...]
) -> None:
    """Trap 22: what lies in another subscription or tenant is never guessed."""
    actions = acting(**{rule: "fix"}, bastion_diagnostics="off", bastion_sku_tier="off")
    world = World(MemoryCloud(*documents), a_baseline(rules=actions))
    target = ResourceId.parse(documents[0]["id"])

    outcome = world.handle(world.hears(target))

    assert (Ending.UNKNOWN, [], [], {}) == (
        outcome.ending,
        world.writes,
        world.announced,
        world.findings(target),
    )
    assert world.record(target).unknown


def test_a_workspace_abroad_that_refuses_us_leaves_an_offer_and_no_second_try() -> None:
    """Trap 22: a 403 on behalf of the central workspace is final."""
    abroad = WORKSPACE.replace(AT, f"/subscriptions/{FOREIGN}")
    world = World(MemoryCloud(a_bastion()), a_baseline(central_workspace_id=abroad))

    tried = look_often(world, BASTION_ID, refusing(403, "LinkedAuthorizationFailed"))

    assert (1, [], ["DriftProposed"]) == (len(tried), world.writes, world.announced)
    assert BASTION_ID.extension(SETTING_TYPE, "setByPolicy-LogAnalytics") not in world.cloud.resources
