"""Two teams with channels of their own, end to end: the lab's ARM, Microsoft's runtime, three webhooks."""

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import pytest

from lab.delivery import Chaos
from lab.quiet import NotQuietError
from lab.teams import Outage
from lab.world import World
from remediation.cli import main
from remediation.telling.cards import text_of
from tests.story.e2e.conftest import OPEN_TO_ALL, play, rule_of, told

KEY = "key-of-the-siem"
CHANNELS: dict[str, Any] = {
    "mode": "observe",
    "channels": {
        "platform": {"type": "teams", "secret": "TEAMS_WEBHOOK_URL"},
        "payments": {"type": "teams", "secret": "CHANNEL_PAYMENTS"},
        "shop": {"type": "slack", "secret": "CHANNEL_SHOP"},
        "siem": {"type": "webhook", "secret": "CHANNEL_SIEM"},
    },
    "routes": [
        {"match": {"severity": "low"}, "channels": ["siem"], "continue": True},
        {"match": {"tags": {"owner": ["payments"]}}, "channels": ["payments"]},
        {"match": {"tags": {"owner": "shop"}}, "channels": ["shop"]},
    ],
    "defaultChannel": "platform",
    "ownerTags": ["owner"],
}
PROPOSED, ELSEWHERE = "REPAIR PROPOSED", "TOLD ELSEWHERE"


def kickers(world: World, path: str) -> list[str]:
    """What the cards of a webhook are headed with, in order."""
    return [next(text_of(card)).partition(" \u00b7 ")[0] for card in world.teams.cards_at(path)]


async def tag(world: World, nsg: str, owner: str) -> None:
    """Somebody gives an NSG to a team, by its tag, the rest of it as it is."""
    document = world.found(nsg)
    assert document is not None
    await world.as_("alice").put(nsg, {**document, "tags": {**document.get("tags", {}), "owner": owner}})


def test_two_owners_hear_of_their_own_and_a_change_of_owner_is_told_in_both_channels() -> None:
    """Fifty deliveries of each event are one card per channel; Slack's is of blocks, the SIEM's is signed."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await tag(world, nsg, "payments")
        await world.quiet()
        await world.as_("<!channel> [x](https://evil.example)").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()

        assert [PROPOSED] == kickers(world, "payments")
        assert [] == [*world.teams.cards_at("shop"), *world.teams.cards_at("")]

        await tag(world, nsg, "shop")
        await world.quiet()

        assert [PROPOSED, ELSEWHERE] == kickers(world, "payments")
        (message,) = world.teams.cards_at("shop")
        assert "Repair proposed" in message["text"]
        assert "<!channel>" not in str(message)
        assert "https://evil.example" not in str(message)

        await world.as_("alice").delete(f"{nsg}/securityRules/oops")
        await world.quiet()

        assert [PROPOSED, ELSEWHERE] == kickers(world, "payments")
        assert 2 == len(world.teams.cards_at("shop"))
        assert "Resolved" in world.teams.cards_at("shop")[1]["text"]
        assert told(world) == [
            event["type"].removeprefix("BastionGuard.") for event in world.teams.cards_at("siem")
        ]
        assert ["DriftProposed", "DriftMoved", "DriftResolved"] == told(world)
        assert all(map(is_signed, receipts(world, "siem")))
        assert [] == world.teams.rejected

    chaos = Chaos(seed=5, copies=50, shuffle=5.0)
    play(story, seed=61, baseline_changes=CHANNELS, settings={"CHANNEL_SIEM_KEY": KEY}, chaos=chaos)


def test_a_channel_that_refuses_for_good_is_told_on_the_default_one_and_catches_up_when_it_is_mended() -> (
    None
):
    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        world.teams.outage = Outage(404, path="shop")
        await tag(world, nsg, "shop")
        await world.quiet()
        await world.as_("bob").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()

        assert [] == world.teams.cards_at("shop")
        (trouble,) = world.teams.cards_at("")
        assert "Alerts do not reach the channel shop" in "\n".join(text_of(trouble))
        assert "the webhook or its channel is gone" in "\n".join(text_of(trouble))

        world.teams.outage = None
        await world.sweep()
        await world.quiet()

        (message,) = world.teams.cards_at("shop")
        assert "Repair proposed" in message["text"]
        assert ["TROUBLE", "RESOLVED"] == kickers(world, "")

    play(story, seed=62, baseline_changes=CHANNELS)


def test_an_undo_with_an_exemption_is_told_to_the_team_and_its_end_as_well() -> None:
    """The last card is true of ARM each time: repaired, taken back, repaired again when the time is over."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await tag(world, nsg, "payments")
        await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()
        write_id = world.announcements[-1]["data"]["writeId"]

        assert 0 == await asyncio.to_thread(main, ["undo", write_id, "--exempt-for", "4h"])
        with pytest.raises(NotQuietError):  # the end of the exemption is still waited for
            await world.quiet(skip_at_most=3 * 3600)

        assert ["REPAIRED", "TAKEN BACK"] == kickers(world, "payments")
        assert "22" in (rule_of(world, nsg, "oops") or {})["destinationPortRanges"]
        assert "(an undo by bastion-guard" in "\n".join(text_of(world.teams.cards_at("payments")[-1]))

        await world.quiet()

        assert ["REPAIRED", "TAKEN BACK", "REPAIRED"] == kickers(world, "payments")
        assert "22" not in (rule_of(world, nsg, "oops") or {}).get("destinationPortRanges", [])

    play(story, seed=63, baseline_changes={**CHANNELS, "mode": "enforce"})


