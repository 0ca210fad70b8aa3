"""Diagnostic settings of any host: compared wherever they were declared, and nowhere else."""

from datetime import timedelta

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.kinds import DIAGNOSTIC_SETTING
from remediation.ledger.claims import Claims, TargetRecord
from remediation.ledger.declaring.declarations import PARTITION
from remediation.messages import Message
from remediation.model import Ending, Listing
from remediation.policy import Policy
from remediation.resource_id import ResourceId
from remediation.telling.cards.words import because
from tests.builders import (
    AT,
    NIC_ID,
    NSG_ID,
    SETTING_TYPE,
    SUBSCRIPTION,
    a_baseline,
    a_setting,
    a_spoke,
    an_nsg,
)
from tests.story.core.world import World
from tests.story.declared.pipeline import (
    A_WHILE,
    DECLARED,
    PIPELINE,
    a_pipelines_baseline,
    changes,
    is_heard,
    left,
    passes,
    said,
)

VAULT_ID = ResourceId.parse(f"{AT}/resourceGroups/rg-web/providers/Microsoft.KeyVault/vaults/keys")
HOSTS = {"a vault": VAULT_ID, "an interface": NIC_ID, "the subscription": ResourceId.parse(AT)}
ON_GROUP = NSG_ID.extension(SETTING_TYPE, "logs")


def setting_of(host: ResourceId) -> ResourceId:
    return ResourceId.parse(f"{host}/providers/{SETTING_TYPE}/logs")


def a_world(host: ResourceId, *, declares: bool = True) -> World:
    baseline = a_pipelines_baseline() if declares else a_baseline()
    return World(MemoryCloud(an_nsg(), *a_spoke(), a_setting("logs", on=host)), baseline=baseline)


def silenced(world: World, host: ResourceId) -> World:
    """Somebody switched every log off."""
    world.cloud.seed(a_setting("logs", on=host, logs=[]))
    return world


def lists_of_settings(world: World) -> int:
    return sum(isinstance(one, Listing) and one.type == DIAGNOSTIC_SETTING for one in world.cloud.reads)


def test_one_of_a_group_whose_rule_about_logs_is_off_is_put_back_when_somebody_deletes_it() -> None:
    world = left(a_world(NSG_ID), ON_GROUP)
    world.cloud.remove(ON_GROUP)

    is_heard(world, ON_GROUP, kind="delete")
    world.run()

    assert ["PUT logs"] == world.writes
    assert "fixed" == world.findings(NSG_ID)[DECLARED].state
    assert ON_GROUP in world.cloud.resources


def test_settings_are_read_where_one_was_declared_and_nowhere_else() -> None:
    declared, other = left(a_world(NSG_ID), ON_GROUP), left(a_world(NSG_ID), NSG_ID)
    before = lists_of_settings(declared), lists_of_settings(other)

    for world in (declared, other):
        changes(world)

    assert (1, 0) == (lists_of_settings(declared) - before[0], lists_of_settings(other) - before[1])


def test_a_sweep_finds_what_no_event_told_of() -> None:
    world = left(a_world(NSG_ID), ON_GROUP)
    world.cloud.remove(ON_GROUP)

    world.handle(Message(sweep=AT, reason="baseline", force=True))
    world.run()

    record = world.findings(NSG_ID)[DECLARED]
    assert ("open", "propose") == (record.state, record.disposition)


def settled_and_seen() -> World:
    """A setting of a group that was left by a deployment, and the group's own look after that."""
    world = left(a_world(NSG_ID), NSG_ID, ON_GROUP)
    changes(world)
    passes(world, A_WHILE)
    return world


def sweeps(world: World) -> None:
    """The timer's sweep, which passes over what has the version of the last look."""
    world.handle(Message(sweep=AT, reason="sweep", force=True))
    world.run()


def test_the_timers_sweep_finds_that_a_declared_log_is_gone_though_its_host_is_the_same() -> None:
    world = settled_and_seen()
    world.cloud.remove(ON_GROUP)

    sweeps(world)

    record = world.findings(NSG_ID)[DECLARED]
    assert ("open", "propose") == (record.state, record.disposition)
    assert {} == world.findings(ON_GROUP)
    assert ["DriftProposed"] == world.announced


def test_what_was_told_of_costs_further_sweeps_a_list_of_settings_and_no_look() -> None:
    world = settled_and_seen()
    world.cloud.remove(ON_GROUP)
    sweeps(world)
    before = lists_of_settings(world)
    judged = record_of(world).judged_at

    for _ in range(2):
        passes(world, timedelta(hours=6))
        sweeps(world)

    assert 2 == lists_of_settings(world) - before
    assert judged == record_of(world).judged_at
    assert ON_GROUP not in world.cloud.reads


