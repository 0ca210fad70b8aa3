"""What a seed decides: the estate, who does what with which client, and the names they give."""

import ipaddress
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from demo.act import Deed
from demo.figures import PLATFORM
from lab.actor import Actor
from lab.estate import PEOPLE, Estate, Spoke
from lab.estate_rules import bastion_rules
from lab.world import World

CLIENTS = {
    "portal": "Azure portal",
    "cli": "Azure CLI",
    "powershell": "Azure PowerShell",
    "terraform": "Terraform",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the estate; `client` is one of CLIENTS."""

    name: str
    client: str

    @property
    def login(self) -> str:
        """The name their token carries: ``alice.berg``."""
        return self.name.lower().replace(" ", ".")

    def at(self, world: World) -> Actor:
        return world.as_(self.login, self.client)

    def does(self, what: str) -> Deed:
        return Deed(self.name, CLIENTS[self.client], what)


def chance(seed: int, about: str) -> random.Random:
    """The same choices for the same seed, whatever else is played."""
    return random.Random(f"{seed}/{about}")  # noqa: S311  names and addresses of a play, no secrets


class Casting:
    """Everybody who plays. No two of the people are the same."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        rng = chance(seed, "people")
        self._names = rng.sample(PEOPLE, k=len(PEOPLE))

    def person(self, about: str, clients: Sequence[str] = ("portal", "cli", "powershell")) -> Person:
        """The next one who has not played yet."""
        return Person(self._names.pop(), chance(self.seed, about).choice(clients))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a Bastion of its own may be put: the network's spoke, the subnet, the address."""

    spoke: Spoke
    bastion: str
    subnet: str
    address: str


def estate_of(seed: int) -> tuple[Estate, Place]:
    """A hub and three spokes; the third, in production, has everything a Bastion needs but the Bastion."""
    estate = Estate(seed, spokes=3)
    spoke = estate.spokes[2]
    network = _request(estate, spoke.network)
    tags, location = network["tags"], network["location"]
    common = {"location": location, "tags": tags}
    nsg = estate.network_id(spoke.name, "networkSecurityGroups", estate.name("nsg", f"{spoke.name}-bastion"))
    address = estate.network_id(spoke.name, "publicIPAddresses", estate.name("pip", f"{spoke.name}-bastion"))
    subnet = f"{spoke.network}/subnets/AzureBastionSubnet"
    estate.requests += [
        {"id": nsg, **common, "properties": {"securityRules": bastion_rules()}},
        {
            "id": subnet,
            "properties": {"addressPrefix": _free_prefix(network), "networkSecurityGroup": {"id": nsg}},
        },
        {"id": address, **common, **standard_address()},
    ]
    bastion = estate.network_id(spoke.name, "bastionHosts", estate.name("bas", spoke.name))
    return estate, Place(spoke, bastion, subnet, address)


APPLICATIONS = "applications"


def channels_of(estate: Estate) -> dict[str, Any]:
    """Two teams with a channel each: who runs the applications owns the spokes, the platform all else."""
    groups = [spoke.group.rpartition("/")[2] for spoke in estate.spokes]
    return {
        "channels": {
            PLATFORM: {"type": "teams", "secret": "TEAMS_WEBHOOK_URL"},
            APPLICATIONS: {"type": "teams", "secret": "CHANNEL_APPLICATIONS"},
        },
        "routes": [{"match": {"resourceGroups": groups}, "channels": [APPLICATIONS]}],
        "defaultChannel": PLATFORM,
    }


def standard_address() -> dict[str, Any]:
    """A static public IP address of SKU Standard, as a PUT takes it."""
    return {
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {"publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4"},
    }


def _request(estate: Estate, resource: str) -> dict[str, Any]:
    return next(request for request in estate.requests if request["id"] == resource)


def _free_prefix(network: dict[str, Any]) -> str:
    """The last /26 of the network: its subnets are taken from the front."""
    space = ipaddress.ip_network(network["properties"]["addressSpace"]["addressPrefixes"][0])
    return str(list(space.subnets(new_prefix=26))[-1])
