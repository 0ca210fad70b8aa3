"""`export` in a process of its own, against the lab: one file that scan reads like the subscription."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.arm import Arm, in_background
from remediation.cli import main
from tests.builders import BASTION_ID, SUBSCRIPTION
from tests.measured import PASSED_ON
from tests.unit.scan.scanned import Desk, an_estate
from tests.unit.scan.test_live import ROOT, forbidden

OPEN = "nsg-mgmt-open-to-internet"


def run(*arguments: str, documents: list[Any], faults: tuple[Any, ...] = ()) -> tuple[Any, Arm]:
    lab = Arm()
    lab.seed(documents)
    for fault in faults:
        lab.faults.add(fault)
    with in_background(lab) as url:
        answer = subprocess.run(
            [sys.executable, "-m", "remediation", *arguments],
            cwd=ROOT,
            env=os.environ | PASSED_ON | {"ARM_ENDPOINT": url, "ARM_STATIC_TOKEN": "reader"},
            capture_output=True,
            text=True,
            check=False,
        )
    return answer, lab


def test_what_is_exported_is_judged_as_the_subscription_is_and_nothing_is_written(
    desk: Desk, tmp_path: Path
) -> None:
    path = str(tmp_path / "estate.json")
    answer, lab = run("export", "--subscription", SUBSCRIPTION, "-o", path, documents=an_estate())

    assert (answer.returncode, answer.stdout) == (0, "")
    assert "resources to" in answer.stderr
    assert {entry.method for entry in lab.log.entries()} <= {"GET", "POST"}
    scanned = desk.scan("--estate", path)
    assert (OPEN, "web") in scanned.found
    assert "not in the input" not in scanned.errors


def test_types_that_may_not_be_read_are_named_in_the_file_and_told(tmp_path: Path) -> None:
    path = tmp_path / "estate.json"
    refused = forbidden("*/bastionhosts*")
    answer, _ = run(
        "export", "--subscription", SUBSCRIPTION, "-o", str(path), documents=an_estate(), faults=(refused,)
    )

    unread = json.loads(path.read_text())["bastionGuard"]["unread"]
    assert "microsoft.network/bastionhosts" in {one.get("type", "").lower() for one in unread}
    assert "bastionhosts could not be read" in answer.stderr.lower()
    assert BASTION_ID.text not in {one["id"] for one in json.loads(path.read_text())["value"]}


@pytest.mark.parametrize("command", [("scan",), ("export", "-o", "nothing.json")], ids=["scan", "export"])
def test_a_subscription_that_shows_nothing_is_not_green(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [str(tmp_path / word) if word.endswith(".json") else word for word in command]
    for faults in ((), (forbidden("*"),)):
        answer, _ = run(*given, "--subscription", SUBSCRIPTION, documents=[], faults=faults)
        assert answer.returncode == 3, answer.stderr
        assert "remediation: " in answer.stderr
        assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--subscription", "mine", "-o", "x.json"], "not a subscription id"),
        (["--subscription", SUBSCRIPTION, "-o", "/nowhere/x.json"], "there is no folder /nowhere"),
        (["--subscription", SUBSCRIPTION, "-o", ""], "not a file to write to"),
        (["--subscription", SUBSCRIPTION], "-o"),
    ],
)
def test_what_cannot_be_exported_is_told_before_anything_is_read(
    capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    assert main(["export", *arguments]) == 2
    assert problem in capsys.readouterr().err
