"""Incidents, from what somebody on call sees to what he comes to believe: none of it is wrong."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from remediation.adapters.memory.storage import forget, shared
from remediation.ledger.keys import shards
from remediation.ledger.retention import forget as forget_old
from remediation.messages import Message
from remediation.model import Ending
from remediation.reconciling.rounds.marks import KIND
from tests.builders import NSG_ID, SUBSCRIPTION, a_rule, an_event, an_nsg, ports
from tests.story.advice.town import ENFORCING, Town, a_town

OBSERVING = ENFORCING.replace("enforce", "observe")
OTHER_SUBSCRIPTION = "99999999-2222-3333-4444-555555555555"
WHY = f"python -m remediation why {NSG_ID.text} --port 22 --format json"
HISTORY = "python -m remediation history --format json"


@pytest.fixture
def town(tmp_path: Path, fresh_name: str) -> Iterator[Town]:
    with a_town(tmp_path, fresh_name) as found:
        yield found


def why(town: Town) -> dict[str, Any]:
    (answer,) = json.loads(town.types(WHY).out)
    return dict(answer)


def details(town: Town) -> dict[str, Any]:
    return dict(town.app.health_details().body)


def written(town: Town) -> list[dict[str, Any]]:
    return [entry for entry in json.loads(town.types(HISTORY).out) if entry["kind"] == "written"]


def test_a_port_was_closed_against_somebodys_will(town: Town) -> None:
    """He finds the write, takes it back, and is told until when it stays so."""
    town.opens()
    write = why(town)["writes"][0]

    town.types(f"python -m remediation undo {write['id']} --exempt-for 2h")
    town.works()

    answer = why(town)
    assert ("exempt", ["allow-ssh"]) == (answer["outcome"], town.rules())
    until = datetime.fromisoformat(answer["reasons"][0]["until"])
    assert timedelta(hours=1.9) < until - datetime.now(UTC) <= timedelta(hours=2)


def test_a_port_was_left_open_because_no_event_of_it_came(town: Town) -> None:
    town.arm.seed([an_nsg(allow_ssh_from="Internet")])

    answer = why(town)
    town.types(next(reason["todo"] for reason in answer["reasons"] if reason["kind"] == "not-seen"))
    town.works()

    assert "the next look repairs it" in answer["summary"]
    assert ([], "compliant") == (town.rules(), why(town)["outcome"])


def test_a_port_was_left_open_that_no_rule_is_about(town: Town) -> None:
    town.opens(a_rule("web", sourceAddressPrefix="*", **ports("8443")))

    typed = town.types(f"python -m remediation why {NSG_ID.text} --port 8443")

    assert "it is none of the managementPorts" in " ".join(typed.out.split())


def test_everything_is_stopped_by_the_baseline_and_a_restart_and_goes_on_telling(town: Town) -> None:
    town.allows(OBSERVING)

    town.opens()

    assert ["allow-ssh"] == town.rules()
    assert ("propose", "mode") == (why(town)["outcome"], why(town)["reasons"][0]["kind"])
    assert [] == written(town)
    assert "observe" == details(town)["mode"]


def test_a_change_whose_clock_is_off_is_not_taken_for_seen(town: Town) -> None:
    """Its event claims to be older than our look; the version tells that it is not."""
    town.arm.seed([an_nsg()])
    town.hears()
    town.arm.seed([{**an_nsg(allow_ssh_from="Internet"), "etag": 'W/"7"'}])
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()

    for text in town.app.accept(an_event(event_id="late", time=old)):
        town.app.reconcile(text)
    town.works()

    assert [] == town.rules()


def test_an_event_that_was_skipped_is_found_by_whoever_asks_what_became_of_it(town: Town) -> None:
    town.arm.seed([an_nsg()])
    town.hears()
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    (text,) = town.app.accept(an_event(event_id="late", time=old))

    assert Ending.SKIPPED is town.app.reconcile(text).ending

    (line,) = json.loads(town.types(f"{HISTORY} --kind skipped").out)
    assert "the next round compares the version" in line["detail"]


def test_an_event_that_waited_on_the_queue_while_a_look_was_made_is_not_late(town: Town) -> None:
    """In a storm: what came in before the look began costs no comparison, however long it waited."""
    town.arm.seed([an_nsg()])
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    (text,) = town.app.accept(an_event(event_id="early", time=old))
    town.hears()

    assert Ending.SKIPPED is town.app.reconcile(text).ending

    (line,) = json.loads(town.types(f"{HISTORY} --kind skipped").out)
    assert "compares" not in line["detail"]
    assert [] == [row for shard in shards(KIND) for row in shared(town.name).ledger.rows(shard)]


def test_nothing_is_judged_and_health_says_that_work_lies_there_and_for_how_long(town: Town) -> None:
    shared(town.name).queue.send(Message(target=NSG_ID.text, event_id="waits"))

    told = details(town)

    queues = {each["queue"]: each for each in told["queues"]}
    assert 1 == queues["reconcile"]["messages"]
    assert queues["reconcile"]["oldestSeconds"] is not None
    assert told["lastJudgement"] is None


def test_the_ledger_is_gone_and_nobody_is_told_that_all_was_quiet(town: Town) -> None:
    town.opens()
    (write,) = written(town)
    forget(town.name)

    history = town.types("python -m remediation history --since 30d")
    undo = town.types(f"python -m remediation undo {write['id']} --exempt-for 1h")

    assert "there are no records: nothing has been judged yet, or the ledger is a new one" in history.err
    assert "nothing happened" not in history.out
    assert (2, True) == (undo.status, "there are no records" in undo.err)
    assert "not-seen" in [reason["kind"] for reason in why(town)["reasons"]]


def test_an_earlier_release_runs_again_and_leaves_what_it_cannot_read(town: Town) -> None:
    town.opens()
    ledger = shared(town.name).ledger
    earlier = ledger._version_of
    ledger._version_of = lambda _: 9
    ledger.put("exemptions", "one", {"of": "a later release"})
    ledger._version_of = earlier
    town.app.sweep()

    assert [] == [each for each in ledger.rows("exemptions") if not each.newer]
    town.opens()
    assert [] == town.rules()


def test_two_apps_each_know_their_own_writes_alone(town: Town, fresh_name: str) -> None:
    town.opens()
    with_another = Town(town.arm, town.url, f"{fresh_name}-second", town.folder)
    with_another.arm.seed([an_nsg(allow_ssh_from="Internet")])
    with_another.hears()
    town.hears()

    assert (1, 1) == (len(written(town)), len(written(with_another)))
    with_another.more["SUBSCRIPTIONS"] = OTHER_SUBSCRIPTION
    typed = with_another.types(WHY)
    assert (3, "not-watched") == (typed.status, json.loads(typed.out)[0]["outcome"])
    forget(with_another.name)


def test_an_auditor_asks_who_wanted_what_was_changed_and_for_which_time_that_is_known(town: Town) -> None:
    town.opens()
    (write,) = written(town)
    town.types(f"python -m remediation undo {write['id']} --exempt-for 1h")

    report = town.types("python -m remediation history report --since 30d --format csv")

    gap, repair, back = csv.DictReader(io.StringIO(report.out))
    assert "incomplete" == gap["result"]
    assert repair["approved by"].endswith("in enforce mode")
    assert f"who took {write['id']} back" in back["approved by"]
    assert SUBSCRIPTION in repair["resource"]


def test_an_auditor_asks_about_a_time_that_is_forgotten(town: Town) -> None:
    town.opens()
    (write,) = written(town)
    ledger, clock = shared(town.name).ledger, Ahead(timedelta(days=31))
    forget_old(ledger, clock, timedelta(days=30))

    entry = town.types(f"python -m remediation history {write['id']}")

    assert (2, "") == (entry.status, entry.out)
    assert "are forgotten (RETENTION_DAYS 30)" in entry.err


class Ahead:
    """A clock that is ahead of everybody's."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits {seconds} s to forget")
