"""What people read over HTTP: findings page by page, one in full, who they are, what was repaired."""

from datetime import timedelta
from typing import Any

import pytest

from remediation.baseline import Action
from remediation.findings import FindingRecord, State
from remediation.ledger.findings_book import FindingsBook
from remediation.resource_id import ResourceId
from tests.builders import NSG_ID, SUBSCRIPTION, a_baseline
from tests.unit.on_call.desk import a_world
from tests.unit.people.office import ADA, BOB, EVE, KEY, Office, signed_in

RULE = "nsg-mgmt-open-to-internet"
SEVERITIES = ("critical", "high", "medium", "low")


def proposing() -> Office:
    """The group `web` is open, and its repair is proposed."""
    world = a_world(baseline=a_baseline(rules={RULE: Action.PROPOSE}))
    world.handle(world.hears(by="mallory@contoso.example"))
    return Office(world)


def with_findings(count: int) -> Office:
    """So many open findings of as many groups, of every severity in turn."""
    office = Office()
    for number in range(count):
        note(office, number)
    return office


def note(office: Office, number: int, **facts: Any) -> FindingRecord:
    target = ResourceId.parse(f"{NSG_ID.text.rpartition('/')[0]}/nsg-{number:05}")
    now = office.world.clock.now()
    record = FindingRecord(
        rule=RULE,
        resource=target.text,
        title="open",
        severity=SEVERITIES[number % 4],
        guidance=[],
        evidence={},
        disposition="alert",
        **{
            "message": f"number {number}",
            "state": State.OPEN,
            "seq": 1,
            "opened_at": now,
            "changed_at": now,
            "owner": f"team {number % 3}",
            **facts,
        },
    )
    FindingsBook(office.world.ledger).amend(target, lambda known: {**known, record.name: record})
    return record


def all_pages(office: Office, query: dict[str, str]) -> list[list[dict[str, Any]]]:
    pages, more = [], dict(query)
    while True:
        body = office.lists(more).body
        pages.append(list(body["findings"]))
        if body["next"] is None:
            return pages
        more["next"] = body["next"]


def test_an_open_finding_is_listed_with_all_that_a_list_shows() -> None:
    (found,) = proposing().lists().body["findings"]

    assert (RULE, NSG_ID.text, "web", "open", "propose") == tuple(
        found[key] for key in ("rule", "resource", "name", "state", "disposition")
    )
    assert (SUBSCRIPTION, "mallory@contoso.example") == (found["subscription"], found["actor"]["name"])
    assert [f"the baseline says propose for {RULE}"] == found["heldBackBy"]


def test_one_finding_is_shown_with_its_writes_what_is_there_before_them_and_its_history() -> None:
    office = proposing()
    found = office.the_one()

    (write,) = found["fix"]["writes"]
    assert ("DELETE", "allow-ssh") == (write["method"], found["fix"]["before"][write["id"]]["name"])
    assert ["judged", "announced"] == [line["kind"] for line in found["history"]][:2]
    assert found["witness"]["allowedBy"] == "allow-ssh"
    assert f'"{found["etag"]}"' == office.shows(found["id"]).headers["ETag"]


def test_every_finding_is_on_one_page_and_on_one_alone() -> None:
    pages = all_pages(with_findings(57), {"limit": "10"})

    ids = [found["id"] for page in pages for found in page]
    assert (57, 57) == (len(ids), len(set(ids)))
    assert max(map(len, pages)) == 10


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"severity": "critical"}, 15),
        ({"owner": "TEAM 1"}, 20),
        ({"rule": RULE}, 60),
        ({"rule": "bastion-sku-tier"}, 0),
        ({"subscription": SUBSCRIPTION.upper()}, 60),
        ({"subscription": "00000000-0000-0000-0000-000000000000"}, 0),
        ({"state": "fixed"}, 1),
        ({"state": "all"}, 61),
        ({"severity": "high", "owner": "team 2"}, 5),
    ],
    ids=str,
)
def test_findings_are_asked_for_by_all_that_a_list_knows(query: dict[str, str], count: int) -> None:
    office = with_findings(60)
    note(office, 9999, state=State.FIXED)

    assert count == sum(map(len, all_pages(office, {"limit": "7", **query})))


