"""docs/deploy.md to the letter: its shell on an `az` that takes notes, its names against the files."""

import json
import os
import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from remediation.cli import COMMANDS, parser_of
from tests.unit.infra.bicep import INFRA, ROOT, declarations

HERE = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{HERE}/resourceGroups/rg-guard-prod"
OUTPUTS = {
    "AZURE_RESOURCE_GROUP": "rg-guard-prod",
    "FUNCTION_APP_NAME": "func-guard-x",
    "FUNCTION_APP_ID": f"{GROUP}/providers/Microsoft.Web/sites/func-guard-x",
    "DRIFT_TOPIC_ID": f"{GROUP}/providers/Microsoft.EventGrid/topics/evgt-drift-x",
    "DEAD_LETTER_ACCOUNT_ID": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stdeadx",
    "STORAGE_ACCOUNT_ID": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stguardx",
    "KEY_VAULT_NAME": "kvguardx",
    "STORAGE_ACCOUNT_NAME": "stguardx",
}
AZ = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done >> "$NOTES"; echo >> "$NOTES"
case "$1 $2 $3" in
  "deployment sub show") cat "$OUTPUTS" ;;
  "functionapp function list") echo "func-guard-x/$FUNCTION" ;;
esac
"""

TOLD = (ROOT / "docs" / "deploy.md").read_text()


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", TOLD, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def block(naming: str) -> str:
    return next(text for text in blocks("sh") if naming in text)


def options(command: list[str]) -> dict[str, str]:
    """The options of a command, and the NAME=VALUE of its parameters."""
    pairs = dict(word.split("=", 1) for word in command if "=" in word and not word.startswith("-"))
    return {
        **pairs,
        **{word: value for word, value in pairwise(command) if word[:2] == "--"},
    }


def walked(folder: Path, *, function: str = "on_resource_change", **more: str) -> list[list[str]]:
    """Steps 3 and 4 in a shell; the commands that `az` was given, as words."""
    notes, outputs = folder / "notes", folder / "outputs.json"
    shown = {name.lower(): {"type": "String", "value": value} for name, value in OUTPUTS.items()}
    outputs.write_text(json.dumps(shown))
    (folder / "az").write_text(AZ)
    (folder / "az").chmod(0o755)
    tools = {"NOTES": str(notes), "OUTPUTS": str(outputs), "FUNCTION": function, **more}
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    script = block("az deployment sub show") + block("sh infra/publish.sh").replace("sleep", ":")
    subprocess.run(["sh", "-eu", "-c", script], cwd=ROOT, env={"PATH": path, **tools}, check=True,
                   capture_output=True, text=True, timeout=30)  # fmt: skip
    return [call.splitlines() for call in notes.read_text().strip().split("\n\n")]


def test_the_sample_outputs_are_the_templates_own() -> None:
    assert {each.name for each in declarations(INFRA / "main.bicep", "output")} == OUTPUTS.keys()


def test_steps_three_and_four_publish_the_package_and_then_the_event_subscriptions(tmp_path: Path) -> None:
    calls = walked(tmp_path)
    assert [call[:3] for call in calls] == [
        ["deployment", "sub", "show"],
        ["functionapp", "deployment", "source"],
        ["functionapp", "function", "list"],
        ["deployment", "sub", "create"],
    ]
    package, events = options(calls[1]), options(calls[3])
    assert (package["--name"], package["--resource-group"]) == ("func-guard-x", "rg-guard-prod")
    assert package["--src"] == "build/bastion-guard.zip"
    assert events["--template-file"] == "infra/events.bicep"
    assert events["functionAppId"] == OUTPUTS["FUNCTION_APP_ID"]
    assert events["driftTopicId"] == OUTPUTS["DRIFT_TOPIC_ID"]
    assert events["deadLetterAccountId"] == OUTPUTS["DEAD_LETTER_ACCOUNT_ID"]
    assert events["storageAccountId"] == OUTPUTS["STORAGE_ACCOUNT_ID"]
    assert (events["subscriptions"], events["deadLetterWithIdentity"]) == ("[]", "false")


def test_everything_goes_to_the_subscription_of_the_app_whatever_az_is_set_to(tmp_path: Path) -> None:
    published = walked(tmp_path)[1:]
    assert {options(call)["--subscription"] for call in published} == {HERE}


def test_phase_two_is_told_what_phase_one_was_told(tmp_path: Path) -> None:
    two = '["11111111-2222-3333-4444-555555555555","66666666-2222-3333-4444-555555555555"]'
    calls = walked(tmp_path, GUARD_SUBSCRIPTIONS=two, GUARD_DEAD_LETTER_WITH_IDENTITY="true")
    assert options(calls[-1])["subscriptions"] == two
    assert options(calls[-1])["deadLetterWithIdentity"] == "true"


def test_what_the_script_reads_and_azd_sets_goes_by_one_name() -> None:
    """deadLetterWithIdentity must not differ between the phases; subscriptions are written down by hand."""
    read = set(re.findall(r"GUARD_\w+", (INFRA / "publish.sh").read_text()))
    handed = set(re.findall(r"GUARD_\w+", (INFRA / "main.parameters.json").read_text()))
    assert read - handed == {"GUARD_SUBSCRIPTIONS"}
    assert set(re.findall(r"GUARD_\w+", TOLD)) <= handed | read


def test_every_parameter_that_is_told_of_exists() -> None:
    known = {
        each.name for name in ("main", "events") for each in declarations(INFRA / f"{name}.bicep", "param")
    }
    [document] = map(json.loads, blocks("json"))
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", TOLD, re.MULTILINE)
    told = {*document["parameters"], *re.findall(r"\w+", " ".join(rows))}
    told |= set(re.findall(r"\b([a-z]+[A-Z]\w*)=", TOLD))
    assert len(told) > 12
    assert told - known == set()


def test_a_parameters_file_as_shown_is_enough_for_phase_one() -> None:
    [document] = map(json.loads, blocks("json"))
    required = {each.name for each in declarations(INFRA / "main.bicep", "param") if " = " not in each.text}
    assert required <= document["parameters"].keys()


@pytest.mark.parametrize("script", blocks("sh"), ids=lambda text: text.strip().splitlines()[-1][:40])
def test_every_command_that_is_shown_is_good_shell(script: str) -> None:
    done = subprocess.run(["sh", "-n", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_of_ours_that_is_shown_exists() -> None:
    told = TOLD + (ROOT / "docs" / "runbook.md").read_text()
    shown = re.findall(r"python -m remediation ([^`\n|>]+)", told)
    assert len(shown) > 8
    for words in map(shlex.split, shown):
        assert words[0] in COMMANDS
        known = parser_of(words[0]).format_help()
        assert [word for word in words if word.startswith("--") and word not in known] == [], words


def test_every_target_of_make_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = set(re.findall(r"(?:`|^ +)make ([a-z]+)", TOLD, re.MULTILINE))
    assert shown
    assert shown <= targets
