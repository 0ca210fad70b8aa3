"""infra/remove.sh on an `az` that has a small subscription: what is asked for, and what is left."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.infra.bicep import ROOT

HERE, THERE = "11111111-2222-3333-4444-555555555555", "66666666-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{HERE}/resourceGroups/rg-guard-prod"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kvguardx"
TOPIC = f"evgst-guard-{HERE}"

# Keeps its subscription in a file: what is deleted is gone, and a group takes its content with it.
AZ = f"""#!{sys.executable} -IS
import json, os, sys
from pathlib import Path
file, words = Path(os.environ["WORLD"]), sys.argv[1:]
world = json.loads(file.read_text())
with open(os.environ["NOTES"], "a") as notes:
    notes.write(" ".join(words) + "\\n")
plain = [word for word in words if not word.startswith("--")]
name = " ".join(words[: next(at for at, word in enumerate(words) if word.startswith("--"))])
given = dict(zip(words, words[1:]))
group, found = given.get("--resource-group") or given.get("--name"), []
if name == "group exists":
    print("true" if group in world["groups"] else "false"); sys.exit()
elif name == "group delete":
    del world["groups"][group]
    if group == "rg-guard-prod":
        world["topics"] = {{}}
elif name == "eventgrid system-topic list": found = list(world["topics"])
elif name == "eventgrid system-topic event-subscription list":
    found = world["topics"][given["--system-topic-name"]]
elif name == "eventgrid system-topic event-subscription delete":
    world["topics"][given["--system-topic-name"]].remove(given["--name"])
elif name == "resource list": found = world["groups"][group]
elif name == "identity list": found = ["principal"]
elif name == "monitor diagnostic-settings list":
    if "plan" in given["--resource"]: sys.exit("not supported")
    found = world["settings"].get(given["--resource"], [])
elif name == "monitor diagnostic-settings delete":
    world["settings"][given["--resource"]].remove(given["--name"])
elif name == "role assignment list":
    mine = given.get("--assignee")
    found = [one for one, who in world["assignments"].items() if mine in (None, who)]
elif name == "role assignment delete": del world["assignments"][given["--ids"]]
elif name == "role definition list": found = world["definitions"]
elif name == "role definition delete": world["definitions"].remove(given["--name"])
else: sys.exit("az: " + name)
file.write_text(json.dumps(world))
for one in found: print(one)
"""


@dataclass(frozen=True, slots=True)
class Removal:
    status: int
    left: list[str]
    said: str
    calls: list[str]
    world: dict[str, Any]


def a_subscription(**more: str) -> dict[str, Any]:
    """What stands in the app's subscription; `more` are role assignments of others."""
    families = ("network-security", "bastion", "paths", "scopes-and-extensions")
    return {
        "groups": {"rg-guard-prod": [VAULT, f"{GROUP}/providers/Microsoft.Web/serverfarms/plan-x"]},
        "topics": {TOPIC: [f"guard-{family}" for family in families]},
        "settings": {VAULT: ["setByPolicy-LogAnalytics"]},
        "assignments": {"/a/observe": "principal", "/a/fix": "principal", **more},
        "definitions": ["observe-guid", "fix-guid"],
    }


def removed(folder: Path, world: dict[str, Any], *words: str) -> Removal:
    file, notes = folder / "world.json", folder / "notes"
    file.write_text(json.dumps(world))
    notes.write_text("")
    (folder / "az").write_text(AZ)
    (folder / "az").chmod(0o755)
    environment = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "WORLD": str(file),
        "NOTES": str(notes),
    }
    command = ["sh", "infra/remove.sh", *(words or ("rg-guard-prod", HERE))]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    calls = notes.read_text().splitlines()
    return Removal(
        done.returncode, done.stdout.splitlines(), done.stderr, calls, json.loads(file.read_text())
    )


def test_removing_leaves_nothing_and_lists_that(tmp_path: Path) -> None:
    after = removed(tmp_path, a_subscription())
    assert (after.status, after.left) == (0, []), after.said
    assert after.said.rstrip().endswith("remove: 0 left")
    assert after.world["topics"] == after.world["groups"] == after.world["assignments"] == {}
    assert after.world["settings"] == {VAULT: []}
    assert after.world["definitions"] == []


def test_event_subscriptions_go_first_and_diagnostic_settings_before_what_they_belong_to(
    tmp_path: Path,
) -> None:
    calls = [call for call in removed(tmp_path, a_subscription()).calls if " delete " in call]
    kinds = [call.partition(" delete")[0] for call in calls]
    order = list(dict.fromkeys(kinds))
    assert order == [
        "eventgrid system-topic event-subscription",
        "role assignment",
        "monitor diagnostic-settings",
        "group",
        "role definition",
    ]


def test_roles_that_another_environment_uses_stay_and_are_listed(tmp_path: Path) -> None:
    after = removed(tmp_path, a_subscription(other="another principal"))
    assert after.world["definitions"] == ["observe-guid", "fix-guid"]
    assert (after.status, after.left) == (
        1,
        ["role assignment other", "role definition observe-guid", "role definition fix-guid"],
    )


def test_removing_twice_is_no_mistake(tmp_path: Path) -> None:
    after = removed(tmp_path, removed(tmp_path, a_subscription()).world)
    assert (after.status, after.left) == (0, [])


def test_listing_changes_nothing_and_names_everything(tmp_path: Path) -> None:
    before = a_subscription()
    after = removed(tmp_path, before, "--list", "rg-guard-prod", HERE)
    assert (after.status, after.world) == (1, before)
    kinds = {
        "resource group",
        "diagnostic setting",
        "event subscription",
        "role assignment",
        "role definition",
    }
    assert {kind for kind in kinds if any(line.startswith(kind) for line in after.left)} == kinds


def test_a_watched_subscription_is_told_whose_roles_they_are_by_the_subscription_of_the_app(
    tmp_path: Path,
) -> None:
    after = removed(tmp_path, a_subscription(), "rg-guard-prod", THERE, HERE)
    identity = [call for call in after.calls if call.startswith("identity list")]
    assert [HERE in call for call in identity] == [True]
    others = [
        call for call in after.calls if call.startswith(("role", "group delete", "resource", "eventgrid"))
    ]
    assert [call for call in others if THERE not in call and "--ids" not in call] == []
    assert after.world["assignments"] == {}
