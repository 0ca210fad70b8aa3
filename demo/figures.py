"""Counts and times of a stretch of the demo, from the lab's own log: ARM, Event Grid, the topic, Teams.

Times are seconds on the lab's clock, which skips idle waits: Event Grid's lateness and an operation's
minutes count in full although nobody sits through them.
"""

from dataclasses import dataclass
from typing import Any

from lab.arm import Change
from lab.arm.state.log import Entry
from lab.world import CALLER, World

PLATFORM = "platform"
"""The channel that is told what no other one is; its webhook is the lab's one workflow."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a stretch came to. `duplicates` are deliveries of ARM's events beyond the first of each."""

    events: int
    duplicates: int
    reads: int
    writes: int
    announcements: int
    cards: int


@dataclass(frozen=True, slots=True)
class Span:
    """A repair in time: seconds from the change to our first look, and to the end of our last write."""

    noticed: float
    repaired: float

    @property
    def reaction(self) -> float:
        """Seconds from our first look to the end of our last write: what the app itself took."""
        return self.repaired - self.noticed


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the lab's records went at one moment."""

    changes: int
    requests: int
    announcements: int
    cards: int
    sent: int
    time: float

    @classmethod
    def of(cls, world: World) -> "Mark":
        return cls(
            changes=len(world.system_topic.raised),
            requests=len(world.arm.log),
            announcements=len(world.announcements),
            cards=len(world.cards),
            sent=world.deliverer.sent,
            time=world.clock.now(),
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Everything the lab recorded since a mark, oldest first; `channels` says where each card was shown."""

    changes: tuple[Change, ...]
    requests: tuple[Entry, ...]
    announcements: tuple[dict[str, Any], ...]
    cards: tuple[dict[str, Any], ...]
    sent: int
    channels: tuple[str, ...] = ()

    @classmethod
    def since(cls, mark: Mark, world: World) -> "Stretch":
        return cls(
            changes=tuple(world.system_topic.raised[mark.changes :]),
            requests=tuple(world.arm.log.entries()[mark.requests :]),
            announcements=tuple(world.announcements[mark.announcements :]),
            cards=tuple(world.cards[mark.cards :]),
            sent=world.deliverer.sent - mark.sent,
            channels=tuple(receipt.path or PLATFORM for receipt in world.teams.shown[mark.cards :]),
        )

    @property
    def writes(self) -> list[Entry]:
        """What the app asked ARM to change."""
        return [each for each in self.requests if each.caller == CALLER and not each.reads]

    @property
    def figures(self) -> Figures:
        ours = [each for each in self.requests if each.caller == CALLER]
        return Figures(
            events=len(self.changes),
            duplicates=max(0, self.sent - len(self.changes)),
            reads=len(ours) - len(self.writes),
            writes=len(self.writes),
            announcements=len(self.announcements),
            cards=len(self.cards),
        )

    @property
    def span(self) -> Span | None:
        """From the last change of somebody else to the end of our last write; None when we wrote nothing."""
        theirs = [each.time for each in self.changes if each.caller != CALLER]
        # What the app asks by POST is an action to Azure, and its event is the echo of a read.
        ours = [each.time for each in self.changes if each.caller == CALLER and each.method != "POST"]
        looks = [each.time for each in self.requests if each.caller == CALLER]
        if not theirs or not ours:
            return None
        return Span(noticed=max(0.0, looks[0] - theirs[-1]), repaired=ours[-1] - theirs[-1])
