"""People and the app over HTTP, through the host: the key reads, who signed in acts."""

from typing import Any

import aiohttp

from lab.world import World
from tests.story.e2e.conftest import play

ADA = {
    "x-ms-client-principal-id": "aaaaaaaa-0000-4000-8000-000000000001",
    "x-ms-client-principal-name": "ada@contoso.example",
}
PEOPLE = {"people": {"apply": [ADA["x-ms-client-principal-id"]], "exempt": [ADA["x-ms-client-principal-id"]]}}
OPEN: dict[str, Any] = {
    "priority": 317,
    "direction": "Inbound",
    "access": "Allow",
    "protocol": "Tcp",
    "sourceAddressPrefix": "Internet",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "22",
}


async def asks(world: World, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """`GET` of the app, as a browser or a script sends it."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{world.functions_url}/api/{path}", headers=headers or {}) as answer,
    ):
        return answer.status, await answer.json(content_type=None)


def test_the_key_reads_and_whoever_signed_in_reads_without_one() -> None:
    """The host itself says whether the key is one: the functions for people are open as far as it goes."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await world.as_("mallory").put(f"{nsg}/securityRules/opened", {"properties": OPEN})
        await world.quiet()

        status, body = await asks(world, f"findings?state=all&code={world.key}")
        assert (200, [nsg.lower()]) == (status, [one["resource"].lower() for one in body["findings"]])
        identity = body["findings"][0]["id"]

        status, found = await asks(world, f"findings/{identity}", {"x-functions-key": world.key})
        assert (200, "propose", False) == (status, found["disposition"], found["can"]["apply"]["ok"])
        status, found = await asks(world, f"findings/{identity}", ADA)
        assert (200, True) == (status, found["can"]["apply"]["ok"])
        assert 401 == (await asks(world, "findings"))[0]
        assert 401 == (await asks(world, "findings?code=wrong"))[0]
        assert (200, "ada@contoso.example") == (
            (await asks(world, "me", ADA))[0],
            (await asks(world, "me", ADA))[1]["name"],
        )

    play(
        story,
        seed=61,
        baseline_changes={"mode": "observe", **PEOPLE},
        settings={"WEBSITE_AUTH_ENABLED": "true"},
    )


def test_where_nobody_signs_in_a_forged_principal_is_nobody() -> None:
    async def story(world: World) -> None:
        assert 401 == (await asks(world, "findings", ADA))[0]
        assert 200 == (await asks(world, f"findings?code={world.key}", ADA))[0]

    play(story, seed=62, baseline_changes=PEOPLE)
