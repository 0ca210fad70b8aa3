"""The HTTP face: the right status for everything, and every mistake named."""

import json
from typing import Any

import pytest

from remediation.app.answers import Answer
from remediation.app.web import MAX_REPLAY_BYTES, PRINCIPAL, Web
from remediation.errors import ConfigurationError, PermanentError, ThrottledError, TransientError
from remediation.on_call.tools import OnCall
from tests.builders import FOREIGN, NSG_ID, an_event
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world

ALICE = "aaaaaaaa-0000-4000-8000-000000000001"


def a_web(world: World, principals: frozenset[str] = frozenset(), **through: Any) -> Web:
    return Web(lambda: a_desk(world, **through), lambda: principals)


def post(body: Any, world: World | None = None, **through: Any) -> Answer:
    return a_web(world or a_world(), **through).replay(json.dumps(body).encode(), {})


class Failing:
    """A Cloud of which every read fails in one way."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get(self, resource: object) -> None:
        raise self._error


def test_what_is_queued_is_answered_with_202_and_a_dry_run_with_200() -> None:
    world = a_world()

    queued, dry = (post({"resources": [NSG_ID.text], "dryRun": dry}, world) for dry in (False, True))

    assert ((202, 1), (200, 0)) == ((queued.status, queued.body["queued"]), (dry.status, dry.body["queued"]))
    assert "repair" == dry.body["targets"][0]["outcome"]
    assert len(world.waiting) == 1


def test_every_mistake_of_a_request_is_named_at_once() -> None:
    answer = post({"source": "x", "since": "never", "limit": 0, "rule": "no", "colour": 1, "outcome": "open"})

    assert (400, "application/problem+json") == (answer.status, answer.content_type)
    told = " ".join(answer.body["errors"])
    assert all(key in told for key in ("source", "since", "limit", "rule", "colour", "outcome"))
    assert {"type", "status", "title", "detail", "errors"} == answer.body.keys()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"source": "inbox", "resource": f"/subscriptions/{FOREIGN}"}, 403),
        ({"source": "inbox", "ids": ["unheard of"]}, 404),
        ({"source": "dead-letters"}, 409),
        ({"source": "inbox", "since": "2026-01-01", "until": "2025-01-01"}, 400),
        ({"source": "inbox", "since": "2020-01-01"}, 400),
        ({"source": "inbox", "events": [an_event()]}, 400),
        ({"source": "activity-log", "resourceGroup": "x' or 'y"}, 400),
    ],
    ids=str,
)
def test_each_kind_of_refusal_has_its_status(body: Any, status: int) -> None:
    answer = post(body)

    assert (status, status) == (answer.status, answer.body["status"])
    assert answer.body["errors"]


def test_a_body_that_is_too_large_is_not_even_read() -> None:
    assert 413 == a_web(a_world()).replay(b"[" * (MAX_REPLAY_BYTES + 1), {}).status


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({PRINCIPAL: FOREIGN}, 403), ({PRINCIPAL: ALICE.upper()}, 202)],
    ids=["nobody", "a stranger", "one of them"],
)
def test_where_principals_are_named_only_they_may_replay(headers: dict[str, str], status: int) -> None:
    web = a_web(a_world(), frozenset({ALICE}))

    assert status == web.replay(json.dumps([an_event()]).encode(), headers).status


def test_where_principals_are_named_only_they_read_the_history() -> None:
    web = a_web(a_world(), frozenset({ALICE}))

    assert (401, 200) == (web.history({}, {}).status, web.history({}, {PRINCIPAL: ALICE}).status)


def test_a_throttled_dry_run_says_when_to_come_back() -> None:
    cloud = Failing(ThrottledError("429", retry_after=17))

    answer = post({"resources": [NSG_ID.text], "dryRun": True}, cloud=cloud)

    assert (429, "17") == (answer.status, answer.headers["Retry-After"])


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigurationError("setting SUBSCRIPTIONS: is missing"), 503),
        (TransientError("no answer"), 503),
        (PermanentError("no such thing"), 502),
    ],
)
def test_trouble_behind_the_request_is_no_mistake_of_the_caller(error: Exception, status: int) -> None:
    def broken() -> OnCall:
        raise error

    web = Web(broken, frozenset)

    assert status == web.history({}, {}).status


def test_only_so_many_replays_are_prepared_at_a_time() -> None:
    """The one that comes while two are busy is asked to come back."""
    world = a_world()
    answers: list[Answer] = []

    class Busy:
        """While it is read, another request comes in."""

        def get(self, resource: object) -> None:
            if len(answers) < 3:
                answers.append(web.replay(body, {}))

    web = a_web(world, cloud=Busy())
    body = json.dumps({"resources": [NSG_ID.text], "dryRun": True}).encode()

    answers.append(web.replay(body, {}))

    assert {429, 200} == {answer.status for answer in answers}
    assert 200 == web.replay(body, {}).status


# The history ---------------------------------------------------------------------------------------


def asked(query: dict[str, str]) -> Answer:
    world = a_world()
    world.handle(world.hears(by="alice@contoso.example"))
    return a_web(world).history(query, {})


def test_the_history_is_listed_the_latest_first() -> None:
    answer = asked({"code": "the function key"})

    assert 200 == answer.status
    assert ["judged", "announced", "written"] == [entry["kind"] for entry in answer.body["entries"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "written"}, 1),
        ({"rule": "nsg-mgmt-open-to-internet"}, 2),
        ({"rule": "gave-up"}, 0),
        ({"actor": "alice"}, 3),
        ({"actor": "bob"}, 0),
        ({"resource": "web"}, 3),
        ({"resource": "we"}, 0),
        ({"resource": NSG_ID.text.upper() + "/"}, 3),
        ({"resource": f"{NSG_ID}2"}, 0),
        ({"limit": "2"}, 2),
        ({"replay": "x"}, 0),
        ({"until": "1h"}, 0),
    ],
    ids=str,
)
def test_the_history_is_asked_by_all_it_knows(query: dict[str, str], found: int) -> None:
    assert found == len(asked(query).body["entries"])


@pytest.mark.parametrize(
    "query",
    [{"since": "x"}, {"limit": "0"}, {"limit": "501"}, {"limit": "9" * 5000}, {"kind": "all"}, {"rule": "x"},
     {"colour": "red"}, {"since": "91d"}, {"id": "x", "kind": "written"}, {"actor": "\x00"}],
    ids=lambda query: str(query)[:40],
)  # fmt: skip
def test_a_question_nobody_can_mean_is_a_400(query: dict[str, str]) -> None:
    assert 400 == asked(query).status


@pytest.mark.parametrize("identity", ["x", "", "20260101T000000000000Z-j0000000", "/" * 300])
def test_an_entry_that_is_not_there_is_a_404(identity: str) -> None:
    assert 404 == asked({"id": identity}).status


def test_an_entry_in_full_has_before_after_traffic_proof_and_the_way_back() -> None:
    world = a_world()
    world.handle()
    web = a_web(world)
    listed = web.history({"kind": "written"}, {}).body["entries"]

    entry = web.history({"id": listed[0]["id"]}, {}).body

    assert entry["before"]["name"] == "allow-ssh"
    assert entry["after"] is None
    assert any("no longer allowed: TCP 22" in line for line in entry["traffic"])
    assert entry["proof"]
    assert [{"method": "PUT", "id": entry["resource"]}] == [
        {key: inverse[key] for key in ("method", "id")} for inverse in entry["inverse"]
    ]
    assert [entry["id"]] == entry["repair"]


def test_a_judgement_in_full_names_what_it_could_not_tell() -> None:
    def of_kind(web: Web, kind: str) -> Any:
        (line,) = web.history({"kind": kind}, {}).body["entries"]
        return web.history({"id": line["id"]}, {}).body

    world = a_world()
    world.handle()
    web = a_web(world)

    assert "repaired" == of_kind(web, "judged")["what"]
    assert world.journal[0].id == of_kind(web, "announced")["writeId"]
