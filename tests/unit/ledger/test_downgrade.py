"""An earlier release runs after a later one: what that one wrote it leaves alone, and the rest goes on."""

from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud, MemoryLedger, MemoryNotifier
from remediation.baseline import read as read_baseline
from remediation.declared.declaration import Declaration, Source
from remediation.errors import PermanentError
from remediation.intake.accepting import Accepting
from remediation.intake.fetching.progress import Fetched, Progress
from remediation.intake.fetching.rounds import Rounds
from remediation.intake.fetching.windows import Windows
from remediation.ledger.decided.acts import Act, Acts
from remediation.ledger.decided.exemptions import ExemptionRecord, Exemptions
from remediation.ledger.declaring.declarations import Declarations
from remediation.ledger.declaring.deployments import Deployments
from remediation.ledger.intake import Intake
from remediation.ledger.pressure import Pressure
from remediation.ledger.retention import forget
from remediation.ledger.targets import beaten
from remediation.ledger.targets.beaten import Beaten
from remediation.ledger.unreadable import named
from remediation.ledger.versions import VERSIONS, kind_of
from remediation.measures import SILENT
from remediation.messages import Message
from remediation.on_call.history import read as asked
from remediation.on_call.listing.mending import build_once
from remediation.on_call.replay_request import read as request
from remediation.reconciling.in_force.keeper import Found, Keeper
from remediation.reconciling.rounds.marks import Marks
from remediation.resource_id import ResourceId
from remediation.telling.channels.budget import Budgeted
from remediation.telling.heartbeat import beat, silence
from remediation.telling.part_news import tell_parts
from remediation.telling.parts_down import CARDS, PartsDown
from remediation.telling.pressure_news import tell_pressure
from remediation.telling.second_guard import tell_second_guard
from tests.builders import AT, NSG_ID, SUBSCRIPTION, VNET_ID, a_baseline, a_spoke, an_nsg
from tests.story.core.world import World
from tests.unit.intake.logs import MemoryLog
from tests.unit.on_call.desk import a_desk

OTHER = ResourceId.parse(f"{NSG_ID}-other")
KEEP = timedelta(days=30)


def a_world_with_everything() -> World:
    """A ledger that holds records of every kind."""
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()), a_baseline(mode="enforce"))
    world.handle()
    world.run()
    for announcement in world.announcements:
        world.sender().note(announcement.data)
    world.run_cards(world.sender())
    now = world.clock.now()
    owed = {"target": NSG_ID.text, "finding": "f", "seq": 1, "takenUntil": None}
    world.ledger.put("cards-owed", "x", owed)
    Exemptions(world.ledger).grant(NSG_ID, ExemptionRecord("rule", NSG_ID.text, now + timedelta(days=1)))
    told = Declaration(NSG_ID, {"id": NSG_ID.text}, Source("deployment", "main", now))
    Declarations(world.ledger).keep(told, now)
    Deployments(world.ledger).heard("a correlation id", now)
    world.ledger.put("declared-files", "x", {"name": "main.json", "version": "1"})
    Intake(world.ledger).take("a letter", now)
    Intake(world.ledger).set_aside("a message", "poisonous", now)
    Pressure(world.ledger).throttled(SUBSCRIPTION, "northeurope", "arm", now, 60.0)
    PartsDown(world.ledger, world.clock).failed(CARDS, PermanentError("HTTP 404"))
    beat(world.ledger, now)
    Fetched(world.ledger).note(Progress(subscription=SUBSCRIPTION, through=now))
    Fetched(world.ledger).remember(SUBSCRIPTION, ["0123456789abcdef"], now, now)
    beaten.note(world.ledger, Beaten(now, OTHER.text, "rule"))
    build_once(world.ledger)
    world.herald().record_gave_up(OTHER, "no answer", Message(target=OTHER.text))
    Acts(world.ledger).begin(Act(by="ada", asked="apply", begun=now), "a key")
    world.ledger.put("held@0", "x", {"target": OTHER.text, "until": "2026-01-01T00:00:00Z"})
    standard = "{version: 1, mode: enforce}"
    keeper = Keeper(world.ports, world.herald(), {SUBSCRIPTION}, timedelta(seconds=30))
    keeper.take_in(Found("b.yaml", standard, read_baseline(standard)))
    Budgeted(MemoryNotifier(), world.ledger, world.clock, place="a", per_minute=1).post({})
    forget(world.ledger, world.clock, KEEP)
    world.ledger.put("damaged", "x", {"partition": "x", "key": "z", "at": now.isoformat()})
    Marks(world.ledger).leave(AT, Message(expand=VNET_ID.text), now)
    Marks(world.ledger).expect(AT, now, 0)
    world.ledger.put("unreadable", "x/y", {"partition": "x", "key": "y", "why": "z"})
    return world


