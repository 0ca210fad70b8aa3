"""Seeded NSGs to measure with: ordinary ones as people write them, and nasty ones as nobody should.

Prefixes come in the shapes of real documents: singular and plural keys, empty arrays, tags among addresses.
"""

import random
from collections.abc import Callable
from typing import Any

type Document = dict[str, Any]

_ORDINARY_SOURCES = (
    "*", "Internet", "VirtualNetwork", "10.0.0.0/8", "10.20.0.0/16", "192.168.10.0/24", "AzureLoadBalancer",
    "45.60.12.0/24", "GatewayManager", "0.0.0.0/0",
)  # fmt: skip
_ORDINARY_PORTS = ("80", "443", "22", "3389", "1433", "8080-8090", "*", "5432", "53")
LARGEST_RULES = 1000
LARGEST_PREFIXES = 4000


def ordinary(chance: random.Random, rules: int = 10) -> Document:
    """About ten custom rules, as most NSGs have them."""
    return _nsg(
        chance,
        [
            _rule(
                index,
                access=chance.choice(("Allow", "Allow", "Allow", "Deny")),
                protocol=chance.choice(("Tcp", "Tcp", "*", "Udp")),
                source=_some(chance, _ORDINARY_SOURCES),
                ports=_some(chance, _ORDINARY_PORTS),
            )
            for index in range(rules)
        ],
    )


def _some(chance: random.Random, pool: tuple[str, ...]) -> list[str]:
    return chance.sample(pool, 1 if chance.random() < 0.8 else chance.randint(2, 4))


def nasty(chance: random.Random) -> Document:
    """Forty rules that overlap in every dimension at once."""
    return _nsg(
        chance,
        [
            _rule(
                index,
                access=chance.choice(("Allow", "Deny")),
                protocol=chance.choice(("Tcp", "*")),
                source=[_prefix(chance, 2, 24) for _ in range(chance.randint(1, 8))],
                ports=[chance.choice(("22", "*", "20-25", "0-3389"))],
                destination=[chance.choice(("*", f"10.44.{chance.randrange(8)}.0/24", "10.44.0.0/16"))],
                source_ports=[chance.choice(("*", "0-32767", "1024-65535"))],
            )
            for index in range(40)
        ],
    )


def largest(chance: random.Random, rules: int = LARGEST_RULES, prefixes: int = LARGEST_PREFIXES) -> Document:
    """1,000 rules with 4,000 prefixes, all of which concern every port."""
    each = prefixes // rules
    return _nsg(
        chance,
        [
            _rule(
                index,
                access=chance.choice(("Allow", "Deny")),
                source=[_prefix(chance, 8, 28) for _ in range(each)],
                ports=["*"],
            )
            for index in range(rules)
        ],
    )


def largest_ipv6(chance: random.Random) -> Document:
    return _nsg(
        chance,
        [
            _rule(index, access=chance.choice(("Allow", "Deny")), source=[_prefix6(chance) for _ in range(4)])
            for index in range(LARGEST_RULES)
        ],
    )


def single_ports(chance: random.Random) -> Document:
    """1,000 rules of single ports: what the largest must not be slower than in kind."""
    return _nsg(
        chance,
        [
            _rule(index, source=[_prefix(chance, 8, 28) for _ in range(4)], ports=[str(index + 1)])
            for index in range(LARGEST_RULES)
        ],
    )


def many_groups(chance: random.Random) -> Document:
    """1,000 rules over 100 ASGs and overlapping prefixes, with a Deny for everyone at the end."""
    groups = [
        f"/subscriptions/s/providers/Microsoft.Network/applicationSecurityGroups/g{n}" for n in range(100)
    ]
    rules = [
        _rule(
            index,
            access=chance.choice(("Allow", "Deny")),
            source=[_prefix(chance, 2, 20) for _ in range(4)],
            groups=chance.sample(groups, 3),
        )
        for index in range(LARGEST_RULES - 1)
    ]
    return _nsg(chance, [*rules, _rule(LARGEST_RULES - 1, access="Deny", source=["*"])])


