"""The table: who gets into what and how, at any width."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from remediation.cli.output.ways_table import show
from remediation.model import Unknown
from remediation.ways.report import Machine, Report, Serving
from tests.unit.ways_in.samples import BASTION, FIREWALL, HUB, NSG, machine_id, report, way

VM = machine_id("vm-web-01")


def printed(shown: Report, width: int = 80) -> str:
    out = io.StringIO()
    show(shown, Console(file=out, width=width, highlight=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def words(shown: Report, width: int = 80) -> str:
    return " ".join(printed(shown, width).split())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_it_fits_the_terminal(width: int) -> None:
    assert all(len(line) <= width for line in printed(report(60), width).splitlines())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_open_comes_first_and_says_how(width: int) -> None:
    text = words(report(5), width)

    assert text.index("OPEN vm-app-01") < text.index("NOT KNOWN vm-db-02") < text.index("closed vm-jump-03")
    assert "SSH open to the whole internet through public IP pip-vm-app-01, NSG rule ssh-any" in text
    assert "nsg-lost is not in the estate: add network security groups to the export" in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_machine_without_an_open_way_is_one_line_even_where_there_is_little_room(width: int) -> None:
    closed = Report(tuple(Machine(machine_id(f"vm-{n}"), HUB, ways=(way(VM, "closed"),)) for n in range(9)))

    assert 9 == sum("closed  " in line or "closed vm" in line for line in printed(closed, width).splitlines())
    assert 9 + 3 + (width == 40) >= len(printed(closed, width).splitlines())


def test_what_stops_the_others_is_named() -> None:
    assert "2 ways closed: nsg-web/deny-mgmt, nsg-vm/deny-all" in words(report(5), 120)


def test_machines_stand_below_their_network_with_the_bastion_that_serves_all_of_them() -> None:
    lines = printed(report(5), 120).splitlines()

    assert (
        "vnet-spoke-00  10.1.0.0/20, 4 machines: 1 open, 1 not known, 2 closed,"
        " Bastion bas-hub (Standard) over peering"
    ) == lines[0]


def test_where_machines_are_served_differently_each_says_by_whom() -> None:
    served = Machine(VM, HUB, bastions=(Serving(BASTION, "Basic", "network"),))
    alone = Machine(machine_id("vm-alone"), HUB)

    text = words(Report((served, alone)), 120)

    assert "no way in from the internet; Bastion bas-hub (Basic) in its own network" in text
    assert "no way in from the internet; no Bastion reaches it" in text


def test_a_front_port_that_differs_is_told() -> None:
    balanced = way(VM, kind="fw-dnat", entry=FIREWALL, front=2222)

    assert "through firewall afw-hub, port 2222, NSG rule ssh-any" in words(
        Report((Machine(VM, HUB, ways=(balanced,)),)), 160
    )


def test_a_closed_way_that_no_one_thing_stops_tells_its_reason() -> None:
    office = replace(way(VM, "closed", reason="only approved sources get in"), stopped_by=None)

    assert "1 way closed: only approved sources get in" in words(
        Report((Machine(VM, HUB, ways=(office,)),)), 120
    )


def test_a_machine_in_no_known_network_is_shown_all_the_same() -> None:
    assert "no network known" in words(Report((Machine(VM, None),)))


def test_what_could_not_be_judged_is_listed_up_to_a_bound() -> None:
    lost = tuple(Unknown("*", NSG, f"reason {number}") for number in range(20))

    text = words(Report((Machine(VM, HUB),), (), lost))

    assert "NOT JUDGED 20" in text
    assert "reason 11" in text
    assert "and 8 more; --format json lists them all" in text


def test_a_name_cannot_play_with_the_terminal() -> None:
    evil = replace(way(VM, rule="evil\x1b[2J\r[red]\u202e"), reason="")

    text = printed(Report((Machine(VM, HUB, ways=(evil,)),)), 200)

    assert not {"\x1b", "\r", "\u202e"} & set(text)
    assert "[red]" in text


def test_the_last_line_counts() -> None:
    text = printed(report(60), 120).splitlines()[-1]

    assert "60 machines: 2 open, 4 not known, 54 closed; 3 ways in from the internet" == text
