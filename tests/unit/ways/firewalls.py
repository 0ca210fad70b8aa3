"""The doors of Azure Firewalls: DNAT rules in their order, and the network rules that come after them.

The first NAT rule that matches a packet translates it. Whether a network rule that matches the translated
packet may deny it is documented both ways, so that nobody can say; without one it is let through. The
machine sees an address of the firewall's subnet.
"""

from collections.abc import Iterator
from typing import Any

from tests.unit.nsg.oracle import Address, in_port
from tests.unit.ways.doors import PORTS, Door, Place, Stopped, front_address
from tests.unit.ways.joining import holds, reaches
from tests.unit.ways.reading import Document, World, id_in


def firewalls(world: World, place: Place) -> Iterator[Door]:
    for firewall in world.of("azureFirewalls"):
        configurations = firewall["properties"]["ipConfigurations"]
        subnet = next(filter(None, (id_in(one["properties"], "subnet") for one in configurations)))
        for one in configurations:
            public = world.get(id_in(one["properties"], "publicIPAddress"))
            address = front_address(public) if public else None
            if public is not None and address is not None:
                yield from _doors(world, firewall, public, address, subnet, place)


def _doors(
    world: World, firewall: Document, public: Document, address: Address, subnet: str, place: Place
) -> Iterator[Door]:
    names = frozenset({firewall["id"].lower(), public["id"].lower()})
    for port, protocol in PORTS:
        for front in _fronts(world, firewall, place, port):
            leads = _Lead(world, firewall, address, int(front), protocol, place, port)
            reached = reaches(world, subnet, place.subnet, place.address)
            if leads.exist and reached is not False:
                yield Door(
                    "fw-dnat", names, address, int(front), port, protocol, place,
                    stops=leads.stop, through=subnet, bare="open", sure=reached is True,
                )  # fmt: skip


def _fronts(world: World, firewall: Document, place: Place, port: int) -> list[str]:
    """Every port in front that some rule translates to the port of the place."""
    found = []
    for _, rule in _rules(world, firewall, "nat"):
        if rule["translatedAddress"] == str(place.address) and int(rule["translatedPort"]) == port:
            for text in rule["destinationPorts"]:
                first, _, last = text.partition("-")
                found += [str(one) for one in range(int(first), int(last or first) + 1)]
    return sorted(set(found))


class _Lead:
    """What the rules make of packets to one front: to the place or elsewhere, let through or not."""

    def __init__(
        self,
        world: World,
        firewall: Document,
        address: Address,
        front: int,
        protocol: str,
        place: Place,
        port: int,
    ) -> None:
        self._world, self._firewall, self._place = world, firewall, place
        self._front, self._protocol, self._port = front, protocol, port
        self._translations = [
            (where, rule)
            for where, rule in _rules(world, firewall, "nat")
            if _speaks(rule, protocol)
            and holds(rule["destinationAddresses"], address)
            and any(in_port(text, front) for text in rule["destinationPorts"])
        ]

    @property
    def exist(self) -> bool:
        """Whether some rule for the front leads to the place, for whomever."""
        return any(self._leads_here(rule) for _, rule in self._translations)

    def _leads_here(self, rule: dict[str, Any]) -> bool:
        return (
            rule["translatedAddress"] == str(self._place.address)
            and int(rule["translatedPort"]) == self._port
        )

    def stop(self, source: Address) -> Stopped | None:
        names = frozenset({self._firewall["id"].lower()})
        for where, rule in self._translations:
            if _from(self._world, rule, source):
                if not self._leads_here(rule):
                    return Stopped(names | {where}, rule["name"])
                return self._filtered(source, names)
        return Stopped(names | {where for where, _ in self._translations}, "")

    def _filtered(self, source: Address, names: frozenset[str]) -> Stopped | None:
        for where, rule in _rules(self._world, self._firewall, "network"):
            if self._matches(rule, source):
                denies = rule["access"] == "deny"
                return Stopped(names | {where}, rule["name"], sure=False) if denies else None
        return None

    def _matches(self, rule: dict[str, Any], source: Address) -> bool:
        ports = rule["destinationPorts"]
        there = "*" in rule["destinationAddresses"] or holds(
            rule["destinationAddresses"], self._place.address
        )
        return (
            _speaks(rule, self._protocol)
            and _from(self._world, rule, source)
            and there
            and any(in_port(text, self._port) for text in ports)
        )


def _speaks(rule: dict[str, Any], protocol: str) -> bool:
    return bool({protocol, "any"} & {one.lower() for one in rule["protocols"]})


def _from(world: World, rule: dict[str, Any], source: Address) -> bool:
    texts = list(rule["sourceAddresses"])
    for group in rule.get("sourceIpGroups") or []:
        texts += world.properties(group)["ipAddresses"]
    return "*" in texts or holds(texts, source)


def _rules(world: World, firewall: Document, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rules in the order in which a firewall asks them, each with the id of what holds it."""
    policy = id_in(firewall["properties"], "firewallPolicy")
    if not policy:
        yield from _classic(firewall, kind)
        return
    base = id_in(world.properties(policy), "basePolicy")
    if base and kind == "network":  # NAT rules are a firewall's own and are not inherited
        yield from _of_policy(world, base, kind)
    yield from _of_policy(world, policy, kind)


def _classic(firewall: Document, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    collections = firewall["properties"][f"{kind}RuleCollections"]
    for collection in sorted(collections, key=lambda one: one["properties"]["priority"]):
        body = collection["properties"]
        for rule in body["rules"]:
            yield collection["id"].lower(), rule | {"access": body["action"]["type"].lower()}


def _of_policy(world: World, policy: str, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    groups = [one for one in world.of("ruleCollectionGroups") if one["id"].lower().startswith(f"{policy}/")]
    written = "natrule" if kind == "nat" else "networkrule"
    for group in sorted(groups, key=lambda one: one["properties"]["priority"]):
        for collection in sorted(group["properties"]["ruleCollections"], key=lambda one: one["priority"]):
            for rule in collection["rules"]:
                if rule["ruleType"].lower() == written:
                    access = collection["action"]["type"].lower()
                    yield group["id"].lower(), rule | {"access": access, "protocols": rule["ipProtocols"]}
