"""The examples for pull requests: their syntax by a linter and by ours, their commands by our own parser."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from remediation.cli import parser_of

ROOT = Path(__file__).parents[3]
WORKFLOW = ROOT / "examples" / "github-actions-preflight.yml"
PIPELINE = ROOT / "examples" / "azure-pipelines-preflight.yml"
SCHEMAS = {WORKFLOW: "vendor.github-workflows", PIPELINE: "vendor.azure-pipelines"}
STEP: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "string"} for name in ("name", "id", "if", "uses", "run")},
        "with": {"type": "object"},
        "env": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "oneOf": [{"required": ["uses"]}, {"required": ["run"]}],
}
TASK: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "task": {"type": "string", "pattern": r"^\w+@\d+$"},
        **{name: {"type": "string"} for name in ("script", "bash", "displayName", "condition")},
        "inputs": {"type": "object"},
        "env": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "oneOf": [{"required": ["task"]}, {"required": ["script"]}, {"required": ["bash"]}],
}
each = pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)


def linter() -> str:
    """check-jsonschema, where `make workflows` made its environment or it is on the PATH."""
    own = shutil.which(str(ROOT / ".tools" / "workflows" / "bin" / "check-jsonschema"))
    found = own or shutil.which("check-jsonschema")
    if found is None:
        pytest.skip("check-jsonschema is not there; `make workflows` fetches it")
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load(path.read_text())
    found = document["jobs"]["preflight"]["steps"] if path == WORKFLOW else document["steps"]
    assert isinstance(found, list)
    return found


def scripts(path: Path) -> Iterator[str]:
    for step in steps(path):
        inline = step.get("inputs", {}).get("inlineScript")
        yield from (text for text in (step.get("run"), step.get("script"), step.get("bash"), inline) if text)


@each
def test_the_linter_has_nothing_to_say(path: Path) -> None:
    command = [linter(), "--builtin-schema", SCHEMAS[path], str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@each
def test_every_step_has_the_keys_of_a_step(path: Path) -> None:
    for step in steps(path):
        jsonschema.validate(step, STEP if path == WORKFLOW else TASK)


@each
def test_every_script_is_read_by_bash(path: Path) -> None:
    for script in scripts(path):
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), script


@each
def test_every_expression_is_closed_and_no_script_holds_one(path: Path) -> None:
    """An expression in a script would be a way in for whoever names a branch."""
    text = path.read_text()
    assert len(re.findall(r"\$\{\{", text)) == len(re.findall(r"\$\{\{ [\w.() !=&|'/-]+ \}\}", text))
    assert [script for script in scripts(path) if "${{" in script] == []


@each
def test_every_command_is_one_of_ours(path: Path) -> None:
    commands = [
        line.partition(" || ")[0].partition(" > ")[0].strip()
        for script in scripts(path)
        for line in script.splitlines()
        if line.strip().startswith("bastion-guard ")
    ]
    assert len(commands) >= 3
    for command in commands:
        _, name, *arguments = shlex.split(command)
        change = ["--bicepparam", "main.bicepparam", "--subscription", "a", "--estate", "estate.json"]
        whole = [one for argument in arguments for one in (change if "change[@]" in argument else [argument])]
        assert vars(parser_of(name).parse_args(whole)) != {}


def test_the_workflow_asks_for_no_right_it_does_not_use() -> None:
    document = yaml.safe_load(WORKFLOW.read_text())
    assert document["permissions"] == {
        "contents": "read",
        "id-token": "write",
        "pull-requests": "write",
        "security-events": "write",
    }
    assert "secrets." not in WORKFLOW.read_text()
