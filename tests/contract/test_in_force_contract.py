"""What is in force, on the storage emulator: two processes, a table that somebody deletes, and the marker."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient, QueueServiceClient

from remediation.adapters.clock import SystemClock
from remediation.adapters.memory.storage import MemoryAnnouncer, MemoryCloud, MemoryQueue
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.ledger_tables import TablesLedger
from remediation.adapters.storage.marker import NAME, QueueMarker
from remediation.app.ground import Ground
from remediation.app.source import Source
from remediation.ports import Ports
from remediation.reconciling.in_force.keeper import LOST, Keeper
from remediation.reconciling.in_force.watch import Watch
from remediation.telling.announcing import Herald
from tests.builders import SUBSCRIPTION

pytestmark = pytest.mark.azurite
NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
ENFORCE, OBSERVE = "{version: 1, mode: enforce}", "{version: 1, mode: observe}"
AT_ONCE = timedelta(0)


@dataclass
class Place:
    """A storage account of one app: a table, a queue, and a baseline in the package."""

    account: StorageAccount
    name: str
    root: Path

    def process(self) -> tuple[Ground, Keeper]:
        """What one process judges by, and what changes it for all of them."""
        clock = SystemClock()
        ledger = TablesLedger(self.account, table=self.name)
        ports = Ports(MemoryCloud(), ledger, MemoryQueue(clock), MemoryAnnouncer(), clock)
        herald = Herald(ledger, ports.announcer, clock)
        keeper = Keeper(ports, herald, {SUBSCRIPTION}, AT_ONCE)
        source = Source("baseline.yaml", self.root, None)
        marker = QueueMarker(self.account, queue=self.name)
        return Ground(source, ports, keeper, Watch(ledger, clock, AT_ONCE), marker, clock.now()), keeper

    def holds(self, text: str) -> None:
        (self.root / "baseline.yaml").write_text(text)

    def loses_its_table(self) -> None:
        with TableServiceClient.from_connection_string(self.account.connection_string) as service:
            service.delete_table(self.name)


@pytest.fixture
def place(storage_account: StorageAccount, fresh_name: str, tmp_path: Path) -> Iterator[Place]:
    found = Place(storage_account, fresh_name, tmp_path)
    found.holds(ENFORCE)
    yield found
    with closing(QueueServiceClient.from_connection_string(storage_account.connection_string)) as service:
        service.delete_queue(fresh_name)


def test_what_one_process_takes_in_or_stops_holds_for_the_other(place: Place) -> None:
    (one, keeper), (other, _) = place.process(), place.process()
    first = other.begin()
    assert ("enforce", first.hash) == (one.begin().mode, one.begin().hash)

    place.holds(OBSERVE)
    assert one.look_at_source()
    second = other.in_step(first)
    assert "observe" == second.mode
    place.holds(ENFORCE)
    one.look_at_source()
    keeper.stop("ada", "")

    stopped = other.in_step(second)
    assert ("observe", True) == (stopped.mode, "ada" in stopped.stopped)
    keeper.start("ada", "")
    assert first == replace(other.in_step(stopped))


def test_a_table_that_was_deleted_begins_stopped_and_one_that_is_new_does_not(place: Place) -> None:
    (ground, keeper), _ = place.process(), None
    before = ground.begin()
    assert "enforce" == before.mode
    place.loses_its_table()

    after = ground.in_step(before)

    assert ("observe", True) == (after.mode, LOST in after.stopped)
    keeper.start("ada", "")
    assert "enforce" == ground.in_step(after).mode


def test_a_restart_with_a_broken_source_begins_from_the_text_in_the_table(place: Place) -> None:
    place.process()[0].begin()
    place.holds("{version: 2}")

    ground, _ = place.process()

    assert "enforce" == ground.begin().mode
    assert (known := ground.in_force()) is not None
    assert ["baseline: version"] == [path for path, _ in known.mistakes]


def test_the_marker_makes_the_queue_it_stands_on_and_leaves_what_others_noted_there(
    storage_account: StorageAccount, fresh_name: str
) -> None:
    marker = QueueMarker(storage_account, queue=fresh_name)
    assert not marker.is_set()
    marker.set(NOW)
    with closing(QueueClient.from_connection_string(storage_account.connection_string, fresh_name)) as queue:
        assert {NAME: NOW.isoformat()} == queue.get_queue_properties().metadata
        queue.set_queue_metadata({"owner": "platform"})
        assert not marker.is_set()

        marker.set(NOW)

        assert {NAME: NOW.isoformat(), "owner": "platform"} == queue.get_queue_properties().metadata
        assert marker.is_set()
        queue.delete_queue()
