"""The app as its bindings call it: with good settings, with bad ones, with none; and what indexing costs."""

import base64
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from remediation.adapters.clock import VirtualClock
from remediation.adapters.memory.storage import forget, shared
from remediation.app.functions import Answer, App
from remediation.app.web import MAX_REPLAY_BYTES
from remediation.errors import ConfigurationError, InputError
from remediation.ledger import retention
from remediation.ledger.diary import Diary
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.inbox import Inbox
from remediation.ledger.pressure import Pressure
from remediation.messages import Message, decode, encode
from remediation.model import Ending, Outcome
from remediation.policy import Policy
from remediation.rules import registry
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
    """What lies on the queues of both lanes."""
    queue = shared(environment["AzureWebJobsStorage"].removeprefix("memory://")).queue
    return [*queue.texts("reconcile"), *queue.texts("neighbourhood")]


def body(answer: Answer) -> Any:
    return json.loads(answer.text)


def errors(answer: Answer) -> list[str]:
    """The mistakes of the detailed page as lines."""
    return [f"{each['path']}: {each['kind']}" for each in body(answer)["mistakes"]]


def test_anybody_is_told_one_word_and_counts(environment: dict[str, str]) -> None:
    answer = App(environment).health()

    assert (200, "application/json") == (answer.status, answer.content_type)
    quiet = {"waiting": 0, "lasting": 0, "waitSeconds": 0, "unreadable": 0, "retentionLagDays": 0}
    known = {"rules": len(registry()), "subscriptions": 1, "mistakes": 0}
    assert {"status": "ok", **known, **quiet} == body(answer)


def test_who_has_the_key_is_told_which_baseline_is_in_force(environment: dict[str, str]) -> None:
    told = body(App(environment).health_details())

    assert ("ok", "observe", 1) == tuple(told[key] for key in ("status", "mode", "subscriptions"))


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
        decode(base64.b64decode(text)).sweep for text in storage.queue.texts("neighbourhood")
    ]
    assert [] == list(Inbox(storage.ledger).between(clock.now() - timedelta(days=60), clock.now()))


def broken() -> None:
    raise ZeroDivisionError


def test_while_settings_and_baseline_are_wrong_the_details_list_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "baseline.yaml").write_text("version: 2\nmode: x\n")
    app = App({"BASELINE": "baseline.yaml", "ARM_ENDPOINT": "x"}, tmp_path)

    assert (503, {"status": "not configured", "mistakes": 5}) == (app.health().status, body(app.health()))
    answer = app.health_details()
    assert (503, "application/json") == (answer.status, answer.content_type)
    told = errors(answer)
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
    answer = App({**environment, "BASELINE": "nowhere.yaml"}, tmp_path).health_details()

    assert 503 == answer.status
    assert ["baseline: cannot be read: No such file or directory"] == errors(answer)


