"""Builds what the functions of the app work with, and picks its adapters, from settings and baseline."""

import random
import uuid
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from remediation import baseline
from remediation.adapters.keeping import Keeper
from remediation.adapters.telemetry import MeasuredAnnouncer, MeasuredCloud
from remediation.adapters.together import Pool
from remediation.app import settings
from remediation.measures import Measures
from remediation.policy import Policy
from remediation.ports import Announcer, Archive, Clock, Cloud, Gauge, Ledger, Notifier, Ports, Queue
from remediation.reconciling.composition import compose
from remediation.reconciling.reconciler import Reconciler
from remediation.telling.announcing import Herald
from remediation.telling.without_topic import DirectAnnouncer, TopicAndSender

if TYPE_CHECKING:
    from remediation.app.outlets import Outlets
    from remediation.on_call.sources import ActivityLog, DeadLetters, PoisonQueue
    from remediation.on_call.tools import OnCall


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is built from settings and baseline, once."""

    settings: settings.Settings
    baseline: baseline.Baseline
    policy: Policy
    adapters: "Adapters"
    ports: Ports
    reconciler: Reconciler
    sender: "Outlets"
    herald: Herald

    def on_call(self) -> "OnCall":
        """The tools for people; they cost an import and nothing more before they are used."""
        from remediation.ledger.inbox import Inbox
        from remediation.ledger.intake import Intake
        from remediation.on_call.replay import Sources
        from remediation.on_call.tools import OnCall

        sources = Sources(
            Inbox(self.ports.ledger),
            Intake(self.ports.ledger),
            self.adapters.poison,
            self.adapters.dead_letters,
            self.adapters.activity_log,
            self.settings.subscriptions,
            self.adapters.cards_poison,
        )
        return OnCall(
            self.ports, self.baseline, self.policy, self.herald, self.sender, sources, self.adapters.person
        )


def assemble(
    chosen: settings.Settings, standard: baseline.Baseline, clock: Clock | None, measures: Measures
) -> Parts:
    """Build what settings and baseline ask for; raises ConfigurationError where an adapter refuses them."""
    if clock is None:
        from remediation.adapters.clock import SystemClock

        clock = SystemClock()
    adapters = Adapters(chosen, clock, measures)
    ledger, queue = adapters.storage()
    policy = Policy(
        subscriptions=chosen.subscriptions,
        owner=str(uuid.uuid4()),
        margin=chosen.event_margin,
        retention=chosen.retention,
        jitter=random.random,
    )
    from remediation.app.outlets import Means, Outlets

    means = Means(chosen, ledger, queue, clock, policy, measures, adapters.retry)
    sender = Outlets(means, adapters.notifier())
    sender.use(standard.routing)
    announcer = MeasuredAnnouncer(adapters.announcer(sender), measures)
    cloud = MeasuredCloud(adapters.cloud(), measures)
    ports = Ports(cloud, ledger, queue, announcer, clock, Pool(), Keeper())
    reconciler = compose(ports, standard, policy, measures)
    herald = Herald(ledger, announcer, clock, standard.routing)
    sender.report_to(herald)
    return Parts(chosen, standard, policy, adapters, ports, reconciler, sender, herald)


class Adapters:
    """Picks the adapter for each port by the settings; SDKs are imported only for those that are used."""

    def __init__(self, chosen: settings.Settings, clock: Clock, measures: Measures) -> None:
        from remediation.adapters.retrying import Retry

        self._chosen = chosen
        self._clock = clock
        self.retry = partial(Retry, clock, measures=measures)

    def cloud(self) -> Cloud:
        from remediation.adapters.arm.cloud import ArmCloud

        endpoint = self._chosen.arm_endpoint
        identity = self._credential(endpoint, self._chosen.arm_static_token)
        return ArmCloud(identity, endpoint=endpoint, retry=self.retry(of="arm"))

    def storage(self) -> tuple[Ledger, Queue]:
        storage = self._chosen.storage
        if storage.kind == "memory":
            from remediation.adapters.memory.storage import shared

            memory = shared(storage.name, self._clock)
            return memory.ledger, memory.queue
        from remediation.adapters.storage.ledger_tables import TablesLedger
        from remediation.adapters.storage.queue import StorageQueue

        tables, queues = self._account(storage.table_endpoint), self._account(storage.queue_endpoint)
        ledger = TablesLedger(tables, retry=self.retry(of="tables"))
        return ledger, StorageQueue(queues, retry=self.retry(of="queues"))

    def archive(self) -> Archive | None:
        """Where writes are kept before they are forgotten; None where nobody asked for it."""
        storage, container = self._chosen.storage, self._chosen.archive_container
        if not container:
            return None
        if storage.kind == "memory":
            from remediation.adapters.memory.storage import shared

            return shared(storage.name, self._clock).archive
        from remediation.adapters.storage.archive import BlobArchive

        account = self._account(storage.blob_endpoint)
        return BlobArchive(account, container=container, retry=self.retry(of="blobs"))

    def gauge(self) -> Gauge:
        """How much lies on the queues."""
        from remediation.adapters.storage.backlog import MemoryBacklog, StorageBacklog

        storage = self._chosen.storage
        if storage.kind == "memory":
            from remediation.adapters.memory.storage import shared

            return MemoryBacklog(shared(storage.name, self._clock).queue)
        return StorageBacklog(self._account(storage.queue_endpoint), self.retry(of="queues"))

    def poison(self) -> "PoisonQueue":
        """Messages of the reconcile queue that failed too often."""
        from remediation.adapters.storage.poison import NAME

        return self._poison(NAME)

    def cards_poison(self) -> "PoisonQueue":
        """Nudges for the sender of cards that failed too often."""
        from remediation.adapters.storage.poison import CARDS

        return self._poison(CARDS)

    def _poison(self, name: str) -> "PoisonQueue":
        from remediation.adapters.storage.poison import MemoryPoison, StoragePoison

        storage = self._chosen.storage
        if storage.kind == "memory":
            from remediation.adapters.memory.storage import shared

            return MemoryPoison(shared(storage.name, self._clock).queue, name=name)
        account = self._account(storage.queue_endpoint)
        return StoragePoison(account, name=name, retry=self.retry(of="queues"))

    def dead_letters(self) -> "DeadLetters | None":
        """The container for dead letters, in an account of its own or in the app's; None without one."""
        storage, container = self._chosen.storage, self._chosen.dead_letter_container
        if not container:
            return None
        from remediation.adapters.storage.account import StorageAccount
        from remediation.adapters.storage.dead_letters import BlobDeadLetters

        endpoint = self._chosen.dead_letter_endpoint
        if endpoint:
            account = StorageAccount(endpoint=endpoint, credential=self._credential(endpoint))
        elif storage.kind == "memory":
            from remediation.adapters.memory.storage import shared

            return shared(storage.name, self._clock).dead_letters
        else:
            account = self._account(storage.blob_endpoint)
        return BlobDeadLetters(account, container=container, retry=self.retry(of="blobs"))

    def activity_log(self) -> "ActivityLog":
        from remediation.adapters.arm.activity_log import MonitorActivityLog

        endpoint = self._chosen.arm_endpoint
        identity = self._credential(endpoint, self._chosen.arm_static_token)
        return MonitorActivityLog(identity, endpoint=endpoint, retry=self.retry(of="activity-log"))

    def announcer(self, sender: "Outlets") -> Announcer:
        """The drift topic, and the sender directly where there is none or nothing of it can come back."""
        endpoint, key = self._chosen.drift_topic_endpoint, self._chosen.drift_topic_key
        if not endpoint:
            return DirectAnnouncer(sender)
        from remediation.adapters.drift_topic import DriftTopic

        identity = None if key else self._credential(endpoint)
        source = self._chosen.event_source
        patience = self.retry(of="topic")
        topic = DriftTopic(endpoint, source=source, credential=identity, key=key, retry=patience)
        return topic if self._chosen.changes_from == "eventGrid" else TopicAndSender(topic, sender)

    def notifier(self) -> Notifier:
        """Teams, or the log where there is no webhook."""
        if not self._chosen.teams_webhook_url:
            from remediation.adapters.log_notifier import LogNotifier

            return LogNotifier()
        from remediation.adapters.teams import TeamsNotifier

        any_host = self._chosen.teams_allow_any_host
        patience = self.retry(of="teams")
        return TeamsNotifier(self._chosen.teams_webhook_url, allow_any_host=any_host, retry=patience)

    def person(self) -> str:
        """Who is signed in here, by the token for ARM; "" where nobody is."""
        from remediation.adapters.person import signed_in

        endpoint = self._chosen.arm_endpoint
        identity = self._credential(endpoint, self._chosen.arm_static_token)
        return signed_in(identity, f"{endpoint.rstrip('/')}/.default")

    def _account(self, endpoint: str) -> Any:
        from remediation.adapters.storage.account import StorageAccount

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
