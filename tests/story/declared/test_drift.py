"""What somebody changed of what was deployed: told with both people, put back where that only closes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from remediation.baseline import DeclaredPolicy, Exemption
from remediation.errors import ForbiddenError
from remediation.ledger.declaring.declarations import Declarations
from remediation.messages import Message
from remediation.model import Ending, Listing, Resource, Write
from remediation.ports import Operation, Progress
from remediation.resource_id import ResourceId
from remediation.telling.cards.story import story
from tests.builders import (
    AT,
    BASTION_ID,
    NSG_ID,
    SETTING_TYPE,
    Document,
    a_bastion,
    a_group,
    a_lock,
    a_rule,
    a_setting,
    acting,
    an_nsg,
)
from tests.faults import Interrupted, always
from tests.story.core.world import World
from tests.story.declared.pipeline import (
    A_WHILE,
    DECLARED,
    OFFICE,
    PIPELINE,
    ROBOT,
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

WIDE = a_rule("allow-ssh", 310, destinationPortRange="22", sourceAddressPrefix="*")
EXTRA = a_rule("for-a-minute", 400, destinationPortRange="8443", sourceAddressPrefix="*")
NARROW = a_rule("allow-web", 300, sourceAddressPrefix="10.0.0.0/8")
SETTING_ID = BASTION_ID.extension(SETTING_TYPE, "setByPolicy-LogAnalytics")
MODEL = DeclaredPolicy(deployers=(PIPELINE,))


def drifted(*rules: Document, **settings: object) -> World:
    """A group as the pipeline deployed it, and what somebody has made of it."""
    world = has_deployed(a_world(**settings))  # type: ignore[arg-type]
    world.cloud.seed(an_nsg(*rules))
    return world


def by_name(world: World) -> dict[str, str]:
    return {name: str(rule["sourceAddressPrefix"]) for name, rule in world.rules().items()}


def test_a_rule_that_was_widened_gets_its_declared_source_back_and_no_rule_goes() -> None:
    world = drifted(WEB, WIDE)

    outcome = changes(world)

    assert Ending.REPAIRED is outcome.ending
    assert {"allow-web": "*", "allow-ssh": "10.0.0.0/8"} == by_name(world)
    assert ["PUT allow-ssh"] == world.writes


def test_the_record_names_who_declared_and_who_changed() -> None:
    world = drifted(WEB, WIDE)

    changes(world)

    record = world.findings()[DECLARED]
    assert ("fixed", "critical") == (record.state, record.severity)
    assert "deployment 7d1f0000" == record.evidence["declaredBy"]
    assert PIPELINE == record.evidence["declaredPrincipal"]
    assert {"name": "alice@contoso.example", "client": "Azure portal"} == record.actor
    assert ["DriftFixed"] == world.announced


def test_a_rule_that_nobody_declared_is_deleted_once_no_deployment_can_have_made_it() -> None:
    world = drifted(WEB, OFFICE, EXTRA)

    changes(world)
    assert [] == world.writes
    assert [] == world.announced
    world.run()

    assert {"allow-web", "allow-ssh"} == set(world.rules())
    assert ["DriftFixed"] == world.announced
    assert timedelta(minutes=2) <= world.clock.now() - world.findings()[DECLARED].event_time  # type: ignore[operator]


def test_a_deployment_whose_event_comes_after_the_persons_has_the_last_word() -> None:
    """The pipeline made the rule, and somebody's event of another change came first."""
    world = drifted(WEB, OFFICE, EXTRA)
    by_hand = an_event(world)
    by_pipeline = an_event(world, by="", oid=PIPELINE, deployment="second")

    world.handle(by_hand)
    passes(world, timedelta(seconds=40))
    world.handle(by_pipeline)
    world.run()

    assert {"allow-web", "allow-ssh", "for-a-minute"} == set(world.rules())
    assert [] == world.writes
    assert DECLARED not in {finding.rule for finding in world.findings().values() if finding.state == "open"}


def test_what_would_let_in_more_is_proposed_with_its_effect() -> None:
    world = drifted(NARROW, OFFICE)

    changes(world)
    world.run()

    record = world.findings()[DECLARED]
    assert ("open", "propose") == (record.state, record.disposition)
    assert "newly allowed: TCP 443" in " ".join(record.held_back_by)
    assert [] == world.writes


def test_of_several_changes_those_that_only_close_are_made_and_the_rest_is_proposed() -> None:
    world = drifted(NARROW, OFFICE, EXTRA)

    changes(world)
    world.run()

    assert {"allow-web": "10.0.0.0/8", "allow-ssh": "10.0.0.0/8"} == by_name(world)
    assert "propose" == world.findings()[DECLARED].disposition


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"mode": "observe"}, "observing"),
        ({"rules": acting(declared_drift="propose")}, "below_threshold"),
    ],
)
def test_every_guard_holds_it_back(change: dict[str, object], guard: str) -> None:
    rules = a_pipelines_baseline().rules
    if "rules" in change:
        change = {"rules": {**rules, **change["rules"]}}  # type: ignore[dict-item]
    world = drifted(WEB, OFFICE, EXTRA, baseline=replace(a_pipelines_baseline(), **change))  # type: ignore[arg-type]

    changes(world)
    world.run()

    assert [] == world.writes
    assert guard in world.findings()[DECLARED].evidence["guards"]


