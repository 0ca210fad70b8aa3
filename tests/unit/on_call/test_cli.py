"""The commands for people on call, as they are typed: exit status, what is printed, what reaches ARM."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from azure.storage.queue import QueueClient

from lab.arm import Arm, in_background
from remediation.adapters.memory.storage import forget
from remediation.adapters.storage.account import StorageAccount
from remediation.cli.on_call.past_files import read_events
from remediation.errors import InputError
from remediation.messages import decode
from tests.builders import NSG_ID, SUBSCRIPTION, a_spoke, an_event, an_nsg
from tests.terminal import Typed, typed_here

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "tests" / "events"
ENFORCING = '{"version": 1, "mode": "enforce", "defaultEnvironment": "production"}'


@dataclass(frozen=True)
class Desk:
    """An engineer's terminal: a folder with an event and a baseline, and ARM with one open NSG."""

    arm: Arm
    folder: Path
    settings: dict[str, str]

    def types(self, *arguments: str, **settings: str) -> Typed:
        return typed_here(self.folder, {**self.settings, **settings}, *arguments)

    @property
    def writes(self) -> list[str]:
        return [entry.method for entry in self.arm.log.entries() if entry.method in {"PUT", "DELETE"}]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    arm = Arm()
    arm.seed([an_nsg(allow_ssh_from="Internet"), *a_spoke()])
    (tmp_path / "event.json").write_text(json.dumps(an_event()))
    (tmp_path / "baseline.json").write_text(ENFORCING)
    with in_background(arm) as url:
        settings = {"ARM_ENDPOINT": url, "ARM_STATIC_TOKEN": "engineer", "SUBSCRIPTIONS": SUBSCRIPTION}
        yield Desk(arm, tmp_path, settings)
    forget("here")


def test_a_dry_run_prints_the_plan_as_a_diff_and_writes_nothing(desk: Desk) -> None:
    run = desk.types("replay", "--file", "event.json", "--dry-run", "--baseline", "baseline.json")

    assert run.status == 0, run.err
    assert "repair " in run.out
    assert any(line.strip().startswith("- Rule allow-ssh is deleted") for line in run.out.splitlines())
    assert "nothing written" in run.out
    assert desk.writes == []


def test_a_dry_run_as_json_is_one_document(desk: Desk) -> None:
    run = desk.types("replay", "--file", "event.json", "--dry-run", "--format", "json")

    told = json.loads(run.out)
    assert (told["dryRun"], told["outcomes"], told["queued"]) == (True, {"propose": 1}, 0)
    assert desk.writes == []


