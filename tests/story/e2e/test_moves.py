"""A resource with an open port is moved to another resource group: what was open there is open here."""

from typing import Any

from lab.world import World
from remediation.adapters.memory.storage import shared
from remediation.findings import FindingRecord, State
from remediation.ledger.findings_book import FindingsBook
from remediation.resource_id import ResourceId
from tests.story.e2e.conftest import OPEN_TO_ALL, play, rule_of, told

RULE = "nsg-mgmt-open-to-internet"
ALICE = "alice@contoso.example"
OBSERVING: dict[str, Any] = {"mode": "observe"}


def group_of(world: World) -> str:
    return world.estate.spokes[0].nsgs[0]


async def moved(world: World, nsg: str) -> str:
    """Bob moves a group of rules; its id afterwards."""
    left, _, rest = nsg.partition("/providers/")
    there = f"/subscriptions/{world.subscription}/resourceGroups/rg-moved-to"
    bob = world.as_("bob")
    await bob.put(there, {"location": "westeurope"})
    await bob.post(left, "moveResources", {"resources": [nsg], "targetResourceGroup": there})
    return f"{there}/providers/{rest}"


def finding(world: World, nsg: str) -> FindingRecord:
    ledger = shared(world.connection.removeprefix("memory://")).ledger
    found = FindingsBook(ledger).of(ResourceId.parse(nsg)).values()
    return next(record for record in found if record.rule == RULE)


async def opens_and_moves(world: World) -> tuple[str, str]:
    nsg = group_of(world)
    await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
    await world.quiet()
    return nsg, await moved(world, nsg)


def test_a_finding_follows_what_was_moved_and_stays_whose_it_was() -> None:
    async def story(world: World) -> None:
        nsg, there = await opens_and_moves(world)
        await world.sweep()
        await world.quiet()

        before, after = finding(world, nsg), finding(world, there)
        assert (State.RESOLVED, f"the resource was moved: it is {there} now") == (before.state, before.note)
        assert (State.OPEN, ALICE) == (after.state, after.opening.actor["name"])
        assert "DriftResolved" in told(world)
        assert any("the resource was moved" in str(card) for card in world.cards)

    play(story, seed=8, baseline_changes=OBSERVING)


def test_an_opening_that_nobody_heard_of_before_the_move_is_closed_where_it_is_now() -> None:
    """The move itself is told of the group that was left; the sweep finds what no event names."""

    async def story(world: World) -> None:
        world.deliverer.lost = True
        nsg, there = await opens_and_moves(world)
        world.deliverer.lost = False
        await world.sweep()
        await world.quiet()

        rule = rule_of(world, there, "oops")
        assert rule is not None
        assert ["443"] == (rule.get("destinationPortRanges") or [rule.get("destinationPortRange")])
        assert ["DriftFixed"] == told(world)
        assert not finding(world, there).opening.is_known
        assert world.found(nsg) is None

    play(story, seed=8)
