"""The group of AzureBastionSubnet gets back what it lacks in one write: Azure takes it only as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import PermanentError
from remediation.landing_zone.bastion.flows import flows, passage
from remediation.landing_zone.rewriting import as_put
from remediation.model import Json, Listing, Resource, Write
from remediation.nsg import NSG_ALONE, apply_changes, parse
from remediation.nsg.repairing.changes import RuleChange
from remediation.on_call.still_ours import ChangedSinceError
from remediation.on_call.undo import Undoer
from remediation.ports import Operation, Progress
from remediation.resource_id import ResourceId
from tests.builders import a_baseline, a_rule, acting, ports
from tests.faults import Interrupted, once
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk
from tests.unit.rules.cases import bastion_subnet_nsg_required_flows as required
from tests.unit.rules.estates_nsg import BASTION_NSG

RULE = "bastion-subnet-nsg-required-flows"
HOURS = timedelta(hours=4)
REFUSED = "NetworkSecurityGroupNotCompliantForAzureBastionSubnet"


@dataclass
class Insisting:
    """Azure with the subnet of a Bastion: a group there has every rule, or is not written."""

    cloud: MemoryCloud

    def get(self, resource: ResourceId) -> Resource | None:
        return self.cloud.get(resource)

    def list(self, listing: Listing) -> Sequence[Resource]:
        return self.cloud.list(listing)

    def poll(self, url: str) -> Progress:
        return self.cloud.poll(url)

    def write(self, write: Write) -> Operation:
        if not _is_complete(self._left_by(write)):
            raise PermanentError(f"{REFUSED}: {write.id.name}", code=REFUSED)
        return self.cloud.write(write)

    def _left_by(self, write: Write) -> Json:
        if write.id == BASTION_NSG:
            return write.body or {}
        change = RuleChange(write.id.name, None, None if write.body is None else dict(write.body))
        return apply_changes(self.cloud.resources[BASTION_NSG].body, [change])


def _is_complete(nsg: Json) -> bool:
    return all(passage(parse(nsg), flow, NSG_ALONE).accepted for flow in flows(private_only=False))


def lacking(*names: str, enforce: bool = True) -> World:
    """A world whose group has all rules but these, and denies everything else."""
    rules = (*required.without(*names), required.deny(), required.deny(4001, "out", **required.OUT))
    documents = required.case("", "speaks", *rules).documents
    action = "fix" if enforce else "propose"
    return World(MemoryCloud(*documents), a_baseline(rules=acting(bastion_subnet_nsg_required_flows=action)))


def repaired(*names: str) -> World:
    world = lacking(*names)
    world.handle(world.hears(BASTION_NSG), cloud=Insisting(world.cloud))
    return world


def undoer(world: World) -> Undoer:
    return a_desk(world).undoer("engineer")


def group(world: World) -> Json:
    return world.cloud.resources[BASTION_NSG].body


def test_what_is_missing_is_put_back_in_one_write_that_azure_takes() -> None:
    world = repaired("https", "control", "machines")

    assert ["PUT bastion"] == world.writes
    assert ["DriftFixed"] == world.announced
    assert _is_complete(group(world))


def test_a_single_missing_flow_is_a_single_rule() -> None:
    world = repaired("https")

    assert ["PUT bastion-guard-AllowHttpsInbound"] == world.writes
    assert ["DriftFixed"] == world.announced


def test_everything_else_of_the_group_is_as_it_was() -> None:
    before = as_put(group(lacking("https", "machines")))

    after = as_put(group(repaired("https", "machines")))

    own = [rule for rule in after["properties"]["securityRules"] if "bastion-guard" in rule["name"]]
    for rule in own:
        after["properties"]["securityRules"].remove(rule)
    assert 2 == len(own)
    assert before == after


def test_the_rules_of_a_colleague_who_wrote_meanwhile_survive() -> None:
    """What was judged is not what is there any more: it is read and judged again."""
    world = lacking("https", "machines")
    theirs = Write(
        "PUT", BASTION_NSG.child("securityRules", "theirs"), a_rule("theirs", 200, **ports("8443"))
    )
    meanwhile = once(lambda: world.cloud.write(theirs))

    world.handle(world.hears(BASTION_NSG), cloud=Interrupted(Insisting(world.cloud), before_write=meanwhile))
    world.run(world.worker(cloud=Insisting(world.cloud)))

    assert ["PUT theirs", "PUT bastion"] == world.writes
    assert "theirs" in world.rules(BASTION_NSG)
    assert _is_complete(group(world))


def test_our_own_write_that_comes_back_as_an_event_finds_nothing_to_do() -> None:
    world = repaired("https", "machines")

    world.handle(world.hears(BASTION_NSG), cloud=Insisting(world.cloud))

    assert ["PUT bastion"] == world.writes


def test_a_crash_after_the_write_is_told_from_one_before_it() -> None:
    """The group has what was written, in whatever order Azure shows its rules."""
    world = lacking("https", "machines")

    def killed(write: Write) -> None:
        world.cloud.write(write)
        document = group(world)
        rules = list(reversed(document["properties"]["securityRules"]))
        world.cloud.seed({**document, "properties": {**document["properties"], "securityRules": rules}})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.handle(world.hears(BASTION_NSG), cloud=Interrupted(world.cloud, before_write=killed))
    world.clock.advance(3600)
    world.handle(world.hears(BASTION_NSG))

    assert ["PUT bastion"] == world.writes
    assert ["done"] == [record.state for record in world.journal]
    assert ["DriftFixed"] == world.announced


def test_an_undo_puts_the_whole_group_back_and_says_what_it_shuts_out() -> None:
    world = lacking("https", "machines")
    before = as_put(group(world))
    world.handle(world.hears(BASTION_NSG))
    tools = undoer(world)

    plan = tools.plan(world.journal[0].id)
    tools.undo(plan, HOURS)

    assert any("443" in line for line in plan.steps[0].traffic)
    assert any("AllowHttpsInbound" in line for line in plan.steps[0].diff)
    assert before == as_put(group(world))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["properties"]["securityRules"].append(a_rule("new", 300)),
        lambda body: body["properties"]["securityRules"].pop(),
        lambda body: body["properties"]["securityRules"][0]["properties"].update(access="Deny"),
        lambda body: body["properties"].update(flushConnection=True),
        lambda body: body.update(tags={"owner": "somebody"}),
    ],
    ids=["a rule more", "a rule less", "another rule", "a property", "a tag"],
)
def test_a_group_that_somebody_changed_since_is_not_put_back(change: Callable[[Json], None]) -> None:
    world = repaired("https", "machines")
    body = as_put(group(world))
    change(body)
    world.cloud.seed(body)

    with pytest.raises(ChangedSinceError):
        undoer(world).plan(world.journal[0].id)


def test_it_is_only_offered_unless_the_team_opted_in() -> None:
    world = lacking("https", "machines", enforce=False)

    world.handle(world.hears(BASTION_NSG))

    (command,) = world.findings(BASTION_NSG)[RULE].commands
    assert [] == world.writes
    assert ["DriftProposed"] == world.announced
    assert "If-Match=" in command
