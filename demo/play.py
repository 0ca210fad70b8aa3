"""The whole play: the lab opens, every act is played and watched, the lab closes."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from demo.act import Act
from demo.casting import APPLICATIONS, channels_of, estate_of
from demo.figures import PLATFORM, Figures, Mark, Stretch
from demo.outcomes import Outcomes
from demo.setting import Setting
from demo.stage import Stage
from demo.stories import Story, playbill
from demo.stories.pipelines_word import PIPELINE
from demo.watch import Watch
from lab.delivery import Chaos
from lab.world import Storage, World

SCAN_NOTICES = 15 * 60.0
"""Seconds after which Azure Policy shows a change at the earliest; most of that it does not repair."""
COPIES = 2
SHUFFLE = 6.0
"""Each copy of an event is late by up to this many seconds, so that copies and events overtake each other."""


@dataclass(frozen=True, slots=True)
class Play:
    """Everything that was played; `figures` are those of the whole."""

    setting: Setting
    acts: tuple[Act, ...]
    figures: Figures

    @property
    def ok(self) -> bool:
        return bool(self.acts) and all(act.ok for act in self.acts)

    @property
    def repairs(self) -> list[Act]:
        """The acts in which something was repaired."""
        return [act for act in self.acts if act.span]

    @property
    def minutes_avoided(self) -> int:
        """For how many minutes less things were wrong, all repairs together, than until a scan notices."""
        left = sum(max(0.0, SCAN_NOTICES - act.span.repaired) for act in self.acts if act.span)
        return round(left / 60)

    @property
    def channels(self) -> dict[str, list[tuple[Act, dict[str, Any]]]]:
        """What each team has read, in its order, with the act that it belongs to."""
        found: dict[str, list[tuple[Act, dict[str, Any]]]] = {PLATFORM: [], APPLICATIONS: []}
        for act in self.acts:
            for channel, card in zip(act.channels, act.cards, strict=False):
                found.setdefault(channel, []).append((act, card))
        return found

    @property
    def seconds(self) -> float | None:
        """The longest time from a change to the end of its repair; None when nothing was repaired."""
        return max((act.span.repaired for act in self.acts if act.span), default=None)


async def play(
    seed: int, storage: Storage, watch: Watch, *, faults: Sequence[Mapping[str, Any]] = ()
) -> Play:
    """Play everything for an audience. Raises HostError or AzuriteMissingError when the lab cannot open.

    `faults` are what ARM does wrong from the start, as the lab's control API takes them.
    """
    estate, place = estate_of(seed)
    stories, setting = playbill(seed, estate, place), Setting.of(seed, storage, estate)
    chaos = Chaos(seed=seed, copies=COPIES, shuffle=SHUFFLE)
    world = World(
        seed=seed,
        estate=estate,
        storage=storage,
        schema=setting.schema,
        chaos=chaos,
        baseline_changes={**channels_of(estate), "declared": {"deployers": [PIPELINE.object_id]}},
    )
    watch.opening(setting, len(stories))
    async with AsyncExitStack() as stack:
        with watch.starting():
            await stack.enter_async_context(world)
        for fault in faults:
            world.arm.faults.add(dict(fault))
        mark = Mark.of(world)
        acts = await _perform(world, stories, watch)
        figures = Stretch.since(mark, world).figures
    return Play(setting, tuple(acts), figures)


async def _perform(world: World, stories: Sequence[Story], watch: Watch) -> list[Act]:
    acts: list[Act] = []
    with Outcomes().listening() as outcomes:
        stage = Stage(world, outcomes)
        for number, story in enumerate(stories, start=1):
            with watch.curtain(number, len(stories), story) as waiting:
                act = await stage.play(number, story, waiting.tell)
            await watch.act(act)
            acts.append(act)
    return acts
