"""People and the app over HTTP, through the host: the key reads, who signed in acts."""

import json
from typing import Any

import aiohttp

from lab.world import World
from tests.story.e2e.conftest import calls, play, rule_of, told

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


async def does(
    world: World, path: str, body: dict[str, Any] | None = None, **headers: str
) -> tuple[int, Any]:
    """`POST` of our page, by Ada."""
    sent = {**ADA, "X-Bastion-Guard": "1", **{name.replace("_", "-"): text for name, text in headers.items()}}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.functions_url}/api/{path}", headers=sent, json=body or {}) as answer,
    ):
        return answer.status, await answer.json(content_type=None)


async def opened(world: World) -> tuple[str, dict[str, Any]]:
    """Mallory opens port 22 of a group; the group, and what the app found."""
    nsg = world.estate.shared_nsg
    await world.as_("mallory").put(f"{nsg}/securityRules/opened", {"properties": OPEN})
    await world.quiet()
    _, body = await asks(world, "findings", ADA)
    (found,) = body["findings"]
    return nsg, found


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


PROPOSING = {"rules": {"nsg-mgmt-open-to-internet": {"action": "propose"}}, **PEOPLE}
SIGNED_IN = {"WEBSITE_AUTH_ENABLED": "true"}


def test_what_is_applied_from_the_page_is_in_arm_in_the_ledger_and_on_the_card() -> None:
    async def story(world: World) -> None:
        nsg, found = await opened(world)

        status, done = await does(world, f"findings/{found['id']}/apply", if_match=found["etag"])

        assert (200, None, "fixed") == (status, rule_of(world, nsg, "opened"), done["finding"]["state"])
        await world.quiet()
        assert ["DriftProposed", "DriftFixed"] == told(world)
        assert "ada@contoso.example" in json.dumps(world.cards[-1])
        _, past = await asks(world, f"history?kind=written&code={world.key}")
        assert [ADA["x-ms-client-principal-id"]] == [line["actor"]["objectId"] for line in past["entries"]]

        again, _ = await does(world, f"findings/{found['id']}/apply", if_match='"of before"')
        assert (200, 1) == (again, len(calls(world, "DELETE")))
        status, undone = await does(world, f"findings/{found['id']}/undo", {"exemptFor": "1h"})
        assert (200, "exempt") == (status, undone["finding"]["state"])
        assert rule_of(world, nsg, "opened") is not None

    play(story, seed=63, baseline_changes=PROPOSING, settings=SIGNED_IN)


def test_an_app_that_may_write_nothing_says_so_and_what_is_left_alone_ends_by_itself() -> None:
    """`mayFix` is off: the role to repair is not assigned."""

    async def story(world: World) -> None:
        nsg, found = await opened(world)

        status, refused = await does(world, f"findings/{found['id']}/apply", if_match=found["etag"])

        assert (409, True) == (status, "mayFix" in refused["detail"])
        _, found = await asks(world, f"findings/{found['id']}", ADA)
        leave = {"reason": "a migration", "exemptFor": "1h"}
        status, left = await does(world, f"findings/{found['id']}/exempt", leave, if_match=found["etag"])
        assert (200, "exempt") == (status, left["finding"]["state"])
        await world.quiet()
        assert ["DriftExempted", "DriftExemptionExpired"] == told(world)[-2:]
        assert rule_of(world, nsg, "opened") is not None

    play(story, seed=64, baseline_changes={**PEOPLE, "mode": "observe"}, settings=SIGNED_IN)
