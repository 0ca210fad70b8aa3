"""What the rules about Bastion hosts stand on: reading a host's document, and writing it back whole."""

import json
from typing import Any

import pytest

from remediation.landing_zone.access import access_of
from remediation.landing_zone.bastion.host import hosts_in, network_id, rewritten, sku_of, switched_on
from remediation.landing_zone.bastion.subnet import bastion_subnet, ipv4_prefixes
from remediation.landing_zone.diagnostics import Logs
from remediation.landing_zone.joining.peering import peerings
from remediation.model import Resource, UndecidedError, Write
from remediation.resource_id import ResourceId
from tests.builders import a_setting
from tests.unit.rules.case import Case, judged
from tests.unit.rules.cases.bastion_vwan_ip_connect import CONNECTED
from tests.unit.rules.estates_bastion import (
    ADDRESS,
    BASTION_SUBNET,
    GROUP,
    HOST,
    NETWORK,
    NIC,
    a_developer_host,
    a_host,
    a_network,
    a_peering_to_a_wan_hub,
    a_subnet,
    an_assignment,
    the_hub,
)


def host(**properties: Any) -> Resource:
    return Resource.of(a_host(**properties))


@pytest.mark.parametrize(
    ("sku", "name"),
    [({"name": "premium"}, "Premium"), (None, "Basic"), ({"name": "Developer", "tier": "x"}, "Developer")],
)
def test_a_sku_is_known_in_any_case_and_basic_where_there_is_none(sku: object, name: str) -> None:
    assert sku_of(Resource.of({**a_host(), "sku": sku})) == name


@pytest.mark.parametrize(
    "sku", [{"name": "Ultra"}, {}, {"Name": "Basic"}, "Standard", {"name": 7}, {"name": None}]
)
def test_a_sku_that_is_not_readable_is_unknown_and_never_basic(sku: object) -> None:
    with pytest.raises(UndecidedError):
        sku_of(Resource.of({**a_host(), "sku": sku}))


def test_a_switch_that_was_never_sent_is_off() -> None:
    assert switched_on(host(), "enableTunneling") is False


@pytest.mark.parametrize("value", ["true", 1, [], {}])
def test_a_switch_that_is_no_boolean_is_unknown(value: object) -> None:
    with pytest.raises(UndecidedError):
        switched_on(host(enableTunneling=value), "enableTunneling")


def test_the_network_of_a_host_follows_from_its_subnet_and_for_developer_from_its_link() -> None:
    assert network_id(host()) == network_id(Resource.of(a_developer_host())) == ResourceId.parse(NETWORK)


def test_only_bastion_addresses_make_a_host_of_a_network() -> None:
    members = (
        f"{HOST}/bastionHostIpConfigurations/a",
        f"{HOST}/bastionHostIpConfigurations/b",
        f"{NIC}/ipConfigurations/x",
    )
    network = a_network(a_subnet(BASTION_SUBNET, "10.0.0.0/26", *members))

    assert hosts_in(Resource.of(network)) == (ResourceId.parse(HOST),)


def test_a_host_is_written_back_with_everything_it_had() -> None:
    """Trap: a Bastion PUT replaces the document, and what is left out is turned off."""
    read = a_host(
        enableTunneling=True, disableCopyPaste=True, notKnownToUs={"kept": [1, 2]}, zones=["1", "2"]
    )
    read["tags"] = {"owner": "network team"}

    (finding,) = judged("bastion-vwan-ip-connect", Case("full", "speaks", HOST, (read, *CONNECTED))).findings

    assert finding.fix is not None
    (write,) = finding.fix.writes
    assert write.body is not None
    kept = without_the_servers_part(read)
    assert write.body == kept | {"properties": kept["properties"] | {"enableIpConnect": True}}
    assert finding.fix.inverse == (Write("PUT", write.id, kept),)
    assert write.if_match == 'W/"1"'


def without_the_servers_part(document: dict[str, Any]) -> dict[str, Any]:
    """By text, so that the test does not share the code it checks."""
    text = json.dumps(document)
    return dict(
        json.loads(
            text.replace('"provisioningState": "Succeeded", ', "").replace('"etag": "W/\\"1\\"", ', "")
        )
    )


def test_a_rewritten_document_shares_nothing_with_what_was_read() -> None:
    read = host(deep={"list": [{"a": 1}]})
    before, after = rewritten(read, sku={"name": "Premium"})

    assert before["sku"] == {"name": "Standard"}
    assert after["sku"] == {"name": "Premium"}
    assert before["properties"]["deep"]["list"][0] is not read.properties("deep")["list"][0]


def test_the_subnet_of_bastion_is_found_by_name_in_any_case_and_by_id_alone() -> None:
    shouted = {**a_subnet(), "name": "AZUREBASTIONSUBNET"}
    nameless = {key: value for key, value in a_subnet().items() if key != "name"}

    for subnet in (shouted, nameless):
        found = bastion_subnet(Resource.of(a_network(subnet)))
        assert isinstance(found, Resource)
        assert found.id == ResourceId.parse(BASTION_SUBNET)


def test_both_forms_of_a_subnets_ranges_count_and_ipv6_does_not() -> None:
    subnet = a_subnet(addressPrefixes=["fd00::/64", "10.0.4.0/26", 7])
    assert [str(each) for each in ipv4_prefixes(Resource.of(subnet))] == ["10.0.0.0/26", "10.0.4.0/26"]


def test_a_peering_that_virtual_wan_made_is_told_from_others() -> None:
    ours, theirs = peerings(
        Resource.of(the_hub(a_peering_to_a_wan_hub(), the_hub()["properties"]["virtualNetworkPeerings"][0]))
    )
    assert (ours.leads_to_hub, theirs.leads_to_hub) == (True, False)


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        ("/", True),
        ("/providers/Microsoft.Management/managementGroups/mg", True),
        (HOST.partition("/providers/")[0].upper(), True),
        (HOST, True),
        (f"{HOST}2", False),
        (ADDRESS, False),
    ],
)
def test_a_role_holds_on_its_scope_and_everything_below(scope: str, holds: bool) -> None:
    assignment = an_assignment(HOST)
    assignment["properties"]["scope"] = scope
    access = access_of(GROUP, [ResourceId.parse(HOST)], [Resource.of(assignment)])

    assert (access.missing == ()) is holds


def test_categories_that_are_on_already_stay_and_the_missing_ones_are_added() -> None:
    logs = Logs("its logs", ("A", "B"), frozenset({"alllogs"}))
    setting = Resource.of(
        a_setting(
            logs=[
                {"category": "a", "enabled": False, "retentionPolicy": {"days": 3}},
                {"category": "X", "enabled": True},
            ]
        )
    )

    repaired = logs.added_to(setting, "allLogs")

    assert repaired == [
        {"category": "X", "enabled": True},
        {"category": "a", "enabled": True, "retentionPolicy": {"days": 3}},
        {"category": "B", "enabled": True},
    ]
    assert logs.arrive(Resource.of(a_setting(logs=repaired)))
    assert not logs.arrive(setting)


def test_a_setting_by_groups_is_given_the_groups_of_the_built_in_policy() -> None:
    bastion = Logs("its log", ("L",), frozenset({"alllogs", "audit"}), ("audit", "allLogs"))
    setting = Resource.of(a_setting(logs=[]))

    assert bastion.added_to(setting, "audit") == [
        {"categoryGroup": "audit", "enabled": True},
        {"categoryGroup": "allLogs", "enabled": False},
    ]
