"""Random small estates: a few networks, machines and groups, and every kind of front before them.

What an estate of this kind holds, everybody can tell: nothing is missing and no tag is of unknown content.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.unit.ways.backwards import as_read
from tests.unit.ways.documents import (
    Document,
    address,
    configuration,
    configuration_id,
    group,
    interface,
    machine,
    members,
    network,
    peering,
    route_table,
    subnet,
    subnet_id,
)
from tests.unit.ways.drawing import APPROVED, Around, Chance, admin_rules, rules_text
from tests.unit.ways.fronting import Fronts

_JOINED: list[dict[str, Any]] = [{}, {}, {}, {}, {}]
_PEERINGS: tuple[dict[str, Any], ...] = (
    *_JOINED,
    *({"allowVirtualNetworkAccess": False}, {"peeringState": "Disconnected"}),
    *({"enableOnlyIPv6Peering": True}, {"peerCompleteVnets": False}, {"peerCompleteVnets": True}),
)
_ROUTES = (
    (("0.0.0.0/0", "VirtualAppliance"),),
    (("0.0.0.0/0", "VirtualAppliance"), ("::/0", "VirtualAppliance")),
    (("::/0", "VirtualAppliance"),),
    (("0.0.0.0/0", "VirtualNetworkGateway"),),
    (("0.0.0.0/1", "VirtualAppliance"), ("128.0.0.0/1", "VirtualAppliance")),
)


@dataclass
class Slot:
    """An ip configuration to be: where it stands, its address, and what leads to it."""

    network: int
    nic: str
    name: str
    address: str
    subnet: str
    public: str = ""
    pools: list[str] = field(default_factory=list)
    nats: list[str] = field(default_factory=list)
    gateways: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return configuration_id(self.nic, self.name)

    @property
    def family(self) -> int:
        return 6 if ":" in self.address else 4

    def document(self) -> Document:
        return configuration(
            self.nic, self.name, self.address, self.subnet, public=self.public,
            pools=self.pools, nats=self.nats, members=self.members, gateways=self.gateways,
        )  # fmt: skip


def respell(chance: Chance, value: Any) -> None:
    """References in other case than the ids they mean, as portals and templates write them."""
    if isinstance(value, list):
        for inner in value:
            respell(chance, inner)
    elif isinstance(value, dict):
        if set(value) == {"id"} and chance.happens(50):
            value["id"] = value["id"].upper() if chance.happens(50) else value["id"].lower()
        for inner in value.values():
            respell(chance, inner)


@dataclass(frozen=True)
class Estate:
    documents: list[Document]
    approved: tuple[str, ...]


def estate(random: Random) -> Estate:
    """One estate; the same draws give the same estate."""
    return _Making(Chance(random)).estate()


class _Making:
    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._count = chance.number(1, 3)
        self._dual = chance.happens(40)
        self._slots: list[Slot] = []
        self._nics: dict[str, tuple[str, str]] = {}
        self._publics: list[Document] = []
        # Two networks that are not joined may have the same addresses.
        self._alike = self._count > 1 and chance.happens(15)

    def estate(self) -> Estate:
        chance = self._chance
        self._draw_machines()
        fronts = Fronts(chance, self._slots, self.space, peered=not self._alike)
        fronts.draw()
        around = self._around(fronts)
        groups = [group(f"g{index}", rules_text(chance, around)) for index in range(chance.number(1, 3))]
        networks = self._networks(fronts, [one["name"] for one in groups])
        interfaces = self._interfaces([one["name"] for one in groups])
        found = [*networks, *interfaces, *groups, *fronts.documents, *self._publics]
        found += [members("web"), members("ops")]
        if chance.happens(25):
            found += admin_rules(chance)
        approved = tuple(chance.some(APPROVED, 2)) if chance.happens(50) else ()
        read = as_read(found)
        if chance.happens(15):
            respell(chance, read)
        return Estate(read, approved)

    def space(self, index: int) -> int:
        """The second byte of a network's addresses."""
        return 0 if self._alike else index

    def _draw_machines(self) -> None:
        chance = self._chance
        for index in range(chance.number(1, 4)):
            name = f"n{index}"
            place = chance.number(0, self._count - 1)
            self._draw_slot(name, "c0", place, index, 4)
            if chance.happens(35):
                self._draw_slot(name, "c1", place, index + 20, 6 if self._dual else 4)
            self._nics[name] = (f"m{index}" if chance.happens(95) else "", "")

    def _draw_slot(self, nic: str, name: str, place: int, host: int, family: int) -> None:
        chance, byte = self._chance, self.space(place)
        side = chance.one("ab")
        last = {"a": 1, "b": 2}[side]
        text = f"10.{byte}.{last}.{4 + host}" if family == 4 else f"fd00:{byte}:0:{last}::{4 + host:x}"
        slot = Slot(place, nic, name, text, subnet_id(f"v{place}", side))
        if chance.happens(35):
            slot.public = f"p-{nic}-{name}"
            self._publics.append(self._public(slot.public, family))
        slot.members = chance.some(("web", "ops"), 2) if chance.happens(40) else []
        self._slots.append(slot)

    def _public(self, name: str, family: int) -> Document:
        number = len(self._publics) + 10
        text = f"20.50.0.{number}" if family == 4 else f"2603:1000::{number:x}"
        return address(name, text, self._chance.one(("Standard", "Standard", "Basic", "StandardV2")))

    def _around(self, fronts: Fronts) -> Around:
        around = Around(floating=fronts.floating, ports_sifted=not fronts.proxies)
        for slot in self._slots:
            (around.v4 if slot.family == 4 else around.v6).append(slot.address)
        around.v4 += ["10.0.1.0/24", "10.1.0.0/16", *fronts.addresses]
        around.v6 += ["fd00:0:0:1::/64"] if self._dual else []
        return around

    def _networks(self, fronts: Fronts, groups: list[str]) -> list[Document]:
        found, tables = [], []
        joined = self._joined()
        for index in range(self._count):
            name, byte = f"v{index}", self.space(index)
            subnets = []
            for side, last in (("a", 1), ("b", 2)):
                routes = ""
                if self._chance.happens(15):
                    routes = f"rt-{index}-{side}"
                    tables.append(route_table(routes, *self._chance.one(_ROUTES)))
                prefixes = [f"10.{byte}.{last}.0/24", *([f"fd00:{byte}:0:{last}::/64"] if self._dual else [])]
                own = self._chance.one(groups) if self._chance.happens(60) else ""
                subnets.append(subnet(name, side, prefixes, group=own, routes=routes))
            if self._chance.happens(5):
                service = self._chance.one(
                    ("Microsoft.Sql/managedInstances", "Microsoft.Databricks/workspaces")
                )
                subnets.append(subnet(name, "taken", [f"10.{byte}.5.0/24"], service=service))
            subnets += fronts.subnets(index)
            found.append(network(name, self._prefixes(index), subnets, joined[index]))
        return [*found, *tables]

    def _prefixes(self, index: int) -> list[str]:
        byte = self.space(index)
        return [f"10.{byte}.0.0/16", *([f"fd00:{byte}::/48"] if self._dual else [])]

    def _joined(self) -> list[list[Document]]:
        """Both halves of every peering; one may be missing."""
        halves: list[list[Document]] = [[] for _ in range(self._count)]
        pairs = [(one, two) for two in range(self._count) for one in range(two)]
        for one, two in [] if self._alike else pairs:
            if not self._chance.happens(70):
                continue
            more = dict(self._chance.one(_PEERINGS))
            sides = (one, two), (two, one)
            named = [self._chance.some(("a", "b", "AzureFirewallSubnet", "edge"), 4) for _ in sides]
            for (here, there), local, remote in zip(sides, named, reversed(named), strict=True):
                subnets = {"localSubnetNames": local, "remoteSubnetNames": remote}
                half = more | (subnets if more.get("peerCompleteVnets") is False else {})
                if "allowVirtualNetworkAccess" in more and self._chance.happens(50):
                    half["allowVirtualNetworkAccess"] = True
                halves[here].append(peering(f"v{here}", f"v{there}", self._prefixes(there), **half))
        return halves

    def _interfaces(self, groups: list[str]) -> list[Document]:
        found = []
        for nic, (owner, _) in self._nics.items():
            configurations = [slot.document() for slot in self._slots if slot.nic == nic]
            own = self._chance.one(groups) if self._chance.happens(40) else ""
            found.append(interface(nic, *configurations, machine=owner, group=own))
            if owner:
                found.append(machine(owner, nic))
        return found
