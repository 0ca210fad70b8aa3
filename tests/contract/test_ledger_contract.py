"""Every ledger keeps the same promises: what the port says holds in memory and on Azure Tables alike."""

import copy
import random
import string
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remediation.adapters.memory.storage import MemoryLedger
from remediation.adapters.storage.ledger_tables import TablesLedger
from remediation.errors import ConflictError, PermanentError, UnreadableError
from remediation.ports import Delete, Insert, Ledger, Replace, Row

TABLES = pytest.param("tables", marks=pytest.mark.azurite)
KEYS = st.text(max_size=60) | st.text(alphabet="/\\#?%'~!.{ é\U0001f600\t", max_size=40)
NO_TIME_LIMIT = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(params=["memory", TABLES])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    return TablesLedger(
        request.getfixturevalue("storage_account"), table=request.getfixturevalue("fresh_name")
    )


def the(row: Row | None) -> Row:
    assert row is not None
    return row


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  noise to store, not a secret


def in_parallel[T](count: int, action: Callable[[int], T]) -> list[T]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(action, range(count)))


def test_an_empty_ledger_knows_nothing(ledger: Ledger) -> None:
    assert ledger.read("claims", "a") is None
    assert list(ledger.rows("claims")) == []


def test_what_is_inserted_can_be_read(ledger: Ledger) -> None:
    value = {"holder": "w1", "deep": {"list": [1, 2.5, None, True, "ä"]}}

    inserted = ledger.insert("claims", "a", value)

    read = the(ledger.read("claims", "a"))
    assert read == inserted
    assert read.value == value
    assert (read.partition, read.key) == ("claims", "a")


def test_a_record_is_inserted_only_once(ledger: Ledger) -> None:
    ledger.insert("claims", "a", {"n": 1})

    with pytest.raises(ConflictError):
        ledger.insert("claims", "a", {"n": 1})

    assert the(ledger.read("claims", "a")).value == {"n": 1}


def test_a_record_is_replaced_against_the_version_that_was_read(ledger: Ledger) -> None:
    first = ledger.insert("claims", "a", {"n": 1})

    second = ledger.replace(first, {"n": 2})

    assert second.etag != first.etag
    assert ledger.read("claims", "a") == second
    assert second.value == {"n": 2}


def test_an_older_version_replaces_nothing(ledger: Ledger) -> None:
    first = ledger.insert("claims", "a", {"n": 1})
    ledger.replace(first, {"n": 2})

    with pytest.raises(ConflictError):
        ledger.replace(first, {"n": 3})

    assert the(ledger.read("claims", "a")).value == {"n": 2}


def test_what_is_gone_is_not_replaced(ledger: Ledger) -> None:
    row = ledger.insert("claims", "a", {"n": 1})
    ledger.delete(row)

    with pytest.raises(ConflictError):
        ledger.replace(row, {"n": 2})

    assert ledger.read("claims", "a") is None


def test_a_record_made_again_is_another_version(ledger: Ledger) -> None:
    old = ledger.insert("claims", "a", {"n": 1})
    ledger.delete(old)
    ledger.insert("claims", "a", {"n": 1})

    with pytest.raises(ConflictError):
        ledger.replace(old, {"n": 2})


def test_a_replacement_leaves_nothing_of_a_longer_value(ledger: Ledger) -> None:
    noise = seeded(1).randbytes(200_000).hex()
    row = ledger.insert("facts", "a", {"noise": noise})

    ledger.replace(row, {"n": 1})

    assert the(ledger.read("facts", "a")).value == {"n": 1}


def test_put_writes_whatever_was_there(ledger: Ledger) -> None:
    ledger.put("facts", "a", {"n": 1})
    before = the(ledger.read("facts", "a"))
    ledger.put("facts", "a", {"m": 2})

    assert the(ledger.read("facts", "a")).value == {"m": 2}
    with pytest.raises(ConflictError):
        ledger.replace(before, {"n": 3})


def test_only_the_version_that_was_read_is_deleted(ledger: Ledger) -> None:
    first = ledger.insert("claims", "a", {"n": 1})
    second = ledger.replace(first, {"n": 2})

    with pytest.raises(ConflictError):
        ledger.delete(first)
    assert ledger.read("claims", "a") == second

    ledger.delete(second)
    assert ledger.read("claims", "a") is None


def test_deleting_what_is_gone_is_fine(ledger: Ledger) -> None:
    row = ledger.insert("claims", "a", {"n": 1})
    ledger.delete(row)

    ledger.delete(row)

    assert ledger.read("claims", "a") is None


