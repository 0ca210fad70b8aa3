"""An exemption holds for what it was given for: an hour for one opening covers nobody else's."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import PermanentError
from remediation.ledger.decided.exemptions import Exemptions
from remediation.model import Ending, Write
from tests.builders import NSG_ID, a_rule, a_spoke, an_nsg
from tests.faults import Interrupted
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk

RULE = "nsg-mgmt-open-to-internet"
HOUR = timedelta(hours=1)


def opened(name: str, port: str, priority: int = 300) -> dict[str, Any]:
    return a_rule(name, priority, destinationPortRange=port, sourceAddressPrefix="Internet")


SSH, RDP = opened("allow-ssh", "22"), opened("allow-rdp", "3389", 310)


def a_world(*rules: dict[str, Any]) -> World:
    world = World(MemoryCloud(an_nsg(*rules), *a_spoke(public_ip=True)))
    world.handle(world.hears(by="ann"))
    return world


def opens(world: World, *rules: dict[str, Any]) -> None:
    kept = world.cloud.resources[NSG_ID].properties("securityRules")
    world.cloud.seed(an_nsg(*kept, *rules))
    world.clock.advance(300)
    world.handle(world.hears(by="bob"))


def take_back(world: World, rule: str, length: timedelta = HOUR) -> None:
    """Ann undoes the repair of her opening, and the app looks at once."""
    write = next(one for one in world.journal if one.opening == rule)
    tools = a_desk(world).undoer("ann")
    tools.undo(tools.plan(write.id), length)
    world.handle()


def test_an_hour_for_port_22_does_not_cover_somebody_elses_3389() -> None:
    world = a_world(SSH)
    take_back(world, "allow-ssh")

    opens(world, RDP)

    assert ["allow-ssh"] == list(world.rules())
    assert "exempt" == world.findings()[RULE].state


def test_the_same_rule_that_lets_in_more_than_was_taken_back_is_repaired() -> None:
    world = a_world(SSH)
    take_back(world, "allow-ssh")

    world.cloud.seed(an_nsg(opened("allow-ssh", "20-25")))
    world.clock.advance(300)
    world.handle(world.hears(by="bob"))

    assert ["20-21, 23-25"] == [", ".join(rule["destinationPortRanges"]) for rule in world.rules().values()]


def test_undoing_one_opening_of_a_common_repair_leaves_the_other_closed() -> None:
    world = a_world(SSH, RDP)
    assert {} == world.rules()

    take_back(world, "allow-rdp")

    assert ["allow-rdp"] == list(world.rules())


def test_what_is_left_alone_says_by_whom_and_until_when() -> None:
    world = a_world(SSH)
    take_back(world, "allow-ssh")

    told = world.findings()[RULE].exempt_by

    assert ("undo", "ann", "allow-ssh") == (told["source"], told["by"], told["opening"])
    assert world.findings()[RULE].exempt_until == world.clock.now() + HOUR


def test_after_its_hour_the_opening_is_closed_again() -> None:
    world = a_world(SSH)
    take_back(world, "allow-ssh")

    world.run()

    assert {} == world.rules()


def test_the_latest_word_about_an_opening_counts() -> None:
    """An undo that says one hour leaves it alone for one hour, whatever was said before."""
    world = a_world(SSH)
    take_back(world, "allow-ssh", timedelta(days=7))
    ((target, record),) = Exemptions(world.ledger).all(world.clock.now())

    hour = world.clock.now() + HOUR

    Exemptions(world.ledger).grant(target, msgspec.structs.replace(record, until=hour))

    assert [hour] == [one.until for _, one in Exemptions(world.ledger).all(world.clock.now())]


def test_an_undo_that_arm_refuses_leaves_no_exemption() -> None:
    world = a_world(SSH)
    write = next(one for one in world.journal if one.opening == "allow-ssh")

    def refuse(_: Write) -> None:
        raise PermanentError("no", code="RequestDisallowedByPolicy")

    tools = a_desk(world, cloud=Interrupted(world.cloud, before_write=refuse)).undoer("ann")

    with pytest.raises(PermanentError):
        tools.undo(tools.plan(write.id), HOUR)

    assert [] == list(Exemptions(world.ledger).all(world.clock.now()))
    assert Ending.COMPLIANT is world.handle().ending