def test_a_lock_holds_it_back() -> None:
    world = has_deployed(a_world(an_nsg(WEB, OFFICE), a_lock(NSG_ID.text, "ReadOnly")))
    world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))

    changes(world)
    world.run()

    assert [] == world.writes
    assert "locked" in world.findings()[DECLARED].evidence["guards"]


def test_an_exemption_leaves_it_alone() -> None:
    world = drifted(WEB, OFFICE, EXTRA)
    exemption = Exemption(NSG_ID.text, DECLARED, world.clock.now() + timedelta(days=1), "migration", "team")
    world.baseline = replace(world.baseline, exemptions=(exemption,))

    changes(world)

    assert "exempt" == world.findings()[DECLARED].state
    assert [] == world.writes


def test_a_person_who_makes_it_again_and_again_is_left_to_people() -> None:
    world = drifted()

    for _ in range(5):
        world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))
        changes(world)
        world.run()

    assert "for-a-minute" in world.rules()
    assert "flapping" in world.findings()[DECLARED].evidence["guards"]


def test_a_declaration_that_nobody_renewed_only_alerts() -> None:
    world = drifted(WEB, OFFICE, EXTRA)
    passes(world, timedelta(days=91))

    changes(world)
    world.run()

    record = world.findings()[DECLARED]
    assert ("open", "alert") == (record.state, record.disposition)
    assert "nobody has renewed this declaration in 90 days" in str(record.evidence["notFixable"])
    assert [] == world.writes


def test_a_difference_of_which_no_event_tells_is_told_after_a_deployments_time_and_proposed() -> None:
    world = drifted(WEB, OFFICE, EXTRA)
    began = world.clock.now()

    world.handle(Message(target=NSG_ID.text, reason="sweep", force=True))
    assert [] == world.announced
    world.run()

    record = world.findings()[DECLARED]
    assert ["DriftProposed"] == world.announced
    assert "no event tells who changed it" in " ".join(record.held_back_by)
    assert world.clock.now() - began >= timedelta(minutes=10)
    assert [] == world.writes


def test_a_robot_that_is_not_in_the_list_is_a_person_and_the_finding_says_which_id_to_add() -> None:
    world = drifted(NARROW, OFFICE)

    changes(world, by="", oid=ROBOT)
    world.run()

    assert ROBOT in world.findings()[DECLARED].evidence["toDeclare"]


def test_a_group_that_somebody_deleted_is_missed() -> None:
    world = has_deployed(a_world())
    world.cloud.remove(NSG_ID)

    outcome = changes(world, kind="delete")
    world.run()

    assert Ending.GONE is outcome.ending
    assert "the network security group web is gone" in world.findings()[DECLARED].message
    assert "open" == world.findings()[DECLARED].state


def is_gone_without_an_event() -> World:
    """A group that a deployment left and the app has seen since."""
    world = has_deployed(a_world())
    changes(world)
    world.cloud.remove(NSG_ID)
    return world


@pytest.mark.parametrize("reason", ["sweep", "baseline"])
def test_one_whose_deletion_no_event_told_of_is_missed_by_the_sweep(reason: str) -> None:
    world = is_gone_without_an_event()

    world.handle(Message(sweep=AT, reason=reason, force=True))
    world.run()

    record = world.findings()[DECLARED]
    assert ("open", {}) == (record.state, record.actor)
    assert "the network security group web is gone" in record.message


def test_what_may_not_be_listed_is_not_taken_for_gone() -> None:
    world = has_deployed(a_world())
    world.handle(Message(sweep=AT, reason="baseline", force=True))
    world.run()
    refused = always(ForbiddenError("no right"), on=lambda listing: listing.type == NSG_ID.type)
    before = len(world.cloud.reads)

    worker = world.worker(cloud=Interrupted(world.cloud, before_list=refused))
    worker.handle(Message(sweep=AT, reason="sweep", force=True))
    world.run(worker)

    assert NSG_ID not in world.cloud.reads[before:]


def test_what_a_deployer_deleted_is_not_looked_for() -> None:
    world = has_deployed(a_world())
    world.cloud.remove(NSG_ID)
    deploys(world, deployment="second", kind="delete")
    passes(world, timedelta(hours=1))

    world.handle(Message(sweep=AT, reason="sweep", force=True))
    world.run()

    assert DECLARED not in world.findings()


