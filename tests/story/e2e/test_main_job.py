"""The main job, from a change in ARM to the card."""

import pytest

from lab.delivery import Chaos
from lab.world import World
from tests.story.e2e.conftest import OPEN_TO_ALL, calls, play, rule_of, told


def test_management_ports_opened_to_the_internet_are_taken_out_of_the_rule() -> None:
    """22 and 3389 go, 443 stays, and so do the rule's name and priority; one card tells it."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await world.as_("alice").put(f"{nsg}/securityRules/for-a-minute", OPEN_TO_ALL)
        await world.quiet()

        rule = rule_of(world, nsg, "for-a-minute")
        assert rule is not None
        assert (
            rule["destinationPortRanges"], rule["priority"], rule["sourceAddressPrefix"],
        ) == (["443"], 317, "Internet")  # fmt: skip
        assert len(calls(world, "PUT")) == 1
        assert told(world) == ["DriftFixed"]
        assert len(world.cards) == 1
        assert "alice" in str(world.cards[0])

    play(story, seed=3)


def test_a_port_opened_in_the_middle_of_a_deployment_is_closed_before_its_round() -> None:
    """What a dozen route tables mean for others is gathered and read once; nothing urgent waits for it."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        place = nsg.partition("/networkSecurityGroups/")[0]
        table = {"location": "westeurope", "properties": {"routes": []}}
        for number in range(12):
            await world.as_("deployer", "terraform").put(f"{place}/routeTables/rt-{number}", table)
            if number == 6:
                await world.as_("mallory").put(f"{nsg}/securityRules/for-a-minute", OPEN_TO_ALL)
        await world.quiet()

        rule = rule_of(world, nsg, "for-a-minute")
        assert rule is not None
        assert rule["destinationPortRanges"] == ["443"]
        ours = [entry for entry in world.arm.log.entries() if entry.caller == "bastion-guard"]
        lists = f"{nsg.partition('/resourceGroups/')[0]}/providers/Microsoft.Network/routeTables".lower()
        closed = next(at for at, entry in enumerate(ours) if entry.method == "PUT")
        rounds = [at for at, entry in enumerate(ours) if entry.path.lower() == lists]
        assert len(rounds) == 1
        assert closed < rounds[0]

    play(story, seed=6)


@pytest.mark.parametrize("schema", ["cloudevents", "eventgrid"])
def test_every_event_twice_and_out_of_order_makes_one_write_and_one_card(schema: str) -> None:
    """Whichever schema the subscription delivers."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        alice = world.as_("alice")
        for number in range(4):
            body = {"properties": {**OPEN_TO_ALL["properties"], "priority": 320 + number}}
            await alice.put(f"{nsg}/securityRules/again-{number}", body)
        await world.quiet()

        ports = [rule_of(world, nsg, f"again-{number}") for number in range(4)]
        assert [rule["destinationPortRanges"] for rule in ports if rule] == [["443"]] * 4
        assert len(calls(world, "PUT")) == 4
        assert len({event["id"] for event in world.announcements}) == len(world.announcements)

    play(story, seed=4, schema=schema, chaos=Chaos(seed=4, copies=2, shuffle=3))


def test_a_deleted_diagnostic_setting_comes_back() -> None:
    """In the name and shape of the built-in policy, to the central workspace."""

    async def story(world: World) -> None:
        setting = world.estate.diagnostic_setting
        before = world.found(setting)
        assert before is not None
        await world.as_("bob", "cli").delete(setting)
        await world.quiet()

        after = world.found(setting)
        assert after is not None
        assert before["properties"]["workspaceId"] == after["properties"]["workspaceId"]
        enabled = [log["categoryGroup"] for log in after["properties"]["logs"] if log["enabled"]]
        assert enabled == ["allLogs"]
        assert told(world) == ["DriftFixed"]

    play(story, seed=5)


def test_a_basic_sku_in_production_is_proposed_and_not_written() -> None:
    """The card carries the command; ARM keeps the SKU."""

    async def story(world: World) -> None:
        bastion = world.found(world.estate.bastion)
        assert bastion is not None
        name = world.estate.bastion + "-two"
        body = {
            "location": bastion["location"],
            "tags": bastion["tags"],
            "sku": {"name": "Basic"},
            "properties": {"ipConfigurations": bastion["properties"]["ipConfigurations"]},
        }
        await world.as_("carol", "terraform").put(name, body)
        await world.quiet()

        found = world.found(name)
        assert found is not None
        assert found["sku"]["name"] == "Basic"
        assert not [path for path in calls(world, "PUT") if path == name]
        assert "DriftProposed" in told(world)

    play(story, seed=6)


def test_a_public_address_on_a_machine_is_told_with_the_command_that_removes_it() -> None:
    """Nothing is written; the alert names the command."""

    async def story(world: World) -> None:
        spoke = world.estate.spokes[0]
        nic = world.found(spoke.nics[0])
        assert nic is not None
        address = spoke.nics[0].rpartition("/networkInterfaces/")[0] + "/publicIPAddresses/pip-oops"
        dave = world.as_("dave")
        body = {
            "location": nic["location"],
            "sku": {"name": "Standard"},
            "properties": {"publicIPAllocationMethod": "Static"},
        }
        await dave.put(address, body)
        configurations = nic["properties"]["ipConfigurations"]
        configurations[0]["properties"]["publicIPAddress"] = {"id": address}
        await dave.edit(spoke.nics[0], ipConfigurations=configurations)
        await world.quiet()

        assert told(world) == ["DriftFound"]
        alert = world.announcements[0]["data"]
        assert alert["rule"] == "pip-attached-to-vm-nic"
        assert "az network nic ip-config update" in alert["commands"][0]
        assert not calls(world, "PUT")

        configurations[0]["properties"].pop("publicIPAddress")
        await dave.edit(spoke.nics[0], ipConfigurations=configurations)
        await world.quiet()
        assert told(world) == ["DriftFound", "DriftResolved"]
        assert len(world.cards) == 2

    play(story, seed=7)


def test_in_observe_mode_nothing_is_ever_written() -> None:
    """The proven write is proposed, and the card says that it was only observed."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet()

        assert not calls(world, "PUT")
        assert told(world) == ["DriftProposed"]
        assert "the baseline is in observe mode" in world.announcements[0]["data"]["evidence"]["heldBackBy"]

    play(story, seed=8, baseline_changes={"mode": "observe"})


@pytest.mark.azurite
def test_the_same_on_the_storage_emulator() -> None:
    """Queue and ledger on Azure Storage's own protocols."""

    async def story(world: World) -> None:
        nsg = world.estate.shared_nsg
        await world.as_("alice").put(f"{nsg}/securityRules/oops", OPEN_TO_ALL)
        await world.quiet(seconds=60)

        rule = rule_of(world, nsg, "oops")
        assert rule is not None
        assert rule["destinationPortRanges"] == ["443"]
        assert told(world) == ["DriftFixed"]
        assert len(world.cards) == 1

    play(story, seed=9, storage="azurite")
