"""A pipeline deploys into the lab, and people change what it deployed: the app's own roles, events, cards."""

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from lab.arm.persona import persona
from lab.clock import AppClock
from lab.delivery import Chaos
from lab.deployments import deploy
from lab.estate_rules import rule
from lab.quiet import NotQuietError
from lab.world import World
from remediation.adapters.memory import storage as memory
from remediation.declared.files import declared_in
from remediation.on_call.declaring.files import Declarer
from tests.story.e2e.conftest import calls, play, rule_of, told

PIPELINE = persona("sp-landing-zone")
SETTLED = 11 * 60.0
DAY = 24 * 3600.0
_SETTING = "Microsoft.Insights/diagnosticSettings"
_EVERY_METRIC = {"category": "AllMetrics", "enabled": True}
DECLARED = {"declared": {"deployers": [PIPELINE.object_id]}}


def deploying(story: Callable[[World], Awaitable[None]], **choices: Any) -> None:
    play(story, **{"baseline_changes": DECLARED, **choices})


async def deployed(world: World, *ids: str, deployment: str = "7d1f0000", settled: bool = True) -> None:
    """The pipeline deploys resources as they are; by default it has ended."""
    resources = [body for body in map(world.found, ids) if body is not None]
    await deploy(world.as_(PIPELINE.caller, "terraform", deployment), resources)
    if settled:
        await world.quiet()
        world.clock.advance(SETTLED)


def open_to(source: str, group: Mapping[str, Any], name: str = "allow-bastion-mgmt") -> dict[str, Any]:
    found = next(one for one in group["properties"]["securityRules"] if one["name"] == name)
    return {"properties": {**found["properties"], "sourceAddressPrefix": source}}


def news(world: World) -> list[tuple[str, str]]:
    """What was told about what was declared, with the resource's name."""
    return [
        (event["type"].removeprefix("BastionGuard."), event["data"]["resource"].rpartition("/")[2].lower())
        for event in world.announcements
        if event["data"]["rule"] == "declared-drift"
    ]


def test_a_pipeline_deploys_and_a_person_widens_deletes_and_adds() -> None:
    async def story(world: World) -> None:
        wide, extra = (world.estate.spokes[number].nsgs[0] for number in (0, 1))
        setting = world.estate.diagnostic_setting
        await deployed(world, wide, extra, setting)
        assert told(world) == calls(world, "PUT") == []
        alice, group = world.as_("alice"), world.found(wide)
        assert group is not None

        await alice.put(f"{wide}/securityRules/allow-bastion-mgmt", open_to("*", group))
        await world.quiet()
        await alice.delete(setting)
        await world.quiet()
        added = rule("for-a-minute", 310, "Allow", ["8443"], source="*")
        await alice.put(f"{extra}/securityRules/for-a-minute", added)
        await world.quiet()

        now = rule_of(world, wide, "allow-bastion-mgmt")
        assert now is not None
        assert now["sourceAddressPrefix"] == world.estate.bastion_prefix
        assert world.found(setting) is not None
        assert rule_of(world, extra, "for-a-minute") is None
        assert [change for change, _ in news(world)] == ["DriftFixed"] * 3
        assert told(world) == ["DriftFixed"] * 3

    deploying(story, seed=3, chaos=Chaos(seed=3, copies=2, shuffle=4))


def test_what_a_person_closes_is_proposed_and_the_next_deployment_ends_it() -> None:
    async def story(world: World) -> None:
        group = world.estate.spokes[0].nsgs[0]
        await deployed(world, group)
        before = world.found(group)
        closed = rule("keep-out", 350, "Deny", ["443"], source="VirtualNetwork")
        await world.as_("alice").put(f"{group}/securityRules/keep-out", closed)
        await world.quiet()
        assert [change for change, _ in news(world)] == ["DriftProposed"]
        assert calls(world, "DELETE") == []
        assert before is not None

        await deploy(world.as_(PIPELINE.caller, "terraform", "second"), [before])
        await world.quiet()

        assert [change for change, _ in news(world)] == ["DriftProposed", "DriftResolved"]
        assert calls(world, "PUT") == calls(world, "DELETE") == []

    deploying(story, seed=4)


def test_a_deployment_that_comes_while_a_repair_waits_has_the_last_word() -> None:
    """The pipeline brings the very rule that the repair was about to delete."""

    async def story(world: World) -> None:
        group = world.estate.spokes[0].nsgs[0]
        await deployed(world, group)
        added = rule("for-a-minute", 310, "Allow", ["8443"], source="*")
        await world.as_("alice").put(f"{group}/securityRules/for-a-minute", added)
        with suppress(NotQuietError):  # the repair waits for longer
            await world.quiet(skip_at_most=20)
        found = world.found(group)
        assert found is not None

        await deploy(world.as_(PIPELINE.caller, "terraform", "second"), [found])
        await world.quiet()

        assert rule_of(world, group, "for-a-minute") is not None
        assert calls(world, "DELETE") == []

    deploying(story, seed=5)


def test_a_declaration_that_nobody_renewed_only_alerts() -> None:
    async def story(world: World) -> None:
        group = world.estate.spokes[0].nsgs[0]
        await deployed(world, group)
        world.clock.advance(8 * DAY)
        added = rule("for-a-minute", 310, "Allow", ["8443"], source="*")
        await world.as_("alice").put(f"{group}/securityRules/for-a-minute", added)
        await world.quiet()

        assert [change for change, _ in news(world)] == ["DriftFound"]
        assert calls(world, "DELETE") == []

    declared = {"declared": {"deployers": [PIPELINE.object_id], "staleAfterDays": 7}}
    deploying(story, seed=6, baseline_changes=declared)


