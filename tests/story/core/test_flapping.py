"""Who is fought over: an opening that comes back after our repair of it, and nothing else."""

from typing import Any

from remediation.adapters.memory.storage import MemoryCloud
from tests.builders import NSG_ID, a_rule, a_spoke, an_nsg
from tests.story.core.world import World

NSG_RULE = "nsg-mgmt-open-to-internet"
ANY = "*"


def opened(name: str, priority: int = 300, port: str = "22", source: str = ANY) -> dict[str, Any]:
    return a_rule(name, priority, destinationPortRange=port, sourceAddressPrefix=source)


def a_world() -> World:
    return World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))


def opens(world: World, *rules: dict[str, Any], by: str) -> None:
    """Somebody puts rules into the group, and its event is handled."""
    before = world.cloud.resources[NSG_ID].properties("securityRules")
    kept = [rule for rule in before if rule["name"] not in {new["name"] for new in rules}]
    world.cloud.seed(an_nsg(*kept, *rules))
    world.clock.advance(3600)
    world.handle(world.hears(by=by))


def closed(world: World) -> list[str]:
    """The rules we closed, in order."""
    return [write.resource.rpartition("/")[2] for write in world.journal]


def test_four_people_who_each_open_another_rule_are_each_repaired() -> None:
    world = a_world()
    for at, who in enumerate(("ann", "bob", "cid", "dot")):
        opens(world, opened(f"ssh-of-{who}", 300 + at), by=who)

    assert ["ssh-of-ann", "ssh-of-bob", "ssh-of-cid", "ssh-of-dot"] == closed(world)
    assert "DriftFlapping" not in world.announced


def test_decoys_do_not_switch_the_repair_of_another_opening_off() -> None:
    world = a_world()
    for at, port in enumerate(("22", "20-25", "22-23")):
        opens(world, opened(f"decoy-{at}", 300 + at, port), by="mallory")
    opens(world, opened("back-door", 400, "3389"), by="mallory")

    assert "back-door" == closed(world)[-1]
    assert "DriftFlapping" not in world.announced


def test_what_the_same_principal_opens_again_under_other_names_is_the_same_opening() -> None:
    world = a_world()
    for at in range(5):
        opens(world, opened(f"ssh-{at}", 300 + at), by="terraform")

    assert ["ssh-0", "ssh-1", "ssh-2"] == closed(world)
    assert "DriftFlapping" in world.announced


def test_beside_an_opening_that_keeps_coming_back_others_are_repaired() -> None:
    world = a_world()
    for _ in range(4):
        opens(world, opened("allow-ssh"), by="terraform")
    opens(world, opened("rdp-for-a-minute", 310, "3389"), by="ann")

    assert [*["allow-ssh"] * 3, "rdp-for-a-minute"] == closed(world)
    assert ("rule allow-ssh was closed 3 times within 24 hours and undone each time",) == (
        world.findings()[NSG_RULE].held_back_by
    )
