"""The app as it is hosted: processes that come and go, polled queues, events that arrive at least once."""

import base64
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from remediation.adapters.memory.storage import MemoryLedger, MemoryQueue, Received
from remediation.baseline import Baseline
from remediation.errors import InputError, TransientError
from remediation.intake.events import parse
from remediation.intake.fetching.port import ChangeLog
from remediation.intake.routing import route
from remediation.ledger.cards import Cards
from remediation.ledger.claims import all_records
from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message, decode, decode_card, encode, on_the_wire
from remediation.policy import Policy
from remediation.ports import Announcement, Ports
from remediation.reconciling.composition import SHIPPED, Components, compose
from remediation.reconciling.in_force.watch import Watch as WatchInForce
from remediation.reconciling.rounds.collecting import Collector
from remediation.reconciling.rounds.marks import Mark, Marks
from remediation.reconciling.watching import Watch
from remediation.telling.announcing import Herald
from remediation.telling.sender import Sender
from tests.builders import SUBSCRIPTION
from tests.faults import Killed
from tests.simulation.azure import Azure
from tests.simulation.deploying import DeployedLaws
from tests.simulation.estate import ELSEWHERE
from tests.simulation.laws import Laws
from tests.simulation.ports import Arm, Channel, Lines, Records, Teams
from tests.simulation.ruling import REFRESH, Bench, Ruling
from tests.simulation.scenario import Edit
from tests.simulation.scheduler import Scheduler
from tests.simulation.trouble import Gate, Process, Trouble
from tests.simulation.witness import Witness

SCOPES = (SUBSCRIPTION, ELSEWHERE)
INVISIBLE = 600.0
SHOWN_AGAIN = 420.0
MOST_DEQUEUES = 5
RESTART = 10.0
IN_HAND = timedelta(minutes=6)
BACK_WITHIN = 180.0
"""Seconds after a kill by which nothing is held by the dead any more."""
LOOKED_AFTER = (45.0, 105.0, 165.0)
"""When the timer runs after a kill: every minute, wherever in it the kill fell."""
AT_ONCE = {"reconcile": 2, "neighbourhood": 2, "cards": 1}
"""Messages of a queue that one process handles side by side."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an app is put together from; what is not handed in is as shipped."""

    components: Components = SHIPPED
    cards: type[Cards] = Cards
    policy: Callable[..., Policy] = Policy
    watch: type[Watch] = Watch
    in_force: type[WatchInForce] = WatchInForce


AS_SHIPPED = Parts()


@dataclass(eq=False)
class Worker:
    """The app in one process."""

    process: Process
    gate: Gate
    bench: Bench
    sender: Sender
    herald: Herald
    lines: Lines
    watch: Watch
    collector: Collector
    busy: dict[str, int]


