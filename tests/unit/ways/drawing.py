"""Drawing what random estates are made of: chances, rules of groups, admin rules, filters of firewalls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.unit.ways.documents import Document, admin_rule

APPROVED = ("20.1.2.0/24", "45.60.12.0/24", "2603:1:2::/48")
SOURCES_V4 = (
    *("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/1,128.0.0.0/1", "45.60.0.0/16", "45.60.12.0/24"),
    *("45.60.12.9", "20.1.2.0/24", "20.1.0.0/16", "10.0.0.0/8", "168.63.129.16", "45.60.1.0-45.60.200.9"),
    *("10.0.9.0/26", "10.0.9.0/27", "10.1.9.0/26", "10.0.8.0/24", "10.1.0.0/16", "45.60.0.0/16,10.0.0.0/16"),
)
SOURCES_V6 = ("::/0", "2000::/4", "2a0b:77c0::/32", "2603:1:2::/48", "fd00::/8", "2a0b:77c0::1")
SOURCES_ANY = (
    *("*", "*", "*", "Internet", "Internet", "internet", "VirtualNetwork", "AzureLoadBalancer"),
    *("asg(web)", "asg(ops)"),
)
PORTS = (
    "22",
    "22",
    "22",
    "3389",
    "3389",
    "*",
    "22,3389",
    "20-25",
    "80",
    "443,3000-4000",
    "0-65535",
    "23-3388",
)
SOURCE_PORTS = ("", "", "", "", "", "", " sp=0-32767", " sp=32768-65535", " sp=49152", " sp=1-1000")
PROTOCOLS = ("Tcp", "Tcp", "Tcp", "*", "Udp", "Icmp")


class Chance:
    """Draws with the words a generator is read by."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def one[T](self, pool: Sequence[T]) -> T:
        return self._random.choice(pool)

    def happens(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def number(self, first: int, last: int) -> int:
        return self._random.randint(first, last)

    def some[T](self, pool: Sequence[T], most: int) -> list[T]:
        """Up to so many of the pool, each at most once, in the pool's order."""
        wanted = {self._random.randrange(len(pool)) for _ in range(self.number(0, most))} if pool else set()
        return [pool[index] for index in sorted(wanted)]

    def coin(self) -> Random:
        return self._random


@dataclass
class Around:
    """What rules may speak of: addresses of machines, subnets and fronts, and whether ports are sifted."""

    v4: list[str] = field(default_factory=list)
    v6: list[str] = field(default_factory=list)
    floating: bool = False
    ports_sifted: bool = False


def rules_text(chance: Chance, around: Around) -> str:
    """Rules of a group in the specification's notation; each has its priority and one family."""
    start, found = 100, []
    for _ in range(chance.number(0, 4)):
        start += chance.number(1, 40)
        found.append(f"{start} {_rule(chance, around)}")
    return "; ".join(found)


def _rule(chance: Chance, around: Around) -> str:
    access = chance.one(("Allow", "Allow", "Allow", "Deny"))
    family = chance.one(("any", "any", "any", "v4", "v4", "v4", "v6"))
    source = chance.one({"any": SOURCES_ANY, "v4": SOURCES_V4, "v6": SOURCES_V6}[family])
    source_ports = chance.one(SOURCE_PORTS) if around.ports_sifted else ""
    there = _destination(chance, around, family)
    return f"{access} {chance.one(PROTOCOLS)} {source}>{there}:{chance.one(PORTS)}{source_ports}"


def _destination(chance: Chance, around: Around, family: str) -> str:
    """Mostly anything; else an address of the rule's family; groups where destinations are translated."""
    if chance.happens(60):
        return "*"
    named = {"any": around.v4 + around.v6, "v4": around.v4, "v6": around.v6}[family]
    words = [] if around.floating else ["VirtualNetwork", "asg(web)", "asg(ops)"]
    pool = [*named, *words]
    return chance.one(pool) if pool else "*"


def admin_rules(chance: Chance) -> list[Document]:
    found = []
    for index in range(chance.number(1, 3)):
        source = chance.one(
            ("Internet", "*", "45.60.0.0/16", "0.0.0.0/1", "10.0.0.0/8", "::/0", "20.1.2.0/24")
        )
        found.append(
            admin_rule(
                f"a{index}",
                index * 10 + chance.number(1, 9),
                chance.one(("Deny", "Deny", "Allow", "AlwaysAllow")),
                source,
                chance.one((("22",), ("3389",), ("22", "3389"), ("0-65535",), ("443",), ("20-30",))),
                protocol=chance.one(("Tcp", "Tcp", "Any", "Udp")),
            )
        )
    return found
