"""Every rule once end to end: its documents in the lab's ARM, a replay, and the news on the drift topic."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lab.world import World
from remediation.resource_id import ResourceId
from remediation.rules import registry
from tests.story.e2e.forward import completed
from tests.unit.rules.case import Case, all_cases


def first_that_speaks(rule: str) -> Case:
    """A case that needs no refusal; a request that was live at the case's moment is live today."""
    cases = [case for name, case in all_cases() if name == rule and case.says == "speaks"]
    return next(_today(case) for case in cases if not case.unread)


def _today(case: Case) -> Case:
    if case.moment is None:
        return case
    shift = datetime.now(UTC) - case.moment

    def later(found: re.Match[str]) -> str:
        return f'"{found[1]}TimeUtc": "{(datetime.fromisoformat(found[2]) + shift).isoformat()}"'

    text = re.sub(r'"(start|end)TimeUtc": "([^"]+)"', later, json.dumps(case.documents))
    return replace(case, documents=tuple(json.loads(text)))


@pytest.mark.parametrize("rule", sorted(registry()))
def test_a_rule_speaks_through_arm_runtime_and_topic(rule: str) -> None:
    """What the rule finds is read from ARM over HTTP, judged in the runtime and announced once."""
    case = first_that_speaks(rule)
    subscription = ResourceId.parse(case.subject).subscription
    standard = {"mode": "observe", "rules": {rule: {"action": "propose"}}, **case.baseline}

    async def story() -> None:
        settings = {"SUBSCRIPTIONS": subscription}
        async with World(seed=21, settings=settings, baseline_changes=standard) as world:
            world.arm.seed(completed(case.documents))
            status, answer = await world.replay({"resources": [case.subject]})
            assert (status, answer["refused"]) == (202, [])
            await world.quiet()

            news = [event["data"] for event in world.announcements if event["data"]["rule"] == rule]
            assert news
            assert len(news) == len({item["finding"] for item in news})
            writes = [entry for entry in world.arm.log.entries() if entry.method in {"PUT", "DELETE"}]
            assert not [entry for entry in writes if entry.caller == "bastion-guard"]

    asyncio.run(story())
