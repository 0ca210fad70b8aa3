"""Plays a story in the lab and gathers, from the lab alone, what came of it."""

import asyncio
import time
from collections.abc import Callable, Iterator

import msgspec

from demo.act import Act, Check, Diff
from demo.documents import diff, held, ports, traffic
from demo.figures import Figures, Mark, Stretch
from demo.outcomes import Outcomes
from demo.stories import Scene, Seen, Story
from lab.actor import RefusedError
from lab.quiet import NotQuietError
from lab.world import World
from remediation.findings import FindingRecord

LOOK = 0.08
"""Seconds between looks at the lab while an act goes on."""
PATIENCE = 60.0
SHOWN_PORTS = (22, 3389, 443)

type Tell = Callable[[Figures], None]


class Stage:
    """One world, and what is heard of the app in it."""

    def __init__(self, world: World, outcomes: Outcomes) -> None:
        self._world = world
        self._outcomes = outcomes

    async def play(self, number: int, story: Story, tell: Tell) -> Act:
        """Play to the end, whatever it is; `tell` hears the figures while it goes on."""
        began, mark, since = time.monotonic(), Mark.of(self._world), len(self._outcomes.seen)
        scene, trouble, failures = Scene(()), "", len(self._world.host.failures)
        try:
            scene = await story.happen(self._world)
            await self._rest(mark, tell)
        except (NotQuietError, RefusedError) as error:
            trouble = str(error)
        stretch = Stretch.since(mark, self._world)
        broken = self._world.host.failures[failures:]
        troubles = [*([trouble] if trouble else []), *(f"{name} failed: {error}" for name, error in broken)]
        seen = Seen(self._world, stretch, tuple(_findings(stretch)), self._outcomes, since)
        return self._act(number, story, scene, seen, troubles, time.monotonic() - began)

    async def _rest(self, mark: Mark, tell: Tell) -> None:
        """Wait until the lab has come to rest."""
        rest = asyncio.create_task(self._world.quiet(seconds=PATIENCE))
        try:
            while not rest.done():
                await asyncio.wait({rest}, timeout=LOOK)
                tell(Stretch.since(mark, self._world).figures)
            await rest
        finally:
            rest.cancel()

    def _act(
        self, number: int, story: Story, scene: Scene, seen: Seen, troubles: list[str], took: float
    ) -> Act:
        nsg = scene.nsg and self._world.found(str(scene.nsg["id"]))
        return Act(
            number=number,
            name=story.name,
            title=story.title,
            short=story.short,
            told=story.told,
            outcome=story.outcome,
            checks=(*story.checks(seen), *(Check("nothing broke", False, each) for each in troubles[:3])),
            figures=seen.stretch.figures,
            deeds=scene.deeds,
            findings=seen.findings,
            diffs=tuple(self._diffs(scene, seen)),
            ports=ports(scene.nsg, nsg, SHOWN_PORTS) if scene.nsg and nsg else (),
            traffic=traffic(scene.nsg, nsg) if scene.nsg and nsg else (),
            echoes=tuple(story.echoes(seen)),
            cards=seen.stretch.cards,
            channels=seen.stretch.channels,
            span=seen.stretch.span,
            took=took,
        )

    def _diffs(self, scene: Scene, seen: Seen) -> Iterator[Diff]:
        """What differs in ARM now from how the deed left it, then what is merely proposed."""
        for resource, before in scene.before.items():
            yield diff(resource, before, held(self._world, resource))
        for finding in seen.findings:
            if finding.fix is None or finding.disposition != "propose":
                continue
            before_of = {key.lower(): body for key, body in finding.fix.before.items()}
            for write in finding.fix.writes:
                was = before_of.get(str(write["id"]).lower())
                yield diff(str(write["id"]), was, write.get("body"), written=False)


def _findings(stretch: Stretch) -> Iterator[FindingRecord]:
    """The findings as the drift topic told them."""
    for event in stretch.announcements:
        yield msgspec.convert(event["data"], FindingRecord)
