"""The app as its bindings call it: with good settings, with bad ones, with none; and what indexing costs."""

import base64
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from remediation.adapters.memory.storage import VirtualClock, forget, shared
from remediation.app.functions import Answer, App
from remediation.app.web import MAX_REPLAY_BYTES
from remediation.errors import ConfigurationError, InputError
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.pressure import Pressure
from remediation.messages import Message, decode, encode
from remediation.model import Ending
from remediation.policy import Policy
from tests.builders import FOREIGN, NSG_ID, SUBSCRIPTION, an_event

ROOT = Path(__file__).resolve().parents[3]
HEAVY = (
    "azure.mgmt",
    "azure.identity",
    "azure.data.tables",
    "azure.storage",
    "azure.eventgrid",
    "yaml",
    "rich",
)


@pytest.fixture
def environment(fresh_name: str) -> Any:
    """Good settings, with storage in memory and nothing at the other end of ARM."""
    yield {
        "SUBSCRIPTIONS": SUBSCRIPTION,
        "AzureWebJobsStorage": f"memory://{fresh_name}",
        "ARM_ENDPOINT": "http://127.0.0.1:9",
        "ARM_STATIC_TOKEN": "nobody",
    }
    forget(fresh_name)


def queued(environment: dict[str, str]) -> list[str]:
    return shared(environment["AzureWebJobsStorage"].removeprefix("memory://")).queue.texts()


def body(answer: Answer) -> Any:
    return json.loads(answer.text)


def test_a_healthy_app_says_which_baseline_and_how_many_rules_it_has(environment: dict[str, str]) -> None:
    answer = App(environment).health()

    assert (200, "application/json") == (answer.status, answer.content_type)
    assert ("ok", "observe", 1) == tuple(body(answer)[key] for key in ("status", "mode", "subscriptions"))


def test_health_says_where_azure_has_asked_to_wait_and_is_degraded_when_that_lasts(
    environment: dict[str, str],
) -> None:
    ledger = shared(environment["AzureWebJobsStorage"].removeprefix("memory://")).ledger
    clock = VirtualClock()
    app = App(environment, clock=clock)
    Pressure(ledger).throttled(SUBSCRIPTION, "westeurope", "arm", clock.now(), 999_999_999.0)

    told = body(app.health())
    assert ("ok", 1, 900) == (told["status"], told["waiting"], told["waitSeconds"])

    for _ in range(6):
        clock.advance(840.0)
        Pressure(ledger).throttled(SUBSCRIPTION, "westeurope", "arm", clock.now(), 900.0)
    assert "degraded" == body(app.health())["status"]
    app.import_dead_letters()
    assert ["gave-up"] == [
        record.rule for found in FindingsBook(ledger).all() for record in found.records.values()
    ]


def test_a_record_that_nobody_can_read_is_counted_in_health_and_named_in_its_details(
    environment: dict[str, str],
) -> None:
    ledger = shared(environment["AzureWebJobsStorage"].removeprefix("memory://")).ledger
    ledger.put("findings", "one", {"target": 7})
    app = App(environment)
    app.sweep()

    told, named = body(app.health()), body(app.health_details())["details"]["unreadable"]

    assert ("degraded", 1) == (told["status"], told["unreadable"])
    assert "details" not in told
    assert [("findings", "one")] == [(each["partition"], each["key"]) for each in named]


def test_a_part_of_the_sweep_that_fails_stops_no_other(environment: dict[str, str]) -> None:
    """The channel of people fails for a reason that nobody foresaw; what is old is forgotten all the same."""
    clock = VirtualClock()
    storage = shared(environment["AzureWebJobsStorage"].removeprefix("memory://"), clock)
    app = App(environment, clock=clock)
    old = Message(target=NSG_ID.text, event_id="old", event_time=clock.now() - timedelta(days=40))
    Inbox(storage.ledger).store(old, clock.now())
    app.health()
    app._parts().sender.nudge = broken  # type: ignore[method-assign]

    with pytest.raises(ZeroDivisionError):
        app.sweep()

    assert [f"/subscriptions/{SUBSCRIPTION}"] == [
        decode(base64.b64decode(text)).sweep for text in storage.queue.texts()
    ]
    assert [] == list(Inbox(storage.ledger).between(clock.now() - timedelta(days=60), clock.now()))


