"""Findings that the app itself came to, for the gallery: no card there is of an invented one.

`lived` plays the life of findings on a world of tests, until each kind of news was told. The gallery adds
what the demo and the end-to-end suite told (`from_the_demo`, `from_end_to_end`).
"""

import asyncio
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from rich.console import Console

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import Baseline
from remediation.errors import PermanentError
from remediation.findings import FindingRecord
from remediation.ledger.decided.exemptions import ExemptionRecord, Exemptions
from remediation.messages import Message
from remediation.reconciling.in_force.keeper import Found, Keeper
from remediation.resource_id import ResourceId
from tests.builders import (
    NSG_ID,
    SUBSCRIPTION,
    a_baseline,
    a_bastion,
    a_lock,
    a_rule,
    a_spoke,
    acting,
    an_nsg,
    ports,
)
from tests.faults import Interrupted, always
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk
from tests.unit.reconciling.test_in_force import ENFORCE, OBSERVE, broken, found
from tests.unit.telling.routes import routing

ALICE, BOB = "alice.berg@contoso.example", "bob.ito@contoso.example"
RULE = "nsg-mgmt-open-to-internet"
HOURS = timedelta(hours=4)
type Told = tuple[str, FindingRecord]


@dataclass
class Life:
    """A world in which things happen; what it announced is taken at the end."""

    world: World
    through: dict[str, Any] = field(default_factory=dict)

    def looks(self, by: str = ALICE, seconds: float = 42.0) -> None:
        event = self.world.hears(by=by)
        self.world.clock.advance(seconds)
        self.world.handle(event, **self.through)

    def sweeps(self) -> None:
        self.world.clock.advance(60)
        self.world.handle(Message(target=NSG_ID.text, reason="sweep", force=True), **self.through)

    def opens(self, *names: str, by: str = ALICE, **tags: str) -> None:
        rules = [a_rule(name, 300 + at, **ports("22", "443")) for at, name in enumerate(names)]
        self.world.cloud.seed(an_nsg(*rules, tags=tags))
        self.looks(by)

    def closes(self, by: str = BOB) -> None:
        self.world.cloud.seed(an_nsg())
        self.world.clock.advance(600)
        self.looks(by)

    def judged_by(self, baseline: Baseline) -> None:
        self.world.baseline = baseline
        self.sweeps()

    @property
    def told(self) -> list[Told]:
        return told_by(event.data for event in self.world.announcements)


def told_by(datas: Iterable[dict[str, Any]]) -> list[Told]:
    return [(data["target"], msgspec.convert(data, FindingRecord)) for data in datas]


def a_life(**baseline: Any) -> Life:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)), a_baseline(**baseline))
    world.clock.advance(3600)
    return Life(world)


def lived() -> Iterator[Told]:
    """What is told in a handful of lives; among it is every kind of news there is."""
    for life in (
        _repaired_and_taken_back, _proposed_changed_and_resolved, _exempted_and_over, _fought_over,
        _reminded, _given_up, _moved_to_another_team, _about_the_app, _locked, _found, _taken_on,
    ):  # fmt: skip
        yield from life().told


def _repaired_and_taken_back() -> Life:
    """Repaired, undone with an exemption, closed by hand."""
    life = a_life()
    life.opens("for-a-minute")
    tools = a_desk(life.world).undoer(BOB)
    life.world.clock.advance(300)
    tools.undo(tools.plan(life.world.journal[0].id), HOURS)
    life.sweeps()
    life.closes()
    return life


def _proposed_changed_and_resolved() -> Life:
    life = a_life(mode="observe")
    life.opens("for-a-minute")
    life.world.clock.advance(900)
    life.opens("for-a-minute", "vendor-access", by=BOB)
    life.closes()
    life.opens("for-a-minute")
    return life


