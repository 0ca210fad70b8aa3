"""What is old is forgotten, wherever people's names lie; what is young, open or still owed stays."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud, MemoryLedger, VirtualClock
from remediation.adapters.storage.archive import MemoryArchive
from remediation.errors import TransientError
from remediation.findings import FindingRecord, State
from remediation.ledger.decided.changes import Change as BaselineChange
from remediation.ledger.decided.changes import Changes
from remediation.ledger.decided.changes import new_id as new_change
from remediation.ledger.decided.in_force import InForce, Standing
from remediation.ledger.decided.texts import Text, Texts
from remediation.ledger.diary import Diary
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.intake import Intake
from remediation.ledger.journal import Journal, WriteRecord, new_id
from remediation.ledger.retention import (
    PAGE,
    PAGE_OF_WRITES,
    WITHIN,
    Forgotten,
    forget,
    forget_more,
    forgotten,
)
from remediation.ledger.versions import kind_of, version_of
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.on_call.importing import LOOK_BACK
from remediation.ports import Change, Insert, Ledger, Row
from tests.builders import NSG_ID, a_baseline, a_spoke, an_nsg
from tests.shelves import kept
from tests.story.core.world import World

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEEP = timedelta(days=30)
OLD, YOUNG = NOW - timedelta(days=32), NOW - timedelta(days=28)
ALICE = {"name": "alice@contoso.example"}
LETTER = "GUARD/2026/3/1/0/1.json"


@dataclass
class Failing:
    """A Ledger that cannot list the records of one kind."""

    ledger: Ledger
    partition: str

    def rows(self, partition: str, **bounds: Any) -> Any:
        if kind_of(partition) == self.partition:
            raise TransientError("HTTP 503")
        return self.ledger.rows(partition, **bounds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


def test_a_partition_that_cannot_be_listed_stops_no_other_from_being_forgotten() -> None:
    ledger = MemoryLedger()
    a_write(OLD, ledger)
    a_poison_message(OLD, ledger)
    a_finding(OLD, ledger)

    with pytest.raises(TransientError):
        forget(Failing(ledger, "writes"), VirtualClock(NOW), KEEP)

    assert ({"writes"}, {}) == (
        {kind_of(partition) for partition, _ in ledger._records} - {"findings", "retention"},
        FindingsBook(ledger).of(NSG_ID),
    )


def an_event_of(moment: datetime, ledger: Ledger) -> None:
    message = Message(target=NSG_ID.text, event_id=f"e {moment}", event_time=moment, actor=ALICE)
    Inbox(ledger).store(message, moment)


def an_undated_event(moment: datetime, ledger: Ledger) -> None:
    Inbox(ledger).store(Message(target=NSG_ID.text, event_id=f"e {moment}", actor=ALICE), moment)


def a_judgement(moment: datetime, ledger: Ledger) -> None:
    message = Message(target=NSG_ID.text, event_id=f"e {moment}", actor=ALICE)
    Diary(ledger).judged(message, Outcome(Ending.COMPLIANT, NSG_ID.text), moment)


def a_write(moment: datetime, ledger: Ledger) -> None:
    record = WriteRecord(
        id=new_id(moment, NSG_ID.text, "rule", 1),
        target=NSG_ID.text,
        rule="rule",
        title="t",
        method="DELETE",
        resource=NSG_ID.text,
        step=1,
        steps=1,
        state="done",
        intended_at=moment,
        actor=ALICE,
    )
    Journal(ledger).intend(record)


def a_changed_baseline(moment: datetime, ledger: Ledger, before: str = "") -> None:
    identity = new_change(moment, "changed")
    change = BaselineChange(
        id=identity, at=moment, what="changed", hash="new", text_before=before, by="alice"
    )
    Changes(ledger).keep(change)


def a_damaged_record(moment: datetime, ledger: Ledger) -> None:
    ledger.put("damaged", f"x {moment}", {"by": "alice", "at": moment.isoformat()})


def a_poison_message(moment: datetime, ledger: Ledger) -> None:
    Intake(ledger).set_aside(f'{{"actor": "alice", "at": "{moment}"}}', "poisonous", moment)


def something_taken_in(moment: datetime, ledger: Ledger) -> None:
    Intake(ledger).take(f'poison {{"actor": "alice", "at": "{moment}"}}', moment)


def a_finding(moment: datetime, ledger: Ledger, state: State = State.RESOLVED, **facts: Any) -> None:
    record = FindingRecord(
        rule=f"rule {moment}",
        resource=NSG_ID.text,
        title="t",
        severity="high",
        message="m",
        guidance=[],
        evidence={},
        disposition="alert",
        state=state,
        seq=2,
        opened_at=moment,
        changed_at=moment,
        announced=facts.get("announced", 2),
        actor=ALICE,
    )
    FindingsBook(ledger).amend(NSG_ID, lambda known: {**known, record.name: record})


KEPT: list[Callable[[datetime, Ledger], None]] = [
    an_event_of, an_undated_event, a_judgement, a_write, a_poison_message, something_taken_in, a_finding,
    a_changed_baseline, a_damaged_record,
]  # fmt: skip


class Book(MemoryLedger):
    """A ledger that can be read from cover to cover."""

    def __init__(self) -> None:
        super().__init__()
        self.partitions: set[str] = set()

    def insert(self, partition: str, key: str, value: dict[str, Any]) -> Row:
        self.partitions.add(partition)
        return super().insert(partition, key, value)

    def put(self, partition: str, key: str, value: dict[str, Any]) -> None:
        self.partitions.add(partition)
        super().put(partition, key, value)

    def commit(self, changes: Sequence[Change]) -> Sequence[Row | None]:
        places = [change if isinstance(change, Insert) else change.row for change in changes]
        self.partitions |= {place.partition for place in places}
        return super().commit(changes)


def everything_in(book: Book) -> list[Row]:
    """All but what retention remembers of its own last run."""
    partitions = sorted(book.partitions - {"retention"})
    return [row for partition in partitions for row in book.rows(partition, limit=100_000)]


@pytest.mark.parametrize("keep", KEPT, ids=lambda keep: keep.__name__)
def test_what_is_older_than_the_set_time_is_forgotten_and_the_rest_is_kept(
    keep: Callable[[datetime, Ledger], None],
) -> None:
    """Decision 14: personal data is kept for a set time, wherever it lies."""
    ledger, young = Book(), Book()
    keep(OLD, ledger)
    for each in (ledger, young):
        keep(YOUNG, each)

    assert 1 == forget(ledger, VirtualClock(NOW), KEEP)

    assert [row.value for row in everything_in(young)] == [row.value for row in everything_in(ledger)]
    assert 0 == forget(ledger, VirtualClock(NOW), KEEP)


@dataclass
class Slow:
    """A Ledger to which each page of rows that is removed takes `seconds`."""

    ledger: MemoryLedger
    clock: VirtualClock
    seconds: float

    def delete_all(self, rows: Any) -> int:
        self.clock.advance(self.seconds)
        return self.ledger.delete_all(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


def days_left(book: Book) -> list[str]:
    return sorted({row.key[:8] for row in everything_in(book)})


def test_the_oldest_goes_first_however_far_back_and_one_run_ends_in_time() -> None:
    """An app that was off for years, or a forged event of 1970, is no reason to keep what is too old."""
    ledger, clock = Book(), VirtualClock(NOW)
    days = (20 * 365, 139, 60, 32)
    for ago, second in product(days, range(PAGE)):
        an_event_of(NOW - timedelta(days=ago, seconds=second), ledger)
        a_judgement(NOW - timedelta(days=ago, seconds=second), ledger)
    slow = Slow(ledger, clock, WITHIN.total_seconds() / 2)

    forget(slow, clock, KEEP)

    assert [f"{NOW - timedelta(days=ago):%Y%m%d}" for ago in days[1:]] == days_left(ledger)
    lag = forgotten(ledger)
    assert lag is not None
    assert timedelta(days=108) <= lag.lag(clock.now()) <= timedelta(days=110)
    for _ in days[1:]:
        forget(slow, clock, KEEP)
    assert [] == days_left(ledger)
    assert (remembered := forgotten(ledger)) is not None
    assert timedelta(0) == remembered.lag(clock.now())


def test_a_run_goes_on_until_it_is_done_however_many_rows_a_day_has() -> None:
    """A busy subscription leaves nine thousand rows a day; none of them may outlive the set time."""
    ledger = Book()
    for number in range(3 * PAGE + 7):
        a_judgement(OLD + timedelta(seconds=number), ledger)
        an_event_of(OLD + timedelta(seconds=number), ledger)

    assert 2 * (3 * PAGE + 7) == forget(ledger, VirtualClock(NOW), KEEP)
    assert [] == everything_in(ledger)


def test_forgetting_lags_too_when_nobody_forgets() -> None:
    ended = Forgotten(before=NOW - KEEP, limit=NOW - KEEP, ended=NOW)

    assert timedelta(0) == ended.lag(NOW + timedelta(days=1))
    assert timedelta(days=3) == ended.lag(NOW + timedelta(days=3))


def test_what_was_forgotten_stays_so_when_rows_are_to_be_kept_for_longer() -> None:
    ledger = Book()
    forget(ledger, VirtualClock(NOW), KEEP)

    forget(ledger, VirtualClock(NOW), timedelta(days=365))

    assert (remembered := forgotten(ledger)) is not None
    assert NOW - KEEP == remembered.before


@pytest.mark.parametrize(
    ("state", "announced"),
    [(State.RESOLVED, 1), (State.FIXED, 0), (State.OPEN, 2), (State.EXEMPT, 2), (State.SUSPECTED, 2)],
)
def test_a_finding_that_is_open_or_still_owes_its_announcement_is_kept(state: State, announced: int) -> None:
    ledger = Book()
    a_finding(OLD, ledger, state, announced=announced)

    assert 0 == forget(ledger, VirtualClock(NOW), KEEP)
    assert [state] == [record.state for record in FindingsBook(ledger).of(NSG_ID).values()]


def test_a_dead_letter_is_no_news_as_long_as_the_import_looks_back() -> None:
    """However short a time personal data is kept for: of a letter nothing but a digest is remembered."""
    ledger = Book()
    Intake(ledger).take(LETTER, NOW - LOOK_BACK)

    forget(ledger, VirtualClock(NOW), timedelta(days=1))

    assert Intake(ledger).was_taken(LETTER)
    assert LETTER not in str(everything_in(ledger))


def test_what_was_taken_in_is_remembered_without_what_it_said() -> None:
    ledger = Book()

    something_taken_in(NOW, ledger)

    assert "alice" not in str(everything_in(ledger))


@dataclass
class Meanwhile:
    """A Ledger in which somebody else writes a row before it can be removed."""

    ledger: MemoryLedger

    def delete_all(self, rows: Any) -> int:
        for row in rows:
            self.ledger.replace(row, row.value)
        return self.ledger.delete_all(rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


def test_a_row_that_somebody_writes_meanwhile_is_left_for_the_next_time() -> None:
    ledger = Book()
    an_event_of(OLD, ledger)

    assert 0 == forget(Meanwhile(ledger), VirtualClock(NOW), KEEP)
    assert 1 == forget(ledger, VirtualClock(NOW), KEEP)


def test_no_write_is_forgotten_before_it_is_kept_elsewhere_where_that_is_asked_for() -> None:
    ledger, archive = Book(), MemoryArchive()
    for number in range(PAGE_OF_WRITES + 1):
        a_write(OLD + timedelta(seconds=number), ledger)
    a_write(YOUNG, ledger)
    records = [row.value for row in kept(ledger, "writes")][:-1]

    forget(ledger, VirtualClock(NOW), KEEP, archive=archive)

    archived = b"".join(archive.kept[name] for name in sorted(archive.kept)).splitlines()
    assert records == [json.loads(line) for line in archived]
    assert 1 == len(kept(ledger, "writes"))


class Full(MemoryArchive):
    """An archive that takes nothing."""

    def keep(self, name: str, content: bytes) -> None:
        raise TransientError("HTTP 503")


def test_what_cannot_be_kept_elsewhere_is_not_forgotten_and_all_else_is() -> None:
    ledger = Book()
    a_write(OLD, ledger)
    a_judgement(OLD, ledger)

    with pytest.raises(TransientError):
        forget(ledger, VirtualClock(NOW), KEEP, archive=Full())

    assert ["writes"] == [kind_of(row.partition) for row in everything_in(ledger)]
    assert (remembered := forgotten(ledger)) is not None
    assert timedelta(days=2) <= remembered.lag(NOW) < timedelta(days=3)


def test_nobody_is_named_in_what_is_left_of_a_story_that_is_over() -> None:
    world = World(
        MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()), a_baseline(), ledger=(book := Book())
    )
    world.handle(world.hears(by="alice@contoso.example"))
    world.handle(world.hears(by="alice@contoso.example", at=None))
    assert "alice" in str(everything_in(book))
    world.clock.advance(timedelta(days=32).total_seconds())

    forget(book, world.clock, KEEP)

    assert "alice" not in str(everything_in(book))


def test_a_run_goes_on_later_where_something_is_left_and_reads_nothing_where_nothing_is() -> None:
    ledger, clock = Book(), VirtualClock(NOW)
    assert 0 == forget_more(ledger, clock, KEEP)
    a_write(OLD, ledger)
    forget(ledger, clock, KEEP, within=timedelta(0))

    assert 1 == forget_more(ledger, clock, KEEP)
    a_write(OLD, ledger)
    assert 0 == forget_more(ledger, clock, KEEP)


def test_a_note_of_the_last_run_that_is_damaged_is_written_anew() -> None:
    ledger, clock = Book(), VirtualClock(NOW)
    ledger.put("retention", "forgotten", {"before": 7})
    a_write(OLD, ledger)

    assert 1 == forget_more(ledger, clock, KEEP)

    assert (remembered := forgotten(ledger)) is not None
    assert NOW - KEEP == remembered.before


def test_what_a_later_release_left_is_no_lag_of_ours() -> None:
    ledger = Book()
    ledger._version_of = lambda _: 9
    a_judgement(OLD, ledger)
    ledger._version_of = version_of

    forget(ledger, VirtualClock(NOW), KEEP, within=timedelta(0))

    assert (remembered := forgotten(ledger)) is not None
    assert timedelta(0) == remembered.lag(NOW)


def test_the_text_of_a_baseline_is_kept_as_long_as_the_writes_it_led_to() -> None:
    """It was replaced 28 days ago: what was written by it last is 28 days old."""
    ledger, archive = MemoryLedger(), MemoryArchive()
    for name in ("forgotten", "replaced", "in force"):
        Texts(ledger).keep(name, Text(f"# {name}"))
    a_changed_baseline(OLD, ledger, before="forgotten")
    a_changed_baseline(YOUNG, ledger, before="replaced")
    Standing(ledger).write(InForce(since=YOUNG, hash="in force"), None)

    for _ in range(2):  # what names a text goes first
        forget(ledger, VirtualClock(NOW), KEEP, archive=archive)

    assert ["in force", "replaced"] == [row.key for row in ledger.rows("baseline-texts")]
    assert any(b"# forgotten" in content for content in archive.kept.values())


def test_while_nobody_can_tell_which_baseline_is_in_force_no_text_is_forgotten() -> None:
    ledger = MemoryLedger()
    Texts(ledger).keep("any", Text("# any"))
    forget(ledger, VirtualClock(NOW), KEEP)
    ledger.put("in-force", "baseline", {"since": "nonsense"})
    forget(ledger, VirtualClock(NOW), KEEP)

    assert ["any"] == [row.key for row in ledger.rows("baseline-texts")]
