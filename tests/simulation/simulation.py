"""One run of a scenario: the estate, the plant, the people, and what was broken in the end."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from remediation.adapters.memory.storage import MemoryCloud
from remediation.policy import Policy
from remediation.resource_id import ResourceId
from tests.simulation.azure import Azure, Change
from tests.simulation.deploying import Log
from tests.simulation.estate import NSG_IDS, PIPELINE, People, estate, standard
from tests.simulation.invariants import broken
from tests.simulation.on_call import OnCall
from tests.simulation.plant import AS_SHIPPED, SCOPES, Parts, Plant
from tests.simulation.scenario import PIPELINES, RULING, Edit, Scenario
from tests.simulation.scheduler import Scheduler
from tests.simulation.trouble import Trouble

SKEW = 100.0
"""Seconds by which the clock of an event may differ from ours; the margin of the high-water mark is 120."""
A_WHILE = 4000.0


@dataclass
class Run:
    """What came of a scenario. `counts` says how often what happened."""

    broken: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


class Simulation:
    def __init__(self, scenario: Scenario, parts: Parts = AS_SHIPPED) -> None:
        self.scenario = scenario
        self._rng = random.Random(scenario.seed)  # noqa: S311  it must be repeatable, not unforeseeable
        self.scheduler = Scheduler()
        cloud = MemoryCloud(*estate(), polls={"": scenario.polls})
        self.azure = Azure(
            cloud,
            self.scheduler,
            self._rng,
            honours_if_match=scenario.honours_if_match,
            reads_left=scenario.reads_left,
        )
        self.trouble = Trouble(scenario, self.azure.seconds)
        self.baseline = standard(scenario)
        self.log = Log(self.scheduler.now)
        self.plant = Plant(
            self.azure, self.scheduler, self.trouble, self._rng, self.baseline, parts, self.log
        )
        self._people = People(self.azure)
        self._on_call = OnCall(
            self.azure,
            self.plant.ledger,
            self.plant.queue,
            self.scheduler,
            Policy(frozenset(SCOPES), owner="a desk"),
            self.baseline,
        )
        self._edit: Edit | None = None
        self._events = 0
        self.azure.told = self._happened

    def run(self) -> Run:
        """Play it until everybody rests; then end all trouble, sweep, and play that."""
        result = Run()
        try:
            for edit in self.scenario.edits:
                self.scheduler.after(edit.at, partial(self._do, edit))
            self.scheduler.run()
            result.broken += self._broken(swept=False)
            self._calm()
            result.broken += self._broken(swept=True)
        finally:
            self.scheduler.close()
        result.counts = self._counts()
        return result

    def _broken(self, *, swept: bool) -> list[str]:
        in_force = self.plant.ruling.in_force()
        return broken(self.plant, in_force, swept=swept, doubtful=self.trouble.doubtful)

    def _calm(self) -> None:
        self.trouble.over = True
        self.scheduler.after(A_WHILE, self.plant.sweep)
        self.scheduler.run()

    def _do(self, edit: Edit) -> None:
        if edit.deed == "sweep":
            self.plant.sweep()
        elif edit.deed in RULING:
            self.plant.rule(edit)
        elif edit.deed == "forge":
            self._forge(edit)
        elif self._on_call.knows(edit):
            self._on_call.do(edit)
        else:
            self._edit = edit
            self._people.do(edit)
            self._edit = None

    def _actor(self, change: Change) -> dict[str, str]:
        """Who the event says it was; nobody where nothing goes by that."""
        if not self.scenario.deploys:
            return {}
        if change.by:
            return {"oid": "00000000-0000-4000-8000-00000000000a"}
        is_pipeline = self._edit is not None and self._edit.deed in PIPELINES
        return {"oid": PIPELINE} if is_pipeline else {"oid": "alice", "upn": "alice@contoso.example"}

    def _happened(self, change: Change) -> None:
        """Azure tells of every change at least once: people's as their edit says, ours as it comes."""
        edit = self._edit
        copies = self._rng.choice((1, 1, 2)) if edit is None else edit.copies
        first = self._rng.choice((0.5, 2.0, 30.0)) if edit is None else float(edit.delay)
        skew = 1.0 if self.scenario.deploys else SKEW
        event = self._event(change.write.id, change.write.method, self._rng.uniform(-skew, skew))
        claims = self._actor(change)
        if claims:
            event["data"] = {**event["data"], "claims": claims, "correlationId": f"of {self._events}"}  # type: ignore[dict-item]
            self.log.note(event, change)
        if claims.get("oid") == PIPELINE:
            self.azure.deployed[change.root.key] = change
        for copy in range(copies):
            self.plant.deliver(event, first + (self._rng.choice((1.0, 10.0, 300.0)) if copy else 0.0))

    def _forge(self, edit: Edit) -> None:
        """An event of nothing, long ago or far ahead."""
        age = (-864_000.0, 864_000.0, -300.0)[edit.how % 3]
        self.plant.deliver(self._event(NSG_IDS[edit.which], "PUT", age), float(edit.delay))

    def _event(self, resource: ResourceId, method: str, skew: float) -> dict[str, object]:
        self._events += 1
        verb = {"PUT": "Write", "DELETE": "Delete"}[method]
        moment = self.scheduler.now().timestamp() + skew
        return {
            "id": f"event-{self._events}",
            "eventType": f"Microsoft.Resources.Resource{verb}Success",
            "subject": resource.text,
            "eventTime": _text(moment),
            "data": {"resourceUri": resource.text, "operationName": f"{resource.type}/{verb.lower()}"},
        }

    def _counts(self) -> dict[str, int]:
        witness = self.plant.witness
        return {
            **witness.counts,
            "changes": len(self.azure.changes),
            "changes by us": sum(bool(change.by) for change in self.azure.changes),
            "announcements": len(witness.accepted),
            "cards": len(witness.postings),
            "calls": self.trouble.calls["any"],
        }


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def run(scenario: Scenario, parts: Parts = AS_SHIPPED) -> Run:
    return Simulation(scenario, parts).run()
