"""What a deployer leaves is kept as his word, with by whom and from which deployment; never against him."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from remediation.messages import Message
from remediation.model import Ending
from tests.builders import NSG_ID, VNET_ID, a_rule, a_subnet, a_vnet, an_nsg
from tests.story.core.world import World
from tests.story.declared.pipeline import (
    A_WHILE,
    DECLARED,
    OFFICE,
    PIPELINE,
    ROBOT,
    SETTLED,
    WEB,
    a_pipelines_baseline,
    a_world,
    an_event,
    changes,
    deploys,
    has_deployed,
    passes,
    said,
)

ROOT = Path(__file__).resolve().parents[3]
EXTRA = a_rule("for-a-minute", 400, destinationPortRange="8444", sourceAddressPrefix="*")
ANYBODY = a_rule("allow-ssh", 310, destinationPortRange="8443", sourceAddressPrefix="*")


def names(world: World) -> list[str]:
    found = said(world)
    return [] if found is None else [one["name"] for one in found.document["properties"]["securityRules"]]


def test_what_a_deployment_left_is_kept_with_by_whom_when_and_which() -> None:
    world = a_world()
    at = world.clock.now()

    deploys(world, deployment="7d1f2233-aaaa")

    found = said(world)
    assert found is not None
    assert ["allow-web", "allow-ssh"] == names(world)
    assert ("deployment 7d1f2233", PIPELINE, at) == (found.source.name, found.source.by, found.source.at)
    assert 1 == len(world.ledger.rows("declared"))


def test_a_compliant_event_of_a_deployment_costs_no_request_more_than_any_other() -> None:
    world, silent = a_world(), World(a_world().cloud)

    deploys(world)
    silent.handle()

    assert len(silent.cloud.reads) == len(world.cloud.reads)


def test_without_deployers_nothing_is_kept_and_the_ledger_is_not_asked() -> None:
    world = World(a_world().cloud)

    deploys(world)
    changes(world)

    assert [] == [*world.ledger.rows("declared"), *world.ledger.rows("deployments")]


def test_an_identity_that_is_not_in_the_list_declares_nothing() -> None:
    world = a_world()

    world.handle(an_event(world, by="", oid=ROBOT))

    assert said(world) is None


def test_a_rule_that_a_deployment_wrote_by_itself_speaks_for_itself_alone() -> None:
    world = a_world()

    has_deployed(world, NSG_ID.child("securityRules", "allow-web"))
    world.cloud.seed(an_nsg(WEB, a_rule("another", 400, access="Deny")))
    changes(world)

    assert ["allow-web"] == names(world)
    assert DECLARED not in world.findings()


def test_a_rule_that_the_pipeline_adds_later_joins_what_it_declared_before_and_nothing_else_does() -> None:
    world = has_deployed(a_world(an_nsg(WEB)))
    world.cloud.seed(an_nsg(WEB, OFFICE, a_rule("by-hand", 400, access="Deny")))

    deploys(world, NSG_ID.child("securityRules", "allow-ssh"), deployment="second")

    assert ["allow-web", "allow-ssh"] == names(world)


def test_the_next_deployment_has_the_last_word_and_ends_the_finding() -> None:
    world = has_deployed(a_world())
    world.cloud.seed(an_nsg(WEB, ANYBODY))
    changes(world)
    world.run()
    assert "open" == world.findings()[DECLARED].state

    has_deployed(world, deployment="second")

    assert "resolved" == world.findings()[DECLARED].state
    assert [] == [one for one in world.writes if "allow-ssh" in one]


def test_nothing_of_a_deployment_is_drift_while_it_is_under_way_and_a_look_comes_when_it_has_ended() -> None:
    world = a_world()
    deploys(world)
    passes(world, timedelta(minutes=4))
    world.cloud.seed(an_nsg(WEB, ANYBODY))

    changes(world)

    assert DECLARED not in world.findings()
    assert [] == world.writes
    world.run()
    assert "allow-ssh" in world.findings()[DECLARED].message


def test_a_deployment_goes_on_as_long_as_it_writes_anything() -> None:
    world = a_world()
    deploys(world)
    passes(world, timedelta(minutes=9))
    deploys(world, VNET_ID, target=VNET_ID)
    passes(world, timedelta(minutes=4))
    world.cloud.seed(an_nsg(WEB, ANYBODY))

    changes(world)

    assert DECLARED not in world.findings()


def test_the_document_counts_only_where_the_look_began_after_the_last_write() -> None:
    """The event of the second write comes while the look at the first is over: it is looked at again."""
    world = a_world(an_nsg(WEB))
    deploys(world)
    passes(world, timedelta(seconds=5))
    world.cloud.seed(an_nsg(WEB, OFFICE))

    deploys(world)

    assert ["allow-web", "allow-ssh"] == names(world)


def test_what_somebody_wrote_before_the_deployments_document_was_read_is_nobodys_word() -> None:
    world = a_world()
    written = an_event(world, by="", oid=PIPELINE, deployment="first")
    passes(world, timedelta(seconds=2))
    world.cloud.seed(an_nsg(WEB, ANYBODY))
    by_hand = an_event(world)
    passes(world, timedelta(seconds=3))

    world.handle(written)
    world.handle(by_hand)
    passes(world, SETTLED)

    assert said(world) is None


def test_the_same_where_the_persons_event_comes_first() -> None:
    world = a_world()
    written = an_event(world, by="", oid=PIPELINE, deployment="first")
    passes(world, timedelta(seconds=2))
    world.cloud.seed(an_nsg(WEB, ANYBODY))
    by_hand = an_event(world)
    passes(world, timedelta(seconds=3))

    world.handle(by_hand)
    world.handle(written)

    assert said(world) is None


def test_a_later_write_of_somebody_else_hides_no_earlier_one_that_stands_in_the_document() -> None:
    """Alice wrote before the document was read and bob after; his event comes first."""
    world = a_world(an_nsg(WEB, OFFICE, EXTRA))
    deploys(world, ago=timedelta(minutes=3))
    passes(world, SETTLED)
    world.cloud.seed(an_nsg(WEB, EXTRA))
    changes(world, by="bob@contoso.example")
    passes(world, A_WHILE)

    changes(world, ago=SETTLED + A_WHILE + timedelta(minutes=1))
    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))

    assert said(world) is None
    assert [] == world.writes


def test_a_write_before_the_deployment_is_overwritten_by_it() -> None:
    world = a_world()
    by_hand = an_event(world)
    passes(world, timedelta(seconds=2))
    written = an_event(world, by="", oid=PIPELINE, deployment="first")
    passes(world, timedelta(seconds=3))

    world.handle(written)
    world.handle(by_hand)

    assert ["allow-web", "allow-ssh"] == names(world)


def test_a_deployers_event_that_comes_hours_late_ends_the_word_that_stood_before() -> None:
    world = has_deployed(a_world())
    late = an_event(world, by="", oid=PIPELINE, deployment="second")
    passes(world, timedelta(hours=3))

    world.handle(late)

    assert said(world) is None


def test_a_deployers_event_that_comes_twice_is_one_word() -> None:
    world = a_world()
    told = an_event(world, by="", oid=PIPELINE, deployment="first")
    world.handle(told)
    passes(world, SETTLED)
    world.cloud.seed(an_nsg(WEB, ANYBODY))

    world.handle(told)

    found = said(world)
    assert found is not None
    assert "22" == found.document["properties"]["securityRules"][1]["properties"]["destinationPortRange"]


def test_a_late_event_of_a_deployment_is_looked_at_although_it_is_older_than_the_last_look() -> None:
    world = a_world()
    told = an_event(world, by="", oid=PIPELINE, deployment="first")
    passes(world, timedelta(minutes=5))
    changes(world)

    assert world.handle(told).ending is not Ending.SKIPPED


def test_what_the_pipeline_deletes_is_no_longer_declared() -> None:
    world = has_deployed(a_world())
    world.cloud.remove(NSG_ID)

    outcome = deploys(world, deployment="second", kind="delete")

    assert Ending.GONE is outcome.ending
    assert said(world) is None
    assert {} == world.findings()


def test_a_network_speaks_for_the_groups_of_its_subnets() -> None:
    world = World(a_world(a_vnet(a_subnet()), an_nsg(WEB, OFFICE)).cloud, baseline=a_pipelines_baseline())
    has_deployed(world, VNET_ID, target=VNET_ID)
    world.cloud.seed(a_vnet(a_subnet(nsg=None)))

    world.handle(an_event(world, VNET_ID.child("subnets", "web"), target=VNET_ID))
    world.run()

    assert "spoke/web is not what deployment" in world.findings(VNET_ID)[DECLARED].message
    assert "az network vnet subnet update" in world.findings(VNET_ID)[DECLARED].commands[0]


def test_where_nobody_may_declare_nothing_that_compares_is_even_imported() -> None:
    """The first look of a cold worker does not pay for it."""
    asked = "import remediation.reconciling.composition, sys; print([*sys.modules])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)

    assert "remediation.reconciling.declaring.eye" in ran.stdout
    assert "remediation.declared" not in ran.stdout
    assert "remediation.estates" not in ran.stdout
