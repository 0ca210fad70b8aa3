"""A pipeline that deploys, and people who change what it deployed."""

from datetime import timedelta
from typing import Any

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Baseline, DeclaredPolicy
from remediation.declared.declaration import Declaration
from remediation.intake.routing import route
from remediation.ledger.declaring.declarations import Declarations
from remediation.messages import Message, about
from remediation.model import Actor, Outcome, ResourceChange
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, Document, a_baseline, a_rule, a_spoke, an_nsg
from tests.story.core.world import World

PIPELINE = "aaaaaaaa-0000-4000-8000-000000000001"
ROBOT = "bbbbbbbb-0000-4000-8000-000000000002"
DECLARED = "declared-drift"
SETTLED = timedelta(minutes=11)
A_WHILE = timedelta(minutes=3)

WEB = a_rule("allow-web", 300)
OFFICE = a_rule("allow-ssh", 310, destinationPortRange="22", sourceAddressPrefix="10.0.0.0/8")


def a_pipelines_baseline(**changes: Any) -> Baseline:
    return a_baseline(**{"declared": DeclaredPolicy(deployers=(PIPELINE,)), **changes})


def a_world(*documents: Document, public_ip: bool = True, **settings: Any) -> World:
    """A world in which a pipeline deploys; by default a group with two rules before a machine."""
    every = documents or (an_nsg(WEB, OFFICE),)
    cloud = MemoryCloud(*every, *a_spoke(public_ip=public_ip))
    return World(cloud, **{"baseline": a_pipelines_baseline(), **settings})


def an_event(
    world: World,
    changed: ResourceId = NSG_ID,
    *,
    by: str = "alice@contoso.example",
    oid: str = "",
    deployment: str = "",
    ago: timedelta = timedelta(0),
    target: ResourceId = NSG_ID,
    kind: Any = "write",
) -> Message:
    """The message of a change that somebody made just now, or a while ago."""
    return about(_change(world, changed, by, oid, deployment, ago, kind), target=target.text)


def is_heard(
    world: World,
    changed: ResourceId,
    *,
    by: str = "alice@contoso.example",
    oid: str = "",
    deployment: str = "",
    ago: timedelta = timedelta(0),
    kind: Any = "write",
) -> list[Outcome]:
    """A change as its event has it: whatever it means by its id alone is handled, rounds and all."""
    change = _change(world, changed, by, oid, deployment, ago, kind)
    return [world.handle(message) for message in route(change).messages(change)]


def left(world: World, *changed: ResourceId, deployment: str = "7d1f0000-deployment") -> World:
    """What a deployment that has ended a while ago wrote, each by its own event."""
    for one in changed:
        is_heard(world, one, by="", oid=PIPELINE, deployment=deployment)
    passes(world, SETTLED)
    return world


def _change(
    world: World, changed: ResourceId, by: str, oid: str, deployment: str, ago: timedelta, kind: Any
) -> ResourceChange:
    name = f"event {world.clock.now().isoformat()} {changed.name} {by}{oid}{ago}"
    return ResourceChange(
        target=changed,
        operation=f"{changed.type}/{kind}",
        kind=kind,
        status="success",
        event_id=name,
        event_time=world.clock.now() - ago,
        correlation_id=deployment or f"by hand {name}",
        actor=Actor(name=by, object_id=oid, client="Azure portal" if by else ""),
    )


def deploys(
    world: World,
    changed: ResourceId = NSG_ID,
    *,
    deployment: str = "7d1f0000-deployment",
    target: ResourceId = NSG_ID,
    **event: Any,
) -> Outcome:
    """The pipeline's write is heard and looked at."""
    told = an_event(world, changed, by="", oid=PIPELINE, deployment=deployment, target=target, **event)
    return world.handle(told)


def has_deployed(world: World, *changed: ResourceId, **event: Any) -> World:
    """A deployment that has ended a while ago."""
    for one in changed or (NSG_ID,):
        deploys(world, one, **event)
    passes(world, SETTLED)
    return world


def changes(world: World, changed: ResourceId = NSG_ID, **event: Any) -> Outcome:
    """A person's write is heard and looked at."""
    return world.handle(an_event(world, changed, **event))


def passes(world: World, time: timedelta) -> None:
    world.clock.advance(time.total_seconds())


def said(world: World, resource: ResourceId = NSG_ID) -> Declaration | None:
    """What is declared of a resource now."""
    return Declarations(world.ledger).of(resource)