def test_where_no_setting_was_declared_the_timers_sweep_reads_none() -> None:
    world = left(a_world(NSG_ID), NSG_ID)
    changes(world)
    before = lists_of_settings(world)

    sweeps(world)

    assert before == lists_of_settings(world)


def record_of(world: World) -> TargetRecord:
    record = Claims(world.ledger, world.policy.owner, world.policy.lease).look_up(NSG_ID)
    assert record is not None
    return record


@pytest.mark.parametrize("most", [1, 2])
def test_settings_which_are_read_one_by_one_are_bounded_and_each_has_its_turn(most: int) -> None:
    vaults = [ResourceId.parse(f"{VAULT_ID}{number}") for number in range(4)]
    settings = [setting_of(vault) for vault in vaults]
    cloud = MemoryCloud(*(a_setting("logs", on=vault) for vault in vaults))
    policy = Policy(frozenset({SUBSCRIPTION}), most_swept=most)
    world = World(cloud, baseline=a_pipelines_baseline(), policy=policy)
    left(world, *settings)
    asked = list[list[ResourceId]]()
    for _ in range(24):
        passes(world, timedelta(hours=6))
        before = len(world.cloud.reads)
        sweeps(world)
        read = world.cloud.reads[before:]
        asked.append([one for one in read if isinstance(one, ResourceId) and one in settings])

    assert {most} == {len(each) for each in asked}
    assert set(settings) == {one for each in asked for one in each}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_one_of_what_no_rule_judges_is_told_with_both_people_and_the_command(host: ResourceId) -> None:
    setting = setting_of(host)
    world = silenced(left(a_world(host), setting), host)

    is_heard(world, setting)
    world.run()

    record = world.findings(setting)[DECLARED]
    assert ("open", "alert", []) == (record.state, record.disposition, world.writes)
    assert ("deployment 7d1f0000", PIPELINE) == (
        record.evidence["declaredBy"],
        record.evidence["declaredPrincipal"],
    )
    assert "alice@contoso.example" == record.actor["name"]
    assert "its tags may say that others keep it" in record.evidence["notFixable"]
    assert record.commands[0].startswith("az rest --method put --url ")


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_it_is_found_by_the_sweep_too_and_over_when_it_is_put_back(host: ResourceId) -> None:
    setting = setting_of(host)
    world = silenced(left(a_world(host), setting), host)

    world.handle(Message(sweep=AT, reason="sweep"))
    world.run()
    assert "open" == world.findings(setting)[DECLARED].state
    world.cloud.seed(a_setting("logs", on=host))
    is_heard(world, setting)
    world.run()

    assert ["DriftFound", "DriftResolved"] == world.announced


def test_of_a_log_that_is_off_it_is_not_said_that_no_log_depends_on_it() -> None:
    world = silenced(left(a_world(VAULT_ID), setting_of(VAULT_ID)), VAULT_ID)

    is_heard(world, setting_of(VAULT_ID))
    world.run()

    record = world.findings(setting_of(VAULT_ID))[DECLARED]
    why = "Nobody's way to a machine depends on what differs, nor Bastion's log."
    assert ("low", why) == (record.severity, because(record.evidence))


def test_one_that_is_deleted_is_missed() -> None:
    setting = setting_of(VAULT_ID)
    world = left(a_world(VAULT_ID), setting)
    world.cloud.remove(setting)

    is_heard(world, setting, kind="delete")
    world.run()

    assert "the diagnostic setting keys/logs is gone" in world.findings(setting)[DECLARED].message


@pytest.mark.parametrize("declares", [True, False])
def test_one_of_which_nothing_is_declared_costs_no_request(declares: bool) -> None:
    world = a_world(VAULT_ID, declares=declares)

    (outcome,) = is_heard(world, setting_of(VAULT_ID))

    assert (Ending.SKIPPED, []) == (outcome.ending, world.cloud.reads)
    assert declares or [] == list(world.ledger.rows(PARTITION))


def test_what_the_pipeline_deletes_is_no_longer_declared() -> None:
    setting = setting_of(VAULT_ID)
    world = left(a_world(VAULT_ID), setting)
    world.cloud.remove(setting)

    is_heard(world, setting, by="", oid=PIPELINE, deployment="second", kind="delete")
    passes(world, 2 * world.policy.margin)
    world.run()

    assert said(world, setting) is None
    assert [] == world.announced