def broken() -> None:
    raise ZeroDivisionError


def test_while_settings_and_baseline_are_wrong_health_lists_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "baseline.yaml").write_text("version: 2\nmode: x\n")

    answer = App({"BASELINE": "baseline.yaml", "ARM_ENDPOINT": "x"}, tmp_path).health()

    assert (503, "application/problem+json") == (answer.status, answer.content_type)
    told = body(answer)["errors"]
    for part in (
        "SUBSCRIPTIONS",
        "AzureWebJobsStorage",
        "ARM_ENDPOINT",
        "version: must be 1",
        "mode: must be",
    ):
        assert any(part in line for line in told), part


def test_a_baseline_that_is_not_there_is_a_mistake_like_any_other(
    environment: dict[str, str], tmp_path: Path
) -> None:
    answer = App({**environment, "BASELINE": "nowhere.yaml"}, tmp_path).health()

    assert 503 == answer.status
    assert any("nowhere.yaml" in line for line in body(answer)["errors"])


def test_a_baseline_that_is_no_text_is_a_mistake(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe")

    answer = App({**environment, "BASELINE": "b.yaml"}, tmp_path).health()

    assert (503, ["b.yaml is not UTF-8 text"]) == (answer.status, body(answer)["errors"])


def test_a_baseline_behind_a_url_is_only_asked_of_azure(environment: dict[str, str]) -> None:
    answer = App({**environment, "BASELINE": "https://x.blob.evil.example/b.yaml?sig=s3cret"}).health()

    assert 503 == answer.status
    assert ["x.blob.evil.example/b.yaml is not a blob of Azure storage"] == [
        line.removeprefix("https://") for line in body(answer)["errors"]
    ]


def test_a_good_baseline_is_used(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("version: 1\nmode: enforce\n")

    assert "enforce" == body(App({**environment, "BASELINE": "b.yaml"}, tmp_path).health())["mode"]


def test_a_mended_configuration_is_taken_up_without_a_restart(
    environment: dict[str, str], tmp_path: Path
) -> None:
    app = App({**environment, "BASELINE": "b.yaml"}, tmp_path)
    assert 503 == app.health().status

    (tmp_path / "b.yaml").write_text("version: 1")

    assert 200 == app.health().status


def test_an_app_without_a_single_setting_still_queues_events() -> None:
    (text,) = App({}).accept(an_event())

    assert NSG_ID.text == decode(text).target


def test_without_settings_everything_that_must_judge_or_send_says_so() -> None:
    app = App({})

    for act in (
        lambda: app.reconcile(encode(Message(target=NSG_ID.text))),
        lambda: app.send_cards("{}"),
        lambda: app.drifted({}),
        app.sweep,
    ):
        with pytest.raises(ConfigurationError, match="SUBSCRIPTIONS"):
            act()
    assert 503 == app.replay(b"{}").status


def test_a_message_that_is_not_ours_is_raised_so_that_it_ends_among_the_poison(
    environment: dict[str, str],
) -> None:
    with pytest.raises(InputError, match="not a reconcile message"):
        App(environment).reconcile("{}x")


def test_a_message_about_a_foreign_subscription_is_finished_without_a_call(
    environment: dict[str, str],
) -> None:
    foreign = NSG_ID.text.replace(SUBSCRIPTION, FOREIGN)

    assert Ending.REFUSED is App(environment).reconcile(encode(Message(target=foreign))).ending


def test_a_replay_is_accepted_with_what_became_of_it(environment: dict[str, str]) -> None:
    answer = App(environment).replay(json.dumps({"resources": [NSG_ID.text]}).encode())

    assert (202, 1) == (answer.status, body(answer)["queued"])
    assert 1 == len(queued(environment))


@pytest.mark.parametrize(
    ("request_body", "status", "title"),
    [
        (b"", 400, "not JSON"),
        (b"{", 400, "not JSON"),
        (b"\xff", 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b"{}", 400, "cannot be replayed"),
        (b'"text"', 400, "cannot be replayed"),
        (b" " * (MAX_REPLAY_BYTES + 1), 413, "too large"),
    ],
)
def test_a_replay_nobody_can_mean_is_a_problem_with_a_title(
    environment: dict[str, str], request_body: bytes, status: int, title: str
) -> None:
    answer = App(environment).replay(request_body)

    assert (status, title, "application/problem+json") == (
        answer.status,
        body(answer)["title"],
        answer.content_type,
    )
    assert [] == queued(environment)


def test_a_sweep_queues_every_subscription(environment: dict[str, str]) -> None:
    App({**environment, "SUBSCRIPTIONS": f"{SUBSCRIPTION},{FOREIGN}"}).sweep()

    assert 2 == len(queued(environment))


def reasons(environment: dict[str, str]) -> list[str]:
    return [decode(base64.b64decode(text)).reason for text in queued(environment)]


def test_a_changed_baseline_is_taken_in_by_the_sweep_and_everything_is_looked_at(
    environment: dict[str, str], tmp_path: Path
) -> None:
    standard = tmp_path / "baseline.yaml"
    standard.write_text("{version: 1, mode: observe}")
    app = App({**environment, "BASELINE": str(standard)})
    app.sweep()
    standard.write_text("{version: 1, mode: enforce}")
    app.sweep()
    app.sweep()

    assert "enforce" == body(app.health())["mode"]
    assert ["sweep", "baseline", "sweep"] == reasons(environment)


def test_a_baseline_that_breaks_leaves_the_last_good_one_in_force_and_is_told_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    standard = tmp_path / "baseline.yaml"
    standard.write_text("{version: 1, mode: enforce}")
    app = App({**environment, "BASELINE": str(standard)})
    app.sweep()
    standard.write_text("{version: 2}")
    app.sweep()
    app.sweep()

    degraded = app.health()
    assert (503, "degraded: the last good baseline stays in force") == (
        degraded.status,
        body(degraded)["title"],
    )
    assert 1 == app.send_cards("{}")
    standard.write_text("{version: 1, mode: enforce}")
    app.sweep()
    assert 200 == app.health().status
    assert 1 == app.send_cards("{}")
    assert ["sweep"] * 4 == reasons(environment)


def test_what_comes_over_the_drift_topic_and_is_no_announcement_is_passed_over(
    environment: dict[str, str],
) -> None:
    App(environment).drifted({"target": "https://evil.example", "finding": "f", "seq": 1})

    assert 0 == App(environment).send_cards("{}")


# Indexing ----------------------------------------------------------------------------------------


def test_indexing_needs_no_setting_and_imports_nothing_heavy() -> None:
    script = f"""
import sys, json
import function_app
names = sorted(function.get_function_name() for function in function_app.app.get_functions())
heavy = [name for name in sys.modules if name.startswith({HEAVY!r})]
print(json.dumps([names, heavy]))
"""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (run.returncode, run.stderr)
    names, heavy = json.loads(run.stdout)
    assert {"on_resource_change", "reconcile", "on_drift", "send_cards", "replay", "sweep", "health"} <= set(
        names
    )
    assert [] == heavy


def test_a_claim_outlives_the_hosts_time_limit_and_a_failed_message_outlives_the_claim() -> None:
    """Else a second worker writes beside the first, or a message merges into the claim it left behind."""
    host = json.loads((ROOT / "host.json").read_text())
    queues = host["extensions"]["queues"]
    limit, comes_back = (
        timedelta(**dict(zip(("hours", "minutes", "seconds"), map(int, text.split(":")), strict=True)))
        for text in (host["functionTimeout"], queues["visibilityTimeout"])
    )
    lease = Policy(frozenset()).lease

    assert limit + timedelta(minutes=1) <= lease
    assert lease < comes_back
    assert "base64" == queues["messageEncoding"]
