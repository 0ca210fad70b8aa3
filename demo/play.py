"""The whole play: the lab opens, every act is played and watched, the lab closes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demo.act import Act
from demo.casting import chance, estate_of
from demo.figures import Figures, Mark, Stretch
from demo.outcomes import Outcomes
from demo.stage import Stage
from demo.stories import playbill
from demo.watch import Watch
from lab.delivery import Chaos, Schema
from lab.world import Storage, World

COPIES = 2
SHUFFLE = 6.0
"""Each copy of an event is late by up to this many seconds, so that copies and events overtake each other."""


@dataclass(frozen=True, slots=True)
class Play:
    """Everything that was played. `seconds` is the longest time from a change to its repair."""

    seed: int
    company: str
    region: str
    resources: int
    storage: Storage
    schema: Schema
    acts: tuple[Act, ...]
    figures: Figures

    @property
    def ok(self) -> bool:
        return bool(self.acts) and all(act.ok for act in self.acts)

    @property
    def seconds(self) -> float | None:
        return max((act.span.repaired for act in self.acts if act.span), default=None)


async def play(
    seed: int, storage: Storage, watch: Watch, *, faults: Sequence[Mapping[str, Any]] = ()
) -> Play:
    """Play everything for an audience. Raises HostError or AzuriteMissingError when the lab cannot open."""
    estate, place = estate_of(seed)
    stories = playbill(seed, estate, place)
    schema: Schema = chance(seed, "schema").choice(("cloudevents", "eventgrid"))
    chaos = Chaos(seed=seed, copies=COPIES, shuffle=SHUFFLE)
    world = World(seed=seed, estate=estate, storage=storage, schema=schema, chaos=chaos)
    watch.opening(estate.company, estate.region, len(estate.resources), seed, len(stories))
    with watch.starting():
        await world.__aenter__()
    try:
        for fault in faults:
            world.arm.faults.add(dict(fault))
        mark = Mark.of(world)
        acts: list[Act] = []
        outcomes = Outcomes()
        with outcomes.listening():
            stage = Stage(world, outcomes)
            for number, story in enumerate(stories, start=1):
                with watch.curtain(number, len(stories), story) as waiting:
                    act = await stage.play(number, story, waiting.tell)
                await watch.act(act)
                acts.append(act)
        figures = Stretch.since(mark, world).figures
    finally:
        await world.__aexit__(None, None, None)
    played = Play(
        seed, estate.company, estate.region, len(estate.resources), storage, schema, tuple(acts), figures
    )
    watch.closing(played.acts, played.figures, played.seconds)
    return played
