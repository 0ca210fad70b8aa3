"""An ordinary landing zone is silent: nothing is open, so nobody has anything to read.

A hub with Bastion, a firewall and a gateway; spokes with default rules, a default route to the firewall, one
rule for Front Door each, private endpoints. What people report as noise is added to it.
"""

import pytest

from tests.builders import Document
from tests.unit.scan.everyday import with_gateways
from tests.unit.scan.landing_zone import (
    Spoke,
    Zone,
    a_nic,
    a_rule,
    a_subnet,
    an_address,
    an_nsg,
    enforcing,
    look,
    named,
    network_id,
    told,
)
from tests.unit.scan.scanned import Desk

SPOKES = 4
EVERYTHING = ("0.0.0.0/0",)
HALVES = ("0.0.0.0/1", "128.0.0.0/1")
ANY_PRIVATE = "vm-nsg-mgmt-from-any-private"
OPEN = "nsg-mgmt-open-to-internet"


def front_door() -> Document:
    return a_rule(
        "front-door", 200, sourceAddressPrefix="AzureFrontDoor.Backend", destinationPortRanges=["80", "443"]
    )


def to_firewall(zone: Zone, name: str, prefixes: tuple[str, ...]) -> str:
    """A route table that sends these prefixes to the hub's firewall."""
    identity = network_id("routeTables", f"rt-{name}")
    hop = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.3.4"}
    routes = [{"name": one, "properties": {"addressPrefix": one, **hop}} for one in prefixes]
    zone.add(named(identity, "routeTables", {"routes": routes}))
    return identity


def with_endpoints(zone: Zone, spoke: Spoke, number: int) -> None:
    """A subnet of private endpoints, whose group has no rule of its own."""
    name = spoke.network.rpartition("-")[2]
    nic = network_id("networkInterfaces", f"pe-{name}.nic")
    subnet, nsg = f"{spoke.network}/subnets/endpoints", network_id("networkSecurityGroups", f"nsg-pe-{name}")
    zone[spoke.network]["subnets"].append(
        a_subnet(subnet, f"10.{number}.1.0/24", nsg, f"{nic}/ipConfigurations/first")
    )
    zone.add(an_nsg(nsg, [], subnet), a_nic(nic, subnet, f"10.{number}.1.4"))


def ordinary(prefixes: tuple[str, ...] = EVERYTHING) -> tuple[Zone, list[Spoke]]:
    zone, spokes = Zone(), []
    with_gateways(zone)
    for number in range(1, SPOKES + 1):
        name = chr(ord("a") + number - 1)
        spoke = zone.spoke(name, number, windows=number % 2 == 0)
        with_endpoints(zone, spoke, number)
        zone.rules(spoke.nsg, front_door())
        table = to_firewall(zone, name, prefixes)
        for subnet in zone[spoke.network]["subnets"]:
            subnet["properties"]["routeTable"] = {"id": table}
        spokes.append(spoke)
    return zone, spokes


@pytest.mark.parametrize("prefixes", [EVERYTHING, HALVES], ids=["one route", "two halves"])
def test_an_ordinary_landing_zone_is_silent(desk: Desk, prefixes: tuple[str, ...]) -> None:
    zone, _ = ordinary(prefixes)

    answer = look(desk, zone)

    assert told(answer) == set()
    assert answer.unknown == set()
    assert answer.status == 0


def test_it_is_silent_without_a_baseline_too_but_for_notes(desk: Desk) -> None:
    zone, _ = ordinary()

    answer = desk.scanned(zone.documents(), baseline=None)

    rules = {one["rule"] for one in answer.document["findings"] if one["severity"] != "info"}
    assert not rules & {OPEN, ANY_PRIVATE, "nsg-mgmt-open-to-azure-cloud"}
    assert not {rule for rule, _ in answer.unknown} & {OPEN, ANY_PRIVATE, "nsg-mgmt-open-to-azure-cloud"}


def test_without_the_firewall_each_network_is_told_once(desk: Desk) -> None:
    """A second group in a spoke's network adds no second finding."""
    zone, spokes = ordinary()
    for spoke in spokes:
        for subnet in zone[spoke.network]["subnets"]:
            del subnet["properties"]["routeTable"]
    second = network_id("networkSecurityGroups", "nsg-second")
    subnet, nic = f"{spokes[0].network}/subnets/second", network_id("networkInterfaces", "nic-second")
    machine = f"{spokes[0].machine}-2"
    zone[spokes[0].network]["subnets"].append(
        a_subnet(subnet, "10.1.9.0/24", second, f"{nic}/ipConfigurations/first")
    )
    zone.add(an_nsg(second, [], subnet), a_nic(nic, subnet, "10.1.9.4", machine))

    answer = look(desk, zone)

    assert told(answer) == {(ANY_PRIVATE, f"vnet-{name}", "low", "alert") for name in "abcd"}
    assert answer.unknown == set()


def test_a_rule_of_the_team_for_the_whole_network_is_told_with_the_way_to_narrow_it(desk: Desk) -> None:
    zone, spokes = ordinary()
    zone.rules(spokes[0].nsg, front_door(), a_rule("vnet", 300, sourceAddressPrefix="VirtualNetwork"))

    path = desk.file(zone.documents())
    shown = desk.scan("--estate", path, baseline=enforcing(), form="table").text
    answer = desk.scan("--estate", path, baseline=enforcing())

    assert told(answer) == {(ANY_PRIVATE, "nsg-a", "low", "alert")}
    assert f"{spokes[0].nsg}/securityRules/vnet --source-address-prefixes 10.0.1.0/26" in shown


def test_a_public_address_beside_the_default_route_is_no_question(desk: Desk) -> None:
    """One group on two subnets: whoever has the address has no default route, whoever has that no address."""
    zone, spokes = ordinary()
    first, other = spokes[:2]
    zone.add(an_address(first.address, f"{first.nic}/ipConfigurations/first"))
    zone[first.nic]["ipConfigurations"][0]["properties"]["publicIPAddress"] = {"id": first.address}
    del zone.subnet(first.network)["routeTable"]
    zone[first.nsg]["subnets"].append({"id": other.subnet})
    zone.subnet(other.network)["networkSecurityGroup"] = {"id": first.nsg}

    assert (OPEN, "nsg-a") not in look(desk, zone).unknown


def test_a_public_address_in_it_makes_the_default_rule_a_question(desk: Desk) -> None:
    """The default route makes VirtualNetwork everybody, and now somebody can come."""
    zone, spokes = ordinary()
    configuration = f"{spokes[0].nic}/ipConfigurations/first"
    zone.add(an_address(spokes[0].address, configuration))
    inner = zone[spokes[0].nic]["ipConfigurations"][0]["properties"]
    inner["publicIPAddress"] = {"id": spokes[0].address}

    answer = look(desk, zone)

    assert answer.unknown == {(OPEN, "nsg-a")}
    (reason,) = {one["reason"] for one in answer.document["unknown"]}
    assert "route table rt-a sends it to an appliance" in reason
    evidence = answer.finding("pip-attached-to-vm-nic")["evidence"]
    assert "openPorts" not in evidence
    assert "VirtualNetwork" in evidence["openPortsUnknown"]
