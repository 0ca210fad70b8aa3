"""An act on a terminal and on the page, with the worst that foreign text can be."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from demo.act import Act, Check, Deed, Diff, PortRow
from demo.figures import Figures, Span
from demo.pieces import pieces
from demo.play import Play
from demo.report import document, html
from demo.setting import Setting
from remediation.findings import FindingRecord, State
from remediation.telling.cards import card

HOSTILE = '<script>alert("1")</script>'
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NSG = (
    "/subscriptions/795b929e-9a9a-40fd-aa7b-5bf55eb561a4/resourceGroups/rg-a/providers/"
    "Microsoft.Network/networkSecurityGroups/nsg-with-a-rather-long-name-that-goes-on-and-on"
)
FIGURES = Figures(events=2, duplicates=2, reads=21, writes=1, announcements=1, cards=1)
FINDING = FindingRecord(
    rule="nsg-mgmt-open-to-internet",
    resource=NSG,
    title="Management port open to the internet",
    severity="high",
    message=f"TCP 22 is open through rule {HOSTILE}",
    guidance=["C2"],
    evidence={"witness": {"source": "1.0.0.1", "destination": "10.0.0.4", "port": 22, "protocol": "tcp"}},
    disposition="alert",
    state=State.OPEN,
    seq=1,
    opened_at=NOW,
    changed_at=NOW,
    commands=["az network nsg rule delete --ids " + "x" * 300],
)
ACT = Act(
    number=1,
    name="an-act",
    title="Somebody does something",
    short="something",
    told="It has to end well.",
    outcome="Alert",
    checks=(Check("the sky is blue", True), Check("the sea is", False, f"it is {HOSTILE}")),
    figures=FIGURES,
    deeds=(Deed("Alice Berg", "Azure portal", f"adds rule {HOSTILE}"),),
    findings=(FINDING,),
    diffs=(Diff(f"rule {HOSTILE} changed", (("-", HOSTILE), ("+", "b" * 120), (" ", "priority: 1"))),),
    ports=(PortRow(22, "open", "closed"), PortRow(443, "open", "unknown")),
    cards=(card(FINDING, now=NOW),),
    span=Span(noticed=1.5, repaired=1.75),
)
SETTING = Setting(1, "memory", "cloudevents", HOSTILE, "westeurope", NSG.split("/")[2], 40)
PLAY = Play(SETTING, (ACT,), FIGURES)


def shown(act: Act, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False, force_terminal=False)
    for piece in pieces(act):
        console.print(piece)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 60, 100])
def test_an_act_fits_a_terminal_of_any_width(width: int) -> None:
    lines = shown(ACT, width)
    assert max(map(len, lines)) <= width
    assert any("1.0.0.1 can reach" in line for line in lines)


def test_an_act_that_failed_says_why_on_the_terminal() -> None:
    text = " ".join(line.strip() for line in shown(ACT, 100))
    assert "✗ the sea is: it is" in text
    assert "✗ This did not end as told" in text


def test_square_brackets_in_foreign_text_are_no_markup() -> None:
    act = replace(ACT, deeds=(Deed("Alice", "portal", "writes [bold red]x[/] and [/nothing]"),))
    assert any("writes [bold red]x[/] and [/nothing]" in line for line in shown(act, 100))


def test_foreign_text_stays_text_on_the_page() -> None:
    page = html(PLAY)
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;alert(") >= 5
    cards = re.search(r'id="cards">(.*?)</script>', page, re.DOTALL)
    if cards is not None:  # Microsoft's renderer is installed
        assert json.loads(cards[1]) == [ACT.cards[0]]


def test_without_the_renderer_the_cards_are_drawn_by_ourselves_and_no_script_runs(tmp_path: Path) -> None:
    page = html(PLAY, renderer=tmp_path / "missing.js")
    assert "<script" not in page
    assert "This needs a person: nothing has been changed." in page
    assert 'class="box emphasis"' in page


def test_a_renderer_cannot_end_its_own_script_element(tmp_path: Path) -> None:
    renderer = tmp_path / "renderer.js"
    renderer.write_text("var text = '</script><b>';")
    assert "var text = '<\\/script><b>';" in html(PLAY, renderer=renderer)


def test_one_bad_check_makes_the_act_and_the_play_fail() -> None:
    good = replace(ACT, checks=ACT.checks[:1])
    assert (ACT.ok, PLAY.ok) == (False, False)
    assert (good.ok, replace(PLAY, acts=(good,)).ok) == (True, True)
    assert not replace(ACT, checks=()).ok


def test_the_longest_repair_is_the_plays() -> None:
    slow, none = replace(ACT, span=Span(noticed=2.0, repaired=4.5)), replace(ACT, span=None)
    assert document(replace(PLAY, acts=(ACT, slow, none)))["secondsToRepaired"] == 4.5
    assert document(replace(PLAY, acts=(none,)))["secondsToRepaired"] == 0.0
