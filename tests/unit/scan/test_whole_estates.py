"""Whole landing zones, and everything that `scan` says of them: no finding more, no finding less."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import Document
from tests.unit.scan.everyday import FAULTS, broken, everyday
from tests.unit.scan.landing_zone import enforcing, look, told
from tests.unit.scan.scanned import Desk


def test_a_compliant_landing_zone_with_everything_in_it_raises_nothing(desk: Desk) -> None:
    zone, _, _ = everyday()

    answer = look(desk, zone)

    assert told(answer) == set()
    assert answer.unknown == set()
    assert answer.status == 0


def test_a_landing_zone_with_most_faults_at_once_shows_each_of_them_once(desk: Desk) -> None:
    answer = look(desk, broken())

    assert told(answer) == FAULTS
    assert len(answer.document["findings"]) == len(FAULTS)
    assert answer.unknown == set()


def each(change: Callable[[str, Any], Any]) -> Callable[[Any], Any]:
    """A change of every member of every object of a document."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed(change(key, inner)) for key, inner in value.items()}
        return [changed(change("", inner)) for inner in value] if isinstance(value, list) else value

    return changed


def _shouted(key: str, value: Any) -> Any:
    """References in capitals; the ids of the resources themselves stay."""
    return {"id": value["id"].upper()} if isinstance(value, dict) and set(value) == {"id"} else value


ENUMS = {"access", "direction", "protocol", "peeringState", "publicIPAllocationMethod", "osType", "sku"}


def _swapped(key: str, value: Any) -> Any:
    if key == "sku" and isinstance(value, dict):
        return {"name": value["name"].swapcase()}
    return value.swapcase() if key in ENUMS and isinstance(value, str) else value


def _without_types(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_types(inner) for key, inner in value.items() if key != "type"}
    return [_without_types(inner) for inner in value] if isinstance(value, list) else value


BACK = {"networkSecurityGroups": ("subnets",), "publicIPAddresses": ("ipConfiguration",)}


def _forward_only(documents: list[Document]) -> list[Document]:
    for document in documents:
        for field in BACK.get(document.get("type", "").rpartition("/")[2], ()):
            document["properties"].pop(field, None)
    return documents


def _children_apart(documents: list[Document]) -> list[Document]:
    """Subnets and peerings as resources of their own, their network naming none of them."""
    apart = []
    for network in documents:
        for field in ("subnets", "virtualNetworkPeerings"):
            if network.get("type", "").endswith("/virtualNetworks"):
                children = network["properties"].pop(field)
                apart += [{**child, "id": f"{network['id']}/{field}/{child['name']}"} for child in children]
                network["properties"][field] = []
    return [*apart, *documents]


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param(each(_shouted), id="references in capitals"),
        pytest.param(each(_swapped), id="enums in odd case"),
        pytest.param(_without_types, id="no types"),
        pytest.param(_forward_only, id="no back references"),
        pytest.param(_children_apart, id="children as resources of their own"),
        pytest.param(lambda documents: {"value": documents[::-1]}, id="a page, backwards"),
    ],
)
def test_how_an_estate_is_spelled_changes_nothing(desk: Desk, spelled: Callable[[Any], Any]) -> None:
    documents = json.loads(json.dumps(broken().documents()))

    answer = desk.scanned(spelled(documents), baseline=enforcing())

    assert {(rule, name.lower(), *rest) for rule, name, *rest in told(answer)} == {
        (rule, name.lower(), *rest) for rule, name, *rest in FAULTS
    }
    assert answer.unknown == set()
