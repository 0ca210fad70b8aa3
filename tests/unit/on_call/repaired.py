"""Worlds in which something was repaired, and who takes it back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from remediation.on_call.undo import Undoer
from tests.builders import a_baseline, a_rule, a_spoke, an_nsg, ports
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world

HOURS = timedelta(hours=4)


def undoer(world: World, **through: Any) -> Undoer:
    return a_desk(world, **through).undoer("engineer")


def narrowed() -> World:
    """A world in which a rule was narrowed, and its approved sources moved to a companion."""
    rule = a_rule("allow-any", sourceAddressPrefix="*", **ports("22", "443"))
    approving = replace(a_baseline(), allowed_management_sources=("20.1.2.0/24",))
    denying = a_rule(
        "nobody-else", 4000, access="Deny", sourceAddressPrefix="Internet", destinationPortRange="22"
    )
    world = a_world(an_nsg(rule, denying), *a_spoke(), baseline=approving)
    world.handle()
    assert world.writes == ["PUT allow-any-approved", "PUT allow-any"]
    return world


def deleted() -> World:
    """A world in which a rule was deleted."""
    world = a_world()
    world.handle()
    assert world.writes == ["DELETE allow-ssh"]
    return world