class Plant:
    """Runs the app on a world until nothing is left to do. `parts` may hold broken ones."""

    def __init__(
        self,
        azure: Azure,
        scheduler: Scheduler,
        trouble: Trouble,
        rng: random.Random,
        baseline: Baseline,
        parts: Parts = AS_SHIPPED,
        log: ChangeLog | None = None,
    ) -> None:
        self.azure = azure
        self._log = log
        self.ledger = MemoryLedger()
        self.queue = MemoryQueue(scheduler)
        self.witness = Witness()
        scenario = trouble.scenario
        self.ruling = Ruling(
            self.ledger, baseline, scheduler, azure.seconds, ruled=scenario.ruled, pace=scenario.pace
        )
        self._scheduler = scheduler
        self._trouble = trouble
        self._rng = rng
        self._baseline = baseline
        self._parts = parts
        laws = DeployedLaws if baseline.declared.deployers else Laws
        self._laws = laws(azure, self.witness, baseline, self.ruling)
        self._names = itertools.count(1)
        self._awake: dict[str, datetime] = {}
        self._workers: list[Worker] = [self._start() for _ in range(trouble.scenario.processes)]
        self.queue.subscribe(self._look)

    # Processes -----------------------------------------------------------------------------------

    def _start(self) -> Worker:
        process = Process(f"process-{next(self._names)}")
        gate = Gate(process, self._scheduler, self._trouble, self._rng, self.witness.disturbed)
        scope = frozenset(SCOPES)
        policy = self._parts.policy(scope, owner=process.owner, jitter=self._rng.random)
        arm = Arm(self.azure, gate, self.witness, self._laws)
        records, lines = Records(self.ledger, gate, self.witness), Lines(self.queue, gate)
        channel = Channel(self._published, gate, self.witness)
        keeping = partial(self._keep, process)
        ports = Ports(arm, records, lines, channel, self._scheduler, keeping=keeping)
        components = self._parts.components
        bench = Bench(
            self.ruling,
            self._parts.in_force(records, self._scheduler, REFRESH) if self.ruling.ruled else None,
            lambda baseline, known: compose(
                ports, baseline, policy, components=components, watch=known, changes=self._log
            ),
        )
        herald = components.herald(records, channel, self._scheduler)
        sender = self._sender(ports, policy, gate)
        watch = self._parts.watch(records, lines, self._scheduler)
        collector = components.collector(components.marks(records), lines, self._scheduler, policy)
        busy = dict.fromkeys(AT_ONCE, 0)
        return Worker(process, gate, bench, sender, herald, lines, watch, collector, busy)

    def _sender(self, ports: Ports, policy: Policy, gate: Gate) -> Sender:
        return Sender(
            self._parts.cards(ports.ledger),
            FindingsBook(ports.ledger),
            ports.queue,
            Teams(gate, self.witness),
            ports.clock,
            policy,
            digest_above=3,
            delay=2.0,
        )

    def _worker(self, queue: str = "") -> Worker | None:
        """A living process with room for a message, each as likely as the other."""
        free = [worker for worker in self._workers if not queue or worker.busy[queue] < AT_ONCE[queue]]
        return self._rng.choice(free) if free else None

    def _do(self, worker: Worker, what: str, body: Callable[[Worker], None]) -> None:
        """Run something in a process; who is killed is replaced."""

        def run() -> None:
            try:
                body(worker)
            except Killed:
                self.witness.died(self._scheduler.here)
                self._bury(worker)
                raise

        self._scheduler.spawn(f"{what} {next(self._names)} in {worker.process.owner}", run)

    def _bury(self, worker: Worker) -> None:
        if worker in self._workers and not worker.process.alive:
            self._workers.remove(worker)
            self._scheduler.after(RESTART, self._replace)
            for seconds in LOOKED_AFTER:
                self._scheduler.after(seconds, self._look_after)
            if self._trouble.lets_the_dead_be_found:
                died = self._scheduler.now()
                self._scheduler.after(BACK_WITHIN, partial(self._is_back, worker.process.owner, died))

    def _replace(self) -> None:
        self._workers.append(self._start())
        self._look()

    @contextmanager
    def _keep(self, process: Process, renew: Callable[[], bool], every: float) -> Iterator[None]:
        """Renew what a process holds, in a task of its own, as long as the process lives."""
        held = [True]

        def tick() -> None:
            worker = next((one for one in self._workers if one.process is process), None)
            if held and worker is not None and process.alive:
                self._do(worker, "renewing", lambda _: attempt())

        def attempt() -> None:
            try:
                goes_on = not held or renew()
            except TransientError:
                goes_on = True
            if held and goes_on:
                self._scheduler.after(every, tick)

        self._scheduler.after(every, tick)
        try:
            yield
        finally:
            held.clear()

    def _look_after(self) -> None:
        """What the timer does every minute."""

        def body(worker: Worker) -> None:
            worker.watch.look_after()
            worker.collector.take_up()
            worker.sender.look_after()

        worker = self._worker()
        if worker is not None:
            self._do(worker, "watch", lambda at: _unless_it_cannot(body, at))

    def _is_back(self, owner: str, died: datetime) -> None:
        late = f"after {BACK_WITHIN:.0f} s"
        for record in all_records(self.ledger).values():
            if record.owner == owner:
                self.witness.broken.append(f"still held by the dead {late}: {record.id}")
        for mark in self.marks():
            if datetime.fromisoformat(mark.row.value["at"]) < died:
                self.witness.broken.append(f"no round {late} for what waited: {mark.message.named}")

    @property
    def disturbed(self) -> bool:
        """Whether anything went wrong so far; what was taken for a write that was lost is taken once more."""
        return bool(self._trouble.met or self._trouble.scenario.outages)

    def marks(self) -> list[Mark]:
        """The questions that wait for a round."""
        return [mark for one in SCOPES for mark in Marks(self.ledger).of(f"/subscriptions/{one}")]

    # Queues --------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Take what is visible, and look again when the next message will be."""
        for queue in AT_ONCE:
            moment = self.queue.next_visible(queue)
            if moment is None:
                continue
            moment = max(moment, self._scheduler.now())
            if self._awake.get(queue, datetime.max.replace(tzinfo=moment.tzinfo)) > moment:
                self._awake[queue] = moment
                wait = (moment - self._scheduler.now()).total_seconds()
                self._scheduler.after(wait, partial(self._wake, queue))

    def _wake(self, queue: str) -> None:
        self._awake.pop(queue, None)
        while (worker := self._worker(queue)) is not None:
            received = self.queue.receive(queue, visibility=INVISIBLE)
            if not received:
                break
            worker.busy[queue] += 1
            self._do(worker, queue, partial(self._handle, queue=queue, received=received[0]))
        if self._worker(queue) is not None:
            self._look()

    def _handle(self, worker: Worker, queue: str, received: Received) -> None:
        try:
            self._remove(worker, queue, received)
        finally:
            worker.busy[queue] -= 1
            if worker.process.alive:
                self._look()

    def _remove(self, worker: Worker, queue: str, received: Received) -> None:
        """What the host does around a function: delete, show again, or poison."""
        if received.dequeue_count > MOST_DEQUEUES:
            self.queue.poison(queue, received)
            return
        text = base64.b64decode(received.text)
        try:
            if queue == "cards":
                worker.sender.send(decode_card(text))
            else:
                worker.bench.reconciler().handle(decode(text))
        except Exception as error:  # noqa: BLE001  the host catches everything
            if not isinstance(error, TransientError):
                self.witness.broken.append(f"unforeseen: {error!r} at {text!r}")
            if received.dequeue_count < MOST_DEQUEUES:
                self.queue.release(queue, received, delay=SHOWN_AGAIN)
            else:
                self.queue.poison(queue, received)
        else:
            self.queue.delete(queue, received)

    # Events --------------------------------------------------------------------------------------

    def deliver(self, event: dict[str, Any], seconds: float) -> None:
        """One delivery of an event about a resource; Event Grid tries again until it is accepted."""
        self._later(seconds, "accept", lambda worker: self._accept(worker, event), event, self.deliver)

    def _accept(self, worker: Worker, event: dict[str, Any]) -> None:
        """What on_resource_change does, and the output binding behind it."""
        change = parse(event)
        for message in route(change).messages(change):
            text = on_the_wire(encode(message))
            lane = "reconcile" if message.is_direct else "neighbourhood"
            worker.gate.call("queue", partial(self.queue.put, lane, text))

    def _published(self, announcements: Sequence[Announcement]) -> None:
        for announcement in announcements:
            for _ in range(self._rng.choice((1, 1, 2))):
                self.deliver_drift(announcement.data, self._rng.choice((0.1, 0.5, 5.0, 60.0)))

    def deliver_drift(self, data: dict[str, Any], seconds: float) -> None:
        self._later(seconds, "on_drift", lambda worker: worker.sender.note(data), data, self.deliver_drift)

    def _later(
        self,
        seconds: float,
        what: str,
        body: Callable[[Worker], None],
        event: dict[str, Any],
        again: Callable[[dict[str, Any], float], None],
    ) -> None:
        def attempt(worker: Worker) -> None:
            try:
                body(worker)
            except InputError as error:
                self.witness.broken.append(f"an announcement ahead of its record: {error}")
            except (TransientError, Killed) as error:
                again(event, self._rng.choice((10.0, 30.0)))
                if isinstance(error, Killed):
                    raise

        def begin() -> None:
            worker = self._worker()
            if worker is None:
                self._scheduler.after(RESTART, begin)
            else:
                self._do(worker, what, attempt)

        self._scheduler.after(seconds, begin)

    # What is in force ----------------------------------------------------------------------------

    def rule(self, edit: Edit) -> None:
        """Somebody changes what is in force; everything is looked at when every process has read it."""
        self.ruling.do(edit.deed, edit.how)
        for one in SCOPES:
            look = Message(sweep=f"/subscriptions/{one}", reason="baseline", force=True)
            self.queue.send(look, delay=REFRESH.total_seconds() + 1)

    # The sweep -----------------------------------------------------------------------------------

    def sweep(self) -> None:
        """What the timer does."""

        def body(worker: Worker) -> None:
            for one in SCOPES:
                worker.lines.send(Message(sweep=f"/subscriptions/{one}", reason="sweep", force=True))
            remind_after = timedelta(hours=self._baseline.limits.remind_after_hours)
            worker.herald.announce_all(remind_after, in_hand=IN_HAND)
            worker.sender.nudge()

        worker = self._worker()
        if worker is not None:
            self._do(worker, "sweep", lambda at: _unless_it_cannot(body, at))

    def wait(self, seconds: float) -> None:
        self._scheduler.after(seconds, lambda: None)


def _unless_it_cannot(body: Callable[[Worker], None], worker: Worker) -> None:
    """A timer that fails is not repeated; the next one comes."""
    try:
        body(worker)
    except TransientError:
        return
