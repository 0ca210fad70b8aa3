"""An auditor's month: every write, its proof, the baseline it follows and who approved; gaps are told."""

import csv
import io
from datetime import timedelta

import pytest

from remediation.errors import InputError
from remediation.ledger.retention import forget
from remediation.on_call.chronicle import report
from remediation.on_call.history_page import report_page
from tests.story.core.world import World
from tests.unit.on_call.desk import a_desk, a_world
from tests.unit.on_call.repaired import HOURS, deleted, undoer
from tests.unit.on_call.test_history_page import Seen

SPITEFUL = "=cmd|'/C calc'!A0"


def rows_of(world: World, **wanted: str) -> list[dict[str, str]]:
    historian, span = a_desk(world).history(), report.read(wanted, world.clock.now())
    lines = report.as_csv(historian.writes(span.since, span.until), span.note(historian.extent()))
    return list(csv.DictReader(io.StringIO("".join(lines))))


def undone() -> World:
    world = deleted()
    tools = undoer(world)
    world.clock.advance(60.0)
    tools.undo(tools.plan(world.journal[0].id), HOURS)
    world.clock.advance(60.0)
    return world


def test_every_write_is_a_line_with_its_proof_its_baseline_and_who_approved() -> None:
    world = undone()

    first, second = rows_of(world, since="2025-12-31")[1:]

    assert ("done", "nsg-mgmt-open-to-internet", world.baseline.hash) == (
        first["result"],
        first["rule"],
        first["baseline"],
    )
    assert first["proof"]
    assert "no longer allowed: TCP 22" in first["traffic"]
    assert f"the baseline {world.baseline.hash}, in enforce mode" == first["approved by"]
    assert (second["id"], first["id"]) == (first["taken back by"], second["undoes"])
    assert f"engineer, who took {first['id']} back" == second["approved by"]


def test_a_month_is_reported_unless_asked_otherwise_and_no_other() -> None:
    world = undone()
    world.clock.advance(timedelta(days=31).total_seconds())

    assert [] == [row for row in rows_of(world) if row["id"]]
    assert 2 == len([row for row in rows_of(world, since="40d") if row["id"]])
    with pytest.raises(InputError, match="since: must be before until"):
        report.read({"since": "2026-02-01", "until": "2026-01-01"}, world.clock.now())


def test_what_the_records_do_not_cover_is_a_line_of_the_report() -> None:
    world = undone()
    world.clock.advance(timedelta(days=31).total_seconds())
    forget(world.ledger, world.clock, timedelta(days=30))

    (row,) = rows_of(world, since="2025-12-31")

    assert "incomplete" == row["result"]
    assert "are forgotten (RETENTION_DAYS 30)" in row["change"]


def test_no_cell_is_a_formula_whatever_somebody_is_called() -> None:
    world = a_world()
    world.handle(world.hears(by=SPITEFUL))
    world.clock.advance(1.0)

    cells = [cell for row in rows_of(world) for cell in row.values()]

    assert any(SPITEFUL in cell for cell in cells)
    assert [] == [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]


def test_the_page_says_the_same_without_the_documents() -> None:
    world = undone()
    historian, span = a_desk(world).history(), report.read({"since": "2025-12-31"}, world.clock.now())
    entries = list(historian.writes(span.since, span.until))

    about = report.summary(entries, span)
    text = Seen(report_page(entries, about, world.clock.now(), span.note(historian.extent()))).text

    assert about.endswith("UTC: 2 done; 1 were taken back")
    for part in (about, "Approved by", "in enforce mode", "Incomplete: the records begin at", "Proof"):
        assert part in text
    assert "Before" not in text