def a_logged_host() -> World:
    world = World(a_world(a_bastion(), a_setting(), a_group("rg-hub")).cloud, baseline=a_pipelines_baseline())
    deploys(world, BASTION_ID, target=BASTION_ID)
    return has_deployed(world, SETTING_ID, target=BASTION_ID)


def test_a_setting_that_somebody_deleted_is_put_back_under_its_own_name() -> None:
    world = a_logged_host()
    world.cloud.remove(SETTING_ID)

    changes(world, SETTING_ID, target=BASTION_ID, kind="delete")
    world.run()

    assert ["PUT setByPolicy-LogAnalytics"] == world.writes
    assert "high" == world.findings(BASTION_ID)[DECLARED].severity


def test_a_log_that_was_switched_off_is_put_back() -> None:
    world = a_logged_host()
    off = [{"categoryGroup": "allLogs", "enabled": False}]
    world.cloud.seed(a_setting(logs=off))

    changes(world, SETTING_ID, target=BASTION_ID)
    world.run()

    logs = world.cloud.resources[SETTING_ID].properties("logs")
    assert {"categoryGroup": "allLogs", "enabled": True} in logs


OPEN = a_rule("allow-ssh", 310, destinationPortRange="22", sourceAddressPrefix="Internet")


def test_what_the_template_itself_opens_is_told_as_the_templates_and_not_repaired() -> None:
    world = a_world(an_nsg(OPEN))

    for deployment in ("first", "second", "third"):
        deploys(world, deployment=deployment)
        world.run()
        passes(world, timedelta(minutes=20))

    assert [] == world.writes
    record = world.findings()["nsg-mgmt-open-to-internet"]
    assert ("open", "propose") == (record.state, record.disposition)
    assert f"your template says so, which {PIPELINE} deployed" in record.message
    assert ["DriftProposed"] == world.announced


def test_beside_what_the_template_opens_a_persons_opening_is_closed() -> None:
    world = has_deployed(a_world(an_nsg(OPEN)))
    rdp = a_rule("rdp", 320, destinationPortRange="3389", sourceAddressPrefix="Internet")
    world.cloud.seed(an_nsg(OPEN, rdp))

    changes(world)
    world.run()

    assert {"allow-ssh"} == set(world.rules())


def test_a_persons_opening_during_a_deployment_is_closed_at_once() -> None:
    world = a_world()
    deploys(world)
    rdp = a_rule("rdp", 320, destinationPortRange="3389", sourceAddressPrefix="Internet")
    world.cloud.seed(an_nsg(WEB, OFFICE, rdp))

    changes(world)

    assert {"allow-web", "allow-ssh"} == set(world.rules())


def test_where_what_was_declared_cannot_be_read_nothing_is_repaired() -> None:
    world = has_deployed(a_world())
    (row,) = world.ledger.rows("declared")
    world.ledger.put("declared", row.key, {"odd": 1})
    world.cloud.seed(an_nsg(WEB, WIDE))

    changes(world)

    assert [] == world.writes
    assert "what was declared cannot be read" in str(world.findings()["nsg-mgmt-open-to-internet"].evidence)


def test_a_repair_is_undone_like_any_other_and_the_word_stays() -> None:
    world = drifted(WEB, WIDE)
    changes(world)

    assert [write.state for write in world.journal] == ["done"]
    assert [{"method": "PUT", "id": world.journal[0].resource, "body": world.journal[0].before}] == (
        world.journal[0].inverse
    )
    assert said(world) is not None


@dataclass
class Declaring:
    """A cloud during whose list of locks somebody declares what is there."""

    world: World

    def get(self, resource: ResourceId) -> Resource | None:
        return self.world.cloud.get(resource)

    def list(self, listing: Listing) -> Sequence[Resource]:
        known, now = said(self.world), self.world.clock.now()
        assert known is not None
        source = replace(known.source, at=now, name="accepted")
        document = an_nsg(WEB, OFFICE, EXTRA)
        Declarations(self.world.ledger).keep(replace(known, source=source, document=document), now)
        return self.world.cloud.list(listing)

    def write(self, write: Write) -> Operation:
        return self.world.cloud.write(write)

    def poll(self, url: str) -> Progress:
        return self.world.cloud.poll(url)


def test_a_word_that_comes_between_look_and_write_is_heard() -> None:
    world = drifted(WEB, OFFICE, EXTRA)
    changes(world)
    passes(world, A_WHILE)

    world.run(world.worker(cloud=Declaring(world)))

    assert [] == world.writes


def test_the_card_names_both_people_and_when() -> None:
    world = drifted(NARROW, OFFICE)
    changes(world)
    world.run()
    (record,) = [one for one in world.findings().values() if one.rule == DECLARED]

    told = dict(story(record, now=world.clock.now() + timedelta(minutes=2)).facts)

    assert f"deployment 7d1f0000 ({PIPELINE})" == told["Declared by"]
    assert ("alice@contoso.example", "Azure portal") == (told["Changed by"], told["With"])
    assert "4 min ago" in told["When"]
