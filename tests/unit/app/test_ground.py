"""What one process judges by, beside others: in step with the ledger, never turned back, never guessing."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.adapters.storage.marker import MemoryMarker
from remediation.app.ground import CANNOT, Ground
from remediation.app.source import Source
from remediation.errors import ConfigurationError, TransientError
from remediation.ledger.decided.in_force import Standing
from remediation.reconciling.in_force.keeper import Keeper
from remediation.reconciling.in_force.watch import Watch
from tests.builders import SUBSCRIPTION
from tests.story.core.world import World

ENFORCE, OBSERVE = "{version: 1, mode: enforce}", "{version: 1, mode: observe}"
AT_ONCE = timedelta(0)


@dataclass
class Silent:
    """A Ledger of which some partitions do not answer."""

    ledger: Any
    partitions: tuple[str, ...] = ()

    def read(self, partition: str, key: str) -> Any:
        if partition in self.partitions:
            raise TransientError("HTTP 503")
        return self.ledger.read(partition, key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


@dataclass
class Place:
    """A ledger, a marker, and packages that processes are started from."""

    world: World
    marker: MemoryMarker
    root: Path

    def process(self, text: str, package: str = "one", **through: Any) -> Ground:
        """A process that starts now, from a package with this baseline."""
        self.holds(text, package)
        ports = replace(self.world.ports, **through)
        keeper = Keeper(ports, self.world.herald(), {SUBSCRIPTION}, AT_ONCE)
        source = Source("baseline.yaml", self.root / package, None)
        watch = Watch(ports.ledger, ports.clock, AT_ONCE)
        return Ground(source, ports, keeper, watch, self.marker, self.world.clock.now())

    def holds(self, text: str, package: str = "one") -> None:
        (self.root / package).mkdir(exist_ok=True)
        (self.root / package / "baseline.yaml").write_text(text)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(World(MemoryCloud()), MemoryMarker(), tmp_path)


def test_an_instance_of_the_old_package_does_not_turn_the_new_one_back(place: Place) -> None:
    old = place.process(ENFORCE, "old")
    old.begin()
    place.world.clock.advance(60)
    new = place.process(OBSERVE, "new")
    assert "observe" == new.begin().mode

    assert not old.look_at_source()
    assert "observe" == old.in_step(old.begin()).mode
    assert "observe" == new.begin().mode


def test_the_old_package_published_again_holds_again(place: Place) -> None:
    place.process(ENFORCE, "old").begin()
    place.world.clock.advance(60)
    place.process(OBSERVE, "new").begin()
    place.world.clock.advance(60)

    assert "enforce" == place.process(ENFORCE, "old").begin().mode


def test_while_the_ledger_does_not_answer_a_process_stays_with_what_it_knows(place: Place) -> None:
    ledger = Silent(place.world.ledger)
    ground = place.process(ENFORCE, ledger=ledger)
    before = ground.begin()

    for partitions in (("in-force",), ("baseline-texts",)):
        ledger.partitions = partitions
        place.process(OBSERVE, "other").begin()
        assert before == ground.in_step(before)


def test_nothing_begins_while_nobody_can_tell_what_is_in_force(place: Place) -> None:
    with pytest.raises(TransientError):
        place.process(ENFORCE, ledger=Silent(place.world.ledger, ("in-force",))).begin()


def test_a_damaged_text_of_what_is_in_force_is_no_reason_to_write(place: Place) -> None:
    ground = place.process(ENFORCE)
    before = ground.begin()
    place.world.clock.advance(1)
    place.process(OBSERVE, "other").begin()
    standing = Standing(place.world.ledger).read()
    assert standing is not None
    place.world.ledger.put("baseline-texts", standing[0].hash, {"of": "another shape"})

    held = ground.in_step(before)

    assert ("observe", CANNOT) == (held.mode, held.stopped)


def test_a_broken_source_and_a_ledger_without_the_text_are_named_as_a_mistake(place: Place) -> None:
    place.process(ENFORCE).begin()
    for row in place.world.ledger.rows("baseline-texts"):
        place.world.ledger.delete(row)

    with pytest.raises(ConfigurationError, match="is not in the ledger"):
        place.process("{version: 2}").begin()


def test_a_marker_that_was_taken_away_is_set_again_by_the_next_start(place: Place) -> None:
    place.process(ENFORCE).begin()
    place.marker.since = None

    place.process(ENFORCE).begin()

    assert place.marker.is_set()
