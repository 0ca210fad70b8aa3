"""What is in force is one thing for every worker: two of them live here beside somebody at a terminal."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remediation.adapters.memory.storage import shared
from remediation.app import App
from remediation.findings import FindingRecord, State
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message, encode
from remediation.model.own import INVALID, STOPPED, the_baseline
from tests.builders import NSG_ID, SUBSCRIPTION, a_spoke, an_nsg
from tests.story.advice.town import ENFORCING, Town, a_town

OBSERVING = ENFORCING.replace("enforce", "observe")
STOP = "python -m remediation stop --reason 'wrong repairs'"
START = "python -m remediation start"
CHANGES = "python -m remediation history --kind baseline --format json"
LOOK = encode(Message(target=NSG_ID.text, reason="replay", force=True))


@pytest.fixture
def town(tmp_path: Path, fresh_name: str) -> Iterator[Town]:
    with a_town(tmp_path, fresh_name) as found:
        found.more["BASELINE_REFRESH_SECONDS"] = "0"
        yield found


def opened(town: Town) -> None:
    """Somebody opens the port; nobody has heard of it yet."""
    town.arm.seed([an_nsg(allow_ssh_from="Internet"), *a_spoke()])


def a_worker(town: Town) -> App:
    """A worker that has begun to work."""
    worker = town.app
    worker.health()
    return worker


def health(worker: App) -> dict[str, Any]:
    return dict(worker.health_details().body)


def changes(town: Town) -> list[str]:
    """What the history tells of the baseline, the oldest first."""
    return [entry["what"] for entry in reversed(json.loads(town.types(CHANGES).out))]


def told(town: Town, rule: str) -> FindingRecord:
    found = FindingsBook(shared(town.name).ledger).of(the_baseline({SUBSCRIPTION}))
    return next(record for record in found.values() if record.rule == rule)


def test_a_stop_reaches_every_worker_that_runs_and_a_start_too(town: Town) -> None:
    one, other = a_worker(town), a_worker(town)

    assert "started" not in town.types(STOP).out
    opened(town)
    for worker in (one, other):
        worker.reconcile(LOOK)
        assert ("degraded", "observe") == (health(worker)["status"], health(worker)["mode"])
        assert "wrong repairs" == health(worker)["inForce"]["stopped"]["reason"]
    assert ["allow-ssh"] == town.rules()

    assert "started: mode enforce" in town.types(START).out
    other.reconcile(LOOK)
    assert ([], "ok") == (town.rules(), health(one)["status"])
    assert ["first", "stopped", "started"] == changes(town)


def test_who_is_asked_why_says_who_has_stopped_it_and_what_ends_it(town: Town) -> None:
    town.types(STOP)
    opened(town)

    (answer,) = json.loads(town.types(f"python -m remediation why {NSG_ID.text} --format json").out)

    assert ("propose", "mode", START) == (
        answer["outcome"],
        answer["reasons"][0]["kind"],
        answer["reasons"][0]["todo"],
    )
    assert "wrong repairs" in answer["reasons"][0]["text"]
    printed = town.types(f"python -m remediation why {NSG_ID.text}").out
    assert f"What you can type\n  {START}\n" in printed


def test_what_was_written_before_a_stop_is_taken_back_while_it_lasts(town: Town) -> None:
    town.opens()
    (write,) = json.loads(town.types("python -m remediation history --kind written --format json").out)
    town.types(STOP)

    typed = town.types(f"python -m remediation undo {write['id']} --exempt-for 1h")

    assert (0, ["allow-ssh"]) == (typed.status, town.rules())


def test_a_stop_is_told_once_and_by_whom_it_was(town: Town) -> None:
    a_worker(town)
    first, again = town.types(STOP), town.types(STOP)

    assert "no worker begins a write" in first.out
    assert again.out.startswith("nothing is repaired already: stopped by ")
    assert (State.OPEN, "WritingStopped", 1) == (
        told(town, STOPPED).state,
        told(town, STOPPED).change,
        told(town, STOPPED).seq,
    )
    assert "wrong repairs" in told(town, STOPPED).message
    town.types(START)
    assert State.RESOLVED is told(town, STOPPED).state
    assert town.types(START).out.startswith("nothing is stopped: mode enforce")


def test_there_is_nothing_to_start_in_an_empty_ledger(town: Town) -> None:
    assert "nothing has ever been in force" in town.types(START).out


def test_a_baseline_that_one_worker_takes_in_holds_for_the_other(town: Town) -> None:
    one, other = a_worker(town), a_worker(town)

    town.allows(OBSERVING)
    one.check_baseline()
    opened(town)
    other.reconcile(LOOK)

    assert (["allow-ssh"], "observe") == (town.rules(), health(other)["mode"])
    assert health(one)["baseline"] == health(other)["baseline"]


def test_a_person_who_judges_with_a_baseline_of_his_own_changes_nothing_for_the_app(town: Town) -> None:
    worker = a_worker(town)
    mine = town.folder / "mine.json"
    mine.write_text(OBSERVING)

    typed = town.types(f"python -m remediation why {NSG_ID.text} --baseline {mine}")

    assert 0 == typed.status
    assert ("enforce", ["first"]) == (health(worker)["mode"], changes(town))


def test_a_desk_whose_own_setting_names_no_baseline_judges_by_the_one_in_force(town: Town) -> None:
    a_worker(town)
    opened(town)
    town.more["BASELINE"] = ""

    (answer,) = json.loads(town.types(f"python -m remediation why {NSG_ID.text} --format json").out)

    assert "repair" == answer["outcome"]


def test_what_changed_is_told_value_by_value_and_kept_with_its_text(town: Town) -> None:
    worker = a_worker(town)
    town.allows(ENFORCING.replace("}", ', "limits": {"flapCount": 9}}'))
    worker.check_baseline()

    (entry, _) = json.loads(town.types(CHANGES).out)
    whole = json.loads(town.types(f"python -m remediation history {entry['id']} --format json").out)

    assert ("changed", "mode enforce") == (entry["what"], entry["detail"].partition(";")[0])
    assert "limits.flapCount: not set -> 9" in entry["detail"]
    assert ["- limits.flapCount: not set", "+ limits.flapCount: 9"] == whole["diff"]
    assert '"flapCount": 9' in whole["text"]
    assert "flapCount" in town.types(f"python -m remediation history {entry['id']}").out


def test_the_switch_to_enforce_says_beforehand_what_is_repaired(town: Town) -> None:
    town.allows(OBSERVING)
    town.opens()
    worker = a_worker(town)
    town.allows(ENFORCING)
    worker.check_baseline()

    (entry, _) = json.loads(town.types(CHANGES).out)
    shown = town.types(f"python -m remediation history {entry['id']}").out

    assert "1 proven repair that observe mode held back:" in shown
    assert ": web: Delete rule allow-ssh" in shown
    assert ["allow-ssh"] == town.rules()


# A broken source ---------------------------------------------------------------------------------------


def test_a_fresh_worker_goes_on_with_the_last_good_baseline_when_the_source_is_broken(town: Town) -> None:
    a_worker(town)
    town.allows('{"version": 1, "mode": "enfroce"}')

    fresh = a_worker(town)
    town.opens()

    assert ([], "degraded", 200) == (town.rules(), health(fresh)["status"], fresh.health().status)
    assert [("baseline: mode", True)] == [
        (each["path"], "must be" in each["kind"]) for each in health(fresh)["mistakes"]
    ]
    assert (State.OPEN, 1) == (told(town, INVALID).state, told(town, INVALID).seq)


def test_a_mistake_is_told_anew_when_it_changes_and_is_over_when_it_is_mended(town: Town) -> None:
    worker = a_worker(town)
    for text in ('{"version": 2}', '{"version": 2}', '{"version": 1, "mode": "x"}'):
        town.allows(text)
        worker.check_baseline()
    assert ("DriftChanged", 2) == (told(town, INVALID).change, told(town, INVALID).seq)
    worker.sweep()
    town.works()
    assert State.OPEN is told(town, INVALID).state

    town.allows(ENFORCING)
    worker.check_baseline()

    assert State.RESOLVED is told(town, INVALID).state
    assert ("ok", ["first", "invalid", "invalid", "valid"]) == (health(worker)["status"], changes(town))


def test_with_a_broken_baseline_and_none_in_the_ledger_nothing_is_judged_and_history_answers(
    town: Town,
) -> None:
    town.allows('{"version": 2}')

    assert 503 == town.app.health().status
    assert 0 == town.types("python -m remediation history").status
    assert 0 == town.types(STOP).status


# The ledger's own troubles -----------------------------------------------------------------------------


def test_a_ledger_that_was_deleted_is_begun_anew_with_nothing_written_until_somebody_says_so(
    town: Town,
) -> None:
    worker = a_worker(town)
    ledger = shared(town.name).ledger
    ledger._records.clear()
    ledger._keys.clear()

    opened(town)
    worker.reconcile(LOOK)

    assert ["allow-ssh"] == town.rules()
    assert "somebody deleted the ledger's table" in told(town, STOPPED).message
    assert [START] == told(town, STOPPED).commands
    town.types(START)
    worker.reconcile(LOOK)
    assert [] == town.rules()


def test_a_new_app_is_not_taken_for_one_whose_ledger_was_deleted(town: Town) -> None:
    assert "ok" == health(a_worker(town))["status"]


def test_where_nobody_can_read_what_is_in_force_it_only_proposes_until_the_record_is_set_aside(
    town: Town,
) -> None:
    worker = a_worker(town)
    shared(town.name).ledger.put("in-force", "baseline", {"since": "nonsense"})
    opened(town)
    worker.reconcile(LOOK)
    assert (["allow-ssh"], "degraded") == (town.rules(), health(worker)["status"])
    assert "nothing is repaired already" in town.types(STOP).out

    (command,) = (line.strip() for line in town.types("python -m remediation set-aside").out.splitlines()[1:])
    typed = town.types(command)

    assert (0, "python -m remediation set-aside in-force baseline") == (typed.status, command)
    worker.reconcile(LOOK)
    assert "stopped" == changes(town)[-1]
    town.types(START)
    worker.reconcile(LOOK)
    assert [] == town.rules()


def test_only_what_nobody_can_read_is_set_aside(town: Town) -> None:
    a_worker(town)

    good = town.types("python -m remediation set-aside in-force baseline")
    missing = town.types("python -m remediation set-aside findings nowhere")
    half = town.types("python -m remediation set-aside findings")

    assert (1, 1, 2) == (good.status, missing.status, half.status)
    assert "nobody has failed to read it" in good.err
    assert "ok" == health(a_worker(town))["status"]


def test_everything_that_cannot_be_read_is_set_aside_at_once_and_kept(town: Town) -> None:
    worker = a_worker(town)
    ledger = shared(town.name).ledger
    ledger.put("findings", "x", {})
    ledger._records["findings", "x"] = b"zno stream", ledger._records["findings", "x"][1]
    worker.sweep()

    typed = town.types("python -m remediation set-aside --all")

    (kept,) = ledger.rows("damaged")
    assert (0, "findings", "x") == (typed.status, kept.value["partition"], kept.value["key"])
    assert "em5vIHN0cmVhbQ==" == kept.value["raw"]
    assert "no record is known" in town.types("python -m remediation set-aside").out
