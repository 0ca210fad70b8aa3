"""lab/README.md says what the lab's ARM does: its tables are complete and its examples work."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from lab.arm.settings import Settings
from lab.arm.state.faults import EFFECTS, MATCHES, PRESETS, Faults
from tests.unit.lab.plain_client import a_lab

README = (Path(__file__).parents[3] / "lab" / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", [each.name for each in fields(Settings)])
def test_every_setting_is_in_the_table(name: str) -> None:
    assert re.search(rf"^\| .*`{name}`", README, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_is_in_the_catalogue(name: str) -> None:
    assert f'{{"preset": "{name}"' in README


@pytest.mark.parametrize("name", sorted(MATCHES | (EFFECTS - {"preset"})))
def test_every_matcher_and_effect_is_in_the_catalogue(name: str) -> None:
    assert f"`{name}`" in README or f'{{"{name}": ' in README


def test_the_example_of_a_fault_is_one() -> None:
    example = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert example is not None
    fault = Faults().add(json.loads(example[1]))
    assert (fault.count, fault.after) == (2, 1)


def curl_calls() -> list[tuple[str, str, Any]]:
    """The curl lines of the first shell example: method, path, body."""
    block = README.split("```sh\n")[1].split("```")[0]
    names = dict(re.findall(r"^(\w+)=(\S+)$", block, re.MULTILINE)) | {"ARM": ""}
    found = []
    for line in block.splitlines():
        url = re.search(r'"(\$ARM[^"]+)"', line)
        if line.startswith("curl") and url:
            path = url[1]
            for _ in names:
                path = re.sub(r"\$(\w+)", lambda name: names[name[1]], path)
            body = re.search(r"-d '(.*)'", line)
            found.append(("PUT" if "-X PUT" in line else "GET", path, json.loads(body[1]) if body else None))
    return found


def test_the_curl_example_makes_a_group_and_an_nsg_and_reads_it() -> None:
    with a_lab() as (azure, _):
        calls = curl_calls()
        answers = [azure.send(method, path, body).status for method, path, body in calls]
        assert answers == [201, 201, 200]


def test_the_routes_of_the_labs_api_are_the_ones_in_the_table() -> None:
    documented = set(re.findall(r"/_lab/(\w+)", README))
    with a_lab() as (azure, _):
        for name in documented:
            statuses = {
                azure.send(method, f"/_lab/{name}", {}).status for method in ("GET", "POST", "DELETE")
            }
            assert statuses != {404}, name
