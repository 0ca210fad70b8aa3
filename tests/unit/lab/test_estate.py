"""The seeded estate: complete, consistent, and different for every seed."""

import ipaddress
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab.building import documents
from lab.estate import Estate, baseline
from remediation.baseline import read

SEEDS = (1, 2, 7, 42, 2026)


def by_kind(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in found if each["type"].lower() == kind.lower()]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_in_an_estate_has_succeeded(seed: int) -> None:
    states = {
        node["provisioningState"] for node in nodes(documents(Estate(seed))) if "provisioningState" in node
    }
    assert states == {"Succeeded"}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_reference_in_an_estate_leads_somewhere(seed: int) -> None:
    estate = documents(Estate(seed))
    there = {node["id"].lower() for node in nodes(estate) if "id" in node and "type" in node}
    referred = {node["id"].lower() for node in nodes(estate) if "id" in node and "type" not in node}
    assert referred - there == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_hub_and_spokes_are_connected_both_ways(seed: int) -> None:
    networks = by_kind(documents(Estate(seed, spokes=3)), "Microsoft.Network/virtualNetworks")
    peerings = [each for network in networks for each in network["properties"]["virtualNetworkPeerings"]]
    assert [each["properties"]["peeringState"] for each in peerings] == ["Connected"] * 6


def test_one_nsg_is_shared_by_two_subnets() -> None:
    estate = Estate(5)
    shared = next(each for each in documents(estate) if each["id"] == estate.shared_nsg)
    assert len(shared["properties"]["subnets"]) == 2


def test_the_bastion_is_standard_and_logs_to_the_central_workspace() -> None:
    estate = Estate(5)
    found = documents(estate)
    (bastion,) = by_kind(found, "Microsoft.Network/bastionHosts")
    (setting,) = by_kind(found, "Microsoft.Insights/diagnosticSettings")
    assert (bastion["sku"], setting["properties"]["workspaceId"]) == ({"name": "Standard"}, estate.workspace)
    assert {each["categoryGroup"]: each["enabled"] for each in setting["properties"]["logs"]} == {
        "audit": False,
        "allLogs": True,
    }


def test_the_same_seed_gives_the_same_estate_and_another_one_does_not() -> None:
    assert Estate(9).requests == Estate(9).requests
    assert {Estate(seed).subscription for seed in range(20)} == {
        Estate(seed).subscription for seed in range(20)
    }
    assert len({json.dumps(Estate(seed).requests) for seed in range(20)}) == 20


@pytest.mark.parametrize("seed", SEEDS)
def test_addresses_are_private_inside_and_public_ones_are_in_real_use(seed: int) -> None:
    estate = Estate(seed, nsgs=30)
    spaces = [
        ipaddress.ip_network(prefix)
        for node in nodes(estate.requests)
        for prefix in node.get("addressSpace", {}).get("addressPrefixes", [])
    ]
    assert all(space.is_private for space in spaces)
    assert not any(one.overlaps(two) for one in spaces for two in spaces if one is not two)
    assert all(ipaddress.ip_address(estate.public_address()).is_global for _ in range(50))


def test_a_storm_has_as_many_nsgs_as_asked_for_each_on_a_subnet_of_its_own() -> None:
    estate = Estate(1, nsgs=450)
    storm = [each for each in documents(estate) if each["id"] in set(estate.storm_nsgs)]
    assert [len(each["properties"]["subnets"]) for each in storm] == [1] * 450


def test_the_baseline_of_an_estate_is_read_without_a_mistake_and_enforces() -> None:
    estate = Estate(3)
    found = read(json.dumps(baseline(estate)))
    assert (found.mode, found.central_workspace_id) == ("enforce", estate.workspace)
    assert read(json.dumps(baseline(estate, mode="observe"))).mode == "observe"
