"""A machine gets a public address of its own: only told, with the command; later somebody types it."""

from collections.abc import Iterator
from typing import Any

from demo.act import Check
from demo.casting import Casting, chance, standard_address
from demo.documents import held
from demo.stories.checks import check, commands_shown, nothing_written, told_once
from demo.stories.story import Quiet, Scene, Seen
from lab.estate import Estate
from lab.world import World
from remediation.telling.cards.words import kind_and_name

RULE = "pip-attached-to-vm-nic"


class PublicIp(Quiet):
    name = "public-ip-attached"
    title = "A virtual machine gets a public IP address"
    short = "public IP on a VM"
    outcome = "Alert"
    told = "Nothing is written, as it might cut somebody off; people get the command to type."

    def __init__(self, casting: Casting, estate: Estate) -> None:
        spoke, rng = estate.spokes[1], chance(casting.seed, self.name)
        number = rng.randrange(len(spoke.nics))
        self.who = casting.person(self.name)
        self.location = estate.region
        self.nic = spoke.nics[number]
        self.machine = spoke.machines[number].rpartition("/")[2]
        name = estate.name("pip", f"{self.machine}-{rng.randrange(10, 99)}")
        self.address = estate.network_id(spoke.name, "publicIPAddresses", name)

    async def happen(self, world: World) -> Scene:
        person = self.who.at(world)
        await person.put(self.address, {"location": self.location, **standard_address()})
        await person.edit(self.nic, ipConfigurations=_attached(await person.get(self.nic), self.address))
        given = (world.found(self.address) or {"properties": {}})["properties"].get("ipAddress", "an address")
        what = (
            f"creates public IP {kind_and_name(self.address)[1]} ({given}) and attaches it to {self.machine}"
        )
        return Scene((self.who.does(what),))

    def checks(self, seen: Seen) -> Iterator[Check]:
        attached = attached_to(seen.world, self.nic)
        yield check(
            "ARM has it attached: it was left alone", attached == self.address.lower(), f"now: {attached}"
        )
        yield nothing_written(seen)
        yield from told_once(seen, RULE, self.address, "DriftFound", "an alert")
        about = seen.about(RULE, self.address)
        yield check("it offers no repair", all(each.fix is None for each in about), "it offers one")
        yield commands_shown(seen, about)


class ResolvedByHand(Quiet):
    name = "resolved-by-hand"
    title = "The on-call engineer takes the address off again"
    short = "resolved by hand"
    outcome = "Closed"
    told = "The open alert is closed by itself: one card says that nothing is left to do."

    def __init__(self, casting: Casting, alert: PublicIp) -> None:
        self.who = casting.person(self.name, ("cli",))
        self.alert = alert

    async def happen(self, world: World) -> Scene:
        person, nic = self.who.at(world), self.alert.nic
        await person.edit(nic, ipConfigurations=_attached(await person.get(nic), None))
        command = "az network nic ip-config update ... --remove publicIPAddress"
        what = f"types what the card said ({command}) for {self.alert.machine}"
        return Scene((self.who.does(what),))

    def checks(self, seen: Seen) -> Iterator[Check]:
        attached = attached_to(seen.world, self.alert.nic)
        yield check("ARM has no address on the machine", not attached, f"now: {attached}")
        yield nothing_written(seen)
        yield from told_once(seen, RULE, self.alert.address, "DriftResolved", "the end of it")


def _attached(nic: dict[str, Any] | None, address: str | None) -> list[dict[str, Any]]:
    """The NIC's ip configurations with the first one's public address set, or taken off."""
    assert nic is not None
    first, *others = nic["properties"]["ipConfigurations"]
    properties = {key: value for key, value in first["properties"].items() if key != "publicIPAddress"}
    if address is not None:
        properties["publicIPAddress"] = {"id": address}
    return [{**first, "properties": properties}, *others]


def attached_to(world: World, nic: str) -> str:
    """The id of the NIC's public address in lower case, or nothing."""
    document = held(world, nic) or {"properties": {}}
    configurations = document["properties"].get("ipConfigurations", ())
    found = (each["properties"].get("publicIPAddress") for each in configurations)
    return next((str(each["id"]).lower() for each in found if each), "")
