"""The composition root: the only place that picks adapters, and the body of every function.

Nothing is built before it is needed, so that indexing costs nothing and a missing setting does not keep
the app from starting: while settings or baseline are wrong, `accept` still queues, `health` lists every
mistake with 503, and everything that must judge or send raises ConfigurationError.
"""

import json
import logging
import os
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from remediation import baseline, events, messages, settings
from remediation.announcing import Herald
from remediation.direct import DirectAnnouncer
from remediation.errors import BastionGuardError, ConfigurationError, InputError
from remediation.ledger.retention import forget
from remediation.messages import Message
from remediation.model import Outcome
from remediation.policy import Policy
from remediation.ports import Announcer, Clock, Cloud, Ledger, Notifier, Queue
from remediation.reconcile import Reconciler
from remediation.replay import replay
from remediation.routing import route
from remediation.rules import registry
from remediation.sender import Sender

log = logging.getLogger("bastion_guard.app")

MAX_REPLAY_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; errors are problem+json (RFC 9457)."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        return "application/json" if self.status < 400 else "application/problem+json"

    @property
    def text(self) -> str:
        return json.dumps(self.body)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is built from settings and baseline, once."""

    settings: settings.Settings
    baseline: baseline.Baseline
    policy: Policy
    reconciler: Reconciler
    sender: Sender
    herald: Herald
    ledger: Ledger
    queue: Queue
    clock: Clock


class App:
    """One per process; safe to call from several threads."""

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        root: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock
        self._environment = os.environ if environment is None else environment
        self._root = root or Path(__file__).resolve().parent.parent
        self._lock = threading.Lock()
        self._built: Parts | None = None

    # Functions -----------------------------------------------------------------------------------

    def accept(self, event: Mapping[str, Any]) -> list[str]:
        """The queue messages an event means; none for what does not concern us or cannot be used.

        Needs no setting and makes no call. An unusable event is logged and acknowledged: it would be no
        better on its next delivery.
        """
        try:
            change = events.parse(event)
            work = [messages.encode(message) for message in route(change).messages(change)]
        except InputError as error:
            facts = {"event_id": str(event.get("id", ""))[:100], "reason": str(error)}
            log.warning("event.refused", extra=facts)
            return []
        log.info("event.accepted", extra={"event_id": change.event_id, "messages": len(work)})
        return work

    def reconcile(self, text: str) -> Outcome:
        """Handle one queue message; raises InputError for what is not ours (it ends in the poison queue)."""
        return self._parts().reconciler.handle(messages.decode(text))

    def drifted(self, data: object) -> None:
        """Note the card that an event on the drift topic says is owed; what is no announcement is logged."""
        try:
            self._parts().sender.note(data)
        except ConfigurationError:
            raise
        except InputError as error:
            log.warning("announcement.refused", extra={"reason": str(error)})

    def send_cards(self, text: str) -> int:
        """Send what is owed; returns the number of cards posted."""
        return self._parts().sender.send(messages.decode_card(text))

    def sweep(self) -> None:
        """Queue a look at everything, and send again whatever is still owed."""
        parts = self._parts()
        for subscription in sorted(parts.settings.subscriptions):
            scope = f"/subscriptions/{subscription}"
            parts.queue.send(Message(sweep=scope, reason="sweep", force=True))
        remind_after = timedelta(hours=parts.baseline.limits.remind_after_hours)
        parts.herald.announce_all(remind_after, in_hand=parts.policy.lease)
        parts.sender.nudge()
        forget(parts.ledger, parts.clock.now(), parts.settings.retention)

    def replay(self, body: bytes) -> Answer:
        """Queue past events or named resources for another look: 202 with what became of each."""
        if len(body) > MAX_REPLAY_BYTES:
            return problem(413, "too large", [f"the body has more than {MAX_REPLAY_BYTES} bytes"])
        try:
            wanted = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            return problem(400, "not JSON", [str(error)])
        try:
            return Answer(202, replay(wanted, self._parts().queue).to_json())
        except ConfigurationError as error:
            return problem(503, "not configured", error.mistakes)
        except InputError as error:
            return problem(400, "cannot be replayed", error.mistakes)

    def health(self) -> Answer:
        """200 while settings and baseline are good, else 503 with every mistake."""
        try:
            parts = self._parts()
        except ConfigurationError as error:
            return problem(503, "not configured", error.mistakes)
        except BastionGuardError as error:
            return problem(503, "not ready", [str(error)])
        standard = {"mode": parts.baseline.mode, "baseline": parts.baseline.hash, "rules": len(registry())}
        return Answer(200, {"status": "ok", **standard, "subscriptions": len(parts.settings.subscriptions)})

    # Building ------------------------------------------------------------------------------------

    def _parts(self) -> Parts:
        if self._built is None:
            with self._lock:
                if self._built is None:
                    self._built = self._build()
        return self._built

    def _build(self) -> Parts:
        """Read settings and baseline, name the mistakes of both at once, and build the rest."""
        mistakes: list[str] = []
        chosen = _collect(mistakes, partial(settings.read, self._environment))
        source = self._environment.get("BASELINE", "").strip()
        standard = _collect(mistakes, partial(self._baseline, source, chosen))
        if chosen is None or standard is None:
            raise ConfigurationError(mistakes)
        return _assemble(chosen, standard, self._clock)

    def _baseline(self, source: str, chosen: settings.Settings | None) -> baseline.Baseline:
        """The baseline at a path in the package or an https URL; without one the defaults."""
        if not source:
            return baseline.NOTHING
        if source.startswith("https://"):
            from remediation.adapters.baseline_blob import read_blob

            identity, in_azure = ("", False) if chosen is None else (chosen.client_id, chosen.in_azure)
            text = read_blob(source, client_id=identity, in_azure=in_azure)
        else:
            from remediation.adapters.files import read_text

            text = read_text(source, self._root)
        return baseline.read(text, name=source, known_rules=list(registry()))


def problem(status: int, title: str, mistakes: list[str] | tuple[str, ...]) -> Answer:
    """A problem+json answer with every mistake in `errors`."""
    body = {"type": "about:blank", "status": status, "title": title, "errors": list(mistakes)}
    return Answer(status, {**body, "detail": "; ".join(mistakes)})


def _collect[T](mistakes: list[str], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except ConfigurationError as error:
        mistakes.extend(error.mistakes)
        return None


def _assemble(chosen: settings.Settings, standard: baseline.Baseline, clock: Clock | None) -> Parts:
    if clock is None:
        from remediation.adapters.clock import SystemClock

        clock = SystemClock()
    adapters = _Adapters(chosen, clock)
    ledger, queue = adapters.storage()
    policy = Policy(
        subscriptions=chosen.subscriptions,
        owner=str(uuid.uuid4()),
        margin=chosen.event_margin,
        jitter=random.random,
    )
    sender = Sender(
        ledger,
        queue,
        adapters.notifier(),
        clock,
        policy,
        digest_above=chosen.digest_above,
        delay=chosen.card_delay,
    )
    announcer = adapters.announcer(sender)
    reconciler = Reconciler(adapters.cloud(), ledger, queue, announcer, clock, standard, policy)
    herald = Herald(ledger, announcer, clock)
    return Parts(chosen, standard, policy, reconciler, sender, herald, ledger, queue, clock)


class _Adapters:
    """Picks the adapter for each port by the settings; SDKs are imported only for those that are used."""

    def __init__(self, chosen: settings.Settings, clock: Clock) -> None:
        from remediation.adapters.retrying import Retry

        self._chosen = chosen
        self._clock = clock
        self._retry = Retry(clock=clock)

    def cloud(self) -> Cloud:
        from remediation.adapters.arm import ArmCloud

        endpoint = self._chosen.arm_endpoint
        identity = self._credential(endpoint, self._chosen.arm_static_token)
        return ArmCloud(identity, endpoint=endpoint, retry=self._retry)

    def storage(self) -> tuple[Ledger, Queue]:
        storage = self._chosen.storage
        if storage.kind == "memory":
            from remediation.adapters.memory import shared

            memory = shared(storage.name, self._clock)
            return memory.ledger, memory.queue
        from remediation.adapters.ledger_tables import TablesLedger
        from remediation.adapters.queue_storage import StorageQueue

        tables, queues = self._account(storage.table_endpoint), self._account(storage.queue_endpoint)
        return TablesLedger(tables, retry=self._retry), StorageQueue(queues, retry=self._retry)

    def announcer(self, sender: Sender) -> Announcer:
        """The drift topic, or the sender directly where there is none."""
        endpoint, key = self._chosen.drift_topic_endpoint, self._chosen.drift_topic_key
        if not endpoint:
            return DirectAnnouncer(sender)
        from remediation.adapters.drift_topic import DriftTopic

        identity = None if key else self._credential(endpoint)
        source = self._chosen.event_source
        return DriftTopic(endpoint, source=source, credential=identity, key=key, retry=self._retry)

    def notifier(self) -> Notifier:
        """Teams, or the log where there is no webhook."""
        if not self._chosen.teams_webhook_url:
            from remediation.adapters.log_notifier import LogNotifier

            return LogNotifier()
        from remediation.adapters.teams import TeamsNotifier

        any_host = self._chosen.teams_allow_any_host
        return TeamsNotifier(self._chosen.teams_webhook_url, allow_any_host=any_host, retry=self._retry)

    def _account(self, endpoint: str) -> Any:
        from remediation.adapters.storage_account import StorageAccount

        connection = self._chosen.storage.connection_string
        if connection:
            return StorageAccount(connection_string=connection)
        return StorageAccount(endpoint=endpoint, credential=self._credential(endpoint))

    def _credential(self, endpoint: str, static_token: str = "") -> Any:
        from remediation.adapters.credentials import credential

        chosen = self._chosen
        return credential(
            endpoint=endpoint,
            client_id=chosen.client_id,
            static_token=static_token,
            in_azure=chosen.in_azure,
        )
