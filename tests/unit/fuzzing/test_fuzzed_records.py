"""Records of every kind, read back after damage: a value, or a refusal that says so; never another error."""

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from remediation.adapters.memory.storage import MemoryLedger, VirtualClock
from remediation.adapters.storage.ledger_codec import pack, unpack
from remediation.errors import BastionGuardError
from remediation.findings import FindingRecord, State
from remediation.ledger.cards import Cards, Owed
from remediation.ledger.claims import Claims, Mark, Pending, all_records
from remediation.ledger.counters import Counters
from remediation.ledger.decided.exemptions import ExemptionRecord, Exemptions
from remediation.ledger.diary import Diary
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.intake import Intake
from remediation.ledger.journal import Journal, WriteRecord
from remediation.ledger.outstanding import Shelf
from remediation.ledger.pressure import Pressure
from remediation.ledger.retention import forget
from remediation.ledger.reverse_index import ReverseIndex
from remediation.ledger.targets.held import overdue
from remediation.ledger.versions import kind_of
from remediation.messages import Message
from remediation.model import Closing, Ending, Opening, Outcome, Share
from remediation.ports import Change, Insert, Ledger, Row
from tests.builders import NSG_ID, SUBNET_ID, SUBSCRIPTION
from tests.unit.fuzzing.damage import STORABLE, damaged

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FINDING = ("nsg-mgmt-open-to-internet", NSG_ID.key)
EVENT = Message(target=NSG_ID.text, event_id="e", event_time=NOW, actor={"name": "alice"}, replay_id="r")

# What a damaged record may be refused with.
REFUSED = (BastionGuardError,)