def test_a_baseline_that_is_no_text_is_a_mistake(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe")

    answer = App({**environment, "BASELINE": "b.yaml"}, tmp_path).health_details()

    assert (503, ["baseline: is not UTF-8 text"]) == (answer.status, errors(answer))


def test_a_baseline_behind_a_url_is_only_asked_of_azure(environment: dict[str, str]) -> None:
    answer = App(
        {**environment, "BASELINE": "https://x.blob.evil.example/b.yaml?sig=s3cret"}
    ).health_details()

    assert 503 == answer.status
    assert ["baseline: is not a blob of Azure storage"] == errors(answer)


@pytest.mark.parametrize(
    "setting",
    [
        "ARM_ENDPOINT", "AzureWebJobsStorage", "BASELINE", "CARD_DELAY_SECONDS", "CHANGES_FROM",
        "DEAD_LETTER_CONTAINER", "DEAD_LETTER_ENDPOINT", "DRIFT_TOPIC_ENDPOINT", "DRIFT_TOPIC_KEY",
        "REPLAY_PRINCIPALS", "SUBSCRIPTIONS", "TEAMS_ALLOW_ANY_HOST",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["https://", "http://", ""])
def test_a_webhooks_signature_in_the_wrong_setting_is_not_told(
    environment: dict[str, str], setting: str, start: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by the page for anybody nor by the one with the key, nor by a replay, nor in the log."""
    webhook = f"{start}prod-1.westeurope.logic.azure.com/workflows/f/triggers/manual/paths/invoke?sig=S3CRET"
    app = App({**environment, setting: webhook})

    told = [app.health().text, app.health_details().text, app.replay(b"{}").text, caplog.text]

    assert "s3cret" not in "".join(told).lower()
    assert "logic.azure" not in "".join(told).lower()


def test_mistakes_without_end_are_told_in_a_bounded_answer(
    environment: dict[str, str], tmp_path: Path
) -> None:
    names = "".join(f"  'x{number}{'y' * 900}': fix\n" for number in range(2000))
    (tmp_path / "b.yaml").write_text(f"version: 1\nrules:\n{names}")

    answer = App({**environment, "BASELINE": "b.yaml"}, tmp_path).health_details()

    assert 50 == len(body(answer)["mistakes"])
    assert len(answer.text) < 40_000


def test_a_start_that_failed_is_not_tried_again_at_each_request(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Else anybody could have the baseline fetched as often as they ask for health."""
    clock = VirtualClock()
    app = App({**environment, "BASELINE": "b.yaml"}, tmp_path, clock)
    assert 503 == app.health().status
    (tmp_path / "b.yaml").write_text("version: 1")

    clock.advance(59)
    assert 503 == app.health().status
    clock.advance(2)
    assert 200 == app.health().status


def test_parts_that_break_in_an_unforeseen_way_are_a_mistake_too(environment: dict[str, str]) -> None:
    broken = {"AzureWebJobsStorage": "AccountName=;nonsense"}

    answer = App({**environment, **broken}).health_details()

    assert 503 == answer.status
    assert ["app: cannot be put together (ValueError); its log says why"] == errors(answer)


def test_a_good_baseline_is_used(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("version: 1\nmode: enforce\n")

    assert "enforce" == body(App({**environment, "BASELINE": "b.yaml"}, tmp_path).health_details())["mode"]


def test_a_mended_configuration_is_taken_up_without_a_restart(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Within a minute: so long a failed start is remembered."""
    clock = VirtualClock()
    app = App({**environment, "BASELINE": "b.yaml"}, tmp_path, clock)
    assert 503 == app.health().status

    (tmp_path / "b.yaml").write_text("version: 1")
    clock.advance(60)

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

    assert "enforce" == body(app.health_details())["mode"]
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
    assert (200, "degraded", 1) == (degraded.status, body(degraded)["status"], body(degraded)["mistakes"])
    assert 1 == app.send_cards("{}")
    standard.write_text("{version: 1, mode: enforce}")
    app.sweep()
    assert "ok" == body(app.health())["status"]
    assert 1 == app.send_cards("{}")
    assert ["sweep"] * 4 == reasons(environment)


def test_what_comes_over_the_drift_topic_and_is_no_announcement_is_passed_over(
    environment: dict[str, str],
) -> None:
    App(environment).drifted({"target": "https://evil.example", "finding": "f", "seq": 1})

    assert 0 == App(environment).send_cards("{}")


EDGES = [
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "0001-01-02",
    "0001-01-01T00:00:00+14:00",
    "9999-12-30T12:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
]


@pytest.mark.parametrize("edge", EDGES)
def test_a_date_at_the_edge_of_the_calendar_is_a_mistake_and_no_crash(
    environment: dict[str, str], edge: str
) -> None:
    app = App(environment)

    for query in (
        {"since": edge},
        {"until": edge},
        {"since": EDGES[1], "until": edge},
        {"since": edge, "until": edge},
    ):
        assert 400 == app.history(query).status
        for source in ("inbox", "poison"):
            assert 400 == app.replay(json.dumps({"source": source, **query}).encode()).status


@pytest.mark.parametrize("edge", EDGES)
def test_an_event_from_the_edge_of_the_calendar_is_accepted_or_refused(
    environment: dict[str, str], clock: VirtualClock, edge: str
) -> None:
    app = App(environment, clock=clock)

    for text in app.accept({**an_event(), "eventTime": edge}):
        assert Ending.HANDED_ON is app.reconcile(text).ending
    answer = app.replay(json.dumps({"events": [{**an_event(), "eventTime": edge}]}).encode())
    assert answer.status in {202, 400}


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
    assert {
        "on_resource_change",
        "reconcile",
        "on_drift",
        "send_cards",
        "replay",
        "sweep",
        "health",
        "health_details",
    } <= set(names)
    assert [] == heavy


def test_a_claim_is_renewed_for_longer_than_a_function_runs_and_a_failed_message_outlives_a_lease() -> None:
    """Else a second worker writes beside the first, or a message merges into the claim it left behind."""
    host = json.loads((ROOT / "host.json").read_text())
    queues = host["extensions"]["queues"]
    limit, comes_back = (
        timedelta(**dict(zip(("hours", "minutes", "seconds"), map(int, text.split(":")), strict=True)))
        for text in (host["functionTimeout"], queues["visibilityTimeout"])
    )
    policy = Policy(frozenset())

    assert limit + timedelta(minutes=1) <= policy.longest_hold
    assert policy.lease < comes_back
    assert "base64" == queues["messageEncoding"]


def test_details_tell_what_was_judged_last_and_how_much_waits_for_how_long(
    environment: dict[str, str],
) -> None:
    clock = VirtualClock()
    storage = shared(environment["AzureWebJobsStorage"].removeprefix("memory://"), clock)
    app = App(environment, clock=clock)
    assert body(app.health_details())["lastJudgement"] is None
    message = Message(target=NSG_ID.text, event_id="e")
    Diary(storage.ledger).judged(message, Outcome(Ending.COMPLIANT, NSG_ID.text), clock.now())
    storage.queue.send(message)
    storage.queue.send(message, delay=600.0)
    clock.advance(7 * 3600.0)

    told = body(app.health_details())

    assert (7 * 3600, "compliant") == (told["lastJudgement"]["secondsAgo"], told["lastJudgement"]["what"])
    assert {"queue": "reconcile", "messages": 2, "oldestSeconds": 7 * 3600} in told["queues"]
    assert "queues" not in body(app.health())


def test_health_says_when_forgetting_lags(environment: dict[str, str]) -> None:
    """Rows that should be gone are a promise that is not kept; a quarter of an hour later it is gone on."""
    clock = VirtualClock()
    ledger = shared(environment["AzureWebJobsStorage"].removeprefix("memory://"), clock).ledger
    app = App(environment, clock=clock)
    old = clock.now() - timedelta(days=139)
    Inbox(ledger).store(Message(target=NSG_ID.text, event_id="old", event_time=old), clock.now())
    retention.forget(ledger, clock, timedelta(days=30), within=timedelta(0))

    told = body(app.health())
    app.import_dead_letters()
    clock.advance(90.0)

    assert ("degraded", 109) == (told["status"], told["retentionLagDays"])
    assert ("ok", 0) == (body(app.health())["status"], body(app.health())["retentionLagDays"])


def test_a_note_of_forgetting_that_is_damaged_is_one_bad_record_and_no_silent_ledger(
    environment: dict[str, str],
) -> None:
    ledger = shared(environment["AzureWebJobsStorage"].removeprefix("memory://")).ledger
    ledger.put("retention", "forgotten", {"before": 7})

    told = body(App(environment).health())

    assert ("degraded", 1) == (told["status"], told["unreadable"])
    assert "ledger" not in told