def test_a_local_replay_does_the_work_here_and_sums_it_up(desk: Desk) -> None:
    arguments = ("replay", "--file", "event.json", "--local", "--baseline", "baseline.json")

    first, second = (desk.types(*arguments, "--format", "json") for _ in range(2))

    assert [1, 1] == [sum(json.loads(run.out)["outcomes"].values()) for run in (first, second)]
    assert desk.writes == ["DELETE"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("replay",), "one of the arguments"),
        (("replay", "--inbox", "--poison"), "not allowed with"),
        (("replay", "--file", "nowhere.json"), "nowhere.json: cannot be read"),
        (("replay", "--inbox", "--since", "soon"), "--since: not a time"),
        (("replay", "--inbox", "--limit", "0"), "--limit: must be a whole number from 1"),
        (("replay", "--file", "event.json", "--outcome", "open"), "--outcome: goes with source inbox"),
        (("history", "--since", "2026-01-02", "--until", "2026-01-01"), "--since: must be before until"),
        (("history", "x", "--rule", "y"), "--rule: does not go with"),
        (("history", "x"), "x: the history has no entry"),
        (("history", "--next", "x"), "--next: not what a page before gave"),
        (("history", "report", "--kind", "judged"), "--kind: does not go with a report"),
        (("history", "report", "--since", "soon"), "--since: not a time"),
        (("history", "--format", "csv"), "--format csv: goes with history report"),
        (("history", "x", "--output", "y"), "--output: goes with history report"),
        (("history", "report", "--output", "no/such/folder"), "--output no/such/folder: cannot be written"),
        (("undo", "x"), "x: the history has no write of this id"),
        (("undo", "x", "--exempt-for", "long"), "--exempt-for: not a length of time"),
        (("undo", "x", "--exempt-for", "0m"), "--exempt-for 0m: must be more than nothing"),
        (("sweep",), "--now"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_typed_wrong_is_one_line_and_exit_two(
    desk: Desk, arguments: tuple[str, ...], said: str
) -> None:
    run = desk.types(*arguments, AzureWebJobsStorage="memory://here")

    assert (run.status, run.out) == (2, "")
    assert said in run.err
    assert run.err.count("\n") == 1


def test_missing_settings_are_all_named(desk: Desk) -> None:
    run = desk.types("replay", "--inbox", SUBSCRIPTIONS="")

    assert run.status == 2
    assert "setting SUBSCRIPTIONS" in run.err
    assert "setting AzureWebJobsStorage" in run.err


@pytest.mark.azurite
def test_what_the_command_line_sends_the_trigger_decodes(desk: Desk, storage_account: StorageAccount) -> None:
    storage = {"AzureWebJobsStorage": storage_account.connection_string}
    replayed = desk.types("replay", "--file", "event.json", "--format", "json", **storage)
    swept = desk.types("sweep", "--now", **storage)
    sent = []
    for lane in ("reconcile", "neighbourhood"):
        with QueueClient.from_connection_string(storage_account.connection_string, lane) as queue:
            sent += [decode(base64.b64decode(each.content)) for each in queue.receive_messages()]
            queue.delete_queue()

    assert (replayed.status, swept.status) == (0, 0), replayed.err + swept.err
    assert json.loads(replayed.out)["queued"] == 1
    assert {(each.target, each.sweep, each.force) for each in sent} == {
        (NSG_ID.text, None, True),
        (None, f"/subscriptions/{SUBSCRIPTION}", True),
    }


@pytest.mark.parametrize("form", ["csv", "html", "json", "table"])
def test_a_report_is_printed_or_written_and_says_what_it_cannot_tell(desk: Desk, form: str) -> None:
    asked = ("history", "report", "--format", form)

    printed = desk.types(*asked, AzureWebJobsStorage="memory://here")
    written = desk.types(*asked, "--output", "month", AzureWebJobsStorage="memory://here")

    assert (0, 0, "") == (printed.status, written.status, written.out)
    assert printed.out.count("\n") == (desk.folder / "month").read_text().count("\n")
    assert "there are no records: nothing has been judged yet" in printed.err


# Files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{"id": 1}', 1),
        ('\ufeff{"id": 1}', 1),
        ('[{"id": 1}, {"id": 2}]', 2),
        ('{"id": 1}\n\n{"id": 2}\n', 2),
        ('[{"id": 1}]\n[{"id": 2}, {"id": 3}]', 3),
        ("[]", 0),
    ],
)
def test_events_lie_in_files_in_every_shape(tmp_path: Path, text: str, count: int) -> None:
    (tmp_path / "events").write_text(text)

    found: list[Any] = [placed.event for placed in read_events([str(tmp_path / "events")])]

    assert list(range(1, count + 1)) == [event["id"] for event in found]


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("deadletter*.json")))
def test_a_dead_letter_blob_is_a_file_like_any_other(name: str) -> None:
    assert 1 == len(read_events([str(SAMPLES / name)]))


def test_a_refusal_names_the_file_and_the_place_in_it(desk: Desk) -> None:
    not_one = json.loads((SAMPLES / "found" / "not-an-event.json").read_text())
    (desk.folder / "mixed.json").write_text(json.dumps([an_event(), not_one]))

    run = desk.types("replay", "--file", "event.json", "mixed.json", "--dry-run", "--format", "json")

    [refused] = json.loads(run.out)["refused"]
    assert refused.startswith("mixed.json[1]: ")
    assert run.status == 0, run.err


def test_where_every_event_was_refused_the_status_says_so(desk: Desk) -> None:
    run = desk.types("replay", "--file", str(SAMPLES / "found" / "not-an-event.json"), "--dry-run")

    assert 2 == run.status


def test_records_that_the_service_printed_are_replayed_like_events(desk: Desk) -> None:
    records = json.loads((SAMPLES / "found" / "records.rest-list.json").read_text())
    for record in records["value"]:
        record["resourceId"] = NSG_ID.text
    (desk.folder / "log.json").write_text(json.dumps(records))
    lines = "\n".join(json.dumps(record) for record in records["value"])
    (desk.folder / "log.jsonl").write_text(lines)

    for name in ("log.json", "log.jsonl"):
        run = desk.types("replay", "--file", name, "--dry-run", "--actor", "ada", "--format", "json")
        assert (0, {"propose": 1}) == (run.status, json.loads(run.out)["outcomes"]), run.err


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"id": 1}\nnot json\n', "line 2 is not JSON"),
        (b"not\njson", "not JSON: Expecting value: line 1"),
        (b"\xff", "not UTF-8 text"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_every_file_that_cannot_be_used_is_named_with_its_problem(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / "bad").write_bytes(content)

    with pytest.raises(InputError) as refused:
        read_events([str(tmp_path / "bad"), str(tmp_path / "gone")])

    first, second = refused.value.mistakes
    assert problem in first
    assert "gone: cannot be read" in second
