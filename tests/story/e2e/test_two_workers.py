"""Two workers on the emulator: what is in force, held back, left alone, told and forgotten is one thing.

One world for all, in the order of the file, whose last part deletes the ledger's table: so it is one test.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.data.tables import TableServiceClient

from remediation.ledger.diary import earlier_partition
from remediation.ledger.keys import stamp
from tests.story.e2e.street import Street, a_street
from tests.unit.profiles import NIGHTLY

pytestmark = pytest.mark.azurite
TABLE = "BastionGuard"
HISTORY = "history --format json"


def nsg(street: Street, spoke: int) -> str:
    return street.world.estate.spokes[spoke].nsgs[-1]


def writes(street: Street, group: str) -> list[dict[str, Any]]:
    entries = street.types(f"{HISTORY} --kind written --resource {group}").json
    return [entry for entry in entries if entry["kind"] == "written"]


def a_stop_holds_for_both_until_somebody_starts_again(street: Street) -> None:
    groups = [nsg(street, 0), nsg(street, 1)]
    for group in groups:
        street.opens(group, "before")
    street.until(lambda: not any(street.rules(group, "before") for group in groups))

    street.types("stop --reason 'wrong repairs'")
    for group in groups:
        street.opens(group, "oops")
    street.until(lambda: all("observing" in street.guards(group) for group in groups))
    assert "observe" == street.health(street.world.others[0])["mode"]
    assert [["oops"], ["oops"]] == [street.rules(group, "oops") for group in groups]

    street.types("start")
    street.until(lambda: not any(street.rules(group, "oops") for group in groups))


def a_broken_baseline_stops_nobody_and_a_fresh_worker_begins_with_the_last_good_one(
    street: Street,
) -> None:
    street.allows(mode="enfroce")

    with street.a_fresh_worker() as fresh:
        told = street.health(fresh)
        assert ("degraded", "enforce", ["baseline: mode"]) == (
            told["status"],
            told["mode"],
            [each["path"] for each in told["mistakes"]],
        )
        street.opens(nsg(street, 0), "again")
        street.until(lambda: not street.rules(nsg(street, 0), "again"))
    street.allows()
    assert "ok" == street.health(street.world.others[0])["status"]


def every_change_of_what_is_in_force_is_in_the_history_with_its_difference(street: Street) -> None:
    street.allows(limits={"flapCount": 9})
    entries = street.types(f"{HISTORY} --kind baseline").json

    told = [one["what"] for one in entries if one["what"] not in {"valid", "invalid"}]
    assert ["changed", "started", "stopped", "first"] == told
    assert "limits.flapCount: 3 -> 9" in entries[0]["detail"]


def an_opening_that_is_taken_back_is_left_alone_and_its_neighbour_is_not(street: Street) -> None:
    group = nsg(street, 0)
    street.opens(group, "ssh", "rdp")
    street.until(lambda: not street.rules(group, "ssh", "rdp"))
    [write] = [one for one in writes(street, group) if one["resource"].endswith("/ssh")]

    street.types(f"undo {write['id']} --exempt-for 1h")
    street.opens(group, "ssh", "rdp")
    street.until(lambda: street.rules(group, "ssh", "rdp") == ["ssh"])

    [exemption] = [one for one in street.types("exemptions --format json").json if one["source"] == "undo"]
    assert 0 == street.types(f"exemptions --end {exemption['id']}").status
    street.until(lambda: not street.rules(group, "ssh"))


def a_repair_for_which_the_hour_has_no_room_is_left_whole_and_made_when_there_is(street: Street) -> None:
    group = nsg(street, 1)
    done = len(street.types(f"{HISTORY} --kind written --limit 200").json)
    street.allows(limits={"maxWritesPerHour": done + 1})
    street.opens(group, "one", "two")
    street.until(lambda: "over_budget" in street.guards(group))
    assert ["one", "two"] == street.rules(group, "one", "two")

    street.allows(limits={"maxWritesPerHour": 100})
    street.until(lambda: not street.rules(group, "one", "two"))


def a_lock_that_is_gone_is_noticed_by_the_next_sweep(street: Street) -> None:
    group = nsg(street, 1)
    lock = f"{group}/providers/Microsoft.Authorization/locks/no"
    street.does(street.alice.put(lock, {"properties": {"level": "CanNotDelete"}}))
    street.opens(group, "locked")
    street.until(lambda: "locked" in street.guards(group))

    street.does(street.alice.delete(lock))
    street.timer("sweep", second=True)
    street.until(lambda: not street.rules(group, "locked"))


def a_cut_list_names_its_next_page_and_a_report_tells_on_whose_word(street: Street) -> None:
    first = street.types(f"{HISTORY} --kind written --limit 1")
    assert "--next" in first.err
    token = first.err.partition("--next ")[2].split()[0]

    second = street.types(f"{HISTORY} --kind written --limit 1 --next {token}")
    report = street.types("history report --since 1h --format csv").out

    assert first.json[0]["id"] != second.json[0]["id"]
    assert "in enforce mode" in report


def what_is_older_than_the_retention_is_forgotten_by_whichever_worker_comes_to_it(
    street: Street,
) -> None:
    old = datetime.now(UTC) - timedelta(days=139)
    place = earlier_partition(old)
    street.ledger.put(place, stamp(old), {"kind": "judged"})

    street.timer("sweep", second=True)

    assert [] == list(street.ledger.rows(place))


def a_deleted_table_is_not_made_again_in_silence(street: Street) -> None:
    """Both workers observe and say why, until somebody who knows why starts them again."""
    TableServiceClient.from_connection_string(street.world.connection).delete_table(TABLE)

    street.opens(nsg(street, 0), "lost")
    street.until(lambda: "observing" in street.guards(nsg(street, 0)))
    assert ["lost"] == street.rules(nsg(street, 0), "lost")
    assert "observe" == street.health(street.world.others[0])["mode"]
    assert "record of what is in force is gone" in str(street.health()["inForce"])

    street.types("start")
    street.until(lambda: not street.rules(nsg(street, 0), "lost"))


PARTS = (
    a_stop_holds_for_both_until_somebody_starts_again,
    every_change_of_what_is_in_force_is_in_the_history_with_its_difference,
    an_opening_that_is_taken_back_is_left_alone_and_its_neighbour_is_not,
    a_repair_for_which_the_hour_has_no_room_is_left_whole_and_made_when_there_is,
    a_cut_list_names_its_next_page_and_a_report_tells_on_whose_word,
    what_is_older_than_the_retention_is_forgotten_by_whichever_worker_comes_to_it,
)
LONG = (
    a_broken_baseline_stops_nobody_and_a_fresh_worker_begins_with_the_last_good_one,
    a_lock_that_is_gone_is_noticed_by_the_next_sweep,
)


def test_two_workers_are_one_in_all_that_is_in_force_held_back_and_left_alone() -> None:
    with a_street(seed=61) as street:
        for part in (*PARTS, *(LONG if NIGHTLY else ()), a_deleted_table_is_not_made_again_in_silence):
            part(street)
