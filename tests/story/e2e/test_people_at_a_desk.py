"""Engineers at a desk: `--app` goes over HTTP in their own name, with no right on the app's storage."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import remediation.cli
from lab.functions_host.signing_in import object_id
from lab.world import World
from tests.measured import PASSED_ON
from tests.story.e2e.conftest import calls, play, rule_of, told
from tests.story.e2e.test_people import OPEN, asks

ROOT = Path(remediation.cli.__file__).resolve().parents[2]
ADA, EVE = "ada@contoso.example", "eve@contoso.example"
PEOPLE = {"apply": [object_id(ADA)], "exempt": [object_id(ADA)], "read": [object_id(EVE)]}
PROPOSING = {"rules": {"nsg-mgmt-open-to-internet": {"action": "propose"}}, "people": PEOPLE}


async def types(world: World, *arguments: str, by: str = ADA) -> "subprocess.CompletedProcess[str]":
    """A command in a process of its own, that knows of the app nothing but its name."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    signed_in = {"ARM_ENDPOINT": world.arm_url, "ARM_STATIC_TOKEN": by}
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-W", "error", "-m", "remediation", *arguments, "--app", "rg-guard",
         "--app-subscription", world.subscription],
        cwd=ROOT,
        env={**kept, **PASSED_ON, **signed_in},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


async def found(world: World) -> dict[str, Any]:
    await world.as_("mallory").put(f"{world.estate.shared_nsg}/securityRules/opened", {"properties": OPEN})
    await world.quiet()
    world.show_the_app()
    _, body = await asks(world, f"findings?code={world.key}")
    (one,) = body["findings"]
    return dict(one)


def test_apply_exempt_undo_look_and_ack_go_over_http_in_the_engineers_name() -> None:
    async def story(world: World) -> None:
        nsg, identity = world.estate.shared_nsg, (await found(world))["id"]

        dry = await types(world, "apply", identity, "--dry-run")
        assert (0, True, []) == (dry.returncode, "opened" in dry.stdout, calls(world, "DELETE"))
        taken = await types(world, "ack", identity)
        assert (0, "It is yours") == (taken.returncode, taken.stdout[:11])
        refused = await types(world, "apply", identity, "--yes", by=EVE)
        assert (1, True) == (refused.returncode, "right apply" in refused.stderr)

        applied = await types(world, "apply", identity, "--yes", "--format", "json")
        answer = json.loads(applied.stdout)
        assert (0, None, "fixed") == (
            applied.returncode,
            rule_of(world, nsg, "opened"),
            answer["finding"]["state"],
        )
        undone = await types(world, "undo", answer["writeId"], "--exempt-for", "1h")
        assert (0, True) == (undone.returncode, rule_of(world, nsg, "opened") is not None)
        looked = await types(world, "look", identity, by=EVE)
        assert (0, "Looked at") == (looked.returncode, looked.stdout[:9])
        gone = await types(world, "exempt", identity, "--for", "2h", "--reason", "again")
        assert (1, True) == (gone.returncode, "left alone" in gone.stderr)
        _, past = await asks(world, f"history?kind=written&code={world.key}")
        assert {object_id(ADA)} == {line["actor"]["objectId"] for line in past["entries"]}
        assert "DriftAcknowledged" in told(world)

    play(story, seed=66, baseline_changes=PROPOSING, settings={"WEBSITE_AUTH_ENABLED": "true"})


def test_exempt_says_what_is_wrong_in_one_line_and_is_told_once_it_is_right() -> None:
    async def story(world: World) -> None:
        identity = (await found(world))["id"]

        wrong = await types(world, "exempt", identity, "--for", "soon", "--reason", "x")
        assert (2, 1, "--for" in wrong.stderr) == (wrong.returncode, wrong.stderr.count("\n"), True)
        unheard = await types(world, "ack", "f" * 32 + "-" + "f" * 32)
        assert (2, 1) == (unheard.returncode, unheard.stderr.count("\n"))
        done = await types(world, "exempt", identity, "--for", "2h", "--reason", "a migration")
        assert (0, "Left alone until") == (done.returncode, done.stdout[:16])
        await world.quiet()
        assert ["DriftProposed", "DriftExempted"] == told(world)[:2]

    play(story, seed=67, baseline_changes=PROPOSING, settings={"WEBSITE_AUTH_ENABLED": "true"})
