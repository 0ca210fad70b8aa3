"""Links to the app's own page lead to its own host, whatever names are in them."""

from urllib.parse import parse_qs, urlsplit

import pytest

from remediation.ledger.keys import short
from remediation.telling.board_link import board, finding
from tests.builders import NSG_ID

HOST = "bastion-guard.azurewebsites.net"


def test_a_finding_is_named_by_its_target_and_its_name() -> None:
    link = finding(HOST, NSG_ID.text.upper(), "rule x")

    assert f"https://{HOST}/api/board?finding={short(NSG_ID.key)}-{short('rule x')}" == link


def test_what_the_list_is_narrowed_by_is_encoded() -> None:
    link = board(HOST, {"owner": "pay&ments#//evil.example", "rule": ""})

    assert (HOST, "/api/board") == (urlsplit(link).netloc, urlsplit(link).path)
    assert {"owner": ["pay&ments#//evil.example"]} == parse_qs(urlsplit(link).query)


@pytest.mark.parametrize("host", ["", "localhost", "evil.example/x", "a b.example", "user@evil.example"])
def test_without_a_host_of_its_own_an_app_has_no_page(host: str) -> None:
    assert "" == board(host)


def test_a_lab_answers_without_tls() -> None:
    assert "http://127.0.0.1:7071/api/board" == board("127.0.0.1:7071")


def test_an_address_of_absurd_length_leads_to_the_list() -> None:
    assert f"https://{HOST}/api/board" == board(HOST, {"owner": "x" * 5000})
