"""docs/deploy.md to the letter: its shell on an `az` that takes notes, its names against the files."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from remediation.cli import COMMANDS, parser_of
from tests.unit.infra import snapshots
from tests.unit.infra.bicep import INFRA, ROOT, declarations
from tests.unit.infra.snapshots import SETS, at, outputs

HERE = "11111111-2222-3333-4444-555555555555"
AZ = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done >> "$NOTES"; echo >> "$NOTES"
case "$*" in
  "$FAILING"*)
    times=$(cat "$NOTES.failed" 2>/dev/null || echo 0)
    echo $((times + 1)) > "$NOTES.failed"
    test "$times" -ge "$TIMES" || { echo "$SAYING" >&2; exit 1; } ;;
esac
case "$1 $2 $3" in
  "deployment sub show") cat "$OUTPUTS" ;;
  "functionapp function list") echo "func-guard-x/$FUNCTION" ;;
  "rest --method get")
    head -n 1 "$STATUS"; sed -i 1d "$STATUS"
    test -s "$STATUS" || echo Resolved > "$STATUS" ;;
  "storage account list") echo Standard_ZRS ;;
  "ad app create") echo cccccccc-2222-3333-4444-555555555555 ;;
  "account show --query") echo 11111111-2222-3333-4444-555555555555 ;;
esac
"""
OTHER = """#!/bin/sh
echo "$(basename "$0") $*" >> "$NOTES.others"
"""
PATIENCE = """#!/bin/sh
echo "$1" >> "$NOTES.slept"
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


@dataclass(frozen=True, slots=True)
class Walk:
    """What became of some shell: exit status, what it said, what it asked of `az`, how often it waited."""

    status: int
    said: str
    calls: list[list[str]]
    waits: int


def walked(
    folder: Path, script: str = "", *, of: str = "plain", function: str = "on_resource_change",
    failing: str = "nothing", saying: str = "", times: int = 0, statuses: Sequence[str] = (), runs: int = 1,
) -> Walk:  # fmt: skip
    """Some shell, or steps 3 and 4, on an `az` that knows the outputs of a parameter set and takes notes.

    `failing` is how a command begins that fails so many `times`, `saying` something; `statuses` is what
    becomes of the reference to the vault, look by look.
    """
    notes, given, status = folder / "notes", folder / "outputs.json", folder / "status"
    shown = {name.lower(): {"type": "String", "value": value} for name, value in outputs(of).items()}
    given.write_text(json.dumps(shown))
    notes.write_text("")
    status.write_text("".join(f"{each}\n" for each in [*statuses, "Resolved"]))
    others = [(name, OTHER) for name in ("azd", "make", "python")]
    for name, text in (("az", AZ), ("sleep", PATIENCE), *others):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "NOTES": str(notes), "OUTPUTS": str(given),
        "FUNCTION": function, "STATUS": str(status), "FAILING": failing, "SAYING": saying,
        "TIMES": str(times),
    }  # fmt: skip
    script = script or block("az deployment sub show") + block("sh infra/publish.sh") * runs
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=ROOT, env=environment, check=False,
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    slept = folder / "notes.slept"
    calls = [call.splitlines() for call in notes.read_text().strip().split("\n\n")]
    return Walk(done.returncode, done.stderr, calls, len(slept.read_text().split()) if slept.exists() else 0)


def begun(walk: Walk, *words: str) -> list[list[str]]:
    return [call for call in walk.calls if tuple(call[: len(words)]) == words]


def test_the_outputs_of_every_set_are_the_templates_own() -> None:
    for name in SETS:
        assert {each.name for each in declarations(INFRA / "main.bicep", "output")} == outputs(name).keys()


@pytest.mark.parametrize("name", SETS)
def test_steps_three_and_four_publish_the_package_and_then_the_event_subscriptions(
    name: str, tmp_path: Path
) -> None:
    walk, known = walked(tmp_path, of=name), outputs(name)
    assert walk.status == 0, walk.said
    reference = [["rest", "--method", "post"], ["rest", "--method", "get"]] if known["VAULT_SETTINGS"] else []
    assert [call[:3] for call in walk.calls] == [
        ["deployment", "sub", "show"],
        *reference,
        ["functionapp", "deployment", "source"],
        ["functionapp", "function", "list"],
        ["deployment", "sub", "create"],
        ["rest", "--method", "post"],
    ]
    [package], [events] = begun(walk, "functionapp", "deployment"), begun(walk, "deployment", "sub", "create")
    assert options(package)["--name"] == known["FUNCTION_APP_NAME"]
    assert options(package)["--src"] == "build/bastion-guard.zip"
    given = options(events)
    assert given["--template-file"] == "infra/events.bicep"
    assert json.loads(given["systemTopicIds"]) == json.loads(known["SYSTEM_TOPIC_IDS"])
    for parameter, output in (
        ("functionAppId", "FUNCTION_APP_ID"), ("driftTopicId", "DRIFT_TOPIC_ID"),
        ("deadLetters", "DEAD_LETTERS"),
        ("deadLetterAccountId", "DEAD_LETTER_ACCOUNT_ID"), ("storageAccountId", "STORAGE_ACCOUNT_ID"),
        ("eventSubscriptionPrefix", "EVENT_SUBSCRIPTION_PREFIX"),
    ):  # fmt: skip
        assert given[parameter] == known[output], parameter
    assert (
        walk.calls[-1][4]
        == f"{known['FUNCTION_APP_ID']}/hostruntime/admin/functions/sweep?api-version=2025-03-01"
    )


@pytest.mark.parametrize("name", SETS)
def test_the_whole_page_can_be_walked_from_top_to_bottom(name: str, tmp_path: Path) -> None:
    """Every block of shell, in order, with the outputs of a set: short way, long way, what comes later."""
    walk = walked(tmp_path, f"WEBHOOK=https://example.com\n{''.join(blocks('sh'))}", of=name)
    assert walk.status == 0, walk.said
    first, signed, again = begun(walk, "deployment", "sub", "create", "--name", "guard")
    assert options(first)["teamsWebhookUrl"] == "https://example.com"
    assert options(signed)["signInClientId"] == "cccccccc-2222-3333-4444-555555555555"
    assert options(again)["storageSku"] == "Standard_ZRS"
    typed = (tmp_path / "notes.others").read_text().splitlines()
    assert [line for line in typed if line.startswith(("azd up", "make package"))] == [
        "azd up",
        "make package",
    ]
    assert f"python -m remediation doctor --resource-group {outputs(name)['AZURE_RESOURCE_GROUP']}" in typed
    assert walk.said.rstrip().endswith("remove: 0 left")


def test_in_the_private_form_nothing_is_subscribed_to(tmp_path: Path) -> None:
    [events] = begun(walked(tmp_path, of="private"), "deployment", "sub", "create")
    given = options(events)
    assert (given["systemTopicIds"], given["driftTopicId"], given["deadLetterAccountId"]) == ("[]", "", "")


def test_everything_goes_to_the_subscription_of_the_app_whatever_az_is_set_to(tmp_path: Path) -> None:
    for call in walked(tmp_path).calls[1:]:
        assert HERE in (options(call).get("--subscription") or call[4])


def test_publishing_twice_asks_for_the_same_twice(tmp_path: Path) -> None:
    walk = walked(tmp_path, runs=2)
    half = (len(walk.calls) - 1) // 2
    assert (walk.status, walk.calls[1 : 1 + half]) == (0, walk.calls[1 + half :])


@pytest.mark.parametrize(
    ("failing", "saying"),
    [
        ("functionapp deployment source", "ERROR: Status Code: 503, Details: Service Unavailable"),
        ("deployment sub create", "The destination endpoint was not found"),
        ("deployment sub create", "Endpoint validation: Only EventGridTrigger type is supported"),
        ("rest --method post --uri", "Not Found"),
    ],
)
def test_what_passes_by_itself_is_tried_again_and_told(failing: str, saying: str, tmp_path: Path) -> None:
    walk = walked(tmp_path, of="no-keys", failing=failing, saying=saying, times=2)
    assert (walk.status, walk.waits) == (0, 2)
    assert walk.said.count(saying) == 2
    assert "not ready yet, trying again in 15 seconds (2 of 20)" in walk.said


def test_what_does_not_pass_by_itself_ends_it_at_once(tmp_path: Path) -> None:
    walk = walked(tmp_path, failing="functionapp deployment source", saying="the zip is damaged", times=9)
    assert (walk.status, walk.waits) == (1, 0)
    assert "the package: this does not pass by itself" in walk.said
    assert begun(walk, "deployment", "sub", "create") == []


def test_a_first_look_that_cannot_be_started_is_told_and_no_failure(tmp_path: Path) -> None:
    walk = walked(tmp_path, of="no-keys", failing="rest", saying="Forbidden", times=9)
    assert walk.status == 0
    assert "it comes by itself within six hours" in walk.said


def test_the_reference_to_the_vault_is_looked_up_anew_until_the_role_is_in_force(tmp_path: Path) -> None:
    walk = walked(tmp_path, statuses=["AccessToKeyVaultDenied", "AccessToKeyVaultDenied"])
    looks = [call[2:5] for call in begun(walk, "rest")][:-1]
    references = f"{outputs('plain')['FUNCTION_APP_ID']}/config/configreferences/appsettings"
    once = [
        ["post", "--uri", f"{references}/refresh?api-version=2025-03-01"],
        ["get", "--uri", f"{references}/TEAMS_WEBHOOK_URL?api-version=2025-03-01"],
    ]
    assert (looks, walk.status, walk.waits) == (once * 3, 0, 2)
    assert "AccessToKeyVaultDenied: the role is not in force everywhere yet" in walk.said


def test_a_webhook_that_stays_unresolved_does_not_keep_the_app_from_judging(tmp_path: Path) -> None:
    walk = walked(tmp_path, statuses=["SecretNotFound"] * 40)
    assert walk.status == 0
    assert "is SecretNotFound after 5 minutes" in walk.said


def test_a_function_that_never_appears_is_said(tmp_path: Path) -> None:
    walk = walked(tmp_path, function="another")
    assert (walk.status, begun(walk, "deployment", "sub", "create")) == (1, [])
    assert "no function on_resource_change after 5 minutes" in walk.said


def test_an_upgrade_changes_nothing_that_an_account_keeps(tmp_path: Path) -> None:
    """The first release made a zone-redundant account; its SKU is asked for and handed on."""
    walk = walked(tmp_path, block('storageSku="$sku"'))
    [deployed] = begun(walk, "deployment", "sub", "create")
    assert options(deployed)["storageSku"] == "Standard_ZRS"
    assert deployed[deployed.index("--parameters") + 1] == "@guard.parameters.json"
    account = snapshots.the("plain", "Microsoft.Storage/storageAccounts", "stguard")["properties"]
    assert account.get("encryption") is None  # what is fixed when an account is made
    assert (
        at(snapshots.the("private", "Microsoft.Storage/storageAccounts"), "properties.encryption") is not None
    )


def test_what_can_be_set_with_azd_and_is_told_of_goes_by_one_name() -> None:
    handed = set(re.findall(r"GUARD_\w+", (INFRA / "main.parameters.json").read_text()))
    assert set(re.findall(r"GUARD_\w+", (INFRA / "publish.sh").read_text())) == set()
    assert set(re.findall(r"GUARD_\w+", TOLD)) - {"GUARD_SUBSCRIPTIONS"} <= handed


def test_every_parameter_that_is_told_of_exists() -> None:
    known = {
        each.name for name in ("main", "events") for each in declarations(INFRA / f"{name}.bicep", "param")
    }
    documents = map(json.loads, blocks("json"))
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", TOLD, re.MULTILINE)
    told = {name for each in documents for name in each["parameters"]} | {*re.findall(r"\w+", " ".join(rows))}
    told |= set(re.findall(r"\b([a-z]+[A-Z]\w*)=", TOLD))
    assert len(told) > 12
    assert told - known == set()


@pytest.mark.parametrize("shown", blocks("json"))
def test_a_parameters_file_as_shown_is_enough_for_phase_one(shown: str) -> None:
    required = {each.name for each in declarations(INFRA / "main.bicep", "param") if " = " not in each.text}
    assert required <= json.loads(shown)["parameters"].keys()


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
