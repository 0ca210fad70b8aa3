"""One story for each kind of write the app makes: what somebody breaks, and how to see that it was mended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from lab.estate_rules import bastion_rules
from lab.world import World
from remediation.landing_zone.openings import OWN_PREFIX
from tests.story.e2e.conftest import OPEN_TO_ALL, rule_of

type Break = Callable[[World], Awaitable[None]]
type Mended = Callable[[World], bool]

FIXING = {"rules": {"bastion-sku-tier": {"action": "fix"}}}
LETTING_IN = {"rules": {"bastion-subnet-nsg-required-flows": {"action": "fix"}}}
MISSED = ("AllowHttpsInbound", "AllowGatewayManagerInbound")


@dataclass(frozen=True, slots=True)
class Repair:
    """`baseline` is what the story needs beyond the lab's own."""

    spoil: Break
    mended: Mended
    baseline: dict[str, Any]


async def _open_beside_https(world: World) -> None:
    await world.as_("alice").put(f"{world.estate.shared_nsg}/securityRules/oops", OPEN_TO_ALL)


def _only_https_is_left(world: World) -> bool:
    rule = rule_of(world, world.estate.shared_nsg, "oops")
    return rule is not None and rule["destinationPortRanges"] == ["443"]


async def _open_ssh_alone(world: World) -> None:
    body = {"properties": {**OPEN_TO_ALL["properties"], "destinationPortRanges": ["22"]}}
    await world.as_("alice").put(f"{world.estate.shared_nsg}/securityRules/oops", body)


def _the_rule_is_gone(world: World) -> bool:
    return rule_of(world, world.estate.shared_nsg, "oops") is None


def _group(world: World) -> str:
    return f"{world.estate.spokes[0].group}/providers/Microsoft.Network/applicationSecurityGroups/web"


async def _open_for_a_group(world: World) -> None:
    """The rule names an application security group, and a repaired rule names it again."""
    alice = world.as_("alice")
    await alice.put(_group(world), {"location": world.estate.region})
    properties = {
        **OPEN_TO_ALL["properties"],
        "destinationApplicationSecurityGroups": [{"id": _group(world)}],
    }
    del properties["destinationAddressPrefix"]
    nic = world.estate.spokes[0].nics[0]
    configurations = (world.found(nic) or {})["properties"]["ipConfigurations"]
    configurations[0]["properties"]["applicationSecurityGroups"] = [{"id": _group(world)}]
    await alice.edit(nic, ipConfigurations=configurations)
    await alice.put(f"{world.estate.shared_nsg}/securityRules/oops", {"properties": properties})


async def _stop_the_logs(world: World) -> None:
    await world.as_("bob", "cli").delete(world.estate.diagnostic_setting)


def _logs_flow(world: World) -> bool:
    return world.found(world.estate.diagnostic_setting) is not None


async def _make_a_basic_host(world: World) -> None:
    bastion = world.found(world.estate.bastion)
    assert bastion is not None
    place = {"ipConfigurations": bastion["properties"]["ipConfigurations"]}
    body = {"location": bastion["location"], "tags": bastion["tags"], "sku": {"name": "Basic"}}
    await world.as_("carol", "cli").put(world.estate.bastion + "-two", {**body, "properties": place})


def _it_is_standard(world: World) -> bool:
    found = world.found(world.estate.bastion + "-two")
    return found is not None and found["sku"]["name"] == "Standard"


async def _let_only_udp_in(world: World) -> None:
    """A group from before Azure asked what Bastion needs: two flows are missing at once."""
    rules = [
        {**rule, "properties": {**rule["properties"], "protocol": "Udp"}} if rule["name"] in MISSED else rule
        for rule in bastion_rules()
    ]
    world.arm.settings.bastion_nsg_checked_on_update = False
    await world.as_("alice").edit(world.estate.bastion_nsg, securityRules=rules)
    world.arm.settings.bastion_nsg_checked_on_update = True


def _tcp_gets_in(world: World) -> bool:
    added = {rule_of(world, world.estate.bastion_nsg, f"{OWN_PREFIX}{name}") is not None for name in MISSED}
    return added == {True}


REPAIRS = {
    "a rule is narrowed": Repair(_open_beside_https, _only_https_is_left, {}),
    "a rule is deleted": Repair(_open_ssh_alone, _the_rule_is_gone, {}),
    "a rule about a group is narrowed": Repair(_open_for_a_group, _only_https_is_left, {}),
    "logs flow again": Repair(_stop_the_logs, _logs_flow, {}),
    "flows are put back": Repair(_let_only_udp_in, _tcp_gets_in, LETTING_IN),
    "a host is upgraded": Repair(_make_a_basic_host, _it_is_standard, FIXING),
}
