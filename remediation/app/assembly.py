"""Builds what the functions of the app work with, and picks its adapters.

What settings alone decide is the foundation; it is enough for history, undo and everything else that judges
nothing. What judges stands on it, and is built anew whenever another baseline is in force.
"""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from remediation import baseline
from remediation.adapters.keeping import Keeper
from remediation.adapters.telemetry import MeasuredAnnouncer, MeasuredCloud
from remediation.adapters.together import Pool
from remediation.app import settings
from remediation.app.process import tune
from remediation.measures import Measures
from remediation.policy import Policy
from remediation.ports import Announcer, Archive, Clock, Cloud, Gauge, Ledger, Ports, Queue
from remediation.reconciling.composition import compose
from remediation.reconciling.declaring.files import DeclaredFiles
from remediation.reconciling.in_force.keeper import Keeper as BaselineKeeper
from remediation.reconciling.in_force.watch import Watch
from remediation.reconciling.reconciler import Reconciler
from remediation.reconciling.rounds.collecting import Collector
from remediation.reconciling.rounds.marks import Marks
from remediation.reconciling.rounds.pace import Pace
from remediation.telling.announcing import Herald
from remediation.telling.watched import WatchedAnnouncer
from remediation.telling.without_topic import DirectAnnouncer, TopicAndSender

if TYPE_CHECKING:
    from remediation.adapters.arm.activity_log import MonitorActivityLog
    from remediation.adapters.memory.storage import MemoryStorage
    from remediation.app.ground import Marker
    from remediation.app.outlets import Outlets
    from remediation.on_call.sources import DeadLetters, PoisonQueue
    from remediation.on_call.tools import OnCall


@dataclass(frozen=True, slots=True)
class Foundation:
    """Everything that is built from settings alone, once."""

    settings: settings.Settings
    policy: Policy
    adapters: "Adapters"
    ports: Ports
    sender: "Outlets"
    herald: Herald
    collector: Collector
    watch: Watch
    measures: Measures
    unhurried: Cloud

    def keeper(self) -> BaselineKeeper:
        """What changes what is in force."""
        return BaselineKeeper(self.ports, self.herald, self.settings.subscriptions, self.settings.refresh)

    def on_call(self, standard: Callable[[], baseline.Baseline]) -> "OnCall":
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
            self.adapters.neighbourhood_poison,
        )
        return OnCall(
            self.ports,
            standard,
            self.policy,
            self.herald,
            self.sender,
            sources,
            self.watch,
            self.keeper(),
            self.adapters.person,
            self.adapters.declared_files(),
            self.adapters.activity_log(),
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """What judges, on the foundation."""

    base: Foundation
    baseline: baseline.Baseline
    reconciler: Reconciler

    @property
    def settings(self) -> settings.Settings:
        return self.base.settings

    @property
    def ports(self) -> Ports:
        return self.base.ports

    @property
    def policy(self) -> Policy:
        return self.base.policy

    @property
    def sender(self) -> "Outlets":
        return self.base.sender

    @property
    def herald(self) -> Herald:
        return self.base.herald

    @property
    def collector(self) -> Collector:
        return self.base.collector


def judging(base: Foundation, standard: baseline.Baseline) -> Parts:
    """What judges by a baseline, and writes while that is in force; alerts go where it says from now on."""
    base.sender.use(standard.routing)
    base.herald.use(standard.routing)
    changes = base.adapters.activity_log() if standard.declared.speaks else None
    ports, policy, measures = base.ports, base.policy, base.measures
    reconciler = compose(
        ports, standard, policy, measures, watch=base.watch, unhurried=base.unhurried, changes=changes
    )
    return Parts(base, standard, reconciler)


def lay(chosen: settings.Settings, clock: Clock | None, measures: Measures) -> Foundation:
    """Build what settings ask for; raises ConfigurationError where an adapter refuses them."""
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
        gather=chosen.gather,
    )
    from remediation.app.outlets import Means, Outlets, one_webhook

    means = Means(chosen, ledger, queue, clock, policy, measures, adapters.retry)
    sender = Outlets(means, one_webhook(means))
    announcer = MeasuredAnnouncer(adapters.announcer(sender), measures)
    tune()
    cloud = MeasuredCloud(adapters.cloud(), measures)
    ports = Ports(cloud, ledger, queue, announcer, clock, Pool(), Keeper())
    unhurried = MeasuredCloud(adapters.cloud(Pace(clock).keep), measures)
    herald = Herald(ledger, announcer, clock)
    sender.report_to(herald)
    watch = Watch(ledger, clock, chosen.refresh)
    collector = Collector(Marks(ledger), queue, clock, policy)
    return Foundation(chosen, policy, adapters, ports, sender, herald, collector, watch, measures, unhurried)


