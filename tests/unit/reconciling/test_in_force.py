"""What is in force is one thing for every worker: taken in, stopped, started, told, asked before a write."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.baseline import read
from remediation.errors import NotInForceError
from remediation.findings import State
from remediation.ledger.decided.changes import Change, Changes
from remediation.ledger.decided.in_force import InForce, Standing
from remediation.ledger.decided.texts import Texts
from remediation.messages import Message
from remediation.model import Ending
from remediation.model.own import INVALID, STOPPED, the_baseline
from remediation.reconciling.in_force.effective import kept_text, with_stop
from remediation.reconciling.in_force.keeper import LOST, Found, Keeper
from remediation.reconciling.in_force.watch import StillInForce, Watch
from remediation.telling.announcing import Herald
from tests.builders import SUBSCRIPTION, a_spoke, an_nsg
from tests.faults import Clogged, Killed, Lifetime, Mortal
from tests.story.core.world import World

OBSERVE, ENFORCE = "{version: 1, mode: observe}", "{version: 1, mode: enforce}"
REFRESH = timedelta(seconds=30)
ABOUT = the_baseline({SUBSCRIPTION})


def a_world() -> World:
    return World(MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()))


def a_keeper(world: World, **through: Any) -> Keeper:
    ports = replace(world.ports, **through)
    return Keeper(ports, world.herald(), {SUBSCRIPTION}, REFRESH)


def found(text: str, **facts: Any) -> Found:
    return Found("config/baseline.yaml", text, read(text), **facts)


def broken(*mistakes: str, unreachable: bool = False) -> Found:
    return Found(
        "b.yaml", mistakes=tuple(("baseline: mode", one) for one in mistakes), unreachable=unreachable
    )


def in_force(world: World) -> InForce:
    read = Standing(world.ledger).read()
    assert read is not None
    return read[0]


def history(world: World) -> list[str]:
    """What kinds of changes are kept."""
    return sorted(one.what for one in Changes(world.ledger).all())


def kept(world: World, what: str) -> Change:
    """The one change of a kind."""
    (found,) = (one for one in Changes(world.ledger).all() if one.what == what)
    return found


def judged_by(world: World, **through: Any) -> Any:
    """A worker that judges by what is in force now, and asks again before it writes."""
    watch = Watch(world.ledger, world.clock, REFRESH)
    known = in_force(world)
    return world.worker(baseline=with_stop(known, kept_text(world.ledger, known)), watch=watch, **through)


def test_the_first_baseline_is_kept_with_its_text_and_told_to_nobody() -> None:
    world = a_world()

    a_keeper(world).take_in(found(ENFORCE, by="ada"))

    known = in_force(world)
    assert (read(ENFORCE).hash, "enforce", "ada", []) == (known.hash, known.mode, known.by, known.owed)
    assert ENFORCE == Texts(world.ledger).get(known.hash).text  # type: ignore[union-attr]
    assert (["first"], [], []) == (history(world), world.announced, world.waiting)


def test_a_changed_baseline_is_told_with_what_is_different_and_everything_is_looked_at() -> None:
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(OBSERVE))
    keeper.take_in(found("{version: 1, mode: observe, limits: {flapCount: 9}}", by="ada"))
    keeper.take_in(found("{version: 1, mode: observe, limits: {flapCount: 9}}", by="ada"))

    changed = kept(world, "changed")
    assert ["changed", "first"] == history(world)
    assert [{"path": "limits.flapCount", "before": "not set", "after": "9"}] == changed.difference
    assert ("ada", changed.text_hash) == (changed.by, in_force(world).hash)
    assert ["BaselineChanged"] == world.announced
    assert [(f"/subscriptions/{SUBSCRIPTION}", "baseline")] == [
        (one.sweep, one.reason) for one in world.waiting
    ]
    assert world.delay > REFRESH.total_seconds()


def test_before_writing_begins_people_are_told_what_will_be_written() -> None:
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(OBSERVE))
    judged_by(world).handle(world.hears())

    keeper.take_in(found(ENFORCE))

    ahead = kept(world, "changed").ahead
    assert (1, {"nsg-mgmt-open-to-internet": 1}) == (ahead["count"], ahead["rules"])
    assert ["DriftProposed", "BaselineChanged"] == world.announced
    assert ahead == world.announcements[-1].data["evidence"]["repairsAhead"]


def test_a_stop_holds_whatever_the_baseline_says_and_start_ends_it() -> None:
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(ENFORCE))
    before = in_force(world).effective_hash

    keeper.stop("ada", "wrong repairs")
    keeper.stop("bob", "me too")
    assert ("observe", "ada") == (in_force(world).effective_mode, in_force(world).stop.by)  # type: ignore[union-attr]
    assert before != in_force(world).effective_hash
    assert Ending.OPEN is judged_by(world).handle(world.hears()).ending
    (held,) = world.findings()["nsg-mgmt-open-to-internet"].held_back_by
    assert "stopped by ada at" in held
    assert held.endswith(": wrong repairs")

    keeper.start("bob", "mended")
    assert ("enforce", before) == (in_force(world).effective_mode, in_force(world).effective_hash)
    assert ["WritingStopped", "DriftProposed", "WritingStarted"] == world.announced
    assert 1 == kept(world, "started").ahead["count"]
    assert State.RESOLVED is world.findings(ABOUT)[STOPPED].state
    assert ["first", "started", "stopped"] == history(world)
    assert ["baseline"] == [one.reason for one in world.waiting if one.sweep]


def test_a_stop_holds_before_anything_was_ever_in_force() -> None:
    world = a_world()
    keeper = a_keeper(world)

    keeper.stop("ada", "")
    keeper.take_in(found(ENFORCE))

    assert ("observe", "enforce") == (in_force(world).effective_mode, in_force(world).mode)


def test_a_changed_baseline_ends_no_stop() -> None:
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(OBSERVE))
    keeper.stop("ada", "")
    keeper.take_in(found(ENFORCE))

    assert "observe" == in_force(world).effective_mode
    assert {} == kept(world, "changed").ahead


def test_what_was_judged_before_a_stop_is_not_written_after_it() -> None:
    """It is handed on at once, to be judged by what is in force now; no try of its is lost."""
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(ENFORCE))
    worker = judged_by(world)
    keeper.stop("ada", "")

    outcome = worker.handle(world.hears())

    (again,) = world.waiting
    assert (Ending.HANDED_ON, [], []) == (outcome.ending, world.writes, world.journal)
    assert (0, 0.0, True) == (again.attempt, world.delay, again.force)
    assert Ending.OPEN is judged_by(world).handle(again).ending
    assert [] == world.writes


def test_where_nobody_can_read_what_is_in_force_nothing_is_written() -> None:
    world = a_world()
    a_keeper(world).take_in(found(ENFORCE))
    worker = judged_by(world)
    world.ledger.put("in-force", "baseline", {"since": "nonsense"})

    assert Ending.HANDED_ON is worker.handle(world.hears()).ending
    assert [] == world.writes


def test_where_the_record_is_gone_nothing_is_written() -> None:
    world = a_world()
    a_keeper(world).take_in(found(ENFORCE))
    watch = Watch(world.ledger, world.clock, REFRESH)
    still = StillInForce(watch, in_force(world).effective_hash)
    still.check()
    row = world.ledger.read("in-force", "baseline")
    assert row is not None
    world.ledger.delete(row)
    world.clock.advance(10)

    with pytest.raises(NotInForceError):
        still.check()


def test_a_stop_reaches_whoever_writes_within_ten_seconds_and_a_burst_of_writes_asks_once() -> None:
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(ENFORCE))
    still = StillInForce(Watch(world.ledger, world.clock, REFRESH), in_force(world).effective_hash)
    still.check()
    keeper.stop("ada", "")

    world.clock.advance(9)
    still.check()
    world.clock.advance(1)
    with pytest.raises(NotInForceError):
        still.check()


@dataclass
class Counting:
    """A Ledger that knows which partitions were read."""

    ledger: Any
    read_of: list[str] = field(default_factory=list)

    def read(self, partition: str, key: str) -> Any:
        self.read_of.append(partition)
        return self.ledger.read(partition, key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


def test_a_compliant_event_reads_nothing_of_it_and_a_burst_of_repairs_once() -> None:
    world = a_world()
    a_keeper(world).take_in(found(ENFORCE))
    counting = Counting(world.ledger)
    known = in_force(world)
    watch = Watch(counting, world.clock, REFRESH)
    worker = world.worker(
        baseline=with_stop(known, kept_text(world.ledger, known)), watch=watch, ledger=counting
    )
    for opened in ("Internet", None, "Internet"):
        world.cloud.seed(an_nsg(allow_ssh_from=opened))
        worker.handle(world.hears())

    assert 2 == len(world.writes)
    assert 1 == counting.read_of.count("in-force")


def test_a_worker_reads_the_record_no_more_often_than_it_must() -> None:
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(OBSERVE))
    watch = Watch(world.ledger, world.clock, REFRESH)
    assert watch.latest() is not None
    keeper.stop("ada", "")

    world.clock.advance(29)
    assert "observe" == watch.latest().mode  # type: ignore[union-attr]
    assert watch.latest().stop is None  # type: ignore[union-attr]
    world.clock.advance(1)
    assert watch.latest().stop is not None  # type: ignore[union-attr]


def test_a_source_that_cannot_be_used_is_told_when_its_mistake_changes_and_when_it_is_mended() -> None:
    world = a_world()
    keeper = a_keeper(world)
    assert keeper.note_broken(broken("x")) is None
    keeper.take_in(found(ENFORCE))
    for mistakes in (("must be this",), ("must be this",), ("must be that",)):
        keeper.note_broken(broken(*mistakes))

    assert ["BaselineInvalid", "DriftChanged"] == world.announced
    assert "enforce" == in_force(world).mode
    assert "must be that" in world.findings(ABOUT)[INVALID].message
    keeper.take_in(found(ENFORCE))
    assert ["BaselineInvalid", "DriftChanged", "DriftResolved"] == world.announced
    assert [] == in_force(world).mistakes
    assert ["first", "invalid", "invalid", "valid"] == history(world)


def test_a_source_that_is_out_of_reach_for_a_moment_is_no_news() -> None:
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(ENFORCE))
    keeper.note_broken(broken("no answer", unreachable=True))
    world.clock.advance(299)
    keeper.note_broken(broken("no answer", unreachable=True))
    assert ([], 1) == (world.announced, len(in_force(world).mistakes))

    world.clock.advance(1)
    keeper.note_broken(broken("no answer", unreachable=True))
    assert ["BaselineInvalid"] == world.announced


def test_a_ledger_that_was_lost_begins_stopped_and_says_so() -> None:
    world = a_world()

    a_keeper(world).take_in(found(ENFORCE), lost=True)

    assert ("observe", "Bastion Guard", LOST) == (
        in_force(world).effective_mode,
        in_force(world).stop.by,  # type: ignore[union-attr]
        in_force(world).stop.reason,  # type: ignore[union-attr]
    )
    assert ["WritingStopped"] == world.announced


def test_news_about_the_app_itself_are_never_looked_at_as_a_resource_of_azure() -> None:
    """Neither by a sweep nor by a message that names it, so that no look gives it up or ends it."""
    world = a_world()
    keeper = a_keeper(world)
    keeper.take_in(found(ENFORCE))
    keeper.stop("ada", "")

    assert Ending.REFUSED is world.handle(world.hears(ABOUT)).ending
    world.handle(Message(sweep=f"/subscriptions/{SUBSCRIPTION}", reason="replay", force=True))
    assert [] == [one for one in world.drained() if "BastionGuard" in (one.target or "")]
    assert State.OPEN is world.findings(ABOUT)[STOPPED].state


def test_what_a_change_owes_is_done_later_where_it_could_not_be_done_at_once() -> None:
    """The queue is down while a baseline is taken in: it is in force all the same, and the look comes."""
    world = a_world()
    a_keeper(world).take_in(found(OBSERVE))
    a_keeper(world, queue=Clogged(world.queue)).take_in(found(ENFORCE))
    assert ("enforce", 1, []) == (in_force(world).mode, len(in_force(world).owed), world.waiting)

    a_keeper(world).settle()
    assert [] == world.waiting
    world.clock.advance(121)
    a_keeper(world).settle()

    assert ([], 1) == (in_force(world).owed, len(world.waiting))
    assert 1 == world.announced.count("BaselineChanged")


def test_two_workers_that_take_the_same_change_in_at_once_tell_it_once() -> None:
    world = a_world()
    a_keeper(world).take_in(found(OBSERVE))
    a_keeper(world).take_in(found(ENFORCE))
    a_keeper(world).take_in(found(ENFORCE))

    assert ["BaselineChanged"] == world.announced


def test_whoever_dies_at_any_call_of_a_change_leaves_nothing_untold_and_nothing_unlooked_at() -> None:
    """Killed between any two calls of ledger, queue and topic: the next timer does what is left."""
    for calls in range(60):
        world = a_world()
        a_keeper(world).take_in(found(OBSERVE))
        lifetime = Lifetime(calls)
        ledger, queue = Mortal(world.ports.ledger, lifetime), Mortal(world.ports.queue, lifetime)
        herald = Herald(ledger, Mortal(world.announcer, lifetime), world.clock)
        try:
            mortal = replace(world.ports, ledger=ledger, queue=queue)
            Keeper(mortal, herald, {SUBSCRIPTION}, REFRESH).take_in(found(ENFORCE))
        except Killed:
            pass
        world.clock.advance(300)
        a_keeper(world).take_in(found(ENFORCE))
        a_keeper(world).settle()
        world.herald().announce_all()

        assert ("enforce", []) == (in_force(world).mode, in_force(world).owed)
        assert ["BaselineChanged"] == world.announced
        assert ["changed", "first"] == history(world)
        assert world.waiting
        if lifetime.made < lifetime.calls:
            return
    raise AssertionError("a change that never ends")
