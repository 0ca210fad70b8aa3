"""Races that are too narrow to be met by chance: each was found by the simulation and is staged here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from remediation.adapters.memory.storage import MemoryCloud, MemoryLedger
from remediation.errors import PermanentError, TransientError
from remediation.findings import Look, State
from remediation.ledger.cards import SENT, Cards, Owed
from remediation.ledger.claims import Claims, Mark, has_seen
from remediation.messages import Message
from remediation.model import Ending, Listing, Resource
from remediation.ports import Change, Cloud, Ledger, Row
from tests.builders import (
    AT,
    BASTION_ID,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    a_bastion,
    a_nic,
    a_public_ip,
    a_spoke,
    an_nsg,
)
from tests.faults import Contended, Interrupted, always, once
from tests.story.core.world import World

LEASE = timedelta(minutes=6)


@dataclass
class Mumbling:
    """A Ledger whose answer to the first change of a target's record is lost, though the change was made."""

    ledger: Ledger
    lost: list[str] = field(default_factory=list)

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        rows = self.ledger.commit(changes)
        if not self.lost:
            self.lost += [row.key for row in rows if row is not None]
            raise TransientError("the connection broke before the answer came")
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


def test_a_claim_whose_answer_was_lost_does_not_swallow_the_next_try() -> None:
    """Nobody knows that he holds it, so whoever merged into it would be forgotten: wait until it is over."""
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))

    outcome = world.handle(ledger=Mumbling(world.ledger))
    delay = world.delay
    world.run()

    assert Ending.HANDED_ON is outcome.ending
    assert delay >= world.policy.lease.total_seconds()
    assert ["DELETE allow-ssh"] == world.writes


def test_a_question_left_to_a_dead_holder_is_not_forgotten_with_the_next_one() -> None:
    """The first has looked, the next dies while it looks: its message must not be skipped as seen."""
    claims, now = Claims(MemoryLedger(), "worker", LEASE), datetime(2026, 1, 1, tzinfo=UTC)
    first = claims.acquire(NSG_ID, now)
    assert first is not None
    claims.update(first, mark=Mark(now, "baseline", "rules"))

    assert claims.acquire(NSG_ID, now + LEASE / 2) is None
    claims.acquire(NSG_ID, now + LEASE)

    assert not has_seen(claims.look_up(NSG_ID), now, "baseline", "rules")


def test_a_neighbour_that_changes_during_the_first_look_is_not_missed() -> None:
    """It is detached after it was read and before anybody can know who read it."""
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))

    def detach() -> None:
        world.cloud.seed(a_nic(), a_public_ip())
        world.handle(Message(expand=NIC_ID.text, event_id="detached", event_time=world.clock.now()))

    detached = once(detach)
    looking = Interrupted(world.cloud, after_get=lambda read: detached(read) if read == NIC_ID else None)
    world.handle(world.hears(PIP_ID), cloud=looking)
    world.run()

    assert State.RESOLVED is world.findings(PIP_ID)["pip-attached-to-vm-nic"].state
    assert ["DriftFound", "DriftResolved"] == world.announced


def test_a_first_look_that_nobody_disturbs_is_one_look() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))

    world.handle(world.hears(PIP_ID))

    assert [] == world.waiting


def test_asking_whom_a_resource_touches_ends_none_of_its_own_findings() -> None:
    """Some types are judged and are neighbours as well; only a judgement resolves what a judgement found."""
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))
    world.handle(world.hears(PIP_ID))

    world.handle(Message(expand=PIP_ID.text, event_id="expand"))

    assert State.OPEN is world.findings(PIP_ID)["pip-attached-to-vm-nic"].state
    assert ["DriftFound"] == world.announced


def test_the_sweep_leaves_to_a_living_worker_what_it_is_about_to_announce() -> None:
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))
    between = once(lambda: world.herald().announce_all(in_hand=LEASE))
    world.handle(world.hears(PIP_ID), announcer=Announcing(world, between))

    assert ["BastionGuard.DriftFound"] == [change.type for change in world.announcer.announcements]


def test_the_sweep_announces_what_a_dead_worker_never_did() -> None:
    world = World(MemoryCloud(a_bastion("Basic")))
    _owe(world)
    world.clock.advance(LEASE.total_seconds())

    world.herald().announce_all(in_hand=LEASE)

    assert ["GaveUp"] == world.announced


def test_a_finding_that_is_recorded_during_a_sweep_does_not_break_it() -> None:
    """It lies on a resource that the lists do not show any more."""
    world = World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))
    meanwhile = once(lambda: world.herald().record_gave_up(BASTION_ID, "gave up", world.hears(BASTION_ID)))

    outcome = world.handle(Message(sweep=AT, reason="sweep"), cloud=Listed(world.cloud, meanwhile))

    assert Ending.EXPANDED is outcome.ending
    assert NSG_ID.text in [message.target for message in world.waiting]


def test_giving_up_tells_of_nothing_else() -> None:
    """What else the target owes is told by whoever holds it."""
    world = World(MemoryCloud(an_nsg(), *a_spoke(public_ip=True)))
    world.handle(world.hears(PIP_ID), announcer=Announcing(world, _down))
    forbidding = Interrupted(world.cloud, before_get=always(PermanentError("HTTP 400"), lambda _: True))

    world.handle(world.hears(PIP_ID), cloud=forbidding)

    assert ["GaveUp"] == world.announced


def test_people_are_never_taken_to_know_less_than_they_do() -> None:
    """A sender that stood still for long settles an old change after a newer one was told."""
    ledger = MemoryLedger()
    owed = Owed(NSG_ID.text, "rule nsg", 1)
    Cards(ledger).owe(owed)
    [(_, row)] = Cards(ledger).owed()
    Cards(ledger).delivered(owed, row, 1)

    def told(_: Any) -> None:
        current = ledger.rows(SENT)[0]
        ledger.put(SENT, current.key, {"finding": owed.finding, "seq": 3})

    late = Cards(Contended(ledger, SENT, once(lambda: told(None))))
    late.delivered(owed, row, 2)

    assert 3 == Cards(ledger).sent(owed)


@dataclass
class Listed:
    """A Cloud during whose lists something happens."""

    cloud: Cloud
    meanwhile: Any

    def list(self, listing: Listing) -> Sequence[Resource]:
        self.meanwhile(listing)
        return self.cloud.list(listing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cloud, name)


@dataclass
class Announcing:
    """An Announcer before which something happens."""

    world: World
    before: Any

    def announce(self, announcements: Any) -> None:
        self.before(announcements)
        self.world.announcer.announce(announcements)


def _down(_: Any) -> None:
    raise TransientError("the drift topic does not answer")


def _owe(world: World) -> None:
    """A finding that is recorded, by a worker that died before it announced it."""
    world.herald().record_gave_up(BASTION_ID, "gave up", world.hears(BASTION_ID))
    assert not world.herald().record(NSG_ID, Look(), world.hears())
