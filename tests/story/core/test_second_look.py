"""What may be a matter of minutes is told only when a second look still sees it."""

from datetime import timedelta

from remediation.adapters.memory.storage import MemoryCloud
from remediation.findings import State
from remediation.kinds import JIT_POLICY
from remediation.model import Ending
from remediation.resource_id import ResourceId
from tests.builders import (
    BASTION_ID,
    NSG_ID,
    a_baseline,
    a_bastion,
    a_rule,
    a_setting,
    a_spoke,
    acting,
    an_nsg,
)
from tests.story.core.world import World
from tests.unit.rules.estates_nsg import JIT_ALLOW, POLICY_ID, a_jit_allow, a_jit_deny, a_policy

RULE = "nsg-jit-rule-without-request"
AFTER = timedelta(minutes=15)


def world_with(*documents: object, rule: dict[str, object] | None = None) -> World:
    nsg = an_nsg(rule or a_jit_allow("10.0.0.9"), a_jit_deny())
    cloud = MemoryCloud(nsg, *a_spoke(), *documents)  # type: ignore[arg-type]  # documents of any shape
    return World(cloud, a_baseline(rules=acting(nsg_jit_rule_without_request="alert")))


def ends_in(world: World, hours: float) -> str:
    return (world.clock.now() + timedelta(hours=hours)).isoformat()


def test_a_first_sight_is_recorded_and_told_to_nobody() -> None:
    world = world_with()

    world.handle()

    assert State.SUSPECTED is world.findings()[RULE].state
    assert [] == world.announced
    assert ["second look"] == [message.reason for message in world.waiting]
    assert AFTER.total_seconds() == world.delay


def test_a_second_look_a_quarter_of_an_hour_later_tells() -> None:
    world = world_with()
    world.handle()

    world.run()

    assert State.OPEN is world.findings()[RULE].state
    assert ["DriftFound"] == world.announced
    assert [] == world.waiting


def test_an_event_in_between_neither_tells_nor_puts_the_telling_off() -> None:
    world = world_with()
    world.handle()
    due = world.findings()[RULE].confirm_at
    world.clock.advance(600)

    world.handle(world.hears(event_id="another"))

    assert [] == world.announced
    assert due == world.findings()[RULE].confirm_at


def test_many_looks_in_between_end_in_one_announcement() -> None:
    world = world_with()
    for number in range(4):
        world.handle(world.hears(event_id=f"event-{number}"))
        world.clock.advance(60)

    world.run()

    assert ["DriftFound"] == world.announced


def test_a_rule_that_went_away_in_time_is_never_told() -> None:
    world = world_with()
    world.handle()
    world.cloud.remove(ResourceId.parse(f"{NSG_ID}/securityRules/{JIT_ALLOW}"))

    world.run()

    assert State.RESOLVED is world.findings()[RULE].state
    assert [] == world.announced


def test_a_finding_that_was_resolved_waits_again_and_is_told_as_reopened() -> None:
    world = world_with()
    world.handle()
    world.run()
    world.cloud.seed(an_nsg(a_rule()))
    world.handle(world.hears(event_id="repaired"))
    world.cloud.seed(an_nsg(a_jit_allow("10.0.0.9")))
    world.handle(world.hears(event_id="again"))

    assert ["DriftFound", "DriftResolved"] == world.announced
    world.run()

    assert ["DriftFound", "DriftResolved", "DriftReopened"] == world.announced


def test_an_open_finding_that_is_seen_again_is_not_suspected_anew() -> None:
    world = world_with()
    world.handle()
    world.run()

    world.handle(world.hears(event_id="later"))

    assert (State.OPEN, ["DriftFound"], []) == (world.findings()[RULE].state, world.announced, world.waiting)


def test_a_live_request_is_no_finding_and_ends_with_its_time() -> None:
    """The app reads the clock for the judgement: the same documents, some hours later, are a finding."""
    world = world_with()
    world.cloud.seed(a_policy(source="10.0.0.9", start=ends_in(world, 0), end=ends_in(world, 3)))

    assert Ending.COMPLIANT is world.handle().ending
    world.clock.advance(4 * 3600)
    world.handle(world.hears(event_id="later"))
    world.run()

    assert ["DriftFound"] == world.announced


def test_policies_are_read_only_for_a_group_with_such_a_rule() -> None:
    plain, named = world_with(rule=a_rule()), world_with(a_policy())

    plain.handle()
    named.handle()

    kinds = [[getattr(read, "type", "") for read in world.cloud.reads] for world in (plain, named)]
    assert JIT_POLICY not in kinds[0]
    assert JIT_POLICY in kinds[1]
    assert ResourceId.parse(POLICY_ID).type.endswith("jitnetworkaccesspolicies")


# A host that was just made ------------------------------------------------------------------------

LOGS = "bastion-diagnostics"


def with_a_host_made(minutes_ago: float, *settings: object) -> World:
    world = World(MemoryCloud(*settings), a_baseline(rules=acting(bastion_diagnostics="fix")))  # type: ignore[arg-type]  # documents of any shape
    made = (world.clock.now() - timedelta(minutes=minutes_ago)).isoformat()
    world.cloud.seed({**a_bastion(), "systemData": {"createdAt": made}})
    return world


def test_a_new_hosts_setting_is_not_put_there_before_its_own_pipeline_had_time() -> None:
    world = with_a_host_made(3)

    world.handle(world.hears(BASTION_ID))

    assert ([], []) == (world.writes, world.announced)
    assert State.SUSPECTED is world.findings(BASTION_ID)[LOGS].state
    assert timedelta(minutes=7).total_seconds() == world.delay


def test_a_new_host_that_got_no_setting_is_repaired_when_its_time_is_over() -> None:
    world = with_a_host_made(3)
    world.handle(world.hears(BASTION_ID))

    world.run()

    assert ["PUT setByPolicy-LogAnalytics"] == world.writes
    assert ["DriftFixed"] == world.announced
    assert [] == world.waiting


def test_a_new_host_whose_pipeline_brought_the_setting_is_never_told_of() -> None:
    world = with_a_host_made(3)
    world.handle(world.hears(BASTION_ID))
    world.cloud.seed(a_setting("from-the-pipeline"))

    world.run()

    assert ([], []) == (world.writes, world.announced)
    assert State.RESOLVED is world.findings(BASTION_ID)[LOGS].state


def test_a_host_of_an_hour_ago_is_repaired_at_once() -> None:
    world = with_a_host_made(60)

    world.handle(world.hears(BASTION_ID))

    assert ["PUT setByPolicy-LogAnalytics"] == world.writes


def test_a_host_that_arms_clock_made_a_second_from_now_has_time_too() -> None:
    world = with_a_host_made(-1 / 60)

    world.handle(world.hears(BASTION_ID))

    assert [] == world.writes
    assert State.SUSPECTED is world.findings(BASTION_ID)[LOGS].state
