"""The list of what is open: the worst first, as the book has it, and right again after a crash."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from remediation.findings import FindingRecord, State
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.outstanding import PARTITION, Shelf
from remediation.on_call.listing.identity import etag_of
from remediation.on_call.listing.mending import BUILT, KEY, build_once, mend
from remediation.resource_id import ResourceId
from tests.faults import Killed, Lifetime, Mortal
from tests.unit.acting.office import etag, proposing, the_id, verbs
from tests.unit.people.office import Office
from tests.unit.people.test_reading import all_pages, note, with_findings

RANK = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def test_what_is_open_is_listed_the_worst_first_and_then_the_oldest() -> None:
    office = Office()
    for number in range(40):
        note(office, number)
        office.world.clock.advance(60)

    found = [one for page in all_pages(office, {"limit": "7"}) for one in page]

    assert 40 == len(found)
    assert found == sorted(found, key=lambda one: (RANK[one["severity"]], one["openedAt"]))


def test_a_page_of_what_is_open_is_one_page_of_the_store() -> None:
    office = with_findings(300)
    office.lists()
    asked: list[tuple[str, int]] = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(office.world.ledger, name)

        def rows(self, partition: str, **bounds: Any) -> Any:
            found = office.world.ledger.rows(partition, **bounds)
            asked.append((partition, len(found)))
            return found

    office.through = {"ledger": Counting()}
    assert 100 == len(office.lists().body["findings"])
    assert [(PARTITION, 101)] == asked


@pytest.mark.parametrize(
    "query", [{"next": "f" * 32 + "-" + "f" * 32}, {"state": "all", "next": "1"}], ids=str
)
def test_a_page_does_not_go_on_where_another_question_ended(query: dict[str, str]) -> None:
    assert 400 == Office().lists(query).status


def test_what_is_no_longer_open_is_off_the_list_and_what_changed_is_listed_as_it_is() -> None:
    office = with_findings(3)
    changed = note(office, 1, seq=2, message="another")
    note(office, 2, state=State.RESOLVED, seq=2)

    found = office.lists().body["findings"]

    assert [changed.message] == [one["message"] for one in found if one["message"] == "another"]
    assert 2 == len(found) == len(office.world.ledger.rows(PARTITION))


def test_the_etag_of_a_list_is_that_of_the_finding() -> None:
    world = proposing()
    office = Office(world)

    (listed,) = office.lists().body["findings"]

    assert (etag(world), listed["etag"]) == (office.shows(the_id(world)).body["etag"], etag(world))


@pytest.mark.parametrize("calls", range(4))
@pytest.mark.parametrize("state", [State.RESOLVED, State.OPEN])
def test_whatever_a_crash_left_behind_the_next_sweep_lists_what_the_book_has(
    calls: int, state: State
) -> None:
    """A worker dies at each call in turn, while it records that a finding has ended, or has changed."""
    office = with_findings(2)
    office.lists()
    ledger = office.world.ledger
    dying = FindingsBook(Mortal(ledger, Lifetime(calls)))

    def moves_on(known: dict[str, FindingRecord]) -> dict[str, FindingRecord]:
        return {name: replace(one, state=state, seq=2, severity="high") for name, one in known.items()}

    (first, *_) = FindingsBook(ledger).all()
    with suppress(Killed):
        dying.amend(ResourceId.parse(first.target), moves_on)

    mend(ledger)

    kept = [one for found in FindingsBook(ledger).all() for one in found.records.values()]
    listed = office.lists().body["findings"]
    assert {etag_of(one) for one in kept if one.state is State.OPEN} == {one["etag"] for one in listed}
    assert 0 == mend(ledger)


@pytest.mark.parametrize("state", [State.RESOLVED, State.OPEN])
def test_a_damaged_row_of_the_list_keeps_nothing_from_being_recorded(state: State) -> None:
    office = with_findings(1)
    assert 1 == len(office.lists().body["findings"])
    ledger = office.world.ledger
    (key,) = [name for name in ledger._records if name[0] == PARTITION]
    ledger._records[key] = (b"zno stream", ledger._records[key][1])
    assert [] == office.lists().body["findings"]

    note(office, 0, state=state, seq=2)

    assert (1 if state is State.OPEN else 0) == len(office.lists().body["findings"])
    assert 0 == mend(ledger)


def test_a_list_that_an_earlier_release_did_not_keep_is_made_once() -> None:
    office = with_findings(5)
    for row in list(office.world.ledger.rows(PARTITION)):
        office.world.ledger.delete(row)

    build_once(office.world.ledger)
    assert (5, True) == (
        len(office.lists().body["findings"]),
        office.world.ledger.read(BUILT, KEY) is not None,
    )

    office.world.ledger.delete(office.world.ledger.rows(PARTITION)[0])
    build_once(office.world.ledger)
    assert 4 == len(Shelf(office.world.ledger).page("", "", 10))


def test_an_applied_repair_leaves_the_list() -> None:
    world = proposing()
    verbs(world).apply(the_id(world), etag(world))
    world.clock.advance(timedelta(seconds=1).total_seconds())
    assert [] == Office(world).lists().body["findings"]
