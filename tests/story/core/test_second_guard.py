"""Two guards on one subscription do each other no harm, and the people of one of them hear of the other."""

from datetime import timedelta

from remediation.adapters.memory.storage import MemoryCloud
from remediation.findings import FindingRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.resource_id import ResourceId
from remediation.telling.second_guard import GUARDS, TITLE, tell_second_guard
from tests.builders import NSG_ID, SUBSCRIPTION, a_spoke, an_nsg
from tests.faults import Interrupted
from tests.story.core.world import World

OTHER = NSG_ID.text.replace("/web", "/orders")
TARGETS = (NSG_ID, ResourceId.parse(OTHER))
GUARD = "id-guard-of-the-other-team"


def open_groups() -> MemoryCloud:
    groups = [an_nsg(allow_ssh_from="Internet", identity=one) for one in TARGETS]
    return MemoryCloud(*groups, *a_spoke(public_ip=True))


def beaten(world: World, target: ResourceId, by: str = GUARD) -> None:
    """Somebody else's write of the same repair falls between our look and ours; then its event comes."""
    other = World(world.cloud, clock=world.clock)
    begun: list[str] = []

    def first(asked: ResourceId) -> None:
        if asked.parent == target and not begun:
            begun.append("the other one")
            other.handle(other.hears(target))

    world.handle(world.hears(target), cloud=Interrupted(world.cloud, before_get=first))
    world.clock.advance(5)
    world.handle(world.hears(target, by=by))
    assert begun


def told(world: World) -> list[FindingRecord]:
    tell_second_guard(world.ledger, world.herald(), world.clock.now(), [SUBSCRIPTION])
    about = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}/{GUARDS}/second")
    return list(FindingsBook(world.ledger).of(about).values())


def test_a_second_guard_is_told_once_by_its_name_and_when_it_has_been_quiet_for_a_day() -> None:
    world = World(open_groups())
    for target in TARGETS:
        beaten(world, target)
    (first,) = told(world)
    (again,) = told(world)
    world.clock.advance(timedelta(days=1, minutes=10).total_seconds())
    (over,) = told(world)

    assert (TITLE, "GaveUp", 1) == (first.title, first.change, first.seq)
    assert GUARD in first.message
    assert first.seq == again.seq
    assert "DriftResolved" == over.change


def test_nobody_is_overwritten_and_nothing_is_called_our_repair() -> None:
    world = World(open_groups())
    beaten(world, NSG_ID)

    assert {} == world.rules()
    assert "DriftFixed" not in world.announced


def test_once_is_chance() -> None:
    world = World(open_groups())
    beaten(world, NSG_ID)

    assert [] == told(world)


def test_a_person_who_tidies_up_is_no_guard() -> None:
    world = World(open_groups())
    for target in TARGETS:
        beaten(world, target, by="alice@contoso.example")

    assert [] == told(world)
