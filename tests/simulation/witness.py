"""Who saw and did what, in order: what the invariants are judged by."""

import collections
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from remediation.ledger.cards import SENT
from remediation.ledger.counters import BUDGET
from remediation.ledger.findings_book import PARTITION as FINDINGS
from remediation.ledger.journal import KIND as WRITES
from remediation.ledger.versions import kind_of
from remediation.model import Guard, Resource
from remediation.model.decisions import GUARDS
from remediation.ports import Announcement
from remediation.resource_id import ResourceId
from tests.simulation.scenario import Kind
from tests.simulation.scheduler import Task


@dataclass(frozen=True, slots=True)
class Read:
    """A document as a task was shown it, `number` changes after the start; `stale` when it was older."""

    number: int
    seen: Resource | None
    stale: bool


@dataclass(slots=True)
class Sending:
    """Announcements the topic has accepted from a task, until the task has recorded that."""

    ids: list[str]
    excused: bool
    recorded: bool = False


@dataclass(slots=True)
class Posting:
    """A card Teams has accepted, and the findings (with their sequence numbers) it was then recorded for."""

    told: list[tuple[str, int]] = field(default_factory=list)
    excused: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A target was recorded as held back by the budget, by a look that saw all changes up to `number`."""

    target: str
    number: int


@dataclass(eq=False)
class Witness:
    """Watches from outside; nothing the app does depends on it."""

    reads: dict[tuple[Task, ResourceId], Read] = field(default_factory=dict)
    sendings: list[Sending] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    accepted: list[Announcement] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    looks: dict[int, int] = field(default_factory=dict)
    """For each change of ours, by its number, up to which change its look had seen."""
    first_sent: dict[str, int] = field(default_factory=dict)
    """By the key of a card, the first change of its finding that was noted as known to people."""
    judged_by: dict[Task, str] = field(default_factory=dict)
    """The baseline of the last write that a task has put into the history."""
    broken: list[str] = field(default_factory=list)
    counts: collections.Counter[str] = field(default_factory=collections.Counter)

    def __post_init__(self) -> None:
        self._sending: dict[Task, Sending] = {}
        self._posting: dict[Task, Posting] = {}
        self._stood_still: set[Task] = set()
        self.held_up: set[Task] = set()

    def read(self, task: Task, resource: ResourceId, read: Read) -> None:
        self.reads[task, resource] = read

    def disturbed(self, task: Task, kind: Kind) -> None:
        """A task met a fault: what it had sent and not yet recorded may be sent once more."""
        self.counts[kind] += 1
        if kind == "pause":
            self._stood_still.add(task)
        if kind in {"pause", "slow"}:
            self.held_up.add(task)
        self._interrupt(task)

    def died(self, task: Task) -> None:
        """A task was killed, perhaps by a neighbour in its process."""
        self._interrupt(task)

    def announced(self, task: Task, announcements: Sequence[Announcement]) -> None:
        self.accepted += announcements
        sending = Sending([each.id for each in announcements], excused=task in self._stood_still)
        self.sendings.append(sending)
        self._sending[task] = sending

    def posted(self, task: Task) -> None:
        self._posting[task] = Posting(excused=task in self._stood_still)
        self.postings.append(self._posting[task])

    def written(self, task: Task, partition: str, key: str, value: dict[str, Any]) -> None:
        """A record of the ledger was written, and the task knows that it was."""
        if partition == FINDINGS and task in self._sending:
            self._sending.pop(task).recorded = True
        if kind_of(partition) == WRITES:
            self.judged_by[task] = value["baselineHash"]
        if partition == FINDINGS:
            self._hold(task, value)
        if partition == SENT and task in self._posting and not self._posting[task].excused:
            self._posting[task].told.append((key, int(value["seq"])))
        if partition == SENT:
            self.first_sent.setdefault(key, int(value["seq"]))
        if partition == BUDGET:
            self.counts["writes taken"] += 1

    def _hold(self, task: Task, value: dict[str, Any]) -> None:
        target = ResourceId.parse(value["target"])
        guards = [record["evidence"].get(GUARDS, ()) for record in value["records"].values()]
        seen = self.reads.get((task, target))
        if seen is not None and any(Guard.OVER_BUDGET.value in each for each in guards):
            self.held.append(Held(target.key, seen.number))

    def _interrupt(self, task: Task) -> None:
        if task in self._sending:
            self._sending.pop(task).excused = True
        if task in self._posting:
            self._posting.pop(task).excused = True