def receipts(world: World, path: str) -> list[Any]:
    return [receipt for receipt in world.teams.shown if receipt.path == path]


def is_signed(receipt: Any) -> bool:
    """As a receiver would check it."""
    headers = receipt.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{receipt.raw}".encode()
    wanted = base64.b64encode(hmac.new(KEY.encode(), signed, hashlib.sha256).digest()).decode()
    return bool(headers["webhook-signature"] == f"v1,{wanted}")


def test_who_opened_a_port_stays_named_and_an_exempt_one_that_is_put_right_is_resolved(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A tag of somebody else, a replay, an undo, a hand that closes it: the last card is true each time."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await tag(world, nsg, "payments")
        await world.quiet()
        await world.as_("mallory").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()
        (repaired,) = world.announcements
        write_id = repaired["data"]["writeId"]
        assert 0 == await asyncio.to_thread(main, ["undo", write_id, "--exempt-for", "10d"])
        await world.quiet()
        await tag(world, nsg, "payments")
        await world.quiet()
        capsys.readouterr()
        assert 0 == await asyncio.to_thread(main, ["replay", "--inbox", "--since", "1h", "--wait"])
        assert "exempt" in capsys.readouterr().out
        await world.quiet()

        assert ["REPAIRED", "TAKEN BACK"] == kickers(world, "payments")
        for card in world.teams.cards_at("payments"):
            assert "mallory" in "\n".join(text_of(card))

        await world.as_("bob").delete(f"{nsg}/securityRules/oops")
        await world.quiet()

        assert ["REPAIRED", "TAKEN BACK", "RESOLVED"] == kickers(world, "payments")
        shown = list(text_of(world.teams.cards_at("payments")[-1]))
        people = {
            name: shown[at + 1].partition("@")[0] for at, name in enumerate(shown) if " by" in name[-3:]
        }
        assert ("mallory", "bob") == (people["Opened by"], people["Ended by"])
        assert "/api/board?finding=" in str(world.teams.cards_at("payments")[-1])

    settings = {"WEBSITE_HOSTNAME": HOST}
    play(story, seed=64, baseline_changes={**CHANNELS, "mode": "enforce"}, settings=settings)


HOST = "func-guard.azurewebsites.net"