def test_partitions_do_not_see_each_other(ledger: Ledger) -> None:
    ledger.put("a", "k", {"in": "a"})
    ledger.put("b", "k", {"in": "b"})

    assert the(ledger.read("a", "k")).value == {"in": "a"}
    assert [row.value for row in ledger.rows("b")] == [{"in": "b"}]


def test_rows_come_in_key_order_between_two_bounds(ledger: Ledger) -> None:
    times = [f"2026-01-{day:02d}T10:00:00.000000Z" for day in range(1, 10)]
    for time in seeded(2).sample(times, len(times)):
        ledger.put("history", time, {"at": time})

    def keys(**bounds: Any) -> list[str]:
        return [row.key for row in ledger.rows("history", **bounds)]

    assert keys() == times
    assert keys(start=times[3]) == times[3:]
    assert keys(end=times[3]) == times[:3]
    assert keys(start=times[2], end=times[5]) == times[2:5]
    assert keys(start="2026-01-05", limit=2) == times[4:6]
    assert keys(start="2027") == []
    assert keys(limit=0) == []


def test_rows_carry_versions_that_can_be_replaced(ledger: Ledger) -> None:
    ledger.put("facts", "a", {"n": 1})

    (row,) = ledger.rows("facts")
    ledger.replace(row, {"n": 2})

    assert the(ledger.read("facts", "a")).value == {"n": 2}


def test_more_rows_than_a_page_are_listed(ledger: Ledger) -> None:
    keys = [f"{number:05d}" for number in range(1010)]

    def fill(worker: int) -> None:
        for key in keys[worker::8]:
            ledger.put("many", key, {})

    in_parallel(8, fill)

    assert [row.key for row in ledger.rows("many", limit=5000)] == keys
    assert [row.key for row in ledger.rows("many")] == keys[:1000]


@NO_TIME_LIMIT
@given(key=KEYS, partition=KEYS)
def test_any_text_is_a_key(ledger: Ledger, key: str, partition: str) -> None:
    partition = f"{uuid.uuid4()}{partition}"
    inserted = ledger.insert(partition, key, {"key": key})

    assert ledger.read(partition, key) == inserted
    assert [(row.partition, row.key, row.value) for row in ledger.rows(partition)] == [
        (partition, key, {"key": key})
    ]
    ledger.delete(ledger.replace(inserted, {}))
    assert ledger.read(partition, key) is None


@NO_TIME_LIMIT
@given(keys=st.lists(KEYS, unique=True, max_size=6), start=KEYS, end=KEYS)
def test_ranges_hold_for_any_text(ledger: Ledger, keys: list[str], start: str, end: str) -> None:
    partition = str(uuid.uuid4())
    for key in keys:
        ledger.put(partition, key, {})

    found = [row.key for row in ledger.rows(partition, start=start, end=end)]

    assert found == sorted(key for key in keys if start <= key and (not end or key < end))


@pytest.mark.parametrize("length", [400, 512, 513, 2048, 6000])
def test_keys_of_any_length_are_told_apart(ledger: Ledger, length: int) -> None:
    keys = [f"{'/é' * (length // 2)}{end}" for end in string.ascii_lowercase[:3]]
    for key in keys:
        ledger.insert("long", key, {"end": key[-1]})

    assert [the(ledger.read("long", key)).value["end"] for key in keys] == ["a", "b", "c"]
    assert [row.key for row in ledger.rows("long")] == keys
    assert [row.key for row in ledger.rows("long", start=keys[1])] == keys[1:]
    assert [row.key for row in ledger.rows("long", end=keys[1])] == keys[:1]


def test_a_thousand_rule_nsg_fits_in_a_record(ledger: Ledger) -> None:
    nsg = an_nsg_of(1000)

    ledger.put("images", "web", {"before": nsg, "after": nsg})

    assert the(ledger.read("images", "web")).value["before"] == nsg


def test_half_a_megabyte_that_cannot_be_compressed_fits(ledger: Ledger) -> None:
    noise = seeded(3).randbytes(450_000).hex()

    ledger.put("images", "noise", {"noise": noise})

    assert the(ledger.read("images", "noise")).value == {"noise": noise}


def test_what_is_too_large_is_refused_and_changes_nothing(ledger: Ledger) -> None:
    ledger.put("images", "noise", {"n": 1})

    with pytest.raises(PermanentError, match="larger than"):
        ledger.put("images", "noise", {"noise": seeded(4).randbytes(2_000_000).hex()})

    assert the(ledger.read("images", "noise")).value == {"n": 1}


