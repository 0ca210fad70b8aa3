"""The published description is what the functions for people read and answer."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from remediation.app.answers import Answer
from remediation.app.people.changing import MADE, Asked
from remediation.app.people.once import LONGEST
from remediation.baseline import Action
from remediation.on_call.acting.allowed import VERBS
from remediation.on_call.acting.exempting import LONGEST_REASON
from remediation.on_call.listing import asked
from tests.builders import a_baseline
from tests.unit.on_call.desk import a_world
from tests.unit.people.office import ADA, EVE, Office, signed_in

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs" / "openapi.json").read_text()
)
PATHS, COMPONENTS = PUBLISHED["paths"], PUBLISHED["components"]
ACT = PATHS["/findings/{id}/{verb}"]["post"]
LEAVE = {"reason": "migration", "exemptFor": "4h"}


def proposing() -> Office:
    world = a_world(baseline=a_baseline(rules={"nsg-mgmt-open-to-internet": Action.PROPOSE}))
    world.handle(world.hears(by="mallory@contoso.example"))
    return Office(world)


def promised(answer: Answer, operation: dict[str, Any]) -> None:
    described = operation["responses"][str(answer.status)]
    if answer.status == 304:
        assert "content" not in described
        return
    ((kind, content),) = described["content"].items()
    assert kind == answer.content_type
    jsonschema.validate(json.loads(answer.text), {**content["schema"], "components": COMPONENTS})


def parameters(operation: dict[str, Any], place: str) -> dict[str, Any]:
    return {each["name"]: each["schema"] for each in operation["parameters"] if each["in"] == place}


def test_every_option_of_the_list_is_described_and_every_described_one_is_read() -> None:
    described = parameters(PATHS["/findings"]["get"], "query")

    assert asked.KEYS == described.keys()
    assert sorted(asked.STATES) == described["state"]["enum"]
    assert sorted(asked.SEVERITIES) == described["severity"]["enum"]
    assert (asked.USUAL, asked.MOST) == (described["limit"]["default"], described["limit"]["maximum"])


def test_every_verb_is_described_and_every_described_one_can_be_asked() -> None:
    assert sorted(VERBS) == parameters(ACT, "path")["verb"]["enum"] == sorted(MADE)
    body = COMPONENTS["schemas"]["Asked"]["properties"]
    assert {"reason", "exemptFor"} == body.keys() == set(Asked.__struct_encode_fields__)
    assert LONGEST_REASON == body["reason"]["maxLength"]
    assert LONGEST == parameters(ACT, "header")["Idempotency-Key"]["maxLength"]


def test_what_is_read_is_answered_as_it_is_described() -> None:
    office = proposing()
    found = office.the_one()
    had = signed_in(ADA, more={"if-none-match": f'"{found["etag"]}"'})

    for answer, path in (
        (office.lists({"state": "all"}), "/findings"),
        (office.lists({"state": "no"}), "/findings"),
        (office.lists({}, **signed_in(EVE)), "/findings"),
        (office.shows(found["id"]), "/findings/{id}"),
        (office.shows(found["id"], had), "/findings/{id}"),
        (office.shows("x"), "/findings/{id}"),
        (office.reads.me({}, {}), "/me"),
        (office.reads.me({}, signed_in(ADA)), "/me"),
        (office.reads.summary({}, signed_in(ADA)), "/summary"),
        (office.reads.summary({"days": "x"}, signed_in(ADA)), "/summary"),
        (office.reads.openapi(), "/openapi"),
        (office.reads.exemptions({}, signed_in(ADA)), "/exemptions"),
    ):
        promised(answer, PATHS[path]["get"])
    assert office.reads.openapi().body == PUBLISHED
    listed = office.lists().body["findings"][0]
    assert COMPONENTS["schemas"]["FindingSummary"]["properties"].keys() == listed.keys()
    assert found.keys() - listed.keys() == COMPONENTS["schemas"]["Finding"]["allOf"][1]["properties"].keys()


@pytest.mark.parametrize("verb", sorted(MADE))
def test_what_is_done_is_answered_as_it_is_described(verb: str) -> None:
    office = proposing()
    found = office.the_one()
    body = LEAVE if verb == "exempt" else None

    for answer in (
        office.asks(verb, body, by=EVE),
        office.asks(verb, {"x": 1}),
        office.asks(verb, body, identity=found["id"], etag=""),
        office.asks(verb, body, identity="nothing", etag="x"),
        office.asks(verb, body, identity=found["id"], etag="another"),
        office.asks(verb, body, more={"x-bastion-guard": ""}),
        office.asks(verb, body),
    ):
        promised(answer, ACT)
