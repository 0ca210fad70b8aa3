"""Who asks: only App Service authentication says so, and only where it is on."""

import base64
import json

import pytest

from remediation.baseline import People
from tests.unit.people.office import ADA, EVE, TEAM, Office, signed_in

NO_GROUPS = base64.b64encode(json.dumps({"claims": [{"typ": "_claim_names", "val": "{}"}]}).encode()).decode()


def test_the_headers_of_a_principal_say_nothing_where_authentication_is_off() -> None:
    office = Office(trusted=False)

    assert (401, False) == (office.lists().status, office.reads.me({}, signed_in(ADA)).body["signedIn"])


def test_a_person_has_the_rights_of_their_groups() -> None:
    office = Office()

    assert (403, 200) == (
        office.lists({}, **signed_in(EVE)).status,
        office.lists({}, **signed_in(EVE, groups=(TEAM.upper(),))).status,
    )


def test_who_is_in_too_many_groups_is_told_that_it_is_because_of_that() -> None:
    answer = Office().lists({}, **signed_in(EVE, more={"x-ms-client-principal": NO_GROUPS}))

    assert (403, True) == (answer.status, "too many groups" in answer.body["detail"])


@pytest.mark.parametrize(
    "principal",
    ["", "%%%", "AAAA", base64.b64encode(b"[" * 10_000).decode(), "W10=", "bnVsbA==", "A" * 300_000],
)
def test_a_principal_that_cannot_be_read_names_no_groups_and_breaks_nothing(principal: str) -> None:
    headers = {**signed_in(EVE, groups=(TEAM,)), "x-ms-client-principal": principal}

    assert 403 == Office().lists({}, **headers).status


@pytest.mark.parametrize("identity", ["", "ada", "*", f"{ADA},{EVE}", f"{ADA}\n"])
def test_what_is_no_object_id_is_nobody(identity: str) -> None:
    expected = 200 if identity.strip() == ADA else 401
    assert expected == Office().lists({}, **{"x-ms-client-principal-id": identity}).status


def test_those_whom_the_setting_of_an_earlier_release_names_may_read() -> None:
    office = Office(people=People(), readers=frozenset({EVE}))

    assert (200, 403) == (office.lists({}, **signed_in(EVE)).status, office.lists().status)
