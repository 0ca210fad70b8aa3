"""The published description of the HTTP surface is what the code reads and answers."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from remediation.adapters.memory.storage import shared
from remediation.app.functions import App
from remediation.app.web import KEY, MAX_REPLAY_BYTES, MOST_TARGETS
from remediation.ledger.decided.exemptions import ExemptionRecord, Exemptions
from remediation.model import Ending
from remediation.model.handling import EXEMPT
from remediation.on_call import history, replay_request
from tests.builders import NSG_ID
from tests.unit.on_call.desk import a_world

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs" / "openapi.json").read_text()
)
REPLAY = PUBLISHED["paths"]["/replay"]["post"]
SCHEMAS = PUBLISHED["components"]["schemas"]
OPTIONS = SCHEMAS["Options"]["properties"]
GOOD = {
    "SUBSCRIPTIONS": "00000000-0000-0000-0000-00000000cafe",
    "AzureWebJobsStorage": "memory://openapi",
    "ARM_ENDPOINT": "http://127.0.0.1:9",
    "ARM_STATIC_TOKEN": "nobody",
}
ADA = {"x-ms-client-principal-id": "aaaaaaaa-0000-4000-8000-000000000001", "x-bastion-guard": "1"}
EXAMPLES = REPLAY["requestBody"]["content"]["application/json"]["examples"]


def test_every_option_of_a_replay_is_described_and_every_described_one_is_read() -> None:
    assert replay_request.KEYS == OPTIONS.keys()
    assert sorted(replay_request.SOURCES) == OPTIONS["source"]["enum"]
    assert [*(ending.value for ending in Ending), EXEMPT] == OPTIONS["outcome"]["enum"]


def test_the_bounds_that_are_described_are_those_that_hold() -> None:
    described = {OPTIONS[name]["maxItems"] for name in ("events", "resources", "ids")}
    assert {replay_request.MOST} == described | {OPTIONS["limit"]["maximum"]}
    assert MOST_TARGETS == SCHEMAS["DryRun"]["allOf"][1]["properties"]["targets"]["maxItems"]
    assert f"{MAX_REPLAY_BYTES >> 20} MiB" in REPLAY["requestBody"]["description"]


def test_every_option_of_the_history_is_described_and_every_described_one_is_read() -> None:
    parameters = {
        each["name"]: each["schema"] for each in PUBLISHED["paths"]["/history"]["get"]["parameters"]
    }

    assert history.KEYS | {"id"} == parameters.keys()
    assert sorted(history.KINDS) == parameters["kind"]["enum"]
    assert (history.USUAL_LINES, history.MOST_LINES) == (
        parameters["limit"]["default"],
        parameters["limit"]["maximum"],
    )


def test_the_key_is_described_as_it_is_left_out_of_the_options() -> None:
    assert KEY == PUBLISHED["components"]["securitySchemes"]["code"]["name"]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_can_be_asked(name: str) -> None:
    wanted = EXAMPLES[name]["value"]

    request = replay_request.read(wanted, a_world().clock.now())

    assert request.source == wanted.get("source", replay_request.GIVEN)


@pytest.mark.parametrize("environment", [{}, GOOD], ids=["without settings", "well"])
def test_health_is_answered_as_it_is_described(environment: dict[str, str]) -> None:
    app = App(environment)

    for answer, name in ((app.health(), "Health"), (app.health_details(), "HealthDetails")):
        jsonschema.validate(dict(answer.body), SCHEMAS[name])
        assert answer.body.keys() <= SCHEMAS[name]["properties"].keys()
    assert [{}] == PUBLISHED["paths"]["/health"]["get"]["security"]
    assert "security" not in PUBLISHED["paths"]["/health/details"]["get"]


def test_exemptions_are_answered_and_changed_as_it_is_described(fresh_name: str, tmp_path: Path) -> None:
    """The baseline's own; those that people give are of the same shape."""
    baseline = tmp_path / "baseline.json"
    baseline.write_text(json.dumps({"version": 1, "people": {"exempt": [ADA["x-ms-client-principal-id"]]}}))
    signing_in = {"WEBSITE_AUTH_ENABLED": "true", "BASELINE": str(baseline)}
    people = App({**GOOD, **signing_in, "AzureWebJobsStorage": f"memory://{fresh_name}"}).people()
    ledger = shared(fresh_name).ledger
    until = datetime.now(UTC) + timedelta(hours=1)
    given = ExemptionRecord("rule", NSG_ID.text, until, "write", "allow-ssh", by="ada", since=until)
    Exemptions(ledger).grant(NSG_ID, given)
    change = PUBLISHED["paths"]["/exemptions/{id}"]["post"]["requestBody"]["content"]["application/json"]

    (listed,) = people.reads.exemptions({}, ADA).body["exemptions"]
    for body in ({"until": "4h"}, {"end": True}):
        jsonschema.validate(body, change["schema"])
        answer = people.changes.change_exemption(given.id, json.dumps(body).encode(), {}, ADA)
        jsonschema.validate(dict(answer.body), SCHEMAS["Exemption"])

    jsonschema.validate(listed, SCHEMAS["Exemption"])
    assert listed.keys() == SCHEMAS["Exemption"]["properties"].keys()
    assert [] == people.reads.exemptions({}, ADA).body["exemptions"]
