"""Which opening is another, or lets in no more than another: what an exemption was given for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from remediation.model import Exemption, Opening, opening_of
from tests.builders import a_rule

THEN = datetime(2026, 1, 1, tzinfo=UTC)
GROUP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/"


def opens(name: str = "allow-ssh", **properties: Any) -> Opening:
    usual = {"protocol": "Tcp", "sourceAddressPrefix": "Internet", "destinationPortRange": "22"}
    return opening_of(name, a_rule(name, 300, **{**usual, **properties}))


def covers(given_for: Opening, now: Opening) -> bool:
    return Exemption(THEN, "undo", opening=given_for).covers(now)


@pytest.mark.parametrize(
    ("given_for", "now"),
    [
        ({}, {}),
        ({}, {"name": "under-another-name"}),
        ({"destinationPortRange": "20-25"}, {"destinationPortRange": "22"}),
        ({"destinationPortRange": "*"}, {"destinationPortRange": "22"}),
        ({"sourceAddressPrefix": "*"}, {"sourceAddressPrefix": "20.1.2.0/24"}),
        ({"protocol": "*"}, {"protocol": "Tcp"}),
        (
            {"sourceAddressPrefix": None, "sourceAddressPrefixes": ["20.1.2.0/24", "20.9.0.0/16"]},
            {"sourceAddressPrefix": "20.9.0.0/16"},
        ),
    ],
)
def test_it_holds_for_what_it_was_given_for_and_for_what_lets_in_no_more(
    given_for: dict[str, Any], now: dict[str, Any]
) -> None:
    assert covers(opens(**given_for), opens(**now))


@pytest.mark.parametrize(
    ("given_for", "now"),
    [
        ({}, {"destinationPortRange": "3389"}),
        ({}, {"destinationPortRange": "20-25"}),
        ({}, {"destinationPortRange": None, "destinationPortRanges": ["22", "3389"]}),
        ({"sourceAddressPrefix": "20.1.2.0/24"}, {"sourceAddressPrefix": "*"}),
        ({"sourceAddressPrefix": "20.1.2.0/24"}, {"sourceAddressPrefix": "20.1.3.0/24"}),
        ({"sourceAddressPrefix": "20.1.2.0/24"}, {"sourceAddressPrefix": None}),
        ({"destinationAddressPrefix": "10.0.0.4"}, {"destinationAddressPrefix": "*"}),
        ({"protocol": "Tcp"}, {"protocol": "Udp"}),
        ({"sourceApplicationSecurityGroups": [{"id": f"{GROUP}a"}]}, {}),
        (
            {"sourceApplicationSecurityGroups": [{"id": f"{GROUP}a"}]},
            {"sourceApplicationSecurityGroups": [{"id": f"{GROUP}b"}]},
        ),
    ],
)
def test_it_holds_for_nothing_that_lets_in_more_or_others(
    given_for: dict[str, Any], now: dict[str, Any]
) -> None:
    assert not covers(opens(**given_for), opens(**now))


def test_what_nobody_can_read_is_no_less_than_anything() -> None:
    assert not Opening("allow-ssh", "as an earlier release wrote it").is_within(opens().what)
    assert covers(Opening("allow-ssh"), Opening("ALLOW-SSH"))
    assert not covers(Opening("allow-ssh"), Opening("allow-rdp"))