class Noted(MemoryLedger):
    """A ledger that remembers which records it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[tuple[str, str], None] = {}

    def insert(self, partition: str, key: str, value: dict[str, Any]) -> Row:
        self.given[partition, key] = None
        return super().insert(partition, key, value)

    def put(self, partition: str, key: str, value: dict[str, Any]) -> None:
        self.given[partition, key] = None
        super().put(partition, key, value)

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        places = [change for change in changes if isinstance(change, Insert)]
        self.given |= {(place.partition, place.key): None for place in places}
        return super().commit(changes)


def a_record() -> FindingRecord:
    return FindingRecord(
        rule=FINDING[0], resource=NSG_ID.text, title="open", severity="high", message="open to anybody",
        guidance=["R1"], evidence={"port": 22}, disposition="fix", state=State.OPEN, seq=2, opened_at=NOW,
        changed_at=NOW, actor={"name": "alice"}, commands=["az"], event_time=NOW,
    )  # fmt: skip


def a_write() -> WriteRecord:
    return WriteRecord(
        id="20260301T120000000000Z-1a2b3c4d", target=NSG_ID.text, rule=FINDING[0], title="close",
        method="PUT", resource=NSG_ID.text, step=1, steps=2, state="done", intended_at=NOW, ended_at=NOW,
        before={"a": 1}, inverse=[{"method": "DELETE"}], actor={"name": "bastion-guard"},
    )  # fmt: skip


@functools.cache
def records() -> tuple[Row, ...]:
    """A record of every kind, all about one group."""
    ledger = Noted()
    claims = Claims(ledger, "w1", HOUR)
    claim = claims.acquire(NSG_ID, NOW)
    assert claim is not None
    draft = msgspec.to_builtins(a_record())
    pending = Pending("w", NSG_ID.text, draft, NOW, quiet_until=NOW)
    claims.update(
        claim, mark=Mark(NOW, "b", "r", "e"), pending=pending, repaired={"f": draft}, reads=[SUBNET_ID.key]
    )
    FindingsBook(ledger).amend(NSG_ID, lambda _: {"f": a_record()})
    cards = Cards(ledger)
    cards.owe(Owed(NSG_ID.text, "g", 1))
    [(owed, row)] = cards.owed()
    cards.delivered(owed, row, 1)
    cards.owe(Owed(NSG_ID.text, "f", 2))
    Exemptions(ledger).grant(NSG_ID, ExemptionRecord(FINDING[0], NSG_ID.text, NOW + DAY))
    counters = Counters(ledger)
    counters.count_repair(FINDING, Closing(NOW, Opening("ssh", "22"), "alice", ("web",)), DAY)
    counters.take_write(5, NOW, SHARE)
    Pressure(ledger).throttled(SUBSCRIPTION, "westeurope", "reads", NOW, 30.0)
    Diary(ledger).judged(EVENT, Outcome(Ending.OPEN, NSG_ID.text), NOW)
    Diary(ledger).announced(NSG_ID, a_record())
    inbox = Inbox(ledger)
    inbox.store(EVENT, NOW)
    inbox.store(replace_time(EVENT), NOW)
    inbox.ended(inbox.arrival(EVENT, NOW), Outcome(Ending.OPEN, NSG_ID.text), NOW)
    Intake(ledger).take("blob", NOW)
    Intake(ledger).set_aside("{}", "poison", NOW)
    Journal(ledger).intend(a_write())
    index = ReverseIndex(ledger)
    index.note(NSG_ID, [], [SUBNET_ID.key])
    index.changed(SUBNET_ID, NOW)
    rows = (ledger.read(partition, key) for partition, key in ledger.given)
    return tuple(row for row in rows if row is not None)


def filled() -> MemoryLedger:
    """A ledger that holds them all."""
    ledger = MemoryLedger()
    for row in records():
        ledger.put(row.partition, row.key, row.value)
    return ledger


def spoilt(data: st.DataObject, rows: Sequence[Row]) -> MemoryLedger:
    """A ledger in which one of these records is damaged."""
    ledger, row = filled(), data.draw(st.sampled_from(rows))
    value = data.draw(damaged(row.value, STORABLE))
    ledger.put(row.partition, row.key, value if isinstance(value, dict) else {"value": value})
    return ledger


def replace_time(message: Message) -> Message:
    """The same event without a time of its own."""
    return msgspec.structs.replace(message, event_time=None)


SHARE = Share("s/rg", yields=False)

type Reading = Callable[[Ledger], object]

READINGS: dict[str, Reading] = {
    "claim": lambda ledger: Claims(ledger, "w2", HOUR).acquire(NSG_ID, NOW + DAY),
    "target": lambda ledger: Claims(ledger, "w2", HOUR).look_up(NSG_ID),
    "targets": all_records,
    "held": lambda ledger: list(overdue(ledger, NOW + DAY)),
    "findings of a target": lambda ledger: FindingsBook(ledger).of(NSG_ID),
    "findings": lambda ledger: FindingsBook(ledger).all(),
    "cards owed": lambda ledger: Cards(ledger).owed(),
    "card sent": lambda ledger: Cards(ledger).sent(Owed(NSG_ID.text, "g", 1)),
    "exemptions": lambda ledger: Exemptions(ledger).of(NSG_ID, NOW),
    "repairs": lambda ledger: Counters(ledger).closings(FINDING, NOW, DAY),
    "budget": lambda ledger: Counters(ledger).spent(NOW),
    "spending": lambda ledger: Counters(ledger).take_write(5, NOW, SHARE),
    "pressure": lambda ledger: Pressure(ledger).wait(SUBSCRIPTION, "westeurope", "reads", NOW),
    "diary": lambda ledger: list(Diary(ledger).between(NOW - DAY, NOW + DAY)),
    "inbox": lambda ledger: list(Inbox(ledger).between(NOW - DAY, NOW + DAY)),
    "outcome": lambda ledger: Inbox(ledger).outcome(EVENT),
    "taken in": lambda ledger: Intake(ledger).was_taken("blob", NOW - DAY),
    "set aside": lambda ledger: list(Intake(ledger).aside(10)),
    "write": lambda ledger: Journal(ledger).get(a_write().id),
    "writes": lambda ledger: Journal(ledger).between(NOW - DAY, NOW + DAY),
    "open": lambda ledger: Shelf(ledger).page("", "", 10),
    "readers": lambda ledger: ReverseIndex(ledger).of(SUBNET_ID),
    "changed neighbours": lambda ledger: ReverseIndex(ledger).changed_since([SUBNET_ID.key], NOW),
    "retention": lambda ledger: forget(ledger, VirtualClock(NOW + 90 * DAY), 30 * DAY),
}


def refused(reading: Reading, ledger: Ledger) -> bool:
    try:
        reading(ledger)
    except REFUSED:
        return True
    return False


def test_there_is_a_record_of_every_kind_and_all_are_read_back() -> None:
    assert {kind_of(row.partition) for row in records()} == {
        "targets", "findings", "cards-owed", "cards-sent", "exemptions", "repairs", "budget", "pressure",
        "diary", "held", "inbox", "taken-in", "set-aside", "writes", "changed-neighbours", "readers", "open",
    }  # fmt: skip
    assert [name for name, reading in READINGS.items() if refused(reading, filled())] == []


@given(st.data())
def test_a_damaged_record_is_read_or_refused_by_whoever_reads_it(data: st.DataObject) -> None:
    ledger = spoilt(data, records())
    for reading in READINGS.values():
        refused(reading, ledger)


@given(st.data())
def test_a_damaged_record_takes_no_other_kind_along(data: st.DataObject) -> None:
    """What does not read that partition reads as before."""
    ledger = spoilt(data, [row for row in records() if row.partition == "pressure"])
    assert {name for name, reading in READINGS.items() if refused(reading, ledger)} <= {"pressure"}


@given(damaged(msgspec.to_builtins(a_record()), STORABLE), st.data())
def test_damaged_bytes_of_a_record_are_read_or_refused(value: Any, data: st.DataObject) -> None:
    packed = bytearray(pack({"value": value, "padding": "x" * data.draw(st.sampled_from([0, 3000]))}))
    for _ in range(data.draw(st.integers(1, 5))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(packed[: data.draw(st.integers(0, len(packed)))])
    for damaged_bytes in (bytes(packed), cut):
        try:
            found: object = unpack(damaged_bytes)
        except REFUSED:
            continue
        assert msgspec.json.encode(found)
