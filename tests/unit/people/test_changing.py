"""What people change over HTTP: the right status for everything, and nothing changed where it is refused."""

from typing import Any

import pytest

from remediation.app.people.pace import MOST
from remediation.baseline import Action
from remediation.errors import ThrottledError, TransientError
from remediation.on_call.acting.allowed import VERBS
from tests.builders import NSG_ID, a_baseline, a_lock
from tests.faults import Interrupted, always
from tests.unit.on_call.desk import a_world
from tests.unit.people.office import ADA, BOB, EVE, KEY, Office, signed_in

RULE = "nsg-mgmt-open-to-internet"
LEAVE = {"reason": "migration", "exemptFor": "4h"}


def proposing(**choices: Any) -> Office:
    world = a_world(baseline=a_baseline(rules={RULE: Action.PROPOSE}, **choices))
    world.handle(world.hears(by="mallory@contoso.example"))
    return Office(world)


def test_apply_answers_what_was_done_with_the_finding_as_it_is_now() -> None:
    office = proposing()

    answer = office.asks("apply")

    assert (200, "fixed", ["DELETE allow-ssh"]) == (
        answer.status,
        answer.body["finding"]["state"],
        office.world.writes,
    )
    assert answer.body["writeId"] == answer.body["finding"]["writeId"] == office.world.journal[0].id
    assert f'"{answer.body["finding"]["etag"]}"' == answer.headers["ETag"]
    assert ADA == office.world.journal[0].applied_by["objectId"]


@pytest.mark.parametrize(
    ("verb", "body", "state"),
    [("exempt", LEAVE, "exempt"), ("ack", None, "open"), ("look", None, "open"), ("ack", {}, "open")],
)
def test_each_verb_answers_with_the_finding(verb: str, body: dict[str, str] | None, state: str) -> None:
    answer = proposing().asks(verb, body)

    assert (200, state) == (answer.status, answer.body["finding"]["state"])
    assert answer.body["done"].endswith(".")


def test_undo_takes_a_write_back_by_its_id() -> None:
    office = proposing()
    written = office.asks("apply").body["writeId"]

    answer = office.asks("undo", {"exemptFor": "1h"}, identity=written, etag="")

    assert (200, "exempt") == (answer.status, answer.body["finding"]["state"])
    assert {"allow-ssh"} == set(office.world.rules())


def test_what_changed_since_it_was_shown_is_a_412_with_the_finding_as_it_is() -> None:
    office = proposing()
    shown = office.the_one()
    office.asks("ack")

    answer = office.asks("apply", by=ADA, identity=shown["id"], etag=shown["etag"])

    assert (412, "application/problem+json") == (answer.status, answer.content_type)
    assert shown["etag"] != answer.body["finding"]["etag"] == office.the_one()["etag"]
    assert [] == office.world.writes


def test_a_guard_is_a_409_that_says_which() -> None:
    office = proposing()
    office.world.cloud.seed(a_lock(NSG_ID.text))

    answer = office.asks("apply")

    assert (409, True) == (answer.status, "lock keep" in answer.body["detail"])
    assert [] == office.world.writes


@pytest.mark.parametrize("verb", ["apply", "exempt", "ack"])
@pytest.mark.parametrize("etag", ["", "*"])
def test_who_does_not_say_what_they_saw_changes_nothing(verb: str, etag: str) -> None:
    office = proposing()
    answer = office.asks(
        verb, LEAVE if verb == "exempt" else None, identity=office.the_one()["id"], etag=etag
    )
    assert (428, "open") == (answer.status, office.the_one()["state"])


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("exempt", {"reason": "x"}),
        ("exempt", {"exemptFor": "4h"}),
        ("exempt", {"reason": "x", "exemptFor": "soon"}),
        ("exempt", {"reason": "x", "exemptFor": "91d"}),
        ("exempt", {"reason": "\x00", "exemptFor": "1h"}),
        ("apply", {"force": True}),
        ("apply", []),
        ("ack", {"reason": 7}),
        ("undo", {"exemptFor": "-1h"}),
    ],
    ids=str,
)
def test_a_body_that_cannot_be_used_is_a_422_and_changes_nothing(verb: str, body: Any) -> None:
    office = proposing()
    before = office.the_one()

    answer = office.asks(verb, body)

    assert (422, before["etag"]) == (answer.status, office.the_one()["etag"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"x-functions-key": KEY}, 401),
        (signed_in(ADA), 403),
        (signed_in(ADA, more={"x-bastion-guard": "0"}), 403),
        (signed_in(EVE, more={"x-bastion-guard": "1"}), 403),
        (signed_in(BOB, more={"x-bastion-guard": "1"}), 403),
    ],
    ids=["nobody", "the key", "another page", "a wrong header", "a stranger", "a reader"],
)
def test_who_may_not_or_was_not_asked_by_our_page_changes_nothing(
    headers: dict[str, str], status: int
) -> None:
    office = proposing()
    found = office.the_one()

    for verb in ("apply", "exempt", "ack", "undo"):
        given = {**headers, "if-match": found["etag"]}
        answer = office.changes.act(found["id"], verb, b"", {"code": KEY}, given)
        assert answer.status in {status, 422 if verb == "exempt" and status == 200 else status}

    assert ([], found["etag"]) == (office.world.writes, office.the_one()["etag"])


