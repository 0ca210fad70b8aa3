"""The functions host, driven over HTTP alone; the app under test runs in Microsoft's own runtime."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.unit.lab.host_process import ROOT, HostProcess, command, hosting


@pytest.fixture(scope="module")
def host() -> Iterator[HostProcess]:
    with hosting("sample", "memory://sample") as process:
        yield process


@pytest.fixture
def mark() -> str:
    """A text that no other test uses."""
    return uuid4().hex


def event(identity: str, **data: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "topic": "/subscriptions/s",
        "subject": "/subscriptions/s/x",
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "eventTime": "2026-10-20T09:15:30.1234567Z",
        "data": data,
        "dataVersion": "2",
        "metadataVersion": "1",
    }


def cloud_event(identity: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": identity,
        "source": "/subscriptions/s",
        "subject": "/subscriptions/s/x",
        "type": "Microsoft.Resources.ResourceWriteSuccess",
        "time": "2026-10-20T09:15:30.1234567Z",
        "data": data,
    }


def test_every_function_of_the_app_is_found(host: HostProcess) -> None:
    expected = ("buried", "echo", "nightly", "on_event", "on_other", "open_gate", "seen", "worker")
    assert host.names == expected


def test_an_event_of_either_schema_arrives_as_its_own_class(host: HostProcess, mark: str) -> None:
    assert host.deliver("on_event", [event(f"{mark}-1")]).status == 202
    assert host.deliver("on_event", cloud_event(f"{mark}-2")).status == 202
    assert host.seen(mark, 2) == [
        ["event", "EventGridEvent", f"{mark}-1"],
        ["event", "CloudEvent", f"{mark}-2"],
    ]


def test_a_batch_becomes_one_invocation_per_event(host: HostProcess, mark: str) -> None:
    batch = [event(f"{mark}-{number}") for number in range(5)]
    assert host.deliver("on_event", batch).status == 202
    assert sorted(each[2] for each in host.seen(mark, 5)) == [each["id"] for each in batch]


def test_one_failed_event_makes_event_grid_send_the_batch_again(host: HostProcess, mark: str) -> None:
    answer = host.deliver("on_event", [event(f"{mark}-1"), event(f"{mark}-2", fail=True)])
    assert (answer.status, answer.text) == (500, "RuntimeError: asked to fail")


@pytest.mark.parametrize(
    ("key", "function", "body", "status"),
    [
        ("wrong", "on_event", b"[]", 401),
        ("wrong", "nobody", b"[]", 401),
        (None, "nobody", b"[]", 404),
        (None, "echo", b"[]", 404),
        (None, "on_event", b"{", 400),
        (None, "on_event", b"\xff\xfe", 400),
        (None, "on_event", b"[1]", 400),
        (None, "on_event", b'"text"', 400),
        (None, "on_event", b"[]", 202),
        (None, "on_event", b'"' + b"x" * (1024 * 1024) + b'"', 413),
    ],
)
def test_what_event_grid_must_not_send_is_refused(
    host: HostProcess, key: str | None, function: str, body: bytes, status: int
) -> None:
    assert host.deliver(function, body, key=key).status == status


def test_an_event_of_exactly_one_megabyte_still_arrives(host: HostProcess, mark: str) -> None:
    filler = "x" * (1024 * 1024 - len(json.dumps([event(mark, filler="")])))
    assert host.deliver("on_event", [event(mark, filler=filler)]).status == 202
    assert len(host.seen(mark, 1)) == 1


def test_a_subscription_of_the_event_grid_schema_is_validated(host: HostProcess) -> None:
    handshake = event("v", validationCode="code-7") | {
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent"
    }
    answer = host.deliver("on_event", [handshake], aeg_event_type="SubscriptionValidation")
    assert (answer.status, json.loads(answer.text)) == (200, {"validationResponse": "code-7"})


def test_a_subscription_of_cloud_events_is_allowed_by_options(host: HostProcess) -> None:
    where = f"/runtime/webhooks/EventGrid?functionName=on_event&code={host.key}"
    answer = host.call(where, method="OPTIONS", WebHook_Request_Origin="eventgrid.azure.net")
    assert (answer.status, answer.headers["webhook-allowed-origin"]) == (200, "eventgrid.azure.net")


def test_messages_of_an_output_binding_reach_the_queue_trigger(host: HostProcess, mark: str) -> None:
    host.deliver("on_event", [event("e", messages=[f"ä {mark} 1", f"ä {mark} 2"])])
    host.deliver("on_other", [event(mark)])
    expected = [
        ["work", f"only {mark}", 1, "worker"],
        *(["work", f"ä {mark} {n}", 1, "worker"] for n in (1, 2)),
    ]
    assert sorted(host.seen(mark, 3)) == expected


def test_a_message_that_fails_once_is_tried_again_and_then_gone(host: HostProcess, mark: str) -> None:
    host.deliver("on_event", [event("e", messages=[f"once {mark}"])])
    tries = [["work", f"once {mark}", 1, "worker"], ["work", f"once {mark}", 2, "worker"]]
    assert host.seen(mark, 2) == tries


def test_a_message_that_always_fails_ends_in_the_poison_queue(host: HostProcess, mark: str) -> None:
    host.deliver("on_event", [event("e", messages=[f"fail {mark}"])])
    tries = [["work", f"fail {mark}", number, "worker"] for number in (1, 2, 3)]
    assert host.seen(mark, 4) == [*tries, ["poison", f"fail {mark}"]]


def test_a_timer_runs_on_demand_with_the_master_key(host: HostProcess) -> None:
    assert host.call("/admin/functions/nightly", b"{}").status == 401
    assert host.call("/admin/functions/nobody", b"{}", x_functions_key=host.key).status == 404
    assert host.call("/admin/functions/echo", b"{}", x_functions_key=host.key).status == 400
    before = len(host.seen("timer", 0))
    assert host.call("/admin/functions/nightly", b"{}", x_functions_key=host.key).status == 202
    assert len(host.seen("timer", before + 1)) == before + 1


def test_an_http_function_sees_the_request_and_its_answer_comes_back(host: HostProcess) -> None:
    answer = host.call(f"/api/things/red?q=1&code={host.key}", b"hello", x_colour="blue")
    assert (answer.status, json.loads(answer.text)) == (
        201,
        {"thing": "red", "query": "1", "header": "blue", "body": "hello"},
    )
    assert answer.headers["content-type"] == "application/json"


def test_an_http_function_needs_its_key_in_header_or_query(host: HostProcess) -> None:
    assert host.call("/api/things/red", b"hello").status == 401
    assert host.call("/api/things/red?code=no", b"hello").status == 401
    assert host.call("/api/things/red", b"hello", x_functions_key=host.key).status == 201
    assert host.call("/api/things/red", method="GET", x_functions_key=host.key).status == 405


def test_a_failing_http_function_tells_a_stranger_nothing(host: HostProcess) -> None:
    answer = host.call(f"/api/things/red?code={host.key}", b"fail")
    assert (answer.status, answer.text) == (500, "")


def test_a_stopped_host_finishes_what_runs_and_ends_cleanly(mark: str) -> None:
    with hosting("sample", "memory://stopped") as process:
        process.deliver("on_event", [event("e", messages=[f"gate {mark}"])])
        assert len(process.seen(mark, 1)) == 1
        process.process.send_signal(signal.SIGTERM)
        assert process.call("/api/gate", b"").headers["x-mood"] == "good"  # it still serves what runs
        assert process.process.stdout is not None
        assert process.process.stdout.read() == f"done gate {mark}\n"
        assert process.process.wait(20) == 0


def test_a_function_that_outlasts_its_timeout_has_failed_and_is_still_waited_for() -> None:
    with hosting("sluggish", "memory://sluggish") as process:
        assert process.call("/api/dawdle", b"").status == 500
        assert process.call("/api/gate", b"").text == "open"
        process.process.send_signal(signal.SIGTERM)
        assert process.process.stdout is not None
        assert process.process.stdout.read() == "through the gate\n"


@pytest.mark.parametrize(
    ("app", "storage", "words"),
    [
        ("broken", "memory://x", "nobody"),
        ("empty", "memory://x", "no function found"),
        ("missing", "memory://x", "host.json is missing"),
        ("sample", "", "AzureWebJobsStorage"),
    ],
)
def test_an_app_that_cannot_be_hosted_says_why_and_exits_2(app: str, storage: str, words: str) -> None:
    ended = subprocess.run(
        command(app),
        cwd=ROOT,
        env={"AzureWebJobsStorage": storage},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert words in ended.stderr


def test_app_settings_come_from_a_file_as_core_tools_has_it(tmp_path: Path) -> None:
    settings = tmp_path / "local.settings.json"
    settings.write_text(json.dumps({"IsEncrypted": False, "Values": {"AzureWebJobsStorage": "memory://f"}}))
    with hosting("sample", "", "--settings", str(settings), "--key", "my-key") as process:
        assert (process.key, process.deliver("on_event", []).status) == ("my-key", 202)


@pytest.mark.parametrize("text", ["{", "[]", '{"Values": {"NUMBER": 5}}'])
def test_a_settings_file_that_is_none_is_named_in_one_line(tmp_path: Path, text: str) -> None:
    settings = tmp_path / "wrong.json"
    settings.write_text(text)
    ended = subprocess.run(
        command("sample", "--settings", str(settings)), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "wrong.json" in ended.stderr
