"""A part of the app is down: judging and repairing go on, health is degraded and says which."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from remediation.adapters.azure_errors import Problem, translated
from remediation.adapters.memory.storage import MemoryStorage, VirtualClock, forget, shared
from remediation.adapters.telemetry import chosen_measures
from remediation.app.functions import App
from remediation.app.upkeep import upkeep
from remediation.errors import ConfigurationError, ForbiddenError, PermanentError
from remediation.measures import SILENT
from remediation.on_call.checkup.answers import Health, conditions
from remediation.telling.parts_down import CARDS, LETTERS, PartsDown
from tests.builders import SUBSCRIPTION

REFERENCE = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/teams-webhook-url)"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def storage(clock: VirtualClock) -> Iterator[MemoryStorage]:
    yield shared("parts", clock)
    forget("parts")


@pytest.fixture
def environment(storage: MemoryStorage) -> dict[str, str]:
    return {
        "SUBSCRIPTIONS": SUBSCRIPTION,
        "AzureWebJobsStorage": "memory://parts",
        "ARM_ENDPOINT": "http://127.0.0.1:9",
        "ARM_STATIC_TOKEN": "nobody",
    }


def body(answer: Any) -> dict[str, Any]:
    return dict(json.loads(answer.text))


@pytest.mark.parametrize(
    ("webhook", "named"),
    [
        (REFERENCE, "is a Key Vault reference that is not resolved"),
        ("https://example.com/hook", "host is not under"),
        ("ftp://logic.azure.com/", "does not begin with https://"),
        ("no url", "is not a URL"),
    ],
)
def test_an_unusable_webhook_leaves_the_app_degraded_and_working(
    environment: dict[str, str], webhook: str, named: str
) -> None:
    app = App({**environment, "TEAMS_WEBHOOK_URL": webhook})

    app.sweep()
    answer, details = app.health(), body(app.health_details())

    assert (200, "degraded", 1) == (answer.status, body(answer)["status"], body(answer)["mistakes"])
    assert named in details["mistakes"][0]["kind"]
    assert "SecretUri" not in json.dumps(details)


def test_a_webhook_that_is_resolved_later_is_taken_without_a_restart(environment: dict[str, str]) -> None:
    environment |= {"TEAMS_WEBHOOK_URL": REFERENCE}
    app = App(environment)
    assert "degraded" == body(app.health())["status"]

    environment["TEAMS_WEBHOOK_URL"] = "https://prod-1.westeurope.logic.azure.com/workflows/x?sig=s"

    assert "ok" == body(app.health())["status"]


CHANNELS = """
version: 1
mode: enforce
channels:
  platform: {type: teams, secret: TEAMS_WEBHOOK_URL}
  siem: {type: webhook, secret: CHANNEL_SIEM}