def many_targets(chance: random.Random) -> Document:
    """1,000 rules, each with destinations and source ports of its own, that deny before one allows."""
    rules = [
        _rule(
            index,
            access="Deny",
            source=["*"],
            destination=[_prefix(chance, 12, 28, first=10) for _ in range(4)],
            source_ports=[_span(chance)],
        )
        for index in range(LARGEST_RULES - 1)
    ]
    return _nsg(chance, [*rules, _rule(LARGEST_RULES - 1, source=["*"])])


def many_of_all(chance: random.Random) -> Document:
    """Sources, destinations and source ports all distinct, closed by a Deny for everyone."""
    rules = [
        _rule(
            index,
            access=chance.choice(("Allow", "Deny")),
            source=[_prefix(chance, 8, 24) for _ in range(2)],
            destination=[_prefix(chance, 10, 26, first=10) for _ in range(2)],
            source_ports=[_span(chance)],
        )
        for index in range(LARGEST_RULES - 1)
    ]
    return _nsg(chance, [*rules, _rule(LARGEST_RULES - 1, access="Deny", source=["*"])])


HUGE: dict[str, Callable[[random.Random], Document]] = {
    "largest": largest,
    "largest_ipv6": largest_ipv6,
    "single_ports": single_ports,
    "many_groups": many_groups,
    "many_targets": many_targets,
    "many_of_all": many_of_all,
}


def wide_open(chance: random.Random) -> Document:
    """A thousand rules, each of which lets the internet reach a management port of another machine."""
    opened = (
        (["*"], ["22"]), (["Internet"], ["3389"]), (["0.0.0.0/0"], ["22", "3389"]),
        (["45.60.12.4", "*"], ["22"]), (["*"], ["20-25"]), (["Internet"], ["22", "443"]),
        (["0.0.0.0/0"], ["3389", "8080-8090"]),
    )  # fmt: skip
    rules = []
    for index in range(LARGEST_RULES):
        source, ports = chance.choice(opened)
        rules.append(
            _rule(index, source=source, ports=ports, destination=[f"10.{index // 250}.{index % 250}.4"])
        )
    return _nsg(chance, rules)


def mix(count: int, seed: int) -> list[Document]:
    """Forty-nine ordinary NSGs to one nasty one."""
    chance = random.Random(seed)
    return [nasty(chance) if index % 50 == 49 else ordinary(chance) for index in range(count)]


def _prefix(chance: random.Random, shortest: int, longest: int, first: int | None = None) -> str:
    octets = [
        first if first is not None else chance.randrange(1, 224),
        *(chance.randrange(256) for _ in range(3)),
    ]
    return f"{'.'.join(map(str, octets))}/{chance.randint(shortest, longest)}"


def _prefix6(chance: random.Random) -> str:
    return f"2a{chance.randrange(256):02x}:{chance.randrange(65536):x}::/{chance.randint(16, 64)}"


def _span(chance: random.Random) -> str:
    low = chance.randrange(65535)
    return f"{low}-{chance.randint(low, 65535)}"


def _rule(
    index: int,
    *,
    access: str = "Allow",
    protocol: str = "Tcp",
    source: list[str],
    ports: list[str] | None = None,
    destination: list[str] | None = None,
    source_ports: list[str] | None = None,
    groups: list[str] | None = None,
) -> Document:
    fields = {
        **_forms("sourceAddressPrefix", "sourceAddressPrefixes", source),
        **_forms(
            "destinationAddressPrefix", "destinationAddressPrefixes", [] if groups else destination or ["*"]
        ),
        **_forms("sourcePortRange", "sourcePortRanges", source_ports or ["*"]),
        **_forms("destinationPortRange", "destinationPortRanges", ports or ["22"]),
    }
    if groups:
        fields["destinationApplicationSecurityGroups"] = [{"id": group} for group in groups]
    head = {
        "provisioningState": "Succeeded",
        "protocol": protocol,
        "access": access,
        "direction": "Inbound",
        "priority": 111 + index,
    }
    return {"name": f"rule-{index}", "properties": head | fields}


def _forms(singular: str, plural: str, values: list[str]) -> Document:
    return {singular: values[0], plural: []} if len(values) == 1 else {plural: values}


def _nsg(chance: random.Random, rules: list[Document]) -> Document:
    chance.shuffle(rules)
    name = f"nsg-{chance.randrange(10**6)}"
    return {
        "id": f"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/{name}",
        "name": name,
        "properties": {"securityRules": rules},
    }
