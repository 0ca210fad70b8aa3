"""Two guards on one subscription do each other no harm, and the people of one of them hear of the other."""

from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.findings import FindingRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.reconciling.others import entitled
from remediation.resource_id import ResourceId
from remediation.telling.second_guard import GUARDS, TITLE, tell_second_guard
from tests.builders import NSG_ID, SUBSCRIPTION, a_spoke, an_nsg
from tests.faults import Interrupted, always
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


# By the roles that it holds: a guard that always comes first, or always too late, leaves no other sign ------


def role(principal: str, name: str = entitled.REPAIRS, kind: str = "ServicePrincipal") -> dict[str, Any]:
    at = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
    guid = next(guid for guid, each in entitled.role_ids(SUBSCRIPTION).items() if each == name)
    properties = {
        "principalId": principal,
        "principalType": kind,
        "roleDefinitionId": f"{at}/roleDefinitions/{guid}",
        "scope": f"/subscriptions/{SUBSCRIPTION}",
    }
    return {"id": f"{at}/roleAssignments/{name.rpartition(' ')[2]}-{principal}", "properties": properties}


def told_of_roles(world: World, **through: Any) -> list[FindingRecord]:
    cloud = through.get("cloud", world.cloud)
    entitled.tell_entitled(cloud, world.herald(), [SUBSCRIPTION])
    about = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}/{GUARDS}/{entitled.ANOTHER}")
    return list(FindingsBook(world.ledger).of(about).values())


def test_a_second_app_that_may_repair_is_told_once_before_it_writes_and_when_it_may_no_longer() -> None:
    world = World(MemoryCloud(role("app-one"), role("app-two")))
    (first,) = told_of_roles(world)
    (again,) = told_of_roles(world)
    gone = str(role("app-two")["id"])
    world.cloud.remove(ResourceId.parse(gone))
    (over,) = told_of_roles(world)

    assert (entitled.TITLE, "GaveUp", 1) == (first.title, first.change, first.seq)
    assert "app-one, app-two" in first.message
    assert first.seq == again.seq
    assert "DriftResolved" == over.change


def test_of_those_that_may_repair_none_is_called_this_app_since_it_may_hold_no_such_role_itself() -> None:
    """Where `mayFix` is off two others may hold it."""
    (told,) = told_of_roles(World(MemoryCloud(role("app-one"), role("app-two"))))

    assert "this one" not in told.message
    assert told.message.startswith(
        "2 apps hold the role Bastion Guard fix here: object ids app-one, app-two. "
    )


@pytest.mark.parametrize(
    "second",
    [
        role("app-two", "Bastion Guard observe"),
        role("alice", kind="User"),
        role("on-call", kind="Group"),
        role("app-one", "Bastion Guard logs"),
    ],
    ids=["observes", "a person", "people", "our own"],
)
def test_who_does_not_repair_by_itself_is_no_second_guard(second: dict[str, Any]) -> None:
    assert [] == told_of_roles(World(MemoryCloud(role("app-one"), second)))


def test_while_the_roles_cannot_be_read_nothing_is_told_and_nothing_is_over() -> None:
    world = World(MemoryCloud(role("app-one"), role("app-two")))
    (told_once,) = told_of_roles(world)
    blind = Interrupted(world.cloud, before_list=always(ForbiddenError("AuthorizationFailed")))

    assert [told_once] == told_of_roles(world, cloud=blind)
