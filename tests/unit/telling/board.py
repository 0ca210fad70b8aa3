"""A world in which each channel has people who read it, and what they have read so far."""

from dataclasses import dataclass, field, replace
from typing import Any

from remediation.adapters.memory.storage import MemoryCloud, MemoryNotifier
from remediation.adapters.retrying import Retry
from remediation.app.outlets import Means, Outlets
from remediation.app.settings import Settings, Storage
from remediation.baseline import Baseline, Channel, Routing
from remediation.measures import SILENT
from remediation.ports import Notifier
from remediation.reconciling.reconciler import Reconciler
from remediation.resource_id import ResourceId
from remediation.telling.cards import text_of
from remediation.telling.without_topic import DirectAnnouncer
from tests.builders import NSG_ID, SUBSCRIPTION, a_baseline, a_group, a_spoke, acting, an_nsg
from tests.story.core.world import World
from tests.unit.telling.routes import routing

RULE = "nsg-mgmt-open-to-internet"


@dataclass
class Town:
    """A guard with channels; `through` wraps what posts to one of them."""

    world: World
    read: dict[str, MemoryNotifier] = field(default_factory=dict)
    through: dict[str, Notifier] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = Settings(frozenset({SUBSCRIPTION}), Storage("memory", name="town"))
        world = self.world
        means = Means(settings, world.ledger, world.queue, world.clock, world.policy, SILENT, Retry)
        self.outlets = Outlets(means, _Late(self, "platform"), lambda channel, _: _Late(self, channel.name))
        self.outlets.use(world.baseline.routing)
        self.outlets.report_to(world.herald_through(DirectAnnouncer(self.outlets)))

    @property
    def worker(self) -> Reconciler:
        return self.world.worker(announcer=DirectAnnouncer(self.outlets))

    def use(self, **baseline: Any) -> None:
        """Another baseline is in force from now on."""
        self.world.baseline = replace(self.world.baseline, **baseline)
        self.outlets.use(self.world.baseline.routing)

    def looks(self, target: ResourceId = NSG_ID, **event: Any) -> None:
        """An event on a target is handled, and everything that follows from it."""
        self.worker.handle(self.world.hears(target, **event))

    def tells(self) -> None:
        """Cards go out until no nudge is left."""
        self.world.run_cards(self.outlets)

    def heard(self, channel: str) -> list[str]:
        """The kinds of news that the people of a channel have read, in order."""
        return [kind_of(card) for card in self.cards(channel)]

    def cards(self, channel: str) -> list[dict[str, Any]]:
        return self.read[channel].cards if channel in self.read else []


class _Late:
    """What posts to a channel, looked up when it posts: a test may wrap it meanwhile."""

    def __init__(self, town: Town, channel: str) -> None:
        self._town = town
        self._channel = channel

    def post(self, card: dict[str, Any]) -> None:
        through = self._town.through.get(self._channel)
        if through is not None:
            through.post(card)
        self._town.read.setdefault(self._channel, MemoryNotifier()).post(card)


def kind_of(card: dict[str, Any]) -> str:
    """What a card is headed with, in lower case: *drift found*."""
    if "events" in card:
        return ", ".join(event["data"]["change"] for event in card["events"])
    if "blocks" in card:
        return str(card["text"]).split(",")[0].lower()
    return next(text_of(card)).partition(" \u00b7 ")[0].lower()


def a_town(*documents: Any, routes: Routing | None = None, **baseline: Any) -> Town:
    told_only = acting(nsg_mgmt_open_to_internet="alert")
    standard: Baseline = a_baseline(told_only, **baseline, routing=routing() if routes is None else routes)
    return Town(World(MemoryCloud(*a_spoke(), *documents), standard))


def an_open_nsg(owner: str = "", identity: ResourceId = NSG_ID, **more: Any) -> dict[str, Any]:
    tags = {"owner": owner} if owner else {}
    return an_nsg(allow_ssh_from="Internet", tags=tags, identity=identity, **more)


def a_group_of(owner: str) -> dict[str, Any]:
    return {**a_group(), "tags": {"owner": owner}}


def nsgs(count: int) -> list[ResourceId]:
    return [ResourceId.parse(f"{NSG_ID}-{number}") for number in range(count)]


__all__ = ["RULE", "Channel", "Town", "a_group_of", "a_town", "an_open_nsg", "kind_of", "nsgs"]
