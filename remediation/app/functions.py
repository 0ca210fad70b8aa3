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
from remediation.adapters.telemetry import chosen_measures, write_keyed_lines
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
from remediation.intake import events
from remediation.intake.routing import route
from remediation.ledger.pressure import Pressure
from remediation.ledger.retention import forget, forget_more
from remediation.ledger.unreadable import begin_afresh
from remediation.measures import Measures
from remediation.messages import Message
from remediation.model import Outcome
from remediation.ports import Clock
from remediation.reconciling.watching import Watch
from remediation.rules import registry
from remediation.telling.pressure_news import tell_pressure

if TYPE_CHECKING:
    from remediation.app.web import Web
    from remediation.on_call.tools import OnCall

__all__ = ["Answer", "App"]

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
        write_keyed_lines(environment)
        self._built = Building(environment, root, clock, self._measures, chosen=chosen)
        self._face: Web | None = None
        self._watchman = Watchman()

    def _parts(self) -> Parts:
        return self._built.parts()

    # Functions -----------------------------------------------------------------------------------

    def accept(self, event: object) -> list[str]:
        """The queue messages an event means; none for what does not concern us or cannot be used.

        Needs no setting and makes no call. An unusable event is logged and acknowledged: it would be no
        better on its next delivery.
        """
        try:
            change = events.parse(event)
            work = [messages.encode(message) for message in route(change).messages(change)]
        except InputError as error:
            identity = event.get("id", "") if isinstance(event, Mapping) else ""
            facts = {"event_id": str(identity)[:100], "reason": str(error)}
            self._measures.count("events", result="refused")
            log.warning("event.refused", extra=facts)
            return []
        with self._measures.span("accept", change.correlation_id, resource=change.target.text):
            self._measures.count("events", result="accepted" if work else "ignored", kind=change.kind)
            self._measures.count("messages", len(work))
            facts = {"event_id": change.event_id, "correlation_id": change.correlation_id}
            log.info("event.accepted", extra={**facts, "messages": len(work)})
        return work

    def reconcile(self, text: str) -> Outcome:
        """Handle one queue message; raises InputError for what is not ours (it ends in the poison queue)."""
        message = messages.decode(text)
        about = message.target or message.expand or message.sweep or ""
        with self._measures.span("reconcile", message.correlation_id, resource=about):
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
        posted = self._parts().sender.send(messages.decode_card(text))
        self._measures.count("cards", posted)
        return posted

    def sweep(self) -> None:
        """Queue a look at everything, send again whatever is still owed, and take a changed baseline in.

        The look is thrifty; a changed baseline has had a whole one queued.
        """
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

    def check_baseline(self) -> None:
        """Take a changed baseline in, so that it holds everywhere within a minute."""
        self._parts()
        self._built.ground().look_at_source()

    def look_after(self) -> None:
        """What dead workers held goes back on the queue: targets whose lease is over, cards not sent."""
        parts = self._parts()
        watch = Watch(parts.ports.ledger, parts.ports.queue, parts.ports.clock)
        self._each({"targets": watch.look_after, "cards": parts.sender.look_after})

    def import_dead_letters(self) -> None:
        """Tell of pressure that lasts; take in again what fell out: dead letters and poison, each once."""
        parts = self._parts()
        pressure, now = Pressure(parts.ports.ledger), parts.ports.clock.now()
        self._each(
            {
                "pressure": partial(tell_pressure, pressure, parts.herald, now),
                "retention": partial(_forget, forget_more, parts.base),
                "import": lambda: self.on_call().take_in(),
            }
        )

    def replay(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Look again at past events or named resources; see `web`."""
        return self._web().replay(body, headers or {})

    def history(self, query: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """What was judged, written and announced, or one entry in full; see `web`."""
        return self._web().history(query, headers or {})

    def exemptions(self, headers: Mapping[str, str] | None = None) -> Answer:
        """What is left alone now; see `web`."""
        return self._web().exemptions(headers or {})

    def change_exemption(
        self, identity: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """End an exemption, or have it end at another moment; see `web`."""
        return self._web().change_exemption(identity, body, headers or {})

    def on_call(self) -> "OnCall":
        """The tools for people on call; raises ConfigurationError while settings are wrong.

        Those that judge raise it while no baseline can be used either.
        """
        return self._built.foundation().on_call(lambda: self._parts().baseline)

    def health(self) -> Answer:
        """For anybody: 200 while settings and baseline are good, else 503; one word and counts.

        A good app is `degraded` while Azure keeps asking it to wait: work is late.
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
        now = self._watchman.conditions(parts.ports.ledger, parts.ports.clock)
        standing = self._built.ground().in_force()
        mistakes = [] if standing is None else [Mistake.at(*each) for each in standing.mistakes]
        stopped = bool(parts.baseline.stopped)
        # The last good baseline stays in force.
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
