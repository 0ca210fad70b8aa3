"""The command with its real engine: from files, and from a live subscription."""

import json
from pathlib import Path
from typing import Any

import pytest

from remediation.cli import main

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "estate.json"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    status = main(["ways-in", "--estate", str(EXAMPLE), *arguments])
    return status, capsys.readouterr().out


def test_the_document_has_every_machine_with_its_ways_and_its_bastion(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out = told(capsys, "--format", "json")

    worst, other = json.loads(out)["machines"]
    assert 0 == status
    assert [("tcp", 22, "open"), ("tcp", 3389, "closed"), ("udp", 3389, "closed")] == [
        (way["protocol"], way["port"], way["verdict"]) for way in worst["ways"]
    ]
    assert ["peering"] == [host["over"] for host in worst["bastions"]]
    assert [] == other["ways"]


def test_an_open_way_has_a_packet_that_gets_in_and_a_closed_one_what_stops_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out = told(capsys, "--format", "json")

    opened, closed, _ = json.loads(out)["machines"][0]["ways"]
    assert opened["witness"]["steps"][-1]["at"].endswith("/vm-reports-01")
    assert (None, None) == (opened["stoppedBy"], closed["witness"])
    assert "deny-other-mgmt" == closed["stoppedBy"]["rule"]


def test_a_pipeline_hears_of_an_open_way_by_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == told(capsys, "--fail-on-open")[0]
    assert 0 == told(capsys, "--fail-on-open", "--port", "445")[0]


def test_an_approved_source_alone_is_no_open_way(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    standard = tmp_path / "baseline.yaml"
    standard.write_text("{version: 1, allowedManagementSources: [0.0.0.0/1, 128.0.0.0/1]}")

    _, out = told(capsys, "--format", "json", "--baseline", str(standard))

    ways = json.loads(out)["machines"][0]["ways"]
    assert {"closed"} == {way["verdict"] for way in ways}
    assert "only approved sources get in" in {way["reason"] for way in ways}


def test_the_page_is_written_with_every_machine_on_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "ways.html"

    assert 0 == told(capsys, "--format", "html", "--output", str(page))[0]
    assert "vm-reports-01" in page.read_text("utf-8")
