"""A pipeline deploys, and somebody changes what it deployed by hand: three changes, three answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from demo.act import Check, Deed
from demo.casting import Casting
from demo.documents import held
from demo.stories.checks import check
from demo.stories.story import Quiet, Scene, Seen
from lab.arm.persona import persona
from lab.deployments import deploy
from lab.estate import Estate
from lab.estate_rules import rule
from lab.world import World
from remediation.telling.cards import text_of
from remediation.telling.cards.words import kind_and_name

RULE = "declared-drift"
PIPELINE = persona("sp-landing-zone")
DEPLOYMENT = "7d1f2f6a-5f0e-4c55-9a86-3b1f0c2f9e11"
SETTLED = 11 * 60.0
WIDENED, ADDED = "allow-bastion-mgmt", "keep-out"


class PipelinesWord(Quiet):
    name = "pipelines-word"
    title = "Someone changes by hand what the pipeline deployed"
    short = "the pipeline's word"
    outcome = "Put back, proposed"
    told = (
        "The widened rule and the deleted setting are as the pipeline declared them; what lets more in is "
        "proposed with its effect. Each card names the deployment and the person."
    )

    def __init__(self, casting: Casting, estate: Estate) -> None:
        self.who = casting.person(self.name)
        self.widened, self.closed = estate.spokes[0].nsgs[0], estate.spokes[1].nsgs[0]
        self.setting = estate.diagnostic_setting

    async def happen(self, world: World) -> Scene:
        deployed = await self._deployed(world)
        person = self.who.at(world)
        added = rule(ADDED, 350, "Deny", ["443"], source="VirtualNetwork")
        await person.put(f"{self.closed}/securityRules/{ADDED}", added)
        await world.quiet()
        wide = _rule(deployed[self.widened], WIDENED)
        await person.put(f"{self.widened}/securityRules/{WIDENED}", _from_anywhere(wide))
        await world.quiet()
        await person.delete(self.setting)
        deeds = (
            Deed("The pipeline", "deployment 7d1f2f6a", f"deploys {len(deployed)} resources, and is done"),
            self.who.does(f"adds rule {ADDED} to {kind_and_name(self.closed)[1]}"),
            self.who.does(f"lets anybody in by rule {WIDENED} of {kind_and_name(self.widened)[1]}"),
            self.who.does(f"deletes diagnostic setting {kind_and_name(self.setting)[1]}"),
        )
        before = {f"{self.widened}/securityRules/{WIDENED}": _from_anywhere(wide), self.setting: None}
        return Scene(deeds, before)

    async def _deployed(self, world: World) -> Mapping[str, Mapping[str, Any]]:
        """The documents as the pipeline has just deployed them."""
        found = {each: world.found(each) for each in (self.widened, self.closed, self.setting)}
        resources = {name: body for name, body in found.items() if body is not None}
        pipeline = world.as_(PIPELINE.caller, "terraform", deployment=DEPLOYMENT)
        await deploy(pipeline, resources.values())
        await world.quiet()
        world.clock.advance(SETTLED)
        return resources

    def checks(self, seen: Seen) -> Iterator[Check]:
        source = _source(held(seen.world, f"{self.widened}/securityRules/{WIDENED}"))
        yield check("the rule has its declared source again", source not in {"*", "None"}, source)
        yield check("ARM has the setting again", held(seen.world, self.setting) is not None, "it is gone")
        stays = held(seen.world, f"{self.closed}/securityRules/{ADDED}")
        yield check("what closes is left to a person", stays is not None, "it was deleted")
        told = {each.resource.lower(): each.change for each in seen.findings if each.rule == RULE}
        wanted = {
            self.widened.lower(): "DriftFixed",
            self.setting.lower(): "DriftFixed",
            self.closed.lower(): "DriftProposed",
        }
        yield check("each change was told once, with its answer", told == wanted, f"told: {told}")
        cards = [" ".join(text_of(card)) for card in seen.stretch.cards]
        named = [text for text in cards if "deployment 7d1f2f6a" in text and self.who.login in text]
        yield check(
            "each card names the deployment and the person", len(named) == 3, f"{len(named)} of {len(cards)}"
        )


def _rule(group: Mapping[str, Any], name: str) -> dict[str, Any]:
    rules = group["properties"]["securityRules"]
    return next(dict(one) for one in rules if one["name"] == name)


def _from_anywhere(one: Mapping[str, Any]) -> dict[str, Any]:
    properties = {key: value for key, value in one["properties"].items() if key != "sourceAddressPrefixes"}
    return {"name": one["name"], "properties": {**properties, "sourceAddressPrefix": "*"}}


def _source(one: Mapping[str, Any] | None) -> str:
    return str(None if one is None else one["properties"].get("sourceAddressPrefix"))
