"""A guard in a world of its own: one ARM, one ledger, one queue, one clock; workers as a host runs them."""

import base64
import itertools
from dataclasses import dataclass, field, fields, replace
from typing import Any

import msgspec

from remediation.adapters.memory.storage import (
    MemoryAnnouncer,
    MemoryCloud,
    MemoryLedger,
    MemoryNotifier,
    MemoryQueue,
    VirtualClock,
)
from remediation.baseline import Baseline
from remediation.findings import FindingRecord
from remediation.ledger.cards import Cards
from remediation.ledger.claims import Claims, TargetRecord
from remediation.ledger.findings_book import FindingsBook
from remediation.ledger.journal import KIND, WriteRecord
from remediation.messages import CardMessage, Message, about, decode, decode_card
from remediation.model import Json, Outcome
from remediation.policy import Policy
from remediation.ports import Announcement, Announcer, Ports
from remediation.reconciling.composition import compose
from remediation.reconciling.reconciler import Reconciler
from remediation.reconciling.rounds.collecting import MOST_TIMES
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald
from remediation.telling.sender import Sender
from remediation.telling.switchboard import CardSender
from tests.builders import NSG_ID, SUBSCRIPTION, a_baseline, a_change
from tests.shelves import kept

VISIBILITY = 600.0
NEIGHBOURHOOD = "neighbourhood"
LANES = ("reconcile", NEIGHBOURHOOD)
MOST_STEPS = 300
PORTS = frozenset(port.name for port in fields(Ports))

_EVENTS = itertools.count(1)


