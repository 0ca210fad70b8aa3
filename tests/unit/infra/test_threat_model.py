"""docs/security.md as a threat model: each way of an attacker has what stops it, and a test that exists."""

import ast
import functools
import re

import pytest

from tests.unit.infra.bicep import ROOT

TOLD = (ROOT / "docs" / "security.md").read_text()
MODEL = TOLD.partition("## The threat model\n")[2].partition("\n## ")[0]
NAMED = sorted(set(re.findall(r"`(tests/[^`]+?\.py)::(\w+)`", TOLD)))


def section(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, cell by cell, without the head."""
    text = MODEL.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


@functools.cache
def defined_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_each_test_that_the_model_names_exists(path: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in defined_in(path)


def test_whatever_looks_like_a_test_is_named_by_path_and_name() -> None:
    assert len(re.findall(r"`[^`]*(?:\btests/[\w/]+\.py|::)[^`]*`", MODEL)) == len(
        re.findall(r"`tests/[^`]+?\.py::\w+`", MODEL)
    )


def test_every_way_without_rights_says_what_stops_it_and_names_its_test() -> None:
    rows = section("Without rights on the app")
    assert len(rows) > 20
    assert [row for row in rows if len(row) != 3 or not row[1] or "::" not in row[2]] == []


def test_every_further_way_says_what_stops_it_and_names_its_test() -> None:
    rows = section("Further ways without rights")
    assert len(rows) > 20
    assert [row for row in rows if len(row) != 3 or not row[1] or "::" not in row[2]] == []


def test_what_is_fuzzed_is_what_the_model_says() -> None:
    files = {path.stem for path in (ROOT / "tests" / "unit" / "fuzzing").glob("test_*.py")}
    assert files == {f"test_fuzzed_{kind}" for kind in ("events", "ids", "baselines", "records")}
