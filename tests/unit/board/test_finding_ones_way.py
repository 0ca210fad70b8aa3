"""Finding one's way: worst first, by filters and orders that stand in the address, by keyboard."""

import pytest

from tests.unit.board.samples import HOSTILE, SEVERITIES, fixed
from tests.unit.board.seeing import FOCUSED, GROUPS, LISTED, MINUS, READ, ROWS, diff, opened
from tests.unit.board.stand_in import App
from tests.unit.board.visitor import Visitor


def test_the_list_is_worst_first_and_says_who_looks(visitor: Visitor, address: str) -> None:
    visitor.visit(address)
    visitor.until(LISTED)

    assert ["critical", "high", "medium", "low"] == visitor.sees(GROUPS)
    assert "nsg-web" == visitor.sees(ROWS)[1]  # behind one that has been open for longer
    visitor.reads("engineer@contoso.example may apply and exempt", "#who")


def test_a_card_leads_straight_to_its_finding(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app)

    visitor.reads("Rule allow-any lets the whole internet in on TCP 22 and 3389", "#finding")
    visitor.reads(
        "TCP from 20.33.7.9:40000 reaches 10.1.0.4:22, let in by rule allow-any (priority 300).", "#finding"
    )
    visitor.reads("vm-web-01: TCP 22 through public IP pip-web-01, port 22", "#finding")
    visitor.reads("The baseline only observes.", "#finding")
    assert "heading" == visitor.sees(FOCUSED)


def test_so_does_an_address_with_the_finding_behind_its_fragment(
    visitor: Visitor, address: str, app: App
) -> None:
    visitor.visit(f"{address}#/finding/{app.of('nsg-web')['id']}")
    visitor.reads("Rule allow-any lets", "#finding")


def test_before_and_after_are_told_property_by_property(visitor: Visitor, address: str, app: App) -> None:
    opened(visitor, address, app)

    assert [
        "destinationPortRanges",
        f"{MINUS} before: 22, 443, 3389",
        "destinationPortRange",
        "+ after: 443",
    ] == visitor.sees(diff("#finding"))


def test_filters_stand_in_the_address_and_come_back_with_it(visitor: Visitor, address: str) -> None:
    visitor.visit(address)
    visitor.until(LISTED)
    visitor.sees("document.querySelector('[data-severity=high]').click()")
    visitor.until(f"{ROWS}.length === 2")
    assert "?severity=high" == visitor.sees("location.search")

    visitor.go(f"{address}?severity=high&owner=network+team")
    visitor.until(f"{ROWS}.join() === 'nsg-orders'")
    assert "network team" == visitor.sees("document.querySelector('[name=owner]').value")


@pytest.mark.parametrize(("order", "first"), [("age", "within the hour"), ("owner", "network team")])
def test_the_list_can_be_in_order_of_age_or_of_owner(
    visitor: Visitor, address: str, app: App, order: str, first: str
) -> None:
    app.findings = [one for one in app.findings if one["owner"] != HOSTILE]
    visitor.visit(f"{address}?order={order}")
    visitor.until(LISTED)

    groups = visitor.sees(GROUPS)
    assert groups.index(first) >= 0
    assert len(groups) == len(set(groups))
    assert order != "owner" or "nobody's" == groups[-1]


def test_what_is_not_open_is_worst_first_too(visitor: Visitor, address: str, app: App) -> None:
    """Although the app answers those in no order."""
    app.findings += [fixed(40 + number) | {"severity": SEVERITIES[number % 4]} for number in range(12)]
    visitor.visit(f"{address}?state=fixed")
    visitor.until(LISTED)

    assert ["critical", "high", "medium", "low"] == visitor.sees(GROUPS)
    assert 19 == len(visitor.sees(ROWS))


def test_a_filter_that_nothing_matches_says_so_and_leads_back(visitor: Visitor, address: str) -> None:
    visitor.visit(f"{address}?rule=no-such-rule")
    visitor.press_button("Show everything that is open")
    visitor.until(LISTED)
    assert "" == visitor.sees("location.search")


def test_back_leads_to_the_row_one_came_from(visitor: Visitor, address: str, app: App) -> None:
    visitor.visit(address)
    visitor.until(LISTED)
    identity = app.of("nsg-orders")["id"]
    visitor.sees(f"document.querySelector('[data-id=\"{identity}\"]').click()")
    visitor.until(READ)
    visitor.sees("history.back()")
    visitor.until("document.getElementById('finding').hidden")
    assert identity == visitor.sees(FOCUSED)


def test_without_a_mouse_a_finding_is_reached_read_and_left(visitor: Visitor, address: str) -> None:
    visitor.visit(address)
    visitor.until(LISTED)
    visitor.sees("document.querySelector('#list .row').focus()")
    visitor.press("ArrowDown", "ArrowDown", "ArrowUp", "Enter")
    visitor.until(READ)
    assert "heading" == visitor.sees(FOCUSED)

    visitor.press("Escape")
    visitor.until("document.getElementById('finding').hidden")
