"""What each Azure Function does; its parts are built in `assembly`.

Nothing is built before it is needed, so that indexing costs nothing and a missing setting does not keep
the app from starting: while settings or baseline are wrong, `accept` still queues, `health` says so with
503, and everything that must judge or send raises ConfigurationError.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from remediation import baseline, messages
from remediation.adapters.clock import SystemClock
from remediation.adapters.telemetry import chosen_measures, write_keyed_lines
from remediation.app import settings
from remediation.app.answers import Answer
from remediation.app.assembly import Parts, assemble
from remediation.app.conditions import Watchman, work
from remediation.app.health import Health
from remediation.errors import (
    BastionGuardError,
    ConfigurationError,
    InputError,
    Mistake,
    PermanentError,
    TransientError,
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
from remediation.resource_id import ResourceId
from remediation.rules import registry
from remediation.telling.pressure_news import tell_pressure

if TYPE_CHECKING:
    from remediation.app.web import Web
    from remediation.on_call.tools import OnCall

__all__ = ["Answer", "App"]

log = logging.getLogger("bastion_guard.app")

REMEMBERED = timedelta(minutes=1)
"""How long a failed start is taken for granted before it is tried again."""

# The name under which news about the baseline itself are told; ARM has no such resource.
BASELINE = "providers/BastionGuard.Settings/baselines/current"


class App:
    """One per process; safe to call from several threads."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        root: Path | None = None,
        clock: Clock | None = None,
        measures: Measures | None = None,
    ) -> None:
        self._clock = clock
        self._environment = os.environ if environment is None else environment
        self._root = root or Path(__file__).resolve().parents[2]
        self._lock = threading.Lock()
        self._built: Parts | None = None
        self._stale: tuple[str, ...] = ()
        self._failed: tuple[datetime, BastionGuardError] | None = None
        self._measures = measures or chosen_measures(self._environment)
        write_keyed_lines(self._environment)
        self._face: Web | None = None
        self._watchman = Watchman()

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

        The look is thrifty unless the baseline has changed.
        """
        before = self._parts()
        parts = self._with_todays_baseline(before)
        reason = "sweep" if parts is before else "baseline"
        remind_after = timedelta(hours=parts.baseline.limits.remind_after_hours)
        ledger = parts.ports.ledger
        scopes = [f"/subscriptions/{one}" for one in sorted(parts.settings.subscriptions)]
        looks = {scope: Message(sweep=scope, reason=reason, force=True) for scope in scopes}
        self._each(
            {
                "names": partial(begin_afresh, ledger),
                **{f"looks {scope}": partial(parts.ports.queue.send, look) for scope, look in looks.items()},
                "cards": parts.sender.nudge,
                "announcements": partial(parts.herald.announce_all, remind_after, parts.policy.in_hand),
                "retention": partial(_forget, forget, parts),
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
                "retention": partial(_forget, forget_more, parts),
                "import": lambda: parts.on_call().take_in(),
            }
        )

    def replay(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Look again at past events or named resources; see `web`."""
        return self._web().replay(body, headers or {})

    def history(self, query: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """What was judged, written and announced, or one entry in full; see `web`."""
        return self._web().history(query, headers or {})

    def on_call(self) -> "OnCall":
        """The tools for people on call; raises ConfigurationError while settings or baseline are wrong."""
        return self._parts().on_call()

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
        except ConfigurationError as error:
            return Health("not configured", error.mistakes)
        except BastionGuardError as error:
            return Health("not ready", [str(error)])
        now = self._watchman.conditions(parts.ports.ledger, parts.ports.clock)
        # The last good baseline stays in force.
        word = "degraded" if self._stale or not now.good else "ok"
        counts = {
            "rules": len(registry()),
            "subscriptions": len(parts.settings.subscriptions),
            **now.counts(),
        }
        facts = {"mode": parts.baseline.mode, "baseline": parts.baseline.hash, "details": now.details()}
        if detailed:
            facts |= work(parts.ports.ledger, parts.adapters.gauge(), parts.ports.clock.now())
        return Health(word, self._stale, counts, facts)

    def _web(self) -> "Web":
        """The HTTP face; indexing does not pay for it."""
        if self._face is None:
            from remediation.app.web import Web

            self._face = Web(self.on_call, lambda: self._parts().settings.replay_principals)
        return self._face

    # Building ------------------------------------------------------------------------------------

    def _parts(self) -> Parts:
        """What was built, or is now. A failure is remembered for a minute: anybody may ask for health."""
        if self._built is None:
            with self._lock:
                if self._built is None:
                    self._refuse_again()
                    self._built = self._build()
        return self._built

    def _refuse_again(self) -> None:
        """Raise the failure of a moment ago. A copy: one and the same would gather a traceback at each."""
        if self._failed is not None and self._now() < self._failed[0]:
            raise copy(self._failed[1])

    def _now(self) -> datetime:
        return (self._clock or SystemClock()).now()

    def _with_todays_baseline(self, parts: Parts) -> Parts:
        """The parts with the baseline as it is now; where that cannot be used, the old one stays."""
        source = self._environment.get("BASELINE", "").strip()
        try:
            today = self._baseline(source, parts.settings)
        except ConfigurationError as error:
            self._stale = error.mistakes
            log.error("baseline.invalid", extra={"mistakes": list(error.mistakes)})  # noqa: TRY400
            _tell(parts, error.mistakes)
            return parts
        self._stale = ()
        _tell(parts, ())
        if today.hash == parts.baseline.hash:
            return parts
        log.info("baseline.changed", extra={"before": parts.baseline.hash, "now": today.hash})
        with self._lock:
            self._built = assemble(parts.settings, today, self._clock, self._measures)
            self._face = None
            return self._built

    def _build(self) -> Parts:
        """Everything from settings and baseline; what keeps it from being built is remembered."""
        try:
            return self._assembled()
        except BastionGuardError as error:
            self._failed = self._now() + REMEMBERED, copy(error)
            raise
        except Exception as error:
            log.exception("app.broken", extra={"error": type(error).__name__})
            kind = f"cannot be put together ({type(error).__name__}); its log says why"
            broken = ConfigurationError(Mistake.at("app", kind))
            self._failed = self._now() + REMEMBERED, broken
            raise copy(broken) from error

    def _assembled(self) -> Parts:
        """Read settings and baseline, name the mistakes of both at once, and build the rest."""
        mistakes: list[str] = []
        chosen = _collect(mistakes, partial(settings.read, self._environment))
        source = self._environment.get("BASELINE", "").strip()
        standard = _collect(mistakes, partial(self._baseline, source, chosen))
        if chosen is None or standard is None:
            raise ConfigurationError(mistakes)
        return assemble(chosen, standard, self._clock, self._measures)

    def _baseline(self, source: str, chosen: settings.Settings | None) -> baseline.Baseline:
        """The baseline at a path in the package or an https URL; without one the defaults."""
        if not source:
            return baseline.NOTHING
        if source.startswith("https://"):
            from remediation.adapters.storage.baseline_blob import read_blob

            identity, in_azure = ("", False) if chosen is None else (chosen.client_id, chosen.in_azure)
            text = read_blob(source, client_id=identity, in_azure=in_azure)
        else:
            from remediation.adapters.files import read_text

            text = read_text(source, self._root)
        return baseline.read(text, name=source, known_rules=list(registry()))


def _forget(run: Callable[..., int], parts: Parts) -> int:
    """Forget what is too old; what is to be kept elsewhere is kept there first."""
    keep, archive = parts.settings.retention, parts.adapters.archive()
    return run(parts.ports.ledger, parts.ports.clock, keep, archive=archive)


def _collect[T](mistakes: list[str], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except ConfigurationError as error:
        mistakes.extend(error.mistakes)
        return None


def _tell(parts: Parts, mistakes: tuple[str, ...]) -> None:
    """Announce, once, that the baseline cannot be used; and that it can again when nothing is wrong."""
    subscription = min(parts.settings.subscriptions)
    about = ResourceId.parse(f"/subscriptions/{subscription}/{BASELINE}")
    message = Message(target=about.text, reason="sweep")
    why = "the baseline cannot be used, the last good one stays in force: " + "; ".join(mistakes)
    try:
        records = (
            parts.herald.record_gave_up(about, why, message)
            if mistakes
            else parts.herald.record_reached(about, message)
        )
        parts.herald.announce(about, records.values())
    except (TransientError, PermanentError) as error:
        log.warning("announcements.delayed", extra={"reason": str(error)})
