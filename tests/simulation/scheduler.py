"""Tasks that take turns on a clock that jumps: one runs at a time, and time alone says who comes next.

Each task is a thread, but never two of them run: a task that waits hands the baton to whoever's moment comes
first. So the code under test is interleaved at its port calls, the same way on every run, and nobody sleeps.
"""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.faults import Killed

MOST_STEPS = 100_000


class RestlessError(AssertionError):
    """The simulation does not come to rest: somebody hands work on for ever."""


class Task:
    """A piece of work in a thread of its own, which runs only while it has the baton."""

    def __init__(self, scheduler: "Scheduler", name: str, body: Callable[[], None]) -> None:
        self.name = name
        self.error: BaseException | None = None
        self._scheduler = scheduler
        self._body = body
        self._turn = threading.Lock()
        self._turn.acquire()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.doomed = False

    def begin(self) -> None:
        self._thread.start()
        self.resume()

    def resume(self) -> None:
        """Called by the scheduler: let the task run until it waits or ends."""
        self._scheduler.pass_baton(self, self._turn)

    def end(self) -> None:
        """Called by the scheduler: whatever the task does next, it is killed."""
        self.doomed = True
        if self._thread.is_alive():
            self.resume()

    def pause(self) -> None:
        """Called by the task itself: give the baton back and wait for the next turn."""
        self._scheduler.give_back()
        self._turn.acquire()
        if self.doomed:
            raise Killed

    def _run(self) -> None:
        self._turn.acquire()
        try:
            if not self.doomed:
                self._body()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001  kept for the scheduler, which raises it
            self.error = error
        finally:
            self._scheduler.ended(self)
            self._scheduler.give_back()


class Scheduler:
    """The only clock there is, and the order in which everything happens."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, 10, tzinfo=UTC)) -> None:
        self._now = start
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._baton = threading.Lock()
        self._baton.acquire()
        self._tasks: set[Task] = set()
        self._here: Task | None = None
        self._steps = 0

    # A Clock -------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.wait(seconds)

    # For tasks and those who start them ----------------------------------------------------------

    @property
    def here(self) -> Task:
        """The task that is running."""
        assert self._here is not None, "only a task may do this"
        return self._here

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Have `action` happen in so many seconds; it must not wait."""
        moment = self._now + timedelta(seconds=max(0.0, seconds))
        heapq.heappush(self._agenda, (moment, next(self._numbers), action))

    def spawn(self, name: str, body: Callable[[], None], *, seconds: float = 0.0) -> None:
        """Start a task in so many seconds."""
        task = Task(self, name, body)
        self._tasks.add(task)
        self.after(seconds, task.begin)

    def wait(self, seconds: float) -> None:
        """Let time pass for the running task, and everybody else whose moment comes before."""
        task = self.here
        self._count()
        until = self._now + timedelta(seconds=max(0.0, seconds))
        if not self._agenda or self._agenda[0][0] > until:
            self._now = until
            return
        self.after(seconds, task.resume)
        task.pause()

    def run(self) -> None:
        """Until nobody has anything left to do; raises what a task raised."""
        while self._agenda:
            self._count()
            self._now, _, action = heapq.heappop(self._agenda)
            action()

    def close(self) -> None:
        """End every task that has not ended, so that no thread outlives the simulation."""
        for task in list(self._tasks):
            task.end()

    # For Task ------------------------------------------------------------------------------------

    def pass_baton(self, task: Task, turn: threading.Lock) -> None:
        self._here = task
        turn.release()
        self._baton.acquire()
        self._here = None
        if task.error is not None and not task.doomed:
            raise task.error

    def give_back(self) -> None:
        self._baton.release()

    def ended(self, task: Task) -> None:
        self._tasks.discard(task)

    def _count(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise RestlessError(f"not at rest after {MOST_STEPS} steps, {self._now}")
