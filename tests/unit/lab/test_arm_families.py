"""One rule, one family; and a Bastion's group is whole at every step."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lab.plain_client import BASTION_RULES, NETWORK, WHERE, a_lab, a_rule, hub, named

NSG = f"{NETWORK}/networkSecurityGroups/web"
MIXED = "ResourceCannotContainAddressPrefixesFromDifferentAddressFamilies"
NOT_COMPLIANT = "NetworkSecurityGroupNotCompliantForAzureBastionSubnet"


def from_to(source: list[str], destination: list[str]) -> dict[str, Any]:
    """A rule between prefixes, in its plural members."""
    return a_rule(
        sourceAddressPrefix=None,
        destinationAddressPrefix=None,
        sourceAddressPrefixes=source,
        destinationAddressPrefixes=destination,
    )


@pytest.mark.parametrize(
    ("source", "destination"),
    [
        (["10.0.0.0/8", "2001:db8::/32"], ["10.1.0.0/16"]),
        (["2001:db8::/32"], ["10.1.0.0/16"]),
        (["10.0.0.4"], ["10.1.0.0/16", "::1"]),
        (["0.0.0.0/1", "::/1"], ["*"]),
    ],
)
def test_a_rule_that_mixes_families_is_refused_alone_and_within_its_group(
    source: list[str], destination: list[str]
) -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        rule = from_to(source, destination)
        refused = azure.put(f"{NSG}/securityRules/both", rule)
        assert (refused.status, refused.code) == (400, MIXED)
        assert refused.error["message"].startswith(f"Resource {NSG}/securityRules/both contains IP addresses")
        whole = azure.put(NSG, WHERE | {"properties": {"securityRules": [named("both", rule)]}})
        assert (whole.status, whole.code) == (400, MIXED)
        assert azure.get(NSG).body["properties"]["securityRules"] == []


@pytest.mark.parametrize(
    ("source", "destination"),
    [
        (["2001:db8::/32"], ["fd00::/8"]),
        (["VirtualNetwork", "Storage.WestEurope", "2001:db8::/32"], ["*"]),
        (["10.0.0.0/8", "192.0.2.7"], ["VirtualNetwork"]),
    ],
)
def test_tags_and_anything_are_of_no_family(source: list[str], destination: list[str]) -> None:
    with a_lab() as (azure, _):
        azure.made(NSG, WHERE)
        assert azure.put(f"{NSG}/securityRules/one", from_to(source, destination)).status == 201


@pytest.mark.parametrize("missing", [each["name"] for each in BASTION_RULES])
def test_a_rule_that_bastion_needs_cannot_be_deleted_from_its_group(missing: str) -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)
        refused = azure.delete(f"{ids['nsg']}/securityRules/{missing}")
        assert (refused.status, refused.code) == (400, NOT_COMPLIANT)
        assert azure.get(f"{ids['nsg']}/securityRules/{missing}").status == 200


def test_a_group_without_a_needed_rule_is_completed_by_a_whole_put_alone() -> None:
    """What arrived before Azure looked can be mended in one step only."""
    with a_lab(bastion_nsg_checked_on_update=False) as (azure, _):
        ids = hub(azure)
        for each in BASTION_RULES[:2]:
            azure.finish(azure.delete(f"{ids['nsg']}/securityRules/{each['name']}"))
        azure.lab("POST", "settings", {"bastion_nsg_checked_on_update": True})
        first = BASTION_RULES[0]
        refused = azure.put(
            f"{ids['nsg']}/securityRules/{first['name']}", {"properties": first["properties"]}
        )
        assert refused.code == NOT_COMPLIANT
        whole = azure.put(ids["nsg"], WHERE | {"properties": {"securityRules": BASTION_RULES}})
        assert whole.status == 200


def test_tcp_is_enough_where_the_documents_say_any_protocol_and_udp_is_not() -> None:
    with a_lab() as (azure, _):
        ids = hub(azure)

        def over(protocol: str) -> dict[str, Any]:
            rules = [
                each | {"properties": each["properties"] | {"protocol": protocol}} for each in BASTION_RULES
            ]
            return WHERE | {"properties": {"securityRules": rules}}

        assert azure.put(ids["nsg"], over("Tcp")).status == 200
        assert azure.put(ids["nsg"], over("Udp")).code == NOT_COMPLIANT