def test_a_forged_principal_changes_nothing_where_nobody_signs_in() -> None:
    office = proposing()
    found = office.the_one()
    office.trusted = False

    answer = office.asks("apply", identity=found["id"], etag=found["etag"])

    assert (401, []) == (answer.status, office.world.writes)


@pytest.mark.parametrize("identity", ["x", "", "../../x", "f" * 32 + "-" + "0" * 32, "/" * 300])
@pytest.mark.parametrize("verb", sorted(VERBS))
def test_what_is_not_there_is_a_404(identity: str, verb: str) -> None:
    office = Office()
    assert (
        404
        == office.asks(verb, LEAVE if verb == "exempt" else None, identity=identity or "-", etag="x").status
    )


def test_a_verb_that_is_none_is_a_404() -> None:
    assert 404 == proposing().asks("destroy").status


def test_the_same_request_with_its_key_is_done_once_and_told_twice() -> None:
    office = proposing()
    shown = office.the_one()
    key = {"idempotency-key": "from the page, once"}

    first, again = (
        office.asks("exempt", LEAVE, identity=shown["id"], etag=shown["etag"], more=key) for _ in range(2)
    )

    assert (200, 200, first.body["done"]) == (first.status, again.status, again.body["done"])
    assert 1 == office.world.announced.count("DriftExempted")


def test_a_key_that_was_for_another_request_is_refused_and_a_persons_own() -> None:
    office = proposing()
    key = {"idempotency-key": "k"}
    office.asks("look", more=key)

    assert 422 == office.asks("ack", more=key).status
    assert 200 == office.asks("look", by=BOB, more=key).status


def test_what_failed_may_be_tried_again_with_its_key() -> None:
    office = proposing()
    silent = Interrupted(office.world.cloud, before_get=always(TransientError("no answer")))
    key = {"idempotency-key": "k"}
    office.through = {"cloud": silent}
    assert 503 == office.asks("apply", more=key).status
    office.through = {}

    assert 200 == office.asks("apply", more=key).status


def test_a_write_that_azure_did_not_answer_is_under_way_until_it_is_known() -> None:
    office = proposing()
    silent = Interrupted(office.world.cloud, before_write=always(TransientError("no answer")))
    office.through = {"cloud": silent}

    answer = office.asks("apply")

    assert (202, True) == (answer.status, "no answer" in answer.body["done"])
    office.world.run()
    assert ("open", []) == (office.the_one()["state"], office.world.writes)


def test_where_azure_asks_for_patience_the_answer_says_how_long() -> None:
    office = proposing()
    throttled = always(ThrottledError("429", retry_after=17))
    office.through = {"cloud": Interrupted(office.world.cloud, before_write=throttled)}

    answer = office.asks("apply")

    assert answer.status in {429, 503}
    assert int(answer.headers["Retry-After"]) > 0


def test_one_person_changes_only_so_much_a_minute_and_keeps_nobody_else_from_it() -> None:
    office = proposing()
    found = office.the_one()
    statuses = [office.asks("ack", identity=found["id"], etag=found["etag"]).status for _ in range(MOST + 1)]

    assert (429, {200}) == (statuses[-1], set(statuses[:-1]))
    assert 200 == office.asks("look", by=BOB, identity=found["id"], etag="").status
    office.world.clock.advance(60)
    assert 200 == office.asks("look", identity=found["id"], etag="").status


def test_a_body_that_is_too_large_is_refused() -> None:
    assert 413 == proposing().asks("exempt", {"reason": "x" * 20_000, "exemptFor": "1h"}).status


def test_what_others_wrote_is_json_and_the_id_in_an_address_says_nothing_of_it() -> None:
    """Names are other people's: the id in an address, a log and a file's name is made of digests."""
    hostile = "</script><script>alert(1)</script>{{7*7}}\r\nSet-Cookie: x"
    world = a_world(baseline=a_baseline(rules={RULE: Action.PROPOSE}))
    world.handle(world.hears(by=hostile))
    office = Office(world)

    found, answer = office.the_one(), office.asks("look")

    assert (200, "application/json", hostile) == (answer.status, answer.content_type, found["actor"]["name"])
    assert set(found["id"]) <= set("0123456789abcdef-")
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert not any("\n" in value or "script" in value for value in answer.headers.values())