def test_without_deployers_the_same_story_is_silent() -> None:
    async def story(world: World) -> None:
        group = world.estate.spokes[0].nsgs[0]
        await deployed(world, group)
        added = rule("for-a-minute", 310, "Allow", ["8443"], source="*")
        await world.as_("alice").put(f"{group}/securityRules/for-a-minute", added)
        await world.quiet()

        assert told(world) == []

    play(story, seed=6)


def test_what_a_file_declares_is_taken_in_by_the_app_and_held_against_what_people_do() -> None:
    """No deployer is named: the file alone speaks, for every worker, from the timer's next run on."""

    async def story(world: World) -> None:
        group = world.estate.spokes[0].nsgs[0]
        before = world.found(group)
        assert before is not None
        store = memory.shared(world.connection.removeprefix("memory://"))
        told = declared_in("estate.json", json.dumps([before]).encode())
        watched = {world.subscription.lower()}
        declarer = Declarer(store.declared, store.ledger, AppClock(world.clock), watched, "pipeline-web")
        declarer.declare(told, "stack-web")
        await world.run_timer("import_dead_letters")
        await world.quiet()

        added = rule("for-a-minute", 310, "Allow", ["8443"], source="*")
        await world.as_("alice").put(f"{group}/securityRules/for-a-minute", added)
        await world.quiet()

        assert rule_of(world, group, "for-a-minute") is None
        assert [change for change, _ in news(world)] == ["DriftFixed"]
        assert world.announcements[-1]["data"]["evidence"]["declaredBy"] == "stack-web"

        declarer.remove("stack-web")
        await world.run_timer("import_dead_letters")
        await world.quiet()
        await world.as_("alice").put(f"{group}/securityRules/for-a-minute", added)
        await world.quiet()

        assert rule_of(world, group, "for-a-minute") is not None
        assert [change for change, _ in news(world)] == ["DriftFixed"]

    play(story, seed=7)


async def guarded(world: World) -> tuple[str, dict[str, Any]]:
    """An interface that the pipeline deployed with a group of its own; with what it is without that."""
    spoke = world.estate.spokes[0]
    nic = spoke.nics[0]
    bare = world.found(nic)
    assert bare is not None
    document = json.loads(json.dumps(bare))
    document["properties"]["networkSecurityGroup"] = {"id": spoke.nsgs[0]}
    await deploy(world.as_(PIPELINE.caller, "terraform", "7d1f0000"), [document])
    await world.quiet()
    world.clock.advance(SETTLED)
    without = {key: value for key, value in bare.items() if key not in {"id", "name", "type", "etag"}}
    return nic, without


def test_a_person_takes_the_group_off_an_interface_that_the_pipeline_deployed() -> None:
    async def story(world: World) -> None:
        nic, bare = await guarded(world)
        assert told(world) == []

        await world.as_("alice").put(nic, bare)
        await world.quiet()

        assert news(world) == [("DriftFound", nic.rpartition("/")[2].lower())]
        told_of = world.announcements[-1]["data"]
        assert told_of["evidence"]["declaredBy"] == "deployment 7d1f0000"
        assert told_of["actor"]["name"].startswith("alice")
        assert told_of["commands"][0].startswith("az network nic update --ids")
        card = json.dumps(world.cards[-1])
        assert "7d1f0000" in card
        assert "alice" in card
        assert calls(world, "PUT") == []

        await deploy(world.as_(PIPELINE.caller, "terraform", "second"), [{"id": nic, **bare}])
        await world.quiet()
        assert [change for change, _ in news(world)] == ["DriftFound", "DriftResolved"]

    deploying(story, seed=8, chaos=Chaos(seed=8, copies=2, shuffle=4))


def test_the_sweep_finds_it_where_the_event_was_lost() -> None:
    async def story(world: World) -> None:
        nic, bare = await guarded(world)
        world.deliverer.lost = True
        await world.as_("alice").put(nic, bare)
        await world.quiet()
        world.deliverer.lost = False
        assert told(world) == []

        await world.run_timer("sweep")
        await world.quiet()

        assert news(world) == [("DriftFound", nic.rpartition("/")[2].lower())]

    deploying(story, seed=9)


def test_the_log_of_what_no_rule_judges_is_told_of_where_it_was_declared() -> None:
    """The app's own roles read the setting, and nothing of what it stands on."""

    async def story(world: World) -> None:
        bastions = world.found(world.estate.diagnostic_setting)
        assert bastions is not None
        logs = {"properties": {**bastions["properties"], "logs": [], "metrics": [_EVERY_METRIC]}}
        settings = [f"{nic}/providers/{_SETTING}/logs" for nic in world.estate.spokes[0].nics[:2]]
        declared, other = settings
        pipeline = world.as_(PIPELINE.caller, "terraform", "7d1f0000")
        await deploy(pipeline, [{"id": declared, **logs}])
        await world.quiet()
        world.clock.advance(SETTLED)
        await world.as_("alice").put(other, logs)
        await world.quiet()
        assert told(world) == []

        await world.as_("alice").delete(declared)
        await world.as_("alice").delete(other)
        await world.quiet()

        assert news(world) == [("DriftFound", "logs")]
        assert calls(world, "PUT") == []

    deploying(story, seed=10)
