"""Who undid something is named by the sign-in to Entra ID, not by the user of a machine."""

import base64
import json
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from remediation.adapters.credentials import LabCredential
from remediation.adapters.person import name_in, signed_in

SCOPE = "https://management.azure.com/.default"


def token_with(claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.sig"


class Signed:
    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._token, 1 << 40)


class NotSignedIn:
    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        raise ClientAuthenticationError("please run az login")


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"upn": "ann@contoso.example", "name": "Ann", "oid": "1"}, "ann@contoso.example"),
        ({"unique_name": "live.com#bob@x.example", "name": "Bob"}, "live.com#bob@x.example"),
        ({"app_displayname": "pipeline", "appid": "2"}, "pipeline"),
        ({"appid": "2", "oid": "3"}, "2"),
        ({"upn": " ", "name": "An\nn"}, "An?n"),
        ({}, ""),
        (["no object"], ""),
    ],
)
def test_the_best_name_in_a_token_is_taken(claims: Any, name: str) -> None:
    assert name == signed_in(Signed(token_with(claims)), SCOPE)


@pytest.mark.parametrize("token", ["a.%%%.c", "a.bm8ganNvbg.c"])
def test_a_token_that_cannot_be_read_names_nobody(token: str) -> None:
    assert not name_in(token)


def test_a_labs_token_is_a_name() -> None:
    assert "ann" == signed_in(LabCredential("ann"), SCOPE)


def test_nobody_who_is_not_signed_in_has_a_name() -> None:
    assert not signed_in(NotSignedIn(), SCOPE)
