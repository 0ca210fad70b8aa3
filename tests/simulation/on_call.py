"""What people on call do with the app while it works: undo, exempt, end an exemption, replay.

They use the app's own tools on its ledger and queue. What they write to ARM is a person's change: the laws of
our own writes are not for it.
"""

from datetime import UTC, datetime, timedelta

from remediation.adapters.memory.storage import MemoryAnnouncer, MemoryLedger, MemoryQueue
from remediation.baseline import Baseline
from remediation.errors import BastionGuardError
from remediation.ledger.decided.exemptions import ExemptionRecord, Exemptions
from remediation.ledger.journal import Journal
from remediation.messages import Message
from remediation.model import Listing, Resource, Write
from remediation.on_call.exemptions import Exempter
from remediation.on_call.undo import Undoer
from remediation.policy import Policy
from remediation.ports import Operation, Ports, Progress
from remediation.resource_id import ResourceId
from tests.simulation.azure import Azure
from tests.simulation.estate import NSG_IDS
from tests.simulation.scenario import Edit
from tests.simulation.scheduler import Scheduler

RULE = "nsg-mgmt-open-to-internet"
LENGTHS = (timedelta(0), timedelta(minutes=30), timedelta(days=10))
"""How long things are left alone: not at all, for less than a simulation lasts, for longer."""
START = datetime(2000, 1, 1, tzinfo=UTC)


class PeoplesArm:
    """A Cloud without trouble, in which whatever is written is somebody's own change."""

    def __init__(self, azure: Azure) -> None:
        self._azure = azure

    def get(self, resource: ResourceId) -> Resource | None:
        return self._azure.look(resource)

    def list(self, listing: Listing) -> list[Resource]:
        return list(self._azure.cloud.list(listing))

    def write(self, write: Write) -> Operation:
        return self._azure.change(write)

    def poll(self, url: str) -> Progress:
        return self._azure.cloud.poll(url)


class OnCall:
    """Everything people on call can do, each deed by its name in a scenario."""

    def __init__(
        self,
        azure: Azure,
        ledger: MemoryLedger,
        queue: MemoryQueue,
        scheduler: Scheduler,
        policy: Policy,
        baseline: Baseline,
    ) -> None:
        self._ports = Ports(PeoplesArm(azure), ledger, queue, MemoryAnnouncer(), scheduler)
        self._policy = policy
        self._baseline = baseline
        self._scheduler = scheduler
        self._deeds = {
            "undo": self._undo,
            "exempt": self._exempt,
            "unexempt": self._unexempt,
            "replay": self._replay,
        }

    def knows(self, edit: Edit) -> bool:
        return edit.deed in self._deeds

    def do(self, edit: Edit) -> None:
        """Do it, in a task of its own, since some of it waits; what the app refuses is left."""

        def attempt() -> None:
            try:
                self._deeds[edit.deed](edit)
            except BastionGuardError:
                return

        self._scheduler.spawn(f"{edit.deed} at {edit.at}", attempt)

    def _undo(self, edit: Edit) -> None:
        """Take back the latest repair that still stands."""
        now = self._scheduler.now()
        every = Journal(self._ports.ledger).between(START, now + timedelta(seconds=1))
        standing = [one for one in every if one.state == "done" and not (one.undo_of or one.undone_by)]
        if standing:
            undoer = Undoer(self._ports, self._policy, "ann@contoso.example")
            undoer.undo(undoer.plan(standing[-1].id), LENGTHS[edit.how % len(LENGTHS)])

    def _exempt(self, edit: Edit) -> None:
        target, now = NSG_IDS[edit.which], self._scheduler.now()
        length = LENGTHS[1 + edit.how % 2]
        given = ExemptionRecord(
            RULE, target.text, now + length, by="bob@contoso.example", source="exempt", since=now
        )
        Exemptions(self._ports.ledger).grant(target, given)
        look = Message(target=target.text, reason="exemption", force=True)
        self._ports.queue.send(look)
        if length < LENGTHS[-1]:
            self._ports.queue.send(look, delay=length.total_seconds() + 1)

    def _unexempt(self, _: Edit) -> None:
        exempter = Exempter(self._ports, lambda: self._baseline, "bob@contoso.example")
        given = [one for one in exempter.listed() if one.id]
        if given:
            exempter.end(given[0].id)

    def _replay(self, edit: Edit) -> None:
        past = Message(
            target=NSG_IDS[edit.which].text,
            reason="replay",
            force=True,
            event_time=self._scheduler.now() - timedelta(seconds=edit.how * 100),
            actor={"name": "somebody of the past"},
            replay_id=f"replay at {edit.at}",
        )
        self._ports.queue.send(past)
