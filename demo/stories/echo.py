"""Our own writes are changes too, so ARM raises events about them: the app must not answer itself."""

from collections.abc import Iterator

from demo.act import Check, Deed, Echo
from demo.stories.checks import check, silence
from demo.stories.storm import deliver_again
from demo.stories.story import Scene, Seen
from lab.arm import Change
from lab.events import event_id
from lab.world import CALLER, World
from remediation.telling.cards.words import kind_and_name


class OwnEcho:
    name = "own-writes-come-back"
    title = "The app's own writes come back as events"
    short = "own writes return"
    outcome = "Nothing to do"
    told = "The app finds its own work in order, or knows that it has looked since, and writes nothing."

    async def happen(self, world: World) -> Scene:
        ours = own_changes(world)
        deliver_again(world, ours)
        what = f"delivers the {len(ours)} events about Bastion Guard's own writes once more"
        return Scene((Deed("Event Grid", "events whose claims name the app itself", what),))

    def checks(self, seen: Seen) -> Iterator[Check]:
        ours = own_changes(seen.world)
        yield check("the app had written, so that something could come back", bool(ours), "it never wrote")
        yield from silence(seen)
        endings = set[str]().union(*(echo.endings for echo in self.echoes(seen)))
        calm = bool(endings) and "repaired" not in endings
        yield check(
            "each was in order or already seen; none led to a repair", calm, f"ended: {sorted(endings)}"
        )

    def echoes(self, seen: Seen) -> Iterator[Echo]:
        for change in own_changes(seen.world):
            _, name = kind_and_name(change.resource_id)
            yield Echo(f"{change.method} {name}", dict(seen.outcomes.endings(event_id(change))))


def own_changes(world: World) -> list[Change]:
    return [change for change in world.system_topic.raised if change.caller == CALLER]
