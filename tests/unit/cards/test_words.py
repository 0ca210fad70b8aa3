from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from remediation.telling.cards import words
from tests.unit.cards.samples import FOUND, NETWORK, NOW


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-5, "0 s"), (42, "42 s"), (119, "119 s"), (150, "2 min"), (7_300, "2 h"), (200_000, "2 days")],
)
def test_a_length_of_time_is_told_in_one_unit(seconds: int, told: str) -> None:
    assert words.span(timedelta(seconds=seconds)) == told


def test_a_moment_ahead_of_us_is_just_now() -> None:
    assert words.ago(NOW + timedelta(hours=1), NOW) == "just now"


def test_a_moment_without_a_zone_is_utc() -> None:
    assert words.moment(datetime(2026, 1, 2, 3, 4)) == "2026-01-02 03:04 UTC"  # noqa: DTZ001  the point


def test_a_subnet_is_named_with_its_network() -> None:
    subnet = f"{NETWORK}/virtualNetworks/vnet-a/subnets/web"

    assert words.kind_and_name(subnet) == ("subnet", "web in vnet-a")


@pytest.mark.parametrize(
    ("packet", "told"),
    [
        ({}, ""),
        (
            {"source": "1.2.3.4", "destination": "10.0.0.4", "port": 53, "protocol": "udp"},
            "1.2.3.4 can reach 10.0.0.4 on UDP 53",
        ),
        (
            {"source": "::1", "destination": "::2", "port": 22, "protocol": "*"},
            "::1 can reach ::2 on any protocol, 22",
        ),
        ({"source": "1.2.3.4"}, "1.2.3.4 can reach ? on port ?"),
    ],
)
def test_a_witness_is_told_with_what_is_known_of_it(packet: dict[str, Any], told: str) -> None:
    assert words.witness(packet) == told


def test_a_guard_that_begins_with_a_rules_id_keeps_its_spelling() -> None:
    told = words.held_back(["bastion-sku-tier is only offered", "a lock"])

    assert ["bastion-sku-tier is only offered.", "A lock."] == told


@pytest.mark.parametrize(
    ("shown", "reasons"), [("a lock", ("a lock",)), (["a lock", "a tag"], ("a lock", "a tag")), (7, ())]
)
def test_what_holds_back_may_be_one_text_or_nothing(shown: object, reasons: tuple[str, ...]) -> None:
    record = msgspec.structs.replace(FOUND, evidence={"heldBackBy": shown})

    assert reasons == record.held_back_by


@pytest.mark.parametrize("packet", [None, "a packet", 7, []])
def test_a_witness_that_is_no_packet_is_none(packet: object) -> None:
    record = msgspec.structs.replace(FOUND, evidence={"witness": packet})

    assert "" == words.witness(record.witness)


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        ({"objectId": "99", "address": "1.2.3.4"}, "a principal without a name (99) from 1.2.3.4"),
        ({"address": "1.2.3.4"}, "somebody at 1.2.3.4"),
        ({"name": "kim"}, "kim"),
    ],
)
def test_who_it_was_is_told_as_well_as_it_is_known(actor: dict[str, str], told: str) -> None:
    assert words.who(actor) == told


def test_a_client_is_its_name_its_application_or_both() -> None:
    assert words.client({"client": "Azure CLI"}) == "Azure CLI"
    assert words.client({"appId": "04b0"}) == "application 04b0"
    assert words.client({"client": "Azure CLI", "appId": "04b0"}) == "Azure CLI (04b0)"
    assert words.client({}) == ""