class Adapters:
    """Picks the adapter for each port by the settings; SDKs are imported only for those that are used."""

    def __init__(self, chosen: settings.Settings, clock: Clock, measures: Measures) -> None:
        from remediation.adapters.retrying import Retry

        self._chosen = chosen
        self._clock = clock
        self.retry = partial(Retry, clock, measures=measures)

    def cloud(self, pace: Callable[[str], None] | None = None) -> Cloud:
        """ARM; `pace` is asked before each request, with its URL."""
        from remediation.adapters.arm.cloud import ArmCloud

        endpoint = self._chosen.arm_endpoint
        identity = self._credential(endpoint, self._chosen.arm_static_token)
        return ArmCloud(identity, endpoint=endpoint, retry=self.retry(of="arm"), pace=pace)

    def storage(self) -> tuple[Ledger, Queue]:
        storage = self._chosen.storage
        if storage.kind == "memory":
            memory = self._memory()
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
            return self._memory().archive
        from remediation.adapters.storage.archive import BlobArchive

        account = self._account(storage.blob_endpoint)
        return BlobArchive(account, container=container, retry=self.retry(of="blobs"))

    def declared_files(self) -> DeclaredFiles:
        """What teams declare by files, in a container of the app's account."""
        from remediation.adapters.storage.declared_files import BlobDeclaredFiles

        storage = self._chosen.storage
        if storage.kind == "memory":
            return self._memory().declared
        return BlobDeclaredFiles(self._account(storage.blob_endpoint), retry=self.retry(of="blobs"))

    def gauge(self) -> Gauge:
        """How much lies on the queues."""
        from remediation.adapters.storage.backlog import MemoryBacklog, StorageBacklog

        storage = self._chosen.storage
        if storage.kind == "memory":
            return MemoryBacklog(self._memory().queue)
        return StorageBacklog(self._account(storage.queue_endpoint), self.retry(of="queues"))

    def marker(self) -> "Marker":
        """What says outside the ledger that there was one."""
        storage = self._chosen.storage
        if storage.kind == "memory":
            return self._memory().marker
        from remediation.adapters.storage.marker import QueueMarker

        account = self._account(storage.queue_endpoint)
        return QueueMarker(account, retry=self.retry(of="queues"))

    def poison(self) -> "PoisonQueue":
        """Messages of the reconcile queue that failed too often."""
        from remediation.adapters.storage.poison import NAME

        return self._poison(NAME)

    def cards_poison(self) -> "PoisonQueue":
        """Nudges for the sender of cards that failed too often."""
        from remediation.adapters.storage.poison import CARDS

        return self._poison(CARDS)

    def neighbourhood_poison(self) -> "PoisonQueue":
        """Messages of the neighbourhood queue that failed too often."""
        from remediation.adapters.storage.poison import NEIGHBOURHOOD

        return self._poison(NEIGHBOURHOOD)

    def _poison(self, name: str) -> "PoisonQueue":
        from remediation.adapters.storage.poison import MemoryPoison, StoragePoison

        storage = self._chosen.storage
        if storage.kind == "memory":
            return MemoryPoison(self._memory().queue, name=name)
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
            return self._memory().dead_letters
        else:
            account = self._account(storage.blob_endpoint)
        return BlobDeadLetters(account, container=container, retry=self.retry(of="blobs"))

    def activity_log(self) -> "MonitorActivityLog":
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
        comes_back = self._chosen.changes_from == "eventGrid"
        heard = topic if comes_back else TopicAndSender(topic, sender)
        return WatchedAnnouncer(heard, sender, sender.parts, self._clock)

    def person(self) -> str:
        """Who is signed in here, by the token for ARM; "" where nobody is."""
        from remediation.adapters.person import signed_in

        endpoint = self._chosen.arm_endpoint
        identity = self._credential(endpoint, self._chosen.arm_static_token)
        return signed_in(identity, f"{endpoint.rstrip('/')}/.default")

    def _memory(self) -> "MemoryStorage":
        from remediation.adapters.memory.storage import shared

        return shared(self._chosen.storage.name, self._clock)

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
