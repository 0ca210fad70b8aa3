"""Why a difference is not told or put back yet: until when it waits, and who made it, where that is known."""

from datetime import timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.ledger.declaring.declarations import Declarations
from remediation.ledger.declaring.deployments import Deployments
from remediation.messages import Message
from remediation.on_call.preview import Preview
from remediation.on_call.replay import NOBODY as NOBODY_WATCHES
from remediation.on_call.why.answer import Answer
from remediation.reconciling.declaring.hearing import Hearer
from remediation.resource_id import ResourceId
from tests.builders import (
    AT,
    NIC_ID,
    NSG_ID,
    SETTING_TYPE,
    a_baseline,
    a_nic,
    a_rule,
    a_setting,
    a_spoke,
    an_nsg,
)
from tests.story.core.world import World
from tests.story.declared.pipeline import (
    DECLARED,
    OFFICE,
    PIPELINE,
    WEB,
    a_pipelines_baseline,
    a_world,
    an_event,
    changes,
    deploys,
    has_deployed,
    is_heard,
    left,
    passes,
)
from tests.unit.on_call.desk import a_desk

EXTRA = a_rule("for-a-minute", 400, destinationPortRange="8443", sourceAddressPrefix="*")
NOBODY = "no event tells who changed it"


def why(world: World, resource: ResourceId = NSG_ID) -> Answer:
    found = {one.resource: one for one in a_desk(world).asker().why(resource, None)}
    return found[resource.text]


def reasons(answer: Answer) -> str:
    return " | ".join(one.text for one in answer.reasons if one.rule == DECLARED)


def changed() -> World:
    """What somebody added to what was deployed, just now."""
    world = has_deployed(a_world())
    world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))
    changes(world)
    return world


def test_while_an_event_of_a_deployment_may_be_on_its_way_it_says_who_made_it_and_until_when() -> None:
    world = changed()

    answer = why(world)

    wait = next(one for one in answer.reasons if one.kind == "wait" and one.rule == DECLARED)
    assert wait.text.startswith(
        "alice@contoso.example changed it with Azure portal at 2026-01-01 00:11:00 UTC"
    )
    assert world.clock.now() + timedelta(minutes=2) == wait.until
    assert answer.summary.startswith(
        "It is not as declared, and nobody is told yet: alice@contoso.example changed it"
    )
    assert NOBODY not in reasons(answer)


def test_that_nobody_is_told_yet_is_not_said_where_a_hole_beside_it_was_told() -> None:
    """The pipeline's event may be on its way; that SSH is open is told whoever did it."""
    world = has_deployed(a_world(baseline=a_pipelines_baseline(mode="observe")))
    world.cloud.seed(
        an_nsg(WEB, a_rule("allow-ssh", 310, destinationPortRange="22", sourceAddressPrefix="Internet"))
    )
    changes(world)
    assert ["DriftProposed"] == world.announced

    answer = why(world)

    assert any(one.kind == "wait" for one in answer.reasons if one.rule == DECLARED)
    assert answer.summary.startswith("It is open, and a proven repair is held back: ")
    assert "observe mode" in answer.summary


def test_nor_where_another_difference_of_the_same_target_was_told() -> None:
    """The group was changed long ago, its log just now."""
    setting = NSG_ID.extension(SETTING_TYPE, "logs")
    documents = an_nsg(WEB, OFFICE), a_setting("logs", on=NSG_ID)
    world = left(a_world(*documents, baseline=a_pipelines_baseline(mode="observe")), NSG_ID, setting)
    world.cloud.seed(an_nsg(a_rule("allow-web", 300, sourceAddressPrefix="10.0.0.0/8"), OFFICE))
    changes(world)
    world.run()
    world.cloud.seed(a_setting("logs", on=NSG_ID, logs=[]))
    changes(world, setting)

    answer = why(world)

    assert any(one.kind == "wait" for one in answer.reasons if one.rule == DECLARED)
    assert "nobody is told yet" not in answer.summary


