"""A pipeline puts a Bastion with SKU Basic into production: a repair exists, and is left to people."""

from collections.abc import Iterator
from typing import Any

from demo.act import Check
from demo.casting import Person, Place
from demo.documents import held
from demo.stories.checks import check, commands_shown, nothing_written, told_once
from demo.stories.story import Quiet, Scene, Seen
from lab.estate import Estate
from lab.world import World
from remediation.telling.cards.words import kind_and_name

RULE = "bastion-sku-tier"
SETTING = "providers/Microsoft.Insights/diagnosticSettings/setByPolicy-LogAnalytics"


class BasicBastion(Quiet):
    name = "basic-bastion-in-production"
    title = "A production Bastion appears with SKU Basic"
    short = "Basic Bastion"
    outcome = "Proposed"
    told = "Nothing is written; people get the proven upgrade as a proposal, since it cannot be taken back."

    def __init__(self, estate: Estate, place: Place) -> None:
        self.who = Person(f"sp-{place.spoke.name}-deploy", "terraform")
        self.place = place
        self.location = estate.region
        self.workspace = estate.workspace

    async def happen(self, world: World) -> Scene:
        """The setting is sent while the host is still being made, as a template's resources are."""
        pipeline, setting = self.who.at(world), f"{self.place.bastion}/{SETTING}"
        await pipeline.put(self.place.bastion, self._body(), wait=False)
        await pipeline.put(setting, {"properties": {"workspaceId": self.workspace, "logs": LOGS}})
        what = (
            f"deploys Bastion {kind_and_name(self.place.bastion)[1]} with SKU Basic "
            f"into the production network of {self.place.spoke.name}"
        )
        return Scene((self.who.does(what),))

    def _body(self) -> dict[str, Any]:
        ends = {"subnet": {"id": self.place.subnet}, "publicIPAddress": {"id": self.place.address}}
        return {
            "location": self.location,
            "tags": {"environment": "production", "service": self.place.spoke.name},
            "sku": {"name": "Basic"},
            "properties": {"ipConfigurations": [{"name": "IpConf", "properties": ends}]},
        }

    def checks(self, seen: Seen) -> Iterator[Check]:
        now = held(seen.world, self.place.bastion) or {}
        sku, state = now.get("sku", {}).get("name"), now.get("properties", {}).get("provisioningState")
        yield check("ARM has it as it was deployed, SKU Basic", (sku, state) == ("Basic", "Succeeded"),
                    f"SKU {sku}, {state}")  # fmt: skip
        yield nothing_written(seen)
        yield from told_once(seen, RULE, self.place.bastion, "DriftProposed", "a proposal")
        about = seen.about(RULE, self.place.bastion)
        bodies = [write["body"]["sku"]["name"] for each in about if each.fix for write in each.fix.writes]
        yield check("it offers the upgrade to Standard", bodies == ["Standard"], f"offered: {bodies}")
        yield commands_shown(seen, about)


LOGS = [{"categoryGroup": "audit", "enabled": False}, {"categoryGroup": "allLogs", "enabled": True}]
