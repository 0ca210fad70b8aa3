"""The activity log is ARM's own: asked before something is put back, or a word holds a repair back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from remediation.errors import ForbiddenError, PermanentError
from remediation.intake.fetching.port import LogPage
from remediation.messages import utc
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, a_rule, an_nsg
from tests.story.core.world import World
from tests.story.declared.pipeline import (
    DECLARED,
    OFFICE,
    PIPELINE,
    WEB,
    a_world,
    an_event,
    changes,
    has_deployed,
    passes,
)

OPEN = a_rule("allow-ssh", 310, destinationPortRange="22", sourceAddressPrefix="Internet")
EXTRA = a_rule("for-a-minute", 400, destinationPortRange="8443", sourceAddressPrefix="*")
GUIDANCE = "nsg-mgmt-open-to-internet"


@dataclass
class Log:
    """A log that knows of some writes; `asked` counts."""

    records: list[dict[str, Any]] = field(default_factory=list)
    refuses: PermanentError | None = None
    asked: int = 0

    def knows(self, at: datetime, by: str = PIPELINE, resource: ResourceId = NSG_ID) -> None:
        self.records.append(
            {
                "eventDataId": f"record {len(self.records)}",
                "eventTimestamp": at.isoformat(),
                "operationName": f"{resource.type}/write",
                "resourceId": resource.text,
                "status": "Succeeded",
                "claims": {"oid": by},
            }
        )

    def pages(self, subscription: str, since: datetime, until: datetime | None) -> Iterator[LogPage]:
        self.asked += 1
        if self.refuses is not None:
            raise self.refuses
        far = until or datetime.max.replace(tzinfo=since.tzinfo)
        found = [
            one for one in self.records if since <= utc(datetime.fromisoformat(one["eventTimestamp"])) <= far
        ]
        yield LogPage(found)


def looks(world: World, log: Log) -> None:
    """Somebody's event, and whatever follows from it."""
    worker = world.worker(changes=log)
    worker.handle(an_event(world))
    world.run(worker)


def forged(log: Log) -> World:
    """A group that somebody opened, and an event that names the pipeline."""
    world = a_world(an_nsg(WEB, OPEN))
    world.handle(
        an_event(world, by="", oid=PIPELINE, deployment="forged"),
        changes=log,
    )
    return world


def test_an_event_that_names_a_deployer_holds_a_repair_back_only_until_the_log_could_tell() -> None:
    log = Log()
    world = forged(log)
    assert {"allow-web", "allow-ssh"} == set(world.rules())

    world.run(world.worker(changes=log))

    assert {"allow-web"} == set(world.rules())


def test_what_the_log_confirms_is_the_pipelines_word_for_good_and_is_asked_once() -> None:
    log = Log()
    world = a_world(an_nsg(WEB, OPEN))
    log.knows(world.clock.now())
    world.handle(an_event(world, by="", oid=PIPELINE, deployment="first"), changes=log)
    passes(world, timedelta(hours=1))

    looks(world, log)
    looks(world, log)

    assert {"allow-web", "allow-ssh"} == set(world.rules())
    assert "your template says so" in world.findings()[GUIDANCE].message
    assert 1 == log.asked


def test_a_log_that_may_not_be_read_changes_nothing_of_whose_word_it_is() -> None:
    log = Log(refuses=ForbiddenError("no right"))
    world = forged(log)
    world.run(world.worker(changes=log))

    assert {"allow-web", "allow-ssh"} == set(world.rules())


def drifted(log: Log) -> World:
    world = has_deployed(a_world())
    world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))
    looks(world, log)
    return world


def test_a_deployment_of_which_only_the_log_knows_is_not_undone() -> None:
    log = Log()
    world = has_deployed(a_world())
    log.knows(world.clock.now())
    world.cloud.seed(an_nsg(WEB, OFFICE, EXTRA))
    passes(world, timedelta(seconds=1))

    looks(world, log)

    assert "for-a-minute" in world.rules()
    assert "its event is on its way" in " ".join(world.findings()[DECLARED].held_back_by)


def test_others_in_the_log_keep_nobody_from_putting_it_back() -> None:
    log = Log()
    log.knows(has_deployed(a_world()).clock.now(), by="alice")
    odd = {"operationName": "x/write", "status": "Succeeded"}
    log.records += [{**one, "eventTimestamp": "2026-01-01T00:12:00+00:00"} for one in (odd, {"odd": 1})]

    assert "for-a-minute" not in drifted(log).rules()


def test_where_the_log_may_not_be_read_it_is_proposed_and_says_so() -> None:
    world = drifted(Log(refuses=ForbiddenError("no right")))

    assert "for-a-minute" in world.rules()
    assert "whether a deployment did it cannot be read" in " ".join(world.findings()[DECLARED].held_back_by)


def test_the_log_is_not_asked_while_nothing_differs() -> None:
    log = Log()
    world = has_deployed(a_world())

    changes(world, by="bob@contoso.example")
    looks(world, log)

    assert 0 == log.asked
