"""Targets, events and judgements lie in shards; what an earlier release kept elsewhere still counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud, MemoryLedger, VirtualClock
from remediation.errors import TransientError
from remediation.ledger.claims import Claims, Mark, TargetRecord, all_records, has_seen, key_of
from remediation.ledger.diary import Diary, Entry
from remediation.ledger.inbox import Inbox
from remediation.ledger.keys import plain, shards, short
from remediation.ledger.retention import forget
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.ports import Ledger
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, a_spoke, an_nsg
from tests.shelves import kept
from tests.story.core.world import World

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE, DAY = timedelta(seconds=75), timedelta(days=1)
EVENT = Message(target=NSG_ID.text, event_id="e", event_time=NOW)


def an_earlier_record(ledger: Ledger, **facts: Any) -> None:
    """As the release before kept it: all targets in one partition."""
    ledger.put("targets", key_of(NSG_ID), plain(TargetRecord(NSG_ID.text, **facts)))


def test_what_an_earlier_release_remembers_of_a_target_moves_with_the_next_claim() -> None:
    ledger = MemoryLedger()
    an_earlier_record(ledger, token=7, mark=Mark(NOW, "b", "r"), reads=["x"])
    claims = Claims(ledger, "w", LEASE)
    assert has_seen(claims.look_up(NSG_ID), NOW, "b", "r")

    claim = claims.acquire(NSG_ID, NOW)

    assert claim is not None
    assert (8, ["x"]) == (claim.record.token, claim.record.reads)
    assert [8] == [row.value["token"] for row in kept(ledger, "targets")]
    assert [8] == [record.token for record in all_records(ledger).values()]


def test_a_claim_that_an_earlier_release_holds_is_waited_for() -> None:
    """While two releases run side by side no mark can be left on a record that the other one reads."""
    ledger = MemoryLedger()
    an_earlier_record(ledger, token=7, owner="old", lease_until=NOW + timedelta(minutes=4))

    with pytest.raises(TransientError, match="earlier release") as refused:
        Claims(ledger, "w", LEASE).acquire(NSG_ID, NOW)

    assert 240 == refused.value.retry_after


def test_what_an_earlier_release_kept_day_by_day_is_still_told_and_still_forgotten() -> None:
    ledger = MemoryLedger()
    line = Entry(id="20260301T110000000000Z-j0a1b2c3", at=NOW - timedelta(hours=1), kind="judged",
                 target=NSG_ID.text, what="compliant")  # fmt: skip
    ledger.put("diary-20260301", line.id, plain(line))
    event: dict[str, Any] = {
             "eventId": "old", "target": NSG_ID.text, "expand": None, "sweep": None, "actor": {},
             "eventTime": NOW.isoformat(), "receivedAt": NOW.isoformat(), "operation": "",
             "correlationId": "", "outcome": "open"}  # fmt: skip
    ledger.put("inbox-20260301", short("old", NSG_ID.text, "", ""), event)
    Inbox(ledger).store(EVENT, NOW)
    Diary(ledger).judged(EVENT, Outcome(Ending.COMPLIANT, NSG_ID.text), NOW)

    assert line == Diary(ledger).get(line.id)
    assert [NOW, line.at] == [entry.at for entry in Diary(ledger).between(NOW - DAY, NOW + DAY)]
    events = {message.event_id: end for message, end in Inbox(ledger).between(NOW - DAY, NOW + DAY)}
    assert {"e": "", "old": "open"} == events
    assert 4 == forget(ledger, VirtualClock(NOW + 40 * DAY), 30 * DAY)


def test_a_line_is_found_by_its_id_alone() -> None:
    ledger = MemoryLedger()
    targets = [ResourceId.parse(f"{NSG_ID.text}-{number}") for number in range(40)]
    for target in targets:
        Diary(ledger).judged(Message(target=target.text), Outcome(Ending.OPEN, target.text), NOW)
    rows = kept(ledger, "diary")

    assert len({row.partition for row in rows}) > len(shards("diary")) / 2
    found = {entry.target for row in rows if (entry := Diary(ledger).get(row.key)) is not None}
    assert {target.text for target in targets} == found


def test_what_belongs_to_a_look_is_written_in_two_transactions() -> None:
    """The event with the claim; judgement, end and release together: a storm is paid for in writes."""
    world = World(MemoryCloud(an_nsg(), *a_spoke()))
    world.handle()
    world.clock.advance(600)
    commits: list[list[str]] = []

    world.handle(world.hears(), ledger=Committed(world.ledger, commits))

    assert [["targets", "held", "inbox"], ["targets", "held", "inbox", "diary"]] == commits


class Committed:
    """A Ledger that notes the kinds of the records of each commit."""

    def __init__(self, ledger: Ledger, commits: list[list[str]]) -> None:
        self._ledger = ledger
        self._commits = commits

    def commit(self, changes: Any) -> Any:
        places = [getattr(change, "row", change) for change in changes]
        self._commits.append([place.partition.partition("@")[0] for place in places])
        return self._ledger.commit(changes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)