routes: [{match: {severity: high}, channels: [siem]}]
defaultChannel: platform
"""


@pytest.mark.parametrize("unresolved", ["TEAMS_WEBHOOK_URL", "CHANNEL_SIEM", "CHANNEL_SIEM_KEY"])
def test_every_channels_secrets_are_read_anew_and_named_while_they_are_references(
    environment: dict[str, str], tmp_path: Path, unresolved: str
) -> None:
    (tmp_path / "baseline.yaml").write_text(CHANNELS)
    environment |= {
        "BASELINE": "baseline.yaml",
        "TEAMS_WEBHOOK_URL": "https://prod-1.westeurope.logic.azure.com/workflows/x?sig=s",
        "CHANNEL_SIEM": "https://siem.example.com/hook",
        "CHANNEL_SIEM_KEY": "a key",
    }
    good = environment[unresolved]
    environment[unresolved] = REFERENCE
    app = App(environment, root=tmp_path)

    degraded, details = app.health(), body(app.health_details())
    environment[unresolved] = good

    assert (200, "degraded", 1) == (degraded.status, body(degraded)["status"], body(degraded)["mistakes"])
    assert [f"setting {unresolved}"] == [mistake["path"] for mistake in details["mistakes"]]
    assert "ok" == body(app.health())["status"]


@pytest.mark.parametrize(
    "host",
    [
        "prod-1.westeurope.logic.azure.com", "prod-1.usgovvirginia.logic.azure.us", "x.logic.azure.cn",
        "default1.00.environment.api.powerplatform.com", "x.api.gov.powerplatform.microsoft.us",
        "x.environment.api.high.powerplatform.microsoft.us", "x.api.appsplatform.us",
        "x.api.powerplatform.partner.microsoftonline.cn",
    ],
)  # fmt: skip
def test_the_hosts_of_workflows_in_every_cloud_are_known(environment: dict[str, str], host: str) -> None:
    app = App({**environment, "TEAMS_WEBHOOK_URL": f"https://{host}/workflows/x?sig=s"})

    assert "ok" == body(app.health())["status"]


def test_any_other_setting_that_is_an_unresolved_reference_is_named_as_one(
    environment: dict[str, str],
) -> None:
    app = App({**environment, "DRIFT_TOPIC_ENDPOINT": REFERENCE})

    details = app.health_details()

    assert 503 == details.status
    assert {
        "path": "setting DRIFT_TOPIC_ENDPOINT",
        "kind": "is a Key Vault reference that is not resolved",
    } in body(details)["mistakes"]


def test_a_channel_that_refuses_is_a_word_in_health_and_a_line_of_the_doctors(
    environment: dict[str, str], storage: MemoryStorage, clock: VirtualClock
) -> None:
    app = App(environment, clock=clock)
    PartsDown(storage.ledger, clock).failed(CARDS, PermanentError("Teams answered 404: gone", code="404"))

    answer, details = app.health(), body(app.health_details())

    assert (200, "degraded", ["cards"]) == (answer.status, body(answer)["status"], body(answer)["down"])
    [check] = conditions(Health(200, details))
    assert ("channels", "bad") == (check.name, check.state)
    assert "404: gone" in check.text
    assert ["channel-failed"] == [each["page"] for each in details["details"]["down"]]
    assert "channel-failed" in check.command


class Shut:
    """A ledger whose account was closed; `reads` says whether it can still be read."""

    def __init__(self, ledger: Any, *, reads: bool) -> None:
        self._ledger = ledger
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        reading = name in {"read", "rows", "next_partition"}
        return getattr(self._ledger, name) if reading and self._reads else self._refuse

    def _refuse(self, *_: object, **__: object) -> None:
        problem = Problem("AuthorizationFailure", "This request is not authorized to perform this operation.")
        raise translated("asking the ledger", 403, problem)


def shut(app: App, *, reads: bool) -> None:
    app.health()
    ports = app._parts().ports
    object.__setattr__(ports, "ledger", Shut(ports.ledger, reads=reads))


def test_a_ledger_that_cannot_be_read_stops_judging_and_is_named_as_what_it_is(
    environment: dict[str, str], clock: VirtualClock
) -> None:
    app = App(environment, clock=clock)
    shut(app, reads=False)
    clock.advance(61)

    answer = app.health()

    assert (503, "not ready") == (answer.status, body(answer)["status"])
    assert "closed, perhaps by a policy" in body(app.health_details())["details"]["ledger"]


def test_a_ledger_that_takes_no_writes_is_told_on_one_card_and_in_health(
    environment: dict[str, str], clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(environment, clock=clock)
    app.import_dead_letters()
    shut(app, reads=True)
    clock.advance(3600)

    with caplog.at_level(logging.INFO), pytest.raises(ForbiddenError):
        upkeep(app._parts())["ledger"]()

    said = [record.message for record in caplog.records]
    assert "ledger.unwritable" in said
    assert "Bastion Guard cannot work" in str([record.__dict__ for record in caplog.records])
    told = body(app.health())
    assert "degraded" == told["status"]
    assert 3600 <= told["unwrittenSeconds"] < 3700  # ARM is not there, and is waited for on the same clock
    [check] = conditions(Health(200, told))
    assert ("ledger", "bad") == (check.name, check.state)


def test_dead_letters_that_cannot_be_read_stop_nothing_else_of_their_timer(
    environment: dict[str, str], storage: MemoryStorage, clock: VirtualClock
) -> None:
    """No token may be sent to where their account should be."""
    closed = {"DEAD_LETTER_ENDPOINT": "http://127.0.0.1:9/dead", "DEAD_LETTER_CONTAINER": "dead-letters"}
    app = App({**environment, **closed}, clock=clock)

    for _ in range(2):
        with pytest.raises(ConfigurationError):
            app.import_dead_letters()
        clock.advance(timedelta(minutes=15).total_seconds())

    trouble = PartsDown(storage.ledger, clock).of(LETTERS)
    assert trouble is not None
    assert trouble.serious
    assert ["dead-letters"] == body(app.health())["down"]
    assert 200 == app.health().status


def test_telemetry_that_cannot_be_started_is_silence() -> None:
    """Whatever is wrong with an exporter, changes are judged."""

    def broken() -> Any:
        raise ZeroDivisionError

    assert SILENT is chosen_measures({"PYTHON_ENABLE_OPENTELEMETRY": "true"}, broken)
