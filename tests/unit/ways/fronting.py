"""Drawing the fronts of a random estate: balancers, firewalls with their rules, gateways."""

from collections.abc import Callable, Sequence
from typing import Protocol

from tests.unit.ways.documents import Document, address, id_of, subnet, subnet_id
from tests.unit.ways.drawing import Chance
from tests.unit.ways.fronts import (
    balancer,
    balancing_rule,
    classic,
    collection,
    collection_group,
    dnat,
    filter_rule,
    firewall,
    gateway,
    gateway_pool_id,
    ip_group,
    nat_rule,
    nat_rule_id,
    outbound_rule,
    policy,
    pool,
    pool_id,
)

_BACK = (22, 22, 22, 3389, 3389, 443)
_SOURCES = (["*"], ["*"], ["45.60.0.0/16"], ["20.1.2.0/24"], ["10.0.0.0/8"], ["0.0.0.0/1", "128.0.0.0/1"])


class Placed(Protocol):
    """What a front may lead to."""

    network: int
    address: str
    pools: list[str]
    nats: list[str]
    gateways: list[str]

    @property
    def family(self) -> int: ...


class Fronts:
    """`documents` and `addresses` (of floating fronts) after `draw`; slots learn what leads to them."""

    def __init__(
        self, chance: Chance, slots: Sequence[Placed], space: Callable[[int], int], *, peered: bool
    ) -> None:
        self._chance, self._slots, self._space, self._peered = chance, slots, space, peered
        self.documents: list[Document] = []
        self.addresses: list[str] = []
        self.floating = self.proxies = False
        self._subnets: dict[int, list[Document]] = {}
        self._port = 5000

    def draw(self) -> None:
        for index in range(self._chance.one((0, 0, 1, 1, 2))):
            self._draw_balancer(f"lb{index}", index)
        if self._chance.happens(35):
            self._draw_firewall()
        if self._chance.happens(25):
            self._draw_gateway()

    def subnets(self, network: int) -> list[Document]:
        return self._subnets.get(network, [])

    def _next_port(self) -> int:
        self._port += 1
        return self._port

    def _public(self, name: str, text: str, sku: str = "Standard", tier: str = "Regional") -> str:
        self.documents.append(address(name, text, sku, tier))
        return name

    # Balancers

    def _draw_balancer(self, name: str, index: int) -> None:
        chance = self._chance
        sku = chance.one(("Standard", "Standard", "Standard", "Basic"))
        family = chance.one((4, 4, 4, 6))
        text = f"20.60.0.{index + 1}" if family == 4 else f"2603:2000::{index + 1}"
        fronts = {"front": self._public(f"p-{name}", text, sku)}
        if chance.happens(25):
            fronts["inner"] = ""
        by_address = sku == "Standard" and chance.happens(40)
        pools = [self._pool(name, by_address=by_address)]
        rules = [self._balancing(name, front, index, text) for front in fronts if chance.happens(70)]
        nats = [self._nat(name, chance.one(list(fronts)), number) for number in range(chance.number(0, 2))]
        outbound = [outbound_rule(name, "out", "front", "pool")] if chance.happens(20) else []
        parts = {
            "backendAddressPools": pools,
            "loadBalancingRules": rules,
            "inboundNatRules": nats,
            "outboundRules": outbound,
        }
        self.documents.append(balancer(name, sku, fronts, parts))
        if sku == "Standard" and chance.happens(25):
            self._draw_across(name, rules + nats, family)

    def _pool(self, name: str, *, by_address: bool) -> Document:
        chosen = self._chance.some(self._slots, 3)
        if not by_address:
            for slot in chosen:
                slot.pools.append(pool_id(name, "pool"))
            return pool(name, "pool")
        network = self._chance.one([slot.network for slot in self._slots])
        return pool(name, "pool", *((slot.address, f"v{network}") for slot in chosen))

    def _balancing(self, name: str, front: str, index: int, text: str) -> Document:
        chance = self._chance
        back = chance.one(_BACK)
        protocol = chance.one(("Tcp", "Tcp", "Tcp", "Udp"))
        floating = chance.happens(25)
        ports = (back, back) if floating or chance.happens(30) else (self._next_port(), back)
        if floating and front == "front":
            self.floating = True
            self.addresses += [text] if ":" not in text else []
        if front == "inner" and chance.happens(50):
            return balancing_rule(name, f"r-{front}", front, "pool", (0, 0), protocol="All")
        return balancing_rule(
            name, f"r-{front}-{index}", front, "pool", ports, protocol=protocol, floating=floating
        )

    def _nat(self, name: str, front: str, number: int) -> Document:
        chance, back = self._chance, self._chance.one(_BACK)
        protocol = chance.one(("Tcp", "Tcp", "Udp"))
        rule = f"nat{number}"
        if chance.happens(40):
            first = self._next_port() * 2
            self._port += 50
            return nat_rule(name, rule, front, ((first, first + 49), back), pool="pool", protocol=protocol)
        if chance.happens(80):
            chance.one(self._slots).nats.append(nat_rule_id(name, rule))
        return nat_rule(name, rule, front, (self._next_port(), back), protocol=protocol)

    def _draw_across(self, regional: str, rules: list[Document], family: int) -> None:
        """A balancer across regions that sends to the public front of a regional one."""
        name = f"{regional}-far"
        text = "20.70.0.1" if family == 4 else "2603:3000::1"
        text += regional[-1]
        front = id_of("loadBalancers", regional, "frontendIPConfigurations", "front")
        sent = [rule["properties"]["frontendPort"] for rule in rules if rule["properties"]["frontendPort"]]
        port = self._chance.one([*sent, 4444])
        rule = balancing_rule(name, "r", "front", "pool", (self._next_port(), port))
        fronts = {"front": self._public(f"p-{name}", text, "Standard", "Global")}
        pools = [pool(name, "pool", regional=front)]
        self.documents.append(
            balancer(
                name,
                "Standard",
                fronts,
                {"backendAddressPools": pools, "loadBalancingRules": [rule]},
                "Global",
            )
        )

    # Firewalls

    def _draw_firewall(self) -> None:
        chance = self._chance
        self.proxies = True
        place = 0
        inside = "AzureFirewallSubnet"
        prefix = f"10.{self._space(place)}.9.0/26"
        self._subnets.setdefault(place, []).append(subnet(f"v{place}", inside, [prefix]))
        publics = [
            self._public(f"p-fw{index}", f"20.80.0.{index + 1}") for index in range(chance.number(1, 2))
        ]
        self.documents.append(ip_group("office", "45.60.12.0/24", "20.1.2.0/24"))
        nats = [self._dnat(f"d{index}") for index in range(chance.number(1, 3))]
        filters = [self._filter(f"f{index}") for index in range(chance.number(0, 2))]
        where = subnet_id(f"v{place}", inside)
        if chance.happens(50):
            self._with_policy(where, publics, nats, filters)
        else:
            self._with_collections(where, publics, nats, filters)

    def _dnat(self, name: str) -> Document:
        chance = self._chance
        targets = [slot.address for slot in self._slots if slot.family == 4] or ["10.0.1.9"]
        ports = [str(chance.one((2222, 22, 53389)))]
        if chance.happens(25):
            ports.append(str(chance.one((2223, 2224))))
        front = chance.one(("20.80.0.1", "20.80.0.1", "20.80.0.1", "20.80.0.2", "20.99.0.1"))
        protocols = chance.one((("TCP",), ("TCP",), ("UDP",), ("TCP", "UDP"), ("Any",)))
        sources = chance.one(_SOURCES)
        groups = ["office"] if chance.happens(15) else []
        to = chance.one(targets), chance.one(_BACK)
        return dnat(name, [] if groups else sources, front, ports, to, protocols=protocols, groups=groups)

    def _filter(self, name: str) -> tuple[str, Document]:
        chance = self._chance
        targets = [slot.address for slot in self._slots if slot.family == 4]
        to = chance.one((["*"], ["10.0.0.0/8"], targets[:1] or ["*"], ["10.1.0.0/16"], ["20.80.0.1"]))
        ports = chance.one((["22"], ["*"], ["3389", "22"], ["443"], ["2222"]))
        protocols = chance.one((("TCP",), ("Any",), ("UDP",)))
        rule = filter_rule(name, chance.one(_SOURCES), to, ports, protocols=protocols)
        return chance.one(("Deny", "Deny", "Allow")), rule

    def _with_policy(
        self, where: str, publics: list[str], nats: list[Document], filters: list[tuple[str, Document]]
    ) -> None:
        chance = self._chance
        places = chance.number(1, 2)
        groups: list[list[Document]] = [[] for _ in range(places)]
        priority = 200
        for rule in nats:
            priority += chance.one((1, -1)) * chance.number(1, 20) + 30
            chance.one(groups).append(collection(f"nat-{rule['name']}", priority, "DNAT", rule))
        for action, rule in filters:
            priority += chance.one((1, -1)) * chance.number(1, 20) + 30
            chance.one(groups).append(collection(f"net-{rule['name']}", priority, action, rule))
        names = [f"rcg{index}" for index in range(places)]
        orders = [300, 400] if chance.happens(50) else [400, 300]
        for name, order, collections in zip(names, orders, groups, strict=False):
            self.documents.append(collection_group("fp", name, order, *collections))
        base = self._base() if chance.happens(20) else ""
        self.documents += [policy("fp", *names, base=base), firewall("fw", where, publics, policy="fp")]

    def _base(self) -> str:
        """A policy that the firewall's own inherits from; its network rules come first."""
        action, rule = self._filter("above")
        self.documents.append(
            collection_group("base", "rcg", 900, collection("net-above", 900, action, rule))
        )
        self.documents.append(policy("base", "rcg"))
        return "base"

    def _with_collections(
        self, where: str, publics: list[str], nats: list[Document], filters: list[tuple[str, Document]]
    ) -> None:
        chance = self._chance
        orders = [200, 300, 400, 500, 600]
        chance.coin().shuffle(orders)
        found = [
            classic("fw", "natRuleCollections", f"nat{index}", orders[index], "Dnat", [rule])
            for index, rule in enumerate(nats)
        ]
        network = [
            classic("fw", "networkRuleCollections", f"net{index}", orders[index], action, [rule])
            for index, (action, rule) in enumerate(filters)
        ]
        self.documents.append(firewall("fw", where, publics, nat=found, network=network))

    # Gateways

    def _draw_gateway(self) -> None:
        chance = self._chance
        self.proxies = True
        place, name = 0, "agw"
        prefix = f"10.{self._space(place)}.8.0/24"
        self._subnets.setdefault(place, []).append(subnet(f"v{place}", "edge", [prefix]))
        front = self._public("p-agw", "20.90.0.1") if chance.happens(85) else ""
        pooled = [slot for slot in chance.some(self._slots, 3) if slot.family == 4]
        listed = []
        for slot in pooled:
            if chance.happens(50):
                listed.append(slot.address)
            elif slot.network == place:
                slot.gateways.append(gateway_pool_id(name))
        ports = (chance.one((22, 2222, 3389)), chance.one(_BACK))
        self.documents.append(gateway(name, subnet_id(f"v{place}", "edge"), front, ports, listed))
