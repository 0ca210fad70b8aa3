"""Pressure that lasts is told once, and so is its end; what passes within minutes is nobody's news."""

from remediation.adapters.memory.storage import MemoryCloud
from remediation.ledger.pressure import Pressure
from remediation.resource_id import ResourceId
from remediation.telling.pressure_news import tell_pressure
from tests.builders import SUBSCRIPTION, an_nsg
from tests.story.core.world import World

ABOUT = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}/providers/BastionGuard.Settings/pressure/westeurope")


def throttled(world: World, *, minutes: int) -> int:
    """Azure says 429 every five minutes for so long, and the timer looks each time; what it counts then."""
    pressure, found = Pressure(world.ledger), 0
    for _ in range(minutes // 5 + 1):
        pressure.throttled(SUBSCRIPTION, "West Europe", "arm", world.clock.now(), 300.0)
        found = tell_pressure(pressure, world.herald(), world.clock.now())
        world.clock.advance(300.0)
    return found


def test_a_short_spell_is_told_to_nobody() -> None:
    world = World(MemoryCloud(an_nsg()))

    assert 0 == throttled(world, minutes=45)
    assert [] == world.announced


def test_what_lasts_for_an_hour_is_told_once_and_so_is_its_end() -> None:
    world = World(MemoryCloud(an_nsg()))

    assert 1 == throttled(world, minutes=120)
    assert ["GaveUp"] == world.announced
    finding = world.findings(ABOUT)["gave-up"]
    assert "Azure keeps asking Bastion Guard to wait" == finding.title
    assert "region westeurope" in finding.message

    world.clock.advance(3600.0)
    assert 0 == tell_pressure(Pressure(world.ledger), world.herald(), world.clock.now())
    assert ["GaveUp", "DriftResolved"] == world.announced
    assert [] == list(Pressure(world.ledger).spells())
