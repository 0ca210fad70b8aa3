"""The page in a real browser: read, filtered, walked through by keyboard, on a phone and on paper."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

from remediation.cli.output.ways_page.page import page
from remediation.ways.report import Machine, Report
from tests.browser import find
from tests.unit.ways_in.reader import Reader
from tests.unit.ways_in.samples import HUB, machine_id, report, way
from tests.unseen import NO_CHROMIUM

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
SIZES = (5, 60, 2000)

ROWS = "[...document.querySelectorAll('#list button')].map((row) => row.querySelector('b').textContent)"
COUNTS = "[...document.querySelectorAll('#counts b')].map((count) => Number(count.textContent))"
NODES = "document.querySelectorAll('*').length"
SAID = "document.getElementById('said').textContent"
DETAIL = "document.getElementById('detail').innerText"
WAYS = "[...document.querySelectorAll('#lines .way')].map((way) => way.getAttribute('class'))"
MOST_NODES = 4000


@cache
def page_of(count: int) -> str:
    return page(report(count), NOW, about="estate.json")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    found = find()
    if found is None:
        pytest.skip(NO_CHROMIUM)
    with Reader(found, tmp_path_factory.mktemp("chromium")) as reader:
        yield reader


@pytest.fixture
def reader(browser: Reader) -> Iterator[Reader]:
    """Whatever was done, nothing was complained of and nothing asked for."""
    browser.open(page_of(60))
    yield browser
    assert [] == browser.complaints
    assert [] == browser.requests


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("count", SIZES)
def test_no_page_is_wider_than_the_screen(reader: Reader, count: int, width: int, *, dark: bool) -> None:
    reader.open(page_of(count), width=width, height=844, dark=dark)

    assert width >= reader.sees("document.documentElement.scrollWidth")
    assert count == reader.sees(COUNTS)[0]


def test_the_machine_to_worry_about_is_first_and_said_in_words(reader: Reader) -> None:
    text = reader.sees("document.querySelector('#list button').innerText.replace(/\\s+/g, ' ')")

    assert text.startswith("OPEN vm-app-01 vnet-spoke-01")
    assert text.endswith("SSH open to the whole internet through public IP pip-vm-app-01, NSG rule ssh-any")


def test_open_ways_are_drawn_before_anything_is_chosen(reader: Reader) -> None:
    assert ["way open"] * 3 == reader.sees(WAYS)


def test_the_counts_filter_by_verdict_and_a_second_click_takes_it_back(reader: Reader) -> None:
    assert [60, 2, 4, 54] == reader.sees(COUNTS)

    reader.sees("document.querySelector('[data-verdict=unknown]').click()")
    assert ("4 of 60 machines, worst first", 4) == (reader.sees(SAID), len(reader.sees(ROWS)))

    reader.sees("document.querySelector('[data-verdict=unknown]').click()")
    assert "60 machines, worst first" == reader.sees(SAID)


def test_a_port_narrows_the_verdicts_to_that_port(reader: Reader) -> None:
    reader.choose("port", "3389")

    assert [60, 0, 4, 56] == reader.sees(COUNTS)
    assert [] == reader.sees(WAYS)


def test_network_and_owner_narrow_the_machines(reader: Reader) -> None:
    reader.choose(
        "network", reader.sees("[...network.options].find((o) => o.text === 'vnet-spoke-01').value")
    )
    assert "9 of 60 machines, worst first" == reader.sees(SAID)

    reader.choose("owner", "=orders")
    assert ["vm-app-01", "vm-app-29", "vm-app-57"] == reader.sees(ROWS)


def test_machines_of_nobody_can_be_asked_for(reader: Reader) -> None:
    reader.choose("owner", "=")

    assert "15 of 60 machines, worst first" == reader.sees(SAID)


def test_a_search_finds_by_name_address_and_entry_and_reset_ends_it(reader: Reader) -> None:
    for text, found in (("VM-JUMP-31", 1), ("10.1.0.5", 1), ("lb-ops", 1), ("nothing like it", 0)):
        reader.sees("document.getElementById('text').select()")
        reader.type(text)
        assert found == len(reader.sees(ROWS)), text

    reader.sees("document.getElementById('reset').click()")
    assert "60 machines, worst first" == reader.sees(SAID)


def test_enter_on_a_machine_of_the_list_shows_its_ways_hop_by_hop(reader: Reader) -> None:
    reader.sees("document.querySelector('#list button').focus()")
    reader.press("Enter")

    text = " ".join(reader.sees(DETAIL).split())
    assert "Bastion bas-hub (Standard) over peering" in text
    assert (
        "Internet from 20.33.7.9:50123"
        " Public IP pip-vm-app-01 20.33.7.9:50123 to 20.50.1.7:22"
        " Subnet group nsg-web, rule ssh-any 20.33.7.9:50123 to 10.1.0.5:22"
    ) in text
    assert "Subnet group nsg-web, rule deny-mgmt stops it here" in text
    assert ["way open", "way closed beyond", "way closed"] == reader.sees(WAYS)
    assert "detail" == reader.sees("document.activeElement.id")


def test_escape_closes_the_ways_and_gives_the_focus_back(reader: Reader) -> None:
    reader.sees("document.querySelector('#list button').focus()")
    reader.press("Enter", "Escape")

    assert reader.sees("document.getElementById('detail').hidden")
    assert "0" == reader.sees("document.activeElement.dataset.machine")


def test_the_map_is_walked_by_arrow_keys_and_says_where_one_is(reader: Reader) -> None:
    reader.sees("document.getElementById('map').focus()")
    reader.press("ArrowDown")
    assert "vm-app-01, open, in vnet-spoke-01" == reader.sees("document.getElementById('heard').textContent")

    reader.press("ArrowDown", "Enter")
    assert "vm-web-08" == reader.sees("document.querySelector('#detail h2').textContent")


def test_the_map_is_zoomed_by_keys(reader: Reader) -> None:
    box = "document.querySelector('#map svg').getAttribute('viewBox')"
    whole = reader.sees(box)
    reader.sees("document.getElementById('map').focus()")

    reader.press("+", "+")
    assert whole != reader.sees(box)
    reader.press("0")
    assert whole == reader.sees(box)


def test_everything_is_reached_by_tab_with_a_visible_focus(reader: Reader) -> None:
    where = "document.activeElement.id || document.activeElement.parentElement.id"
    outline = "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
    seen = []
    reader.choose("owner", "=orders")
    for _ in range(60):
        reader.press("Tab")
        seen.append(reader.sees(where))
        assert 2 <= reader.sees(outline), seen[-1]
        if seen[-1] == "zoom":
            break

    assert ["counts", "text", "port", "network", "owner", "reset"] == list(dict.fromkeys(seen))[:6]
    assert {"map", "zoom"} <= set(seen)


def test_a_click_on_a_machine_of_the_map_shows_its_ways(reader: Reader) -> None:
    place = reader.sees(
        "(({x, y}) => [x + 20, y + 8])(document.querySelector('.chip.open').getBoundingClientRect())"
    )

    reader.click(*place)

    assert not reader.sees("document.getElementById('detail').hidden")


def test_what_could_not_be_judged_is_told_below_the_list(reader: Reader) -> None:
    assert "1 more that could not be judged" == reader.sees(
        "document.querySelector('#doubts summary').innerText"
    )


def test_two_thousand_machines_take_a_bounded_number_of_elements(reader: Reader) -> None:
    reader.open(page_of(2000))
    assert reader.sees(NODES) < MOST_NODES

    reader.sees("document.getElementById('text').focus()")
    reader.type("vm-db-1")
    assert reader.sees(NODES) < MOST_NODES
    assert "278 of 2000 machines, worst first" == reader.sees(SAID)

    reader.sees("document.getElementById('reset').click(); document.querySelector('[data-zoom=in]').click()")
    reader.settle()
    assert reader.sees(NODES) < MOST_NODES


def test_more_machines_are_listed_when_asked_for(reader: Reader) -> None:
    reader.open(page_of(2000))
    assert 100 == len(reader.sees(ROWS))

    reader.sees("document.getElementById('more').click()")

    assert 200 == len(reader.sees(ROWS))


def test_on_paper_every_machine_stands_in_a_table(reader: Reader) -> None:
    reader.sees(
        "addEventListener('beforeprint', () => { window.rows = paper.querySelectorAll('tbody tr').length })"
    )

    assert reader.on_paper().startswith(b"%PDF")
    assert (60, 0) == (reader.sees("rows"), reader.sees("paper.children.length"))


def test_names_cannot_become_markup_nor_turn_the_text(reader: Reader) -> None:
    """Whoever names things in an estate decides nothing on the page."""
    evil = "</script><script>window.owned=1</script><img src=x onerror=window.owned=1>\u202e\u2028'\"`${1}"
    name = machine_id("vm-'`${window.owned=1}" + "x" * 180)
    bad = replace(way(name, rule=evil), reason=evil)
    estate = Report(
        (
            Machine(
                name,
                HUB,
                (evil,),
                ways=(bad, replace(bad, verdict="closed", sources=())),
                tags={"owner": evil},
            ),
            Machine(machine_id("vm-عربي"), None, doubts=(evil,)),
        )
    )
    reader.open(page(estate, NOW, about=evil), width=390, height=844)
    reader.sees("document.querySelector('#list button').click()")
    reader.settle()

    assert reader.sees("window.owned === undefined")
    assert 0 == reader.sees("document.querySelectorAll('img').length")
    assert 390 >= reader.sees("document.documentElement.scrollWidth")
    assert "<img src=x onerror=window.owned=1>\\u202e" in reader.sees(DETAIL)
    assert "\u202e" not in reader.sees("document.documentElement.textContent")


def test_a_script_that_got_in_all_the_same_would_not_run(browser: Reader) -> None:
    browser.open(page_of(5).replace("</body>", "<script>window.owned = 1</script></body>"))

    assert browser.sees("window.owned === undefined")
    assert "Content Security Policy" in " ".join(browser.complaints)


def test_everything_stays_in_view_when_the_window_changes_its_size(reader: Reader) -> None:
    """A frame, as in the page of a scan, is often given its size after it was drawn."""
    for width in (1280, 1000):
        reader.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=700, deviceScaleFactor=1, mobile=False
        )
        reader.settle()
        shown = reader.sees("document.querySelector('#map svg').getAttribute('viewBox')").split()
        left, _, wide, _ = map(float, shown)
        assert left <= 0 <= reader.sees("JSON.parse(data.textContent).size[0]") <= left + wide
