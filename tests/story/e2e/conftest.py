"""End to end: the lab's ARM and Event Grid, Microsoft's Functions runtime, the app, a Teams webhook."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from lab.world import World

INFRA = Path(__file__).resolve().parents[3] / "infra"

HEARD: list[dict[str, Any]] = []
"""What the drift topic was told in the stories that were played, for the gallery of cards."""

type Story = Callable[[World], Awaitable[None]]

OPEN_TO_ALL: dict[str, Any] = {
    "properties": {
        "priority": 317,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "Internet",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRanges": ["22", "443", "3389"],
    }
}


def role(name: str) -> list[str]:
    """The actions of a custom role, as Bicep loads them: observe, fix or logs."""
    actions: list[str] = json.loads((INFRA / "roles" / f"{name}.json").read_text())["actions"]
    return actions


def operations() -> list[str]:
    """The operations that the event subscriptions of the system topic filter for."""
    families: dict[str, list[str]] = json.loads((INFRA / "operations.json").read_text())
    return [operation for family in families.values() for operation in family]


def play(story: Story, **choices: Any) -> None:
    """Run a story in a fresh world as it is deployed: roles and event filters are those of infra/."""
    enforcing = choices.get("baseline_changes", {}).get("mode") != "observe"
    repairing = [*role("fix"), *role("logs")] if enforcing else []
    choices.setdefault("roles", {"bastion-guard": role("observe") + repairing})
    choices.setdefault("operations", operations())

    async def whole() -> None:
        async with World(**choices) as world:
            await story(world)
            HEARD.extend(event["data"] for event in world.announcements)

    asyncio.run(whole())


def rule_of(world: World, nsg: str, name: str) -> dict[str, Any] | None:
    """A custom rule of an NSG as ARM has it now, its properties only; None when there is none."""
    found = world.found(nsg)
    rules = [] if found is None else found["properties"]["securityRules"]
    return next((rule["properties"] for rule in rules if rule["name"] == name), None)


def calls(world: World, method: str, caller: str = "bastion-guard") -> list[str]:
    """Paths of the requests a caller made, operations left out."""
    return [
        entry.path
        for entry in world.arm.log.entries()
        if entry.caller == caller and entry.method == method and "/operations/" not in entry.path
    ]


def told(world: World) -> list[str]:
    """The types on the drift topic, in order, without their prefix."""
    return [event["type"].removeprefix("BastionGuard.") for event in world.announcements]