def damage(ledger: Ledger, partition: str, key: str, content: bytes = b"zno stream") -> None:
    """Put bytes into a record of which no release can make a value."""
    if isinstance(ledger, MemoryLedger):
        _, etag = ledger._records[partition, key]
        ledger._records[partition, key] = content, etag
        return
    assert isinstance(ledger, TablesLedger)
    ledger._table.update_entity({"PartitionKey": partition, "RowKey": key, "V0": content})


def of_release(ledger: Ledger, version: int) -> Ledger:
    """The same ledger as another release sees it, whose records have this version."""
    other = copy.copy(ledger)
    other._version_of = lambda _partition: version  # type: ignore[attr-defined]
    return other


def test_what_a_later_release_wrote_is_left_alone_and_stops_no_other(ledger: Ledger) -> None:
    ledger.put("facts", "a", {"n": 1})
    ledger.put("facts", "b", {"n": 1})
    later = of_release(ledger, 2)
    later.put("facts", "a", {"new": "shape"})
    written = the(later.read("facts", "a"))

    with pytest.raises(UnreadableError, match="version 2") as caught:
        ledger.read("facts", "a")
    listed = ledger.rows("facts")
    with pytest.raises(UnreadableError):
        ledger.replace(listed[0], {"n": 2})
    ledger.put("facts", "a", {"n": 3})
    with pytest.raises(ConflictError):
        ledger.insert("facts", "a", {"n": 4})

    assert caught.value.newer
    assert [({}, True), ({"n": 1}, False)] == [(row.value, row.newer) for row in listed]
    assert written == later.read("facts", "a")


def test_a_later_release_reads_and_replaces_what_an_earlier_one_wrote(ledger: Ledger) -> None:
    ledger.put("facts", "a", {"n": 1})
    later = of_release(ledger, 2)

    later.replace(the(later.read("facts", "a")), {"n": 2})

    assert {"n": 2} == the(later.read("facts", "a")).value


@pytest.mark.parametrize("content", [b"zno stream", b"j{", b"j[1]", b"", b"qwhat", b"j\xff\xfe"])
def test_a_damaged_record_says_so_and_stops_no_other(ledger: Ledger, content: bytes) -> None:
    for key in ("a", "b", "c"):
        ledger.put("facts", key, {"n": 1})
    damage(ledger, "facts", "b", content)

    with pytest.raises(UnreadableError):
        ledger.read("facts", "b")
    listed = ledger.rows("facts")

    assert ["", "it is damaged", ""] == [row.unreadable.partition(":")[0] for row in listed]
    assert not any(row.newer for row in listed)
    ledger.put("facts", "b", {"n": 2})
    assert {"n": 2} == the(ledger.read("facts", "b")).value


def test_what_was_read_is_nobody_elses_copy(ledger: Ledger) -> None:
    value: dict[str, Any] = {"list": [1]}
    inserted = ledger.insert("facts", "a", value)
    value["list"].append(2)
    inserted.value["list"].append(3)
    the(ledger.read("facts", "a")).value["list"].append(4)

    assert the(ledger.read("facts", "a")).value == {"list": [1]}


def test_one_of_many_who_insert_wins(ledger: Ledger) -> None:
    ledger.read("claims", "a")

    def claim(worker: int) -> bool:
        try:
            ledger.insert("claims", "a", {"holder": worker})
        except ConflictError:
            return False
        return True

    won = in_parallel(12, claim)

    assert won.count(True) == 1
    assert the(ledger.read("claims", "a")).value == {"holder": won.index(True)}


def test_a_counter_of_many_workers_loses_nothing(ledger: Ledger) -> None:
    ledger.insert("budget", "hour", {"n": 0})

    def count(_worker: int) -> None:
        while True:
            row = the(ledger.read("budget", "hour"))
            try:
                ledger.replace(row, {"n": row.value["n"] + 1})
            except ConflictError:
                continue
            return

    in_parallel(8, count)

    assert the(ledger.read("budget", "hour")).value == {"n": 8}


def an_nsg_of(rules: int) -> dict[str, Any]:
    """An NSG as ARM shows one, each rule with a dozen prefixes of its own."""
    dice = seeded(5)
    nsg = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web"

    def rule(number: int) -> dict[str, Any]:
        prefixes = [f"10.{dice.randrange(256)}.{dice.randrange(256)}.0/24" for _ in range(12)]
        return {
            "name": f"rule-{number}",
            "id": f"{nsg}/securityRules/rule-{number}",
            "etag": 'W/"5d3f1c1e-8c2b-4f0e-9a53-7f2f4a1f3b11"',
            "type": "Microsoft.Network/networkSecurityGroups/securityRules",
            "properties": {
                "provisioningState": "Succeeded",
                "protocol": "Tcp",
                "sourcePortRange": "*",
                "destinationPortRange": str(dice.randrange(65536)),
                "destinationAddressPrefix": "*",
                "access": "Deny",
                "priority": 100 + number,
                "direction": "Inbound",
                "sourcePortRanges": [],
                "destinationPortRanges": [],
                "sourceAddressPrefixes": prefixes,
                "destinationAddressPrefixes": [],
            },
        }

    return {"id": nsg, "properties": {"securityRules": [rule(number) for number in range(rules)]}}


