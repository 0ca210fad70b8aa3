"""Event Grid delivers everything again, twice and in any order: hints that change nothing."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from demo.act import Check, Deed, Echo
from demo.stories.checks import check, silence
from demo.stories.story import Scene, Seen
from lab.arm import Change
from lab.arm.state.log import Entry
from lab.delivery import Event, Schema
from lab.events import cloud_event, event_grid, event_id
from lab.world import CALLER, World


class Storm:
    name = "delivered-twice-out-of-order"
    title = "Every event comes twice, late and out of order"
    short = "twice, unordered"
    outcome = "Nothing to do"
    told = "Each problem still has one write, one announcement and one card."

    async def happen(self, world: World) -> Scene:
        raised = list(world.system_topic.raised)
        deliver_again(world, raised)
        copies = world.deliverer.chaos.copies
        what = f"delivers all {len(raised)} events of the play once more, {copies} times each, in any order"
        return Scene((Deed("Event Grid", "at least once, unordered", what),))

    def checks(self, seen: Seen) -> Iterator[Check]:
        yield from silence(seen)
        world, (late, judged) = seen.world, _late(seen)
        yield check(
            f"out of order: {late} of {judged} times an older event came after a younger",
            late > 0,
            "it was not",
        )
        written = Counter(each.path.lower() for each in _writes(world.arm.log.entries()))
        often = [f"{path.rpartition('/')[2]} {count}x" for path, count in written.items() if count > 1]
        yield check("in the whole play no resource was written twice", not often, ", ".join(often))
        told = Counter(str(event["id"]) for event in world.announcements)
        again = [f"{key} {count}x" for key, count in told.items() if count > 1]
        yield check("no news was announced twice", not again, ", ".join(again))
        cards, news = len(world.cards), len(world.announcements)
        yield check("there are as many cards as news", cards == news, f"{cards} cards, {news} announcements")
        twice = world.deliverer.sent >= 2 * len(world.system_topic.raised)
        yield check("every event was delivered at least twice", twice, f"{world.deliverer.sent} deliveries")

    def echoes(self, seen: Seen) -> Iterator[Echo]:
        yield Echo("all deliveries", dict(Counter(each.ending for each in seen.outcomes.seen[seen.since :])))


def _late(seen: Seen) -> tuple[int, int]:
    """How many deliveries of this act were judged after one of a younger event, and how many at all."""
    times = {event_id(change): change.time for change in seen.world.system_topic.raised}
    judged = [times[each.event] for each in seen.outcomes.seen[seen.since :] if each.event in times]
    youngest = itertools.accumulate(judged, max)
    return sum(time < most for time, most in zip(judged, youngest, strict=True)), len(judged)


def _writes(requests: Sequence[Entry]) -> Iterator[Entry]:
    ours = (each for each in requests if each.caller == CALLER and not each.reads)
    return (each for each in ours if each.status < 300)


def deliver_again(world: World, changes: Sequence[Change]) -> None:
    """Hand events of the past to Event Grid's delivery once more, as its retries would."""
    for subscription in world.system_topic.subscriptions:
        events = [_event(change, subscription.schema) for change in changes]
        world.deliverer.offer(events, subscription)


def _event(change: Change, schema: Schema) -> Event:
    return cloud_event(change) if schema == "cloudevents" else event_grid(change)
