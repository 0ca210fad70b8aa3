"""What each Azure Function does; its parts are built in `assembly`.

Nothing is built before it is needed, so that indexing costs nothing and a missing setting does not keep
the app from starting: while settings or baseline are wrong, `accept` still queues, `health` says so with
503, and everything that must judge or send raises ConfigurationError.
"""

import logging
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from remediation import messages
from remediation.adapters.clock import SystemClock
from remediation.adapters.telemetry import chosen_measures, write_keyed_lines
from remediation.app.accepted import Accepted
from remediation.app.answers import Answer
from remediation.app.assembly import Foundation, Parts
from remediation.app.building import Building
from remediation.app.conditions import Watchman, work
from remediation.app.ground import close_old_news
from remediation.app.health import Health, shown_in_force
from remediation.errors import (
    BastionGuardError,
    ConfigurationError,
    InputError,
    Mistake,
)
from remediation.intake.accepting import Accepting
from remediation.ledger.pressure import Pressure
from remediation.ledger.retention import forget, forget_more
from remediation.ledger.unreadable import begin_afresh
from remediation.measures import Measures
from remediation.messages import Message
from remediation.model import Outcome
from remediation.ports import Clock
from remediation.reconciling.others.entitled import Hourly
from remediation.reconciling.watching import Watch
from remediation.rules import registry
from remediation.telling.part_news import tell_parts
from remediation.telling.pressure_news import tell_pressure

if TYPE_CHECKING:
    from remediation.app.board.page import Page
    from remediation.app.people.assembled import ForPeople
    from remediation.app.web import Web
    from remediation.on_call.tools import OnCall

__all__ = ["Accepted", "Answer", "App"]

log = logging.getLogger("bastion_guard.app")


