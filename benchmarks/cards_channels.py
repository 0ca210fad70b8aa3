"""Cards of many owners, each with a channel of its own, through the outlets as the app builds them.

Used by `benchmarks/cards.py`: a burst spread over channels, and a day on which one of them is down.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from remediation.adapters.clock import VirtualClock
from remediation.adapters.memory.storage import MemoryLedger, MemoryQueue
from remediation.adapters.retrying import Retry
from remediation.app.outlets import Means, Outlets
from remediation.app.settings import Settings, Storage
from remediation.baseline import Channel, Match, Route, Routing, Tags
from remediation.errors import TransientError
from remediation.findings import Look
from remediation.measures import SILENT
from remediation.messages import Message, decode_card
from remediation.model import Finding, Plan
from remediation.policy import Policy
from remediation.telling.announcing import Herald
from remediation.telling.without_topic import DirectAnnouncer

DOWN = timedelta(days=1)


@dataclass
class Desk:
    """What the people of one channel read, and when."""

    clock: VirtualClock
    down_until: datetime | None = None
    cards: list[dict[str, Any]] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)

    def post(self, card: dict[str, Any]) -> None:
        if self.down_until is not None and self.clock.now() < self.down_until:
            raise TransientError("HTTP 503")
        self.cards.append(card)
        self.times.append(self.clock.now())


class Town:
    """So many owners, each with a channel; findings in, cards out."""

    def __init__(self, subscription: str, owners: int) -> None:
        self.clock = VirtualClock()
        self.queue = MemoryQueue(self.clock)
        names = [f"team-{number:02}" for number in range(owners)]
        self.desks: Mapping[str, Desk] = {name: Desk(self.clock) for name in ("platform", *names)}
        routing = Routing(
            {name: Channel(name, "teams", f"CHANNEL_{number}") for number, name in enumerate(self.desks)},
            tuple(Route(match=Match(tags={"owner": (name,)}), channels=(name,)) for name in names),
            "platform",
            ("owner",),
        )
        ledger, policy = MemoryLedger(), Policy(frozenset({subscription}))
        settings = Settings(frozenset({subscription}), Storage("memory", name="cards"))
        means = Means(settings, ledger, self.queue, self.clock, policy, SILENT, Retry)
        self.outlets = Outlets(means, self.desks["platform"], lambda channel, _: self.desks[channel.name])
        self.outlets.use(routing)
        self.herald = Herald(ledger, DirectAnnouncer(self.outlets), self.clock, routing)
        self.outlets.report_to(self.herald)

    def look(self, found: Finding, owner: str) -> None:
        tags = {found.resource.key: Tags({"owner": owner}, {}, {})}
        look = Look(Plan(alerts=(found,)), tags=tags)
        message = Message(target=found.resource.text, actor={"name": "alice"})
        records = self.herald.record(found.resource, look, message)
        self.herald.announce(found.resource, records.values())

    def settle(self) -> None:
        """Let time pass and cards go out until nothing is owed."""
        while (visible := self.queue.next_visible("cards")) is not None:
            self.clock.advance(max(0.0, (visible - self.clock.now()).total_seconds()))
            for received in self.queue.receive("cards", visibility=60):
                self.outlets.send(decode_card(base64.b64decode(received.text)))
                self.queue.delete("cards", received)


def spread(
    finding: Callable[[int], Finding], subscription: str, findings: int, owners: int, *, down: bool
) -> tuple[Town, datetime]:
    """A burst of findings, in turn of each owner; when it began. `down`: the first owner's channel is."""
    town = Town(subscription, owners)
    began = town.clock.now()
    if down:
        town.desks["team-00"].down_until = began + DOWN
    for number in range(findings):
        town.look(finding(number), f"team-{number % owners:02}")
    town.settle()
    return town, began
