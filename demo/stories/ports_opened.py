"""Somebody opens SSH and RDP to the internet, together with a port that has to stay open."""

from collections.abc import Iterator
from typing import Any

from demo.act import Check
from demo.casting import Casting, chance
from demo.documents import held
from demo.stories.checks import check, one_write, told_once
from demo.stories.story import Quiet, Scene, Seen
from lab.estate import Estate
from lab.estate_rules import rule
from lab.world import World
from remediation.telling.cards.words import kind_and_name

RULE = "nsg-mgmt-open-to-internet"
NAMES = ("temp-admin", "vendor-access", "quick-fix", "debug-tonight", "migration-test")
PORTS = ("22", "3389", "443")


class PortsOpened(Quiet):
    name = "management-ports-opened"
    title = "Someone opens SSH and RDP to the internet"
    short = "SSH, RDP opened"
    outcome = "Repaired"
    told = "22 and 3389 are closed again; 443, the rule's name and its priority stay."

    def __init__(self, casting: Casting, estate: Estate) -> None:
        rng = chance(casting.seed, self.name)
        self.who = casting.person(self.name)
        self.nsg = estate.shared_nsg
        self.priority = rng.randrange(310, 390)
        self.rule = f"{self.nsg}/securityRules/{rng.choice(NAMES)}-{rng.randrange(10, 99)}"
        self.ports = rng.sample(PORTS, k=len(PORTS))

    async def happen(self, world: World) -> Scene:
        name = self.rule.rpartition("/")[2]
        body = rule(name, self.priority, "Allow", self.ports, source="Internet")
        before = world.found(self.nsg)
        assert before is not None
        written = await self.who.at(world).put(self.rule, body)
        what = (
            f"adds rule {name} (priority {self.priority}) to {kind_and_name(self.nsg)[1]}, which two subnets "
            f"share: allow TCP {', '.join(self.ports)} from the internet"
        )
        return Scene((self.who.does(what),), {self.rule: written}, nsg=_with(before, written))

    def checks(self, seen: Seen) -> Iterator[Check]:
        now = (held(seen.world, self.rule) or {"properties": {}})["properties"]
        left = _ports(now)
        yield check("of the rule's ports only 443 is left in ARM", left == {"443"}, f"left: {sorted(left)}")
        kept = (now.get("priority"), now.get("access"), now.get("sourceAddressPrefix"))
        wanted = (self.priority, "Allow", "Internet")
        yield check("its name, priority and source are what they were", kept == wanted, f"now: {kept}")
        nsg = seen.world.found(self.nsg) or {"properties": {}}
        shared = len(nsg["properties"].get("subnets", ()))
        yield check("both subnets are still attached", shared == 2, f"{shared} are")
        yield one_write(seen, self.rule)
        yield from told_once(seen, RULE, self.nsg, "DriftFixed", "the repair was announced")


def _ports(properties: dict[str, Any]) -> set[str]:
    single = properties.get("destinationPortRange")
    return {*properties.get("destinationPortRanges", ()), *([single] if single else ())}


def _with(nsg: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """The group as it stood between the change and the repair."""
    properties = nsg["properties"]
    return {**nsg, "properties": {**properties, "securityRules": [*properties["securityRules"], written]}}
