"""What is old is forgotten, wherever people's names lie; what is young, open or still owed stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud, MemoryLedger
from remediation.errors import ConflictError, TransientError
from remediation.findings import FindingRecord, State
from remediation.ledger.diary import Diary
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.intake import Intake
from remediation.ledger.journal import Journal, WriteRecord, new_id
from remediation.ledger.retention import forget
from remediation.ledger.versions import kind_of
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.on_call.importing import LOOK_BACK
from remediation.ports import Change, Insert, Ledger, Row
from tests.builders import NSG_ID, a_baseline, a_spoke, an_nsg
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
        forget(Failing(ledger, "writes"), NOW, KEEP)

    assert ({"writes"}, {}) == (
        {kind_of(partition) for partition, _ in ledger._records} - {"findings"},
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
    return [row for partition in sorted(book.partitions) for row in book.rows(partition)]


@pytest.mark.parametrize("keep", KEPT, ids=lambda keep: keep.__name__)
def test_what_is_older_than_the_set_time_is_forgotten_and_the_rest_is_kept(
    keep: Callable[[datetime, Ledger], None],
) -> None:
    """Decision 14: personal data is kept for a set time, wherever it lies."""
    ledger, young = Book(), Book()
    keep(OLD, ledger)
    for each in (ledger, young):
        keep(YOUNG, each)

    assert 1 == forget(ledger, NOW, KEEP)

    assert [row.value for row in everything_in(young)] == [row.value for row in everything_in(ledger)]
    assert 0 == forget(ledger, NOW, KEEP)


@pytest.mark.parametrize("keep", [an_event_of, an_undated_event, a_poison_message, something_taken_in])
def test_one_run_is_bounded_and_the_next_goes_on(keep: Callable[[datetime, Ledger], None]) -> None:
    ledger = Book()
    for number in range(5):
        keep(OLD + timedelta(seconds=number), ledger)

    assert [3, 2, 0] == [forget(ledger, NOW, KEEP, most=3) for _ in range(3)]


@pytest.mark.parametrize(
    ("state", "announced"),
    [(State.RESOLVED, 1), (State.FIXED, 0), (State.OPEN, 2), (State.EXEMPT, 2), (State.SUSPECTED, 2)],
)
def test_a_finding_that_is_open_or_still_owes_its_announcement_is_kept(state: State, announced: int) -> None:
    ledger = Book()
    a_finding(OLD, ledger, state, announced=announced)

    assert 0 == forget(ledger, NOW, KEEP)
    assert [state] == [record.state for record in FindingsBook(ledger).of(NSG_ID).values()]


def test_a_dead_letter_is_no_news_as_long_as_the_import_looks_back() -> None:
    """However short a time personal data is kept for: of a letter nothing but a digest is remembered."""
    ledger = Book()
    Intake(ledger).take(LETTER, NOW - LOOK_BACK)

    forget(ledger, NOW, timedelta(days=1))

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

    def delete(self, row: Row) -> None:
        raise ConflictError(f"{row.key} has changed")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)


def test_a_row_that_somebody_writes_meanwhile_is_left_for_the_next_time() -> None:
    ledger = Book()
    an_event_of(OLD, ledger)

    assert 0 == forget(Meanwhile(ledger), NOW, KEEP)
    assert 1 == forget(ledger, NOW, KEEP)


def test_nobody_is_named_in_what_is_left_of_a_story_that_is_over() -> None:
    world = World(
        MemoryCloud(an_nsg(allow_ssh_from="Internet"), *a_spoke()), a_baseline(), ledger=(book := Book())
    )
    world.handle(world.hears(by="alice@contoso.example"))
    world.handle(world.hears(by="alice@contoso.example", at=None))
    assert "alice" in str(everything_in(book))
    world.clock.advance(timedelta(days=32).total_seconds())

    forget(book, world.clock.now(), KEEP)

    assert "alice" not in str(everything_in(book))