def later_release(ledger: MemoryLedger, kind: str, value: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """A later release has written every record of a kind anew; what lies there now."""
    earlier = ledger._version_of
    ledger._version_of = lambda partition: 2 if kind_of(partition) == kind else 1
    for partition, key in list(ledger._records):
        if kind_of(partition) == kind:
            ledger.put(partition, key, value)
    ledger._version_of = earlier
    return {name: record for name, record in ledger._records.items() if kind_of(name[0]) == kind}


def spoil(ledger: MemoryLedger, kind: str, content: bytes) -> tuple[str, str]:
    """Put other bytes into one record of a kind; its partition and key."""
    bad = next(name for name in ledger._records if kind_of(name[0]) == kind)
    ledger._records[bad] = content, ledger._records[bad][1]
    return bad


def everything_at_once(world: World) -> None:
    """Each thing that the app does by timers, by messages and for people."""
    desk = a_desk(world)
    world.handle()
    world.cloud.seed(an_nsg(allow_ssh_from="Internet", identity=OTHER, subnets=()))
    world.handle(world.hears(OTHER))
    world.handle(Message(sweep=AT, reason="sweep", force=True))
    world.run()
    world.herald().announce_all()
    for announcement in world.announcements:
        world.sender().note(announcement.data)
    world.sender().nudge()
    world.run_cards(world.sender())
    tell_pressure(Pressure(world.ledger), world.herald(), world.clock.now())
    tell_second_guard(world.ledger, world.herald(), world.clock.now(), [SUBSCRIPTION])
    reads_the_log(world).fetch(SUBSCRIPTION)
    beat(world.ledger, world.clock.now())
    silence(world.ledger, world.clock.now())
    channels = PartsDown(world.ledger, world.clock)
    tell_parts(channels, world.herald(), SUBSCRIPTION)
    channels.failed(CARDS, PermanentError("HTTP 404"))
    channels.works(CARDS)
    desk.take_in()
    for source in ("inbox", "poison"):
        desk.replay(request({"source": source}, world.clock.now()))
    desk.history().lines(asked({}, world.clock.now()))
    forget(world.ledger, world.clock, KEEP)


def reads_the_log(world: World) -> Rounds:
    """Where changes are fetched: a round of a log in which nothing happened."""
    fetched, log = Fetched(world.ledger), MemoryLog(world.clock)
    return Rounds(
        Windows(log, fetched, world.clock),
        fetched,
        Pressure(world.ledger),
        world.queue,
        Accepting(SILENT, world.clock).messages,
        world.clock,
        SILENT,
    )


def test_a_world_with_everything_has_every_kind_of_record() -> None:
    kinds = {kind_of(partition) for partition, _ in a_world_with_everything().ledger._records}

    assert set(VERSIONS) == kinds


@pytest.mark.parametrize("kind", sorted(VERSIONS))
def test_what_a_later_release_wrote_is_left_alone_and_the_rest_goes_on(kind: str) -> None:
    world = a_world_with_everything()
    theirs = later_release(world.ledger, kind, {"later": True, "at": 3})

    everything_at_once(world)
    world.clock.advance(timedelta(days=60).total_seconds())
    forget(world.ledger, world.clock, KEEP)

    assert theirs
    assert theirs == {name: world.ledger._records.get(name) for name in theirs}
    assert [] == world.poisoned
    assert "allow-ssh" not in world.rules(OTHER)  # what an unreadable budget held back came an hour later


@pytest.mark.parametrize("kind", sorted(VERSIONS))
@pytest.mark.parametrize("content", [b"zno stream", b'j{"of another": ["shape"]}'])
def test_one_bad_record_of_any_kind_stops_only_itself(kind: str, content: bytes) -> None:
    world = a_world_with_everything()
    spoil(world.ledger, kind, content)

    everything_at_once(world)

    assert [] == world.poisoned
    assert "allow-ssh" not in world.rules(OTHER)


@pytest.mark.parametrize(
    "kind", ["cards-owed", "diary", "findings", "inbox", "pressure", "set-aside", "targets", "writes"]
)
def test_a_bad_record_is_named(kind: str) -> None:
    world = a_world_with_everything()
    bad = spoil(world.ledger, kind, b"zno stream")

    everything_at_once(world)

    assert bad in {(record.partition, record.key) for record in named(world.ledger)}