def test_of_one_that_a_sweep_found_it_says_that_nobody_is_known_and_until_when() -> None:
    world = has_deployed(a_world())
    world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))

    answer = why(world)

    wait = next(one for one in answer.reasons if one.kind == "wait" and one.rule == DECLARED)
    assert wait.text.startswith(NOBODY)
    assert world.clock.now() + timedelta(minutes=10) == wait.until


def test_what_was_told_with_a_name_has_no_other_reason_than_what_holds_it_back() -> None:
    world = has_deployed(a_world())
    world.cloud.seed(an_nsg(a_rule("allow-web", 300, sourceAddressPrefix="10.0.0.0/8"), OFFICE))
    changes(world)
    world.run()

    answer = why(world)

    assert "a person has to agree to what it does" in reasons(answer)
    assert NOBODY not in reasons(answer)


def test_while_the_deployment_is_under_way_it_names_it_what_differs_and_when_it_has_ended() -> None:
    world = a_world()
    deploys(world)
    passes(world, timedelta(minutes=1))
    world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))
    changes(world)

    answer = why(world)

    text = f"web is not as deployment 7d1f0000 ({PIPELINE}) left it (securityRules/for-a-minute)"
    assert text in reasons(answer)
    assert answer.summary.startswith(f"Nobody is told of it yet: {text}")
    assert "not before 2026-01-01 00:10:00 UTC" in answer.summary
    assert answer.findings == []


def test_what_a_deployment_has_written_and_no_look_has_seen_is_said_to_be_so() -> None:
    world = a_world()
    hearer = Hearer(Declarations(world.ledger), Deployments(world.ledger), world.baseline.declared)
    told, now = an_event(world, by="", oid=PIPELINE, deployment="7d1f"), world.clock.now()
    hearer.hear(told, NSG_ID, now, now + timedelta(minutes=1))

    assert f"deployment 7d1f ({PIPELINE}) has written web, and no look has seen that yet" in reasons(
        why(world)
    )


def test_an_interface_that_differs_is_answered_for_itself() -> None:
    guarded = a_nic(nsg=NSG_ID)
    world = World(MemoryCloud(*a_spoke(), an_nsg(), guarded), baseline=a_pipelines_baseline())
    left(world, NIC_ID)
    world.cloud.seed(a_nic())
    is_heard(world, NIC_ID)
    world.run()

    answer = why(world, NIC_ID)

    assert "alert" == answer.outcome
    assert "the app has no right to write a network interface" in reasons(answer)


@pytest.mark.parametrize("declares", [True, False])
def test_a_setting_of_which_nothing_is_declared_is_judged_by_nobody(declares: bool) -> None:
    setting = ResourceId.parse(a_setting(on=NIC_ID)["id"])
    baseline = a_pipelines_baseline() if declares else a_baseline()
    world = World(MemoryCloud(*a_spoke(), an_nsg(), a_setting(on=NIC_ID)), baseline=baseline)

    (answer,) = a_desk(world).asker().why(setting, None)

    assert "not-judged" == answer.outcome
    assert "nothing of it is declared" in answer.summary


@pytest.mark.parametrize("work", [{"sweep": AT}, {"expand": NIC_ID.text}], ids=["a sweep", "an event"])
def test_a_dry_run_tells_of_an_interface_as_well(work: dict[str, str]) -> None:
    world = World(MemoryCloud(*a_spoke(), an_nsg(), a_nic(nsg=NSG_ID)), baseline=a_pipelines_baseline())
    left(world, NIC_ID)
    world.cloud.seed(a_nic())
    preview = Preview(world.ports, world.baseline, world.policy)

    found, _ = preview.prospects([Message(**work, reason="baseline")], NOBODY_WATCHES, most=20)  # type: ignore[arg-type]

    assert NIC_ID.text in {one.target for one in found if one.findings}