def _exempted_and_over() -> Life:
    life = a_life(mode="observe")
    life.opens("for-a-minute")
    now = life.world.clock.now()
    given = ExemptionRecord(
        RULE, NSG_ID.text, now + HOURS, by=BOB, reason="a migration", source="exempt", since=now
    )
    Exemptions(life.world.ledger).grant(NSG_ID, given)
    life.sweeps()
    life.world.clock.advance(HOURS.total_seconds())
    life.sweeps()
    return life


def _taken_on() -> Life:
    life = a_life(mode="observe")
    life.opens("for-a-minute")
    life.world.clock.advance(300)
    (record,) = [one for one in life.world.findings().values() if one.rule == RULE]
    by = {"name": BOB, "objectId": "bbbbbbbb-0000-4000-8000-000000000002"}
    herald = life.world.herald()
    taken = herald.record_acknowledged(NSG_ID, record.name, by, lambda _: True)
    herald.announce(NSG_ID, taken.values())
    return life


def _fought_over() -> Life:
    """A pipeline makes the same opening again after each repair."""
    life = a_life()
    for _ in range(4):
        life.opens("from-the-template", by="sp-terraform-orders")
        life.world.clock.advance(1800)
    return life


def _reminded() -> Life:
    life = a_life(mode="observe")
    life.opens("for-a-minute")
    life.world.clock.advance(timedelta(days=3, hours=1).total_seconds())
    life.world.herald().announce_all(timedelta(days=3))
    return life


def _given_up() -> Life:
    life = a_life()
    refused = PermanentError("reading web: HTTP 403 AuthorizationFailed", code="AuthorizationFailed")
    life.through = {"cloud": Interrupted(life.world.cloud, before_get=always(refused))}
    life.looks()
    return life


def _moved_to_another_team() -> Life:
    life = a_life(mode="observe", routing=routing())
    life.opens("for-a-minute", owner="payments")
    life.opens("for-a-minute", by=BOB, owner="shop")
    return life


def _locked() -> Life:
    life = a_life()
    life.world.cloud.seed(a_lock(NSG_ID.text))
    life.opens("for-a-minute")
    return life


def _found() -> Life:
    """A Bastion of a SKU that is not for production: told, and left to people."""
    life = a_life(rules=acting(bastion_sku_tier="alert"))
    host = a_bastion("Basic")
    life.world.cloud.seed(host)
    life.world.handle(life.world.hears(ResourceId.parse(host["id"]), by=ALICE))
    return life


def _about_the_app() -> Life:
    """Another baseline, a broken one, a stop and its end."""
    life = a_life(mode="observe")
    life.opens("for-a-minute")
    keeper = Keeper(life.world.ports, life.world.herald(), {SUBSCRIPTION}, timedelta(seconds=30))
    steps: list[Found] = [found(OBSERVE), found(ENFORCE)]
    for step in steps:
        keeper.take_in(step)
        life.world.clock.advance(600)
    keeper.note_broken(broken("must be observe or enforce"))
    life.world.clock.advance(600)
    keeper.stop(BOB, "wrong repairs")
    life.world.clock.advance(600)
    keeper.start(BOB, "mended")
    return life


def from_the_demo(seed: int = 7) -> list[Told]:
    """What the demo told, through the lab and the runtime."""
    from demo.play import play
    from demo.watch import Watch

    played = asyncio.run(play(seed, "memory", Watch(Console(file=io.StringIO()), pace=0.0)))
    return [(finding.resource, finding) for act in played.acts for finding in act.findings]


def from_end_to_end() -> list[Told]:
    """What the end-to-end suite told while it tried channels, owners and an undo."""
    from tests.story.e2e import conftest, test_channels

    conftest.HEARD.clear()
    test_channels.test_two_owners_hear_of_their_own_and_a_change_of_owner_is_told_in_both_channels()
    test_channels.test_a_channel_that_refuses_for_good_is_told_on_the_default_one_and_catches_up_when_it_is_mended()
    test_channels.test_an_undo_with_an_exemption_is_told_to_the_team_and_its_end_as_well()
    return told_by(conftest.HEARD)
