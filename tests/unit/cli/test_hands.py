"""Whose hands do it: over HTTP where people sign in to the app, as ARM shows it; else these."""

from typing import Any

import pytest

from remediation.cli.acting.hands import HandsOfTheApp, NotDoneError, _audience
from remediation.errors import InputError
from remediation.resource_id import ResourceId
from tests.builders import SUBSCRIPTION
from tests.unit.on_call.test_finding_app import Azure, an_app

SITE = ResourceId.parse(an_app("func-guard-x", "rg-guard")["id"])
CLIENT = "0a0a0a0a-0000-4000-8000-000000000001"


def entra(**validation: Any) -> dict[str, Any]:
    known = {"registration": {"clientId": CLIENT}, "validation": validation}
    return {"azureActiveDirectory": known}


@pytest.mark.parametrize(
    ("properties", "audience"),
    [
        ({"platform": {"enabled": True}, "identityProviders": entra()}, CLIENT),
        (
            {"platform": {"enabled": True}, "identityProviders": entra(allowedAudiences=["api://guard"])},
            "api://guard",
        ),
        ({"platform": {"enabled": False}, "identityProviders": entra()}, ""),
        ({"platform": {"enabled": True}}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_tokens_are_for_whom_the_apps_authentication_takes_them(properties: Any, audience: str) -> None:
    told = {} if properties is None else {f"{SITE.text}/config/authsettingsV2": {"properties": properties}}
    assert audience == _audience(Azure(told=told), SITE)


class Answering:
    """An app that answers one thing."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.answer = status, body

    def post(self, *_: object, **__: object) -> tuple[int, dict[str, Any]]:
        return self.answer


def hands(status: int, body: dict[str, Any]) -> HandsOfTheApp:
    app: Any = Answering(status, body)
    return HandsOfTheApp(app)


def test_what_changed_since_is_told_with_what_it_is_now_and_a_guard_without() -> None:
    for status, body, finding in (
        (412, {"detail": "x", "finding": {"id": "1"}}, {"id": "1"}),
        (409, {}, None),
    ):
        with pytest.raises(NotDoneError) as caught:
            hands(status, body).ask("apply", "1-2", "", {})
        assert finding == caught.value.finding


def test_what_is_under_way_is_told_so() -> None:
    told = hands(202, {"done": "x", "finding": {}, "writeId": "w"}).ask("apply", "1-2", "", {})
    assert ("x", "w", True) == (told.done, told.write_id, told.accepted)


@pytest.mark.parametrize("identity", ["", "../me", "a b", f"/subscriptions/{SUBSCRIPTION}", "ä"])
def test_what_is_no_id_is_not_sent(identity: str) -> None:
    with pytest.raises(InputError):
        hands(200, {}).ask("look", identity, "", {})
