"""The page as a file: what is in it, and that nothing of a document can act in it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from remediation.cli.output.ways_page.drawing import MOST_SOURCES, drawing
from remediation.cli.output.ways_page.page import HERE, SCRIPTS, page
from remediation.nsg.spaces.addresses import ranges_of
from remediation.ways.report import Joint, Machine, Network, Report
from tests.unit.ways_in.samples import HUB, NSG, machine_id, report, resource, way

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
VM = machine_id("vm-web-01")


def data(html: str) -> Any:
    """The data of a page as its script reads it."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_every_script_beside_it_is_in_the_page_and_the_page_holds_no_other() -> None:
    assert sorted(SCRIPTS) == sorted(path.name for path in HERE.glob("*.js"))
    assert 2 == page(report(5), NOW, about="x").count("</script>")


def test_a_name_cannot_end_the_element_it_stands_in() -> None:
    evil = "</script><!-- & \u2028"
    html = page(Report((Machine(VM, HUB, ways=(way(VM, rule=evil),)),)), NOW, about=evil)

    assert 2 == html.count("</script>")
    assert "<!--" not in html
    assert data(html)["machines"][0]["ways"][0]["hops"][1][2] == "</script><!-- & \\u2028"


def test_the_same_report_gives_the_same_page() -> None:
    assert page(report(60), NOW, about="x") == page(report(60), NOW, about="x")


def test_nothing_in_it_names_another_host() -> None:
    html = page(report(60), NOW, about="x")

    assert {"http://www.w3.org/2000/svg"} == set(re.findall(r"https?://[^\"'\s)]+", html))


def test_a_reader_without_scripts_is_told_the_counts_and_whom_to_worry_about() -> None:
    html = page(report(5), NOW, about="x")
    plainly = html[html.index("<noscript>") : html.index("</noscript>")]

    assert "1 open, 1 not known, 3 closed" in plainly
    assert "SSH open to the whole internet through public IP pip-vm-app-01" in plainly
    assert "vm-web-04" not in plainly


def test_an_estate_without_machines_is_a_page_too() -> None:
    assert [] == data(page(Report(), NOW, about="x"))["machines"]


def test_the_owner_is_the_tag_that_the_team_uses() -> None:
    tagged = Machine(VM, HUB, tags={"team": "payments", "owner": "nobody"})

    drawn = drawing(Report((tagged,)), "Team")

    assert ("Team", "payments") == (drawn["ownerTag"], drawn["machines"][0]["owner"])


def test_a_network_that_only_a_machine_names_is_drawn_and_a_joint_that_leads_nowhere_is_not() -> None:
    lost = resource("virtualNetworks", "vnet-lost")
    known = Network(HUB, joints=(Joint(resource("virtualNetworks", "vnet-gone"), "peering"),))

    networks = drawing(Report((Machine(VM, lost),), (known,)))["networks"]

    assert ["vnet-hub", "vnet-lost"] == [network["name"] for network in networks]
    assert [] == networks[0]["joints"]


def test_thousands_of_sources_are_told_by_the_first_and_their_number() -> None:
    odd = ranges_of(*(f"20.0.{number}.0" for number in range(30)))
    many = replace(way(VM), sources=odd)

    sources = drawing(Report((Machine(VM, HUB, ways=(many,)),)))["machines"][0]["ways"][0]["sources"]

    assert MOST_SOURCES + 1 == len(sources)
    assert "and 18 more" == sources[-1]


def test_ipv6_packets_are_written_with_brackets() -> None:
    six = way(VM)
    assert six.witness
    steps = tuple(replace(step, source="2600::1", destination="2600::2") for step in six.witness.steps)
    six = replace(six, witness=replace(six.witness, source="2600::1", steps=steps))

    packet = drawing(Report((Machine(VM, HUB, ways=(six,)),)))["machines"][0]["ways"][0]["packet"]

    assert "[2600::1]:50123" == packet["from"]
    assert "[2600::1]:50123 to [2600::2]:22" == packet["steps"][0][1]


@pytest.mark.parametrize("verdict", ["closed", "unknown"])
def test_a_way_without_a_packet_has_its_hops_all_the_same(verdict: Any) -> None:
    drawn = drawing(Report((Machine(VM, HUB, ways=(way(VM, verdict),)),)))["machines"][0]["ways"][0]

    assert (None, 4) == (drawn["packet"], len(drawn["hops"]))
    assert (verdict == "closed") == (drawn["stop"] is not None)


def test_resources_are_written_once() -> None:
    drawn = drawing(report(60))

    ids = [row[1] for row in drawn["resources"]]
    assert len(ids) == len(set(ids))
    assert 1 == ids.count(NSG.text)