def test_what_is_committed_together_is_there_together(ledger: Ledger) -> None:
    claim = ledger.insert("claims@a", "web", {"n": 1})
    old = ledger.insert("held@a", "web", {"by": "w1"})

    written = ledger.commit(
        [Replace(claim, {"n": 2}), Insert("diary@a", "line", {"what": "judged"}), Delete(old)]
    )

    assert [the(ledger.read("claims@a", "web")), the(ledger.read("diary@a", "line")), None] == list(written)
    assert ledger.read("held@a", "web") is None


def test_of_a_commit_that_conflicts_nothing_is_done(ledger: Ledger) -> None:
    first = ledger.insert("claims@a", "web", {"n": 1})
    ledger.replace(first, {"n": 2})
    gone = ledger.insert("held@a", "web", {})
    ledger.delete(gone)
    current = the(ledger.read("claims@a", "web"))

    for blocked in (Replace(first, {"n": 3}), Insert("claims@a", "web", {"n": 3}), Delete(gone)):
        with pytest.raises(ConflictError):
            ledger.commit([Insert("diary@a", "line", {}), blocked])

    assert current == ledger.read("claims@a", "web")
    assert ledger.read("diary@a", "line") is None


def test_a_commit_of_one_change_is_that_change(ledger: Ledger) -> None:
    [row] = ledger.commit([Insert("claims@a", "web", {"n": 1})])

    assert [{"n": 2}] == [the(each).value for each in ledger.commit([Replace(the(row), {"n": 2})])]
    assert [None] == ledger.commit([Delete(the(ledger.read("claims@a", "web")))])


def test_a_commit_stays_within_one_shard(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="one shard"):
        ledger.commit([Insert("claims@a", "web", {}), Insert("claims@b", "web", {})])


def test_the_partitions_of_a_shard_do_not_mix(ledger: Ledger) -> None:
    """They lie in one partition of the store, and each has its own keys in their own order."""
    for partition in ("claims@a", "claims@b", "claim@a", "claims-@a"):
        for key in ("b", "|", "~", "z"):
            ledger.insert(partition, key, {"in": partition, "key": key})

    assert ["b", "z", "|", "~"] == [row.key for row in ledger.rows("claims@a")]
    assert {"claims@a"} == {row.value["in"] for row in ledger.rows("claims@a")}
    assert ["z", "|"] == [row.key for row in ledger.rows("claims@a", start="c", end="~")]


def test_a_long_key_of_a_shard_is_kept_whole(ledger: Ledger) -> None:
    key = "k" * 505

    ledger.insert("claims@a", key, {"n": 1})

    assert [key] == [row.key for row in ledger.rows("claims@a")]
    assert the(ledger.read("claims@a", key)).value == {"n": 1}


# Forgetting ----------------------------------------------------------------------------------------


def test_the_first_partition_of_a_range_is_the_one_that_holds_something(ledger: Ledger) -> None:
    for partition in ("inbox-20260103", "inbox-20260101", "inbox-undated", "diary-20250101"):
        ledger.insert(partition, "a", {})

    assert "inbox-20260101" == ledger.next_partition("inbox-", "inbox-20260103")
    assert ledger.next_partition("inbox-20260101\0", "inbox-20260103") is None
    assert "inbox-20260103" == ledger.next_partition("inbox-20260101\0", "inbox-20260104")
    assert "diary-20250101" == ledger.next_partition("", "z")
    assert ledger.next_partition("x", "z") is None


def test_records_of_a_partition_are_removed_together_and_what_changed_meanwhile_stays(ledger: Ledger) -> None:
    rows = [ledger.insert("diary-20260101", f"key {number:03} /?#", {"n": number}) for number in range(230)]
    ledger.replace(rows[7], {"n": "changed"})
    ledger.delete(rows[150])

    gone = ledger.delete_all(rows)

    assert gone in {228, 229}  # one that is gone already may count as gone
    assert [{"n": "changed"}] == [row.value for row in ledger.rows("diary-20260101")]
    assert 0 == ledger.delete_all([])
