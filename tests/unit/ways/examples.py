"""The parts of worked examples: a spoke with one machine, a hub, and the questions asked about them."""

from collections.abc import Sequence
from typing import Any

from tests.unit.ways.backwards import as_read
from tests.unit.ways.composing import Key, Way, compose
from tests.unit.ways.documents import (
    Document,
    address,
    configuration,
    group,
    interface,
    machine,
    network,
    peering,
    subnet,
    subnet_id,
)
from tests.unit.ways.fronts import balancer, classic, dnat, firewall, pool, pool_id

SSH = "300 Allow Tcp *>*:22"
APPS = subnet_id("spoke", "apps")
PRIVATE = "10.20.1.4"
FRONT = "20.50.0.1"


def spoke(**more: Any) -> Document:
    """A network with one subnet; `subnet` goes to the subnet, `peerings` to the network."""
    prefixes = ["10.20.0.0/16", "fd00:20::/48"]
    inside = more.get("subnet", {"group": "g"})
    subnets = [subnet("spoke", "apps", ["10.20.1.0/24", "fd00:20:1::/64"], **inside), *more.get("others", ())]
    return network("spoke", prefixes, subnets, more.get("peerings", ()))


def one_machine(*, group: str = "", private: str = PRIVATE, **more: Any) -> list[Document]:
    return [
        interface("n", configuration("n", "c0", private, APPS, **more), machine="m", group=group),
        machine("m", "n"),
    ]


def with_address(rules: str, *more: Document, sku: str = "Standard", **inside: Any) -> list[Document]:
    """A machine with a public address behind a group of the subnet."""
    return [spoke(**inside), *one_machine(public="p"), address("p", FRONT, sku), group("g", rules), *more]


def balanced(*more: Document, sku: str = "Standard", **parts: Sequence[Document]) -> list[Document]:
    """A machine in the pool of a public balancer, 22 open to anybody."""
    found = {"backendAddressPools": [pool("lb", "pool")], **parts}
    front = balancer("lb", sku, {"front": "p-lb"}, found)
    rules = more or (group("g", SSH),)
    return [spoke(), *one_machine(pools=[pool_id("lb", "pool")]), front, address("p-lb", FRONT, sku), *rules]


def hub(*, halves: dict[str, Any] | None = None, joined: bool = True) -> list[Document]:
    """A hub with a firewall's and a gateway's subnet, and the spoke joined to it."""
    more = halves or {}
    subnets = [
        subnet("hub", "AzureFirewallSubnet", ["10.9.0.0/26"]),
        subnet("hub", "edge", ["10.9.8.0/24"]),
    ]
    there = [peering("hub", "spoke", ["10.20.0.0/16", "fd00:20::/48"], **more)] if joined else []
    back = [peering("spoke", "hub", ["10.9.0.0/16"], **more)] if joined else []
    return [network("hub", ["10.9.0.0/16"], subnets, there), spoke(peerings=back)]


def behind_firewall(
    *rules: Document, rules_of_group: str = "", filters: Sequence[tuple[str, Document]] = (), **joined: Any
) -> list[Document]:
    found = rules or (dnat("in", ["*"], FRONT, ["2222"], (PRIVATE, 22)),)
    nats = [
        classic("fw", "natRuleCollections", f"nat{index}", 200 + index, "Dnat", [rule])
        for index, rule in enumerate(found)
    ]
    network = [
        classic("fw", "networkRuleCollections", f"net{index}", 200 + index, action, [rule])
        for index, (action, rule) in enumerate(filters)
    ]
    where = subnet_id("hub", "AzureFirewallSubnet")
    return [
        *hub(**joined), *one_machine(), group("g", rules_of_group), address("p-fw", FRONT),
        firewall("fw", where, ["p-fw"], nat=nats, network=network),
    ]  # fmt: skip


def found(documents: Sequence[Document], approved: Sequence[str] = ()) -> dict[Key, Way]:
    return compose(as_read(documents), approved)


def ways(documents: Sequence[Document], approved: Sequence[str] = ()) -> set[tuple[str, str, int, str, str]]:
    """Kind, port in front, port, protocol and verdict of every way."""
    return {
        (key[0], key[3], key[4], key[5], way.verdict(approved))
        for key, way in found(documents, approved).items()
    }


def ssh(documents: Sequence[Document], approved: Sequence[str] = ()) -> str:
    """The verdict of the only way to 22."""
    (only,) = [way for key, way in found(documents, approved).items() if key[4] == 22]
    return only.verdict(approved)


def stopping(documents: Sequence[Document]) -> set[tuple[str, str]]:
    """What stops packets on the only way to 22: last part of each id that may be named, and the rule."""
    (only,) = [way for key, way in found(documents).items() if key[4] == 22]
    ends = [end for fate in only.fates.values() for end in fate.stopped]
    return {(at.split("/")[-1], end.rule) for end in ends for at in end.at}