@dataclass
class World:
    """What a test looks at afterwards. `through` replaces a port by one that misbehaves."""

    cloud: MemoryCloud
    baseline: Baseline = field(default_factory=a_baseline)
    policy: Policy = field(default_factory=lambda: Policy(frozenset({SUBSCRIPTION})))
    clock: VirtualClock = field(default_factory=VirtualClock)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    announcer: MemoryAnnouncer = field(default_factory=MemoryAnnouncer)
    notifier: MemoryNotifier = field(default_factory=MemoryNotifier)

    def __post_init__(self) -> None:
        self.queue = MemoryQueue(self.clock)
        self.poisoned: list[Message] = []

    def worker(self, **through: Any) -> Reconciler:
        """A worker of its own process; keyword arguments stand in for a port, baseline, policy, measures."""
        ports = replace(self.ports, **{key: through.pop(key) for key in PORTS & set(through)})
        return compose(ports, **{"baseline": self.baseline, "policy": self.policy, **through})

    @property
    def ports(self) -> Ports:
        return Ports(self.cloud, self.ledger, self.queue, self.announcer, self.clock)

    def sender(self, **through: Any) -> Sender:
        parts: dict[str, Any] = {
            "cards": Cards(self.ledger),
            "book": FindingsBook(self.ledger),
            "queue": self.queue,
            "notifier": self.notifier,
            "clock": self.clock,
            "policy": self.policy,
            "digest_above": 5,
            "delay": 2.0,
        }
        return Sender(**{**parts, **through})

    def herald(self) -> Herald:
        return Herald(self.ledger, self.announcer, self.clock)

    def herald_through(self, announcer: Announcer) -> Herald:
        return Herald(self.ledger, announcer, self.clock)

    # What happens --------------------------------------------------------------------------------

    def hears(self, target: ResourceId = NSG_ID, **event: Any) -> Message:
        """The message that an event on a target means: a new one, at this moment, unless told otherwise.

        The same `event_id` makes it a repeated delivery.
        """
        fresh = {"at": self.clock.now(), "event_id": f"event {next(_EVENTS)}"}
        return about(a_change(target, **{**fresh, **event}), target=target.text)

    def handle(self, message: Message | None = None, **through: Any) -> Outcome:
        """One worker handles one message, by default that of a fresh event on the NSG `web`.

        A neighbour or a scope leaves a mark: then the worker runs the round as well, whose outcome it is.
        """
        worker = self.worker(**through)
        asked = self.hears() if message is None else message
        outcome = worker.handle(asked)
        return outcome if asked.is_direct else self.run_round(worker) or outcome

    def run_round(self, worker: Reconciler | None = None) -> Outcome | None:
        """Let the time of gathering pass and handle the neighbourhood queue; how the last of it ended."""
        visible = self.queue.next_visible(NEIGHBOURHOOD)
        wait = 0.0 if visible is None else (visible - self.clock.now()).total_seconds()
        self.clock.advance(min(max(wait, self.policy.gather), MOST_TIMES * self.policy.gather))
        outcome = None
        for received in self.queue.receive(NEIGHBOURHOOD, visibility=VISIBILITY, limit=MOST_STEPS):
            self.queue.delete(NEIGHBOURHOOD, received)
            outcome = (worker or self.worker()).handle(decode(base64.b64decode(received.text)))
        return outcome

    def run(self, worker: Reconciler | None = None) -> list[Outcome]:
        """Work as the host does until the queue is empty; time moves to when the next message is visible.

        A message whose handling raises an Exception becomes visible again, and is poison after five times.
        """
        worker = worker or self.worker()
        outcomes: list[Outcome] = []
        for _ in range(MOST_STEPS):
            moments = [(moment, lane) for lane in LANES if (moment := self.queue.next_visible(lane))]
            if not moments:
                return outcomes
            visible, lane = min(moments)
            self.clock.advance(max(0.0, (visible - self.clock.now()).total_seconds()))
            for received in self.queue.receive(lane, visibility=VISIBILITY):
                message = decode(base64.b64decode(received.text))
                try:
                    outcomes.append(worker.handle(message))
                except Exception:  # noqa: BLE001  whatever is raised, the host gives the message back
                    if received.dequeue_count < 5:
                        self.queue.release(lane, received, delay=VISIBILITY)
                        continue
                    self.poisoned.append(message)
                self.queue.delete(lane, received)
        raise AssertionError(f"the queues do not come to rest: {outcomes[-3:]}")

    def run_cards(self, sender: CardSender) -> int:
        """Send cards until no nudge is left."""
        posted = 0
        for _ in range(MOST_STEPS):
            visible = self.queue.next_visible("cards")
            if visible is None:
                return posted
            self.clock.advance(max(0.0, (visible - self.clock.now()).total_seconds()))
            for received in self.queue.receive("cards", visibility=VISIBILITY):
                posted += sender.send(decode_card(base64.b64decode(received.text)))
                self.queue.delete("cards", received)
        raise AssertionError("the queue of cards does not come to rest")

    # What is there -------------------------------------------------------------------------------

    @property
    def waiting(self) -> list[Message]:
        """What lies on the queues of the two lanes, the direct one first."""
        return [decode(base64.b64decode(text)) for lane in LANES for text in self.queue.texts(lane)]

    def drained(self) -> list[Message]:
        """Everything on the reconcile queue, taken off it; time moves to when the last of it is visible."""
        taken = []
        while (visible := self.queue.next_visible("reconcile")) is not None:
            self.clock.advance(max(0.0, (visible - self.clock.now()).total_seconds()))
            for received in self.queue.receive("reconcile", visibility=VISIBILITY):
                taken.append(decode(base64.b64decode(received.text)))
                self.queue.delete("reconcile", received)
        return taken

    @property
    def nudges(self) -> list[CardMessage]:
        return [decode_card(base64.b64decode(text)) for text in self.queue.texts("cards")]

    @property
    def delay(self) -> float:
        """In how many seconds the next message of either lane becomes visible."""
        times = [visible for lane in LANES if (visible := self.queue.next_visible(lane)) is not None]
        return (min(times) - self.clock.now()).total_seconds()

    @property
    def announced(self) -> list[str]:
        """The changes that were announced, repeats dropped by id as a consumer does."""
        return [change.type.removeprefix("BastionGuard.") for change in self.announcements]

    @property
    def announcements(self) -> list[Announcement]:
        return list({change.id: change for change in self.announcer.announcements}.values())

    @property
    def writes(self) -> list[str]:
        """What was written to ARM, in order, as METHOD and name."""
        return [f"{write.method} {write.id.name}" for write in self.cloud.writes]

    @property
    def journal(self) -> list[WriteRecord]:
        rows = sorted(kept(self.ledger, KIND), key=lambda row: row.key)
        return [msgspec.convert(row.value, WriteRecord) for row in rows]

    def findings(self, target: ResourceId = NSG_ID) -> dict[str, FindingRecord]:
        """The findings on a target by rule."""
        return {record.rule: record for record in FindingsBook(self.ledger).of(target).values()}

    def record(self, target: ResourceId = NSG_ID) -> TargetRecord:
        found = Claims(self.ledger, "test", self.policy.lease).look_up(target)
        assert found is not None
        return found

    def rules(self, target: ResourceId = NSG_ID) -> dict[str, Json]:
        """The properties of an NSG's rules by name, as they are in ARM now."""
        nsg = self.cloud.resources[target]
        return {rule["name"]: rule["properties"] for rule in nsg.properties("securityRules")}

    def reads_of(self, target: ResourceId = NSG_ID) -> int:
        return self.cloud.reads.count(target)