class App:
    """One per process; safe to call from several threads. `chosen` is for a desk alone; see `building`."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        root: Path | None = None,
        clock: Clock | None = None,
        measures: Measures | None = None,
        *,
        chosen: bool | None = None,
    ) -> None:
        environment = os.environ if environment is None else environment
        root = root or Path(__file__).resolve().parents[2]
        self._measures = measures or chosen_measures(environment)
        self._accepting = Accepting(self._measures, clock or SystemClock())
        write_keyed_lines(environment)
        self._built = Building(environment, root, clock, self._measures, chosen=chosen)
        self._face: Web | None = None
        self._people: ForPeople | None = None
        self._watchman = Watchman()
        self._entitled = Hourly()

    def _parts(self) -> Parts:
        return self._built.parts()

    # Functions -----------------------------------------------------------------------------------

    def accept(self, event: object) -> Accepted:
        """The messages an event means, by lane; see `intake.accepting`. Needs no setting."""
        return Accepted.of(self._accepting.messages(event))

    def reconcile(self, text: str) -> Outcome:
        """Handle one message of either lane; raises InputError for what is not ours (it ends in poison)."""
        message = messages.decode(text)
        with self._measures.span("reconcile", message.correlation_id, resource=message.named):
            outcome = self._parts().reconciler.handle(message)
        self._measures.count("outcomes", ending=outcome.ending.value)
        return outcome

    def drifted(self, data: object) -> None:
        """Note the card that an event on the drift topic says is owed; what is no announcement is logged."""
        about = data if isinstance(data, Mapping) else {}
        try:
            with self._measures.span("note", str(about.get("correlationId") or "")):
                self._parts().sender.note(data)
        except ConfigurationError:
            raise
        except InputError as error:
            log.warning("announcement.refused", extra={"reason": str(error)})

    def send_cards(self, text: str) -> int:
        """Send what is owed; returns the number of cards posted."""
        parts = self._parts()
        posted = parts.sender.send(messages.decode_card(text))
        self._measures.count("cards", posted)
        if parts.sender.parts.news:
            tell_parts(parts.sender.parts, parts.herald, min(parts.settings.subscriptions))
        return posted

    def sweep(self) -> None:
        """Queue a look at everything, send again whatever is still owed, and take a changed baseline in.

        The look is thrifty; a changed baseline has had a whole one queued.
        """
        from remediation.on_call.listing.mending import mend

        parts = self._parts()
        changed: list[bool] = []
        remind_after = timedelta(hours=parts.baseline.limits.remind_after_hours)
        ledger = parts.ports.ledger
        scopes = [f"/subscriptions/{one}" for one in sorted(parts.settings.subscriptions)]
        looks = {scope: Message(sweep=scope, reason="sweep", force=True) for scope in scopes}

        def look(wanted: Message) -> None:
            if not any(changed):
                parts.ports.queue.send(wanted)

        self._each(
            {
                "baseline": lambda: changed.append(self._built.ground().look_at_source()),
                "own": partial(close_old_news, parts.herald, parts.settings.subscriptions),
                "names": partial(begin_afresh, ledger),
                "open": partial(mend, ledger),
                **{f"looks {scope}": partial(look, wanted) for scope, wanted in looks.items()},
                "cards": parts.sender.nudge,
                "announcements": partial(parts.herald.announce_all, remind_after, parts.policy.in_hand),
                "retention": partial(_forget, forget, parts.base),
            }
        )

    def _each(self, parts: Mapping[str, Callable[[], object]]) -> None:
        """Do each part of a timer's work; one that fails is logged, counted, and stops no other.

        The first error is raised in the end, so that the host counts the run as failed.
        """
        first: Exception | None = None
        for name, act in parts.items():
            try:
                act()
            except Exception as error:  # whatever it is, the other parts are not to blame
                log.exception("timer.part_failed", extra={"part": name, "reason": str(error)})
                self._measures.count("parts_failed", part=name.partition(" ")[0])
                first = first or error
        if first is not None:
            raise first

    def look_after(self) -> None:
        """What dead workers held goes on: targets whose lease is over, marks without a round, cards owed."""
        parts = self._parts()
        watch = Watch(parts.ports.ledger, parts.ports.queue, parts.ports.clock)
        self._each(
            {
                "targets": watch.look_after,
                "rounds": parts.collector.take_up,
                "cards": parts.sender.look_after,
            }
        )

    def check_baseline(self) -> None:
        """Take a changed baseline in, so that it holds everywhere within a minute."""
        self._parts()
        self._built.ground().look_at_source()

    def import_dead_letters(self) -> None:
        """Tell of pressure that lasts and of parts that are down; take in again what fell out, each once.

        About once an hour look, too, who else may repair there.
        """
        from remediation.app.upkeep import upkeep

        parts = self._parts()
        pressure, now = Pressure(parts.ports.ledger), parts.ports.clock.now()
        entitled = partial(self._entitled.look, parts.ports, parts.herald, parts.settings.subscriptions)
        self._each(
            {
                "pressure": partial(tell_pressure, pressure, parts.herald, now),
                "retention": partial(_forget, forget_more, parts.base),
                **upkeep(parts),
                "entitled": entitled,
            }
        )

    def fetch_changes(self) -> None:
        """Read the activity logs: for changes, or where those are delivered to see that all of them were.

        No baseline is needed for that. Where one can be used, what is told goes where it says.
        """
        from remediation.app.fetching import fetching

        base = self._built.foundation()
        try:
            self._parts()
        except BastionGuardError as error:
            log.warning("changes.without_baseline", extra={"reason": str(error)})
        self._each(fetching(base, self._accepting))

    def replay(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Look again at past events or named resources; see `web`."""
        return self._web().replay(body, headers or {})

    def history(self, query: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """What was judged, written and announced, or one entry in full; see `web`."""
        return self._web().history(query, headers or {})

    def people(self) -> "ForPeople":
        """What people read and do; see `people`."""
        if self._people is None:
            from remediation.app.people.assembled import for_people

            self._people = for_people(self._built, self.on_call)
        return self._people

    def on_call(self) -> "OnCall":
        """The tools for people on call; raises ConfigurationError while settings are wrong.

        Those that judge raise it while no baseline can be used either.
        """
        return self._built.foundation().on_call(lambda: self._parts().baseline)

    def board(self, headers: Mapping[str, str]) -> "Page":
        """The page for people. It needs no setting: what it cannot show it says itself."""
        from remediation.app.board.page import answer

        return answer(headers)

    def health(self) -> Answer:
        """For anybody: one word and counts; 503 while nothing can be judged, else 200.

        An app that judges is `degraded` while work is late, or a part is down that stops only itself.
        """
        return self._health().for_anybody()

    def health_details(self) -> Answer:
        """For who has the key: the baseline in force, every mistake without its value, who waits for what."""
        return self._health(detailed=True).in_detail()

    def _health(self, *, detailed: bool = False) -> Health:
        try:
            parts = self._parts()
            if detailed:  # whoever has just stopped it looks here
                parts.base.watch.forget()
                parts = self._parts()
        except ConfigurationError as error:
            return Health("not configured", error.mistakes)
        except BastionGuardError as error:
            return Health("not ready", [str(error)])
        now = self._watchman.conditions(parts.base)
        if now.silent:
            wrong = [Mistake.at("ledger", now.silent)]
            return Health("not ready", wrong, now.counts(), {"details": now.details()})
        standing = self._built.ground().in_force()
        broken = [] if standing is None else [Mistake.at(*each) for each in standing.mistakes]
        mistakes = [*broken, *parts.sender.mistakes()]
        stopped = bool(parts.baseline.stopped)
        # The last good baseline stays in force, and a channel that cannot be used stops nobody else.
        word = "degraded" if mistakes or stopped or not now.good else "ok"
        counts = {
            "rules": len(registry()),
            "subscriptions": len(parts.settings.subscriptions),
            **now.counts(),
        }
        facts = {
            "mode": parts.baseline.mode,
            "baseline": parts.baseline.hash,
            "inForce": shown_in_force(standing),
            "details": now.details(),
        }
        if detailed:
            facts |= work(parts.ports.ledger, parts.base.adapters.gauge(), parts.ports.clock.now())
        return Health(word, mistakes, counts, facts)

    def _web(self) -> "Web":
        """The HTTP face; indexing does not pay for it."""
        if self._face is None:
            from remediation.app.web import Web

            self._face = Web(self.on_call, lambda: self._built.foundation().settings.replay_principals)
        return self._face


def _forget(run: Callable[..., int], base: Foundation) -> int:
    """Forget what is too old; what is to be kept elsewhere is kept there first."""
    keep, archive = base.settings.retention, base.adapters.archive()
    return run(base.ports.ledger, base.ports.clock, keep, archive=archive)