@pytest.mark.parametrize(
    "query", [{"state": "x"}, {"limit": "0"}, {"limit": "501"}, {"next": "x"}, {"colour": "red"}], ids=str
)
def test_a_question_nobody_can_mean_is_a_400_that_names_it(query: dict[str, str]) -> None:
    answer = Office().lists(query)

    assert (400, "application/problem+json") == (answer.status, answer.content_type)
    assert next(iter(query)) in answer.body["detail"]


def test_what_one_has_already_is_not_sent_again() -> None:
    office = proposing()
    first, whole = office.lists(), office.shows(office.the_one()["id"])

    again = office.lists({}, **signed_in(ADA), **{"if-none-match": first.headers["ETag"]})
    shown = office.shows(whole.body["id"], signed_in(ADA, more={"if-none-match": whole.headers["ETag"]}))

    assert [(304, ""), (304, "")] == [(again.status, again.text), (shown.status, shown.text)]
    assert 200 == office.lists({}, **signed_in(ADA), **{"if-none-match": '"other"'}).status


@pytest.mark.parametrize("identity", ["x", "", "f" * 32 + "-" + "f" * 32, "/" * 300, "../x"])
def test_a_finding_that_is_not_there_is_a_404(identity: str) -> None:
    assert 404 == proposing().shows(identity).status


def test_what_is_counted_is_how_many_are_open_exempt_and_repaired_this_week() -> None:
    office = with_findings(6)
    now = office.world.clock.now()
    note(office, 100, state=State.EXEMPT)
    note(office, 101, state=State.FIXED, event_time=now - timedelta(seconds=30))
    note(office, 102, state=State.FIXED, changed_at=now - timedelta(days=8), event_time=None)

    counts = office.lists().body["counts"]
    summary = office.reads.summary({}, signed_in(ADA)).body

    assert {
        "open": {"critical": 2, "high": 2, "medium": 1, "low": 1},
        "exempt": 1,
        "fixedThisWeek": 1,
    } == counts
    assert (1, 30.0, [30.0]) == (
        summary["repairedCount"],
        summary["medianSeconds"],
        [each["seconds"] for each in summary["repaired"]],
    )
    assert [SUBSCRIPTION] == summary["watched"]["subscriptions"]
    assert 2 == office.reads.summary({"days": "30"}, signed_in(ADA)).body["repairedCount"]


@pytest.mark.parametrize(
    ("headers", "status", "can"),
    [
        ({}, 401, None),
        (signed_in(EVE), 403, None),
        (signed_in(BOB), 200, False),
        ({"x-functions-key": KEY}, 200, False),
        ({"x-functions-key": "another"}, 401, None),
        (signed_in(ADA), 200, True),
        (signed_in(ADA, more={"x-ms-client-principal-idp": "github"}), 401, None),
    ],
    ids=["nobody", "a stranger", "a reader", "the key", "a wrong key", "an engineer", "another provider"],
)
def test_who_may_read_reads_and_is_told_what_else_they_may_do(
    headers: dict[str, str], status: int, can: bool | None
) -> None:
    office = proposing()
    answer = office.shows(office.the_one()["id"], headers)

    assert (status, can) == (answer.status, answer.body["can"]["apply"]["ok"] if can is not None else None)
    if can is False:
        assert answer.body["can"]["apply"]["why"]


def test_everybody_is_told_who_they_are() -> None:
    office = Office()
    nobody, ada, key = (
        office.reads.me(query, headers).body
        for query, headers in (({}, {}), ({}, signed_in(ADA, "ada@contoso.example")), ({"code": KEY}, {}))
    )

    assert (False, {"read": False, "apply": False, "exempt": False}) == (nobody["signedIn"], nobody["may"])
    assert ("ada@contoso.example", ADA, True) == (ada["name"], ada["objectId"], ada["may"]["apply"])
    assert {"read": True, "apply": False, "exempt": False} == key["may"]
    assert "/.auth/login/aad" == nobody["signIn"]
