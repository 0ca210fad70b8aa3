"""A whole small Azure in one process: ARM with its events, the functions host with the app, Teams.

    async with World(seed=7) as world:
        alice = world.as_("alice", client="portal")
        await alice.put(f"{world.estate.shared_nsg}/securityRules/oops", {...})
        await world.quiet()
        print(world.cards)

Everything listens on 127.0.0.1 only and ends with the block. App settings are put into the environment
for as long, since that is where a function app finds them.
"""

import asyncio
import contextlib
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import aiohttp
import yaml

from lab.actor import Actor
from lab.arm import Arm, Change, Settings, application, serving
from lab.azurite import Azurite
from lab.building import build
from lab.clock import AppClock, LabClock
from lab.delivery import Chaos, Deliverer, Schema, Subscription
from lab.deployed_app import FIRST, SECOND, documents
from lab.estate import Body, Estate, baseline
from lab.event_grid import CustomTopic, SystemTopic, by_family
from lab.events import cloud_event, event_grid
from lab.functions_host import FunctionsHost
from lab.quiet import Busy, Watch
from lab.second_guard import SecondGuard
from lab.second_worker import SecondWorker
from lab.teams import Teams
from lab.timer import Timer
from lab.windows import windows
from remediation.adapters.memory import storage as memory

APP_DIR = Path(__file__).resolve().parent.parent
CALLER = FIRST.caller
"""The name under which the app calls the lab's ARM."""
WEBHOOK = "TEAMS_WEBHOOK_URL"

FETCH_EVERY = 5.0
"""Seconds between readings of the activity log, where changes are fetched."""

type Storage = Literal["memory", "azurite"]
type ChangesFrom = Literal["eventGrid", "activityLog"]


class World:
    """The lab, whole. Arguments are choices; what exists is made on entering.

    `schema` is that of the system topic's deliveries, `operations` its filter (empty: none), `pace`
    compresses Event Grid's retry schedule, `throttling` lets ARM's token buckets refuse, `poll_interval` is
    what one poll of an operation stands for in lab seconds, `settings` are further app settings.
    `baseline_path` is a baseline of one's own, read as it stands there, in place of the estate's.
    `changes` says whether events are delivered or the app fetches changes from the activity log, every
    `FETCH_EVERY` seconds; then the log is as bad as the real one, its items up to `log_delay` seconds late.
    `workers` beyond the one in this process are processes of their own, on the emulator's storage alone.
    `guards` beyond one is a second app that knows nothing of the first, as `second_guard` describes it.
    `roles` names for a caller the only ARM actions it is permitted; callers not named are permitted all.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        estate: Estate | None = None,
        storage: Storage = "memory",
        app_dir: Path = APP_DIR,
        port: int = 0,
        schema: Schema = "cloudevents",
        operations: Sequence[str] = (),
        chaos: Chaos | None = None,
        pace: float = 1.0,
        throttling: bool = False,
        poll_interval: float = 10.0,
        baseline_changes: Mapping[str, Any] | None = None,
        baseline_path: Path | None = None,
        settings: Mapping[str, str] | None = None,
        roles: Mapping[str, Sequence[str]] | None = None,
        changes: ChangesFrom = "eventGrid",
        log_delay: float = 0.0,
        workers: int = 1,
        guards: int = 1,
    ) -> None:
        self.estate = estate or Estate(seed)
        self.clock = LabClock()
        permitted = {caller.lower(): list(actions) for caller, actions in (roles or {}).items()}
        if CALLER in permitted:
            permitted.setdefault(SECOND.caller, permitted[CALLER])
        chosen = Settings(throttling=throttling, poll_interval=poll_interval, roles=permitted)
        chosen.log_delay, chosen.log_seed = log_delay, seed
        if changes == "activityLog":
            chosen.log_doubled, chosen.log_begun = 0.2, True
        self.arm = Arm(self.clock, chosen)
        self.teams = Teams(secrets.token_urlsafe(24))
        self.key = secrets.token_urlsafe(24)
        self.deliverer = Deliverer(self.clock, chaos, pace=pace)
        self.drift_deliverer = Deliverer(self.clock, chaos, pace=pace)
        self.system_topic = SystemTopic(self.arm.changes, self._event, self.deliverer)
        self.topic = CustomTopic(secrets.token_urlsafe(24), self.drift_deliverer)
        self.baseline = baseline(self.estate, **(baseline_changes or {}))
        self._baseline_path = baseline_path
        self._storage: Storage = storage
        self._workers = workers
        self._guards = guards
        self._app_dir = app_dir
        self._port = port
        self._schema: Schema = schema
        self._operations = operations
        self._extra = {"CHANGES_FROM": changes, **(settings or {})}
        self._fetches = changes == "activityLog"
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            await self._serve(stack)
            self.connection = await self._storage_account(stack)
            self.app_settings = self._app_settings(stack)
            stack.enter_context(_environment(self.app_settings))
            self.host = await stack.enter_async_context(FunctionsHost(self._app_dir, key=self.key))
            _fresh_app(AppClock(self.clock))
            self._let_time_pass(stack)
            for deliverer in (self.deliverer, self.drift_deliverer):
                await stack.enter_async_context(deliverer.running())
            busy: list[Busy] = [self.deliverer, self.drift_deliverer]
            if self._fetches:
                busy.append(await self._fetch(stack))
            else:
                await self._subscribe()
            await self._more_workers(stack)
            await self._more_guards(stack)
            self._watch = Watch(self.clock, self.arm, busy, self.host)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def subscription(self) -> str:
        return self.estate.subscription

    @property
    def functions_url(self) -> str:
        return self.host.url

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards people see in Teams, oldest first."""
        return self.teams.cards

    @property
    def announcements(self) -> list[Body]:
        """The CloudEvents on the drift topic, oldest first."""
        return self.topic.events

    def as_(self, name: str, client: str = "portal", deployment: str = "") -> Actor:
        """Somebody who works on the estate: portal, cli, powershell or terraform; perhaps in a deployment."""
        return Actor(self._http, self.arm_url, name, client, deployment)

    def found(self, resource_id: str) -> Body | None:
        """A top-level resource as a GET would show it now, without a request in the log."""
        record = self.arm.store.get(resource_id)
        return None if record is None else self.arm.store.view(record)

    async def quiet(self, *, seconds: float = 30, skip_at_most: float = 86_400) -> None:
        """Wait until everything has come to rest, skipping waits; raises NotQuietError when it does not.

        `seconds` are real, `skip_at_most` is lab time. On Azurite nothing can be skipped that the
        storage account alone knows of.
        """
        await self._watch.quiet(seconds, skip_at_most)

    def show_the_app(self) -> None:
        """Have ARM show the app as deployed, so that people on call find it by name and group."""
        signing_in = {"WEBSITE_AUTH_ENABLED": os.environ.get("WEBSITE_AUTH_ENABLED", "")}
        self.arm.seed(documents(self.subscription, self.functions_url, {**self.app_settings, **signing_in}))
        for other in self.guards:
            self.arm.seed(documents(self.subscription, other.url, other.settings, SECOND))

    async def replay(self, body: Any) -> tuple[int, Any]:
        """`POST /api/replay` with the function key: status and answer."""
        url, headers = f"{self.functions_url}/api/replay", {"x-functions-key": self.key}
        async with self._http.post(url, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    def sets(self, name: str, value: str) -> None:
        """An app setting is another one from now on, as when a reference to a vault is resolved."""
        os.environ[name] = value

    async def health(self) -> tuple[int, Any]:
        """`GET /api/health/details` with the function key: status and answer."""
        url, headers = f"{self.functions_url}/api/health/details", {"x-functions-key": self.key}
        async with self._http.get(url, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def sweep(self) -> None:
        """Run the sweep's timer now; raises when it failed."""
        await self.run_timer("sweep")

    async def run_timer(self, name: str) -> None:
        """Run a timer of the app now; raises when it failed."""
        headers = {"x-functions-key": self.key}
        async with self._http.post(f"{self.functions_url}/admin/functions/{name}", headers=headers) as answer:
            answer.raise_for_status()

    async def _serve(self, stack: contextlib.AsyncExitStack) -> None:
        """ARM with the estate in it, Teams, the drift topic, and a client for all of them."""
        build(self.arm, self.estate)
        for route in self.teams.routes():
            self.arm.lab_routes[route.method, route.path.removeprefix("/_lab/")] = route.handler
        self.arm.lab_routes |= windows(self.system_topic, self.topic)
        self.arm_url = await stack.enter_async_context(serving(application(self.arm), self._port))
        teams = await stack.enter_async_context(serving(self.teams.app))
        self.webhooks, self.webhook_url = teams, teams + self.teams.path
        topic = await stack.enter_async_context(serving(self.topic.app))
        self.topic_url = f"{topic}/api/events"
        self._http = await stack.enter_async_context(aiohttp.ClientSession())

    async def _storage_account(self, stack: contextlib.AsyncExitStack) -> str:
        """The connection of the app's storage, empty at the start."""
        if self._storage == "azurite":
            azurite = await asyncio.to_thread(Azurite)
            stack.push_async_callback(asyncio.to_thread, azurite.close)
            return azurite.connection_string
        name = f"lab-{secrets.token_hex(6)}"
        memory.shared(name, AppClock(self.clock))
        stack.callback(memory.forget, name)
        return f"memory://{name}"

    def _app_settings(self, stack: contextlib.AsyncExitStack) -> dict[str, str]:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-"))
        path = self._baseline_path or Path(folder) / "baseline.json"
        if self._baseline_path is None:
            path.write_text(json.dumps(self.baseline, indent=2))
        return {
            "AzureWebJobsStorage": self.connection,
            "ARM_ENDPOINT": self.arm_url,
            "ARM_STATIC_TOKEN": CALLER,
            "SUBSCRIPTIONS": self.subscription,
            "BASELINE": str(path),
            "DRIFT_TOPIC_ENDPOINT": self.topic_url,
            "DRIFT_TOPIC_KEY": self.topic.key,
            WEBHOOK: self.webhook_url,
            "TEAMS_ALLOW_ANY_HOST": "true",
            **self._channels(path),
            **self._extra,
        }

    def _channels(self, baseline: Path) -> dict[str, str]:
        """An address for each channel of a baseline that has none yet: a path of its own at the webhook."""
        document = yaml.safe_load(baseline.read_text())
        channels = document.get("channels") if isinstance(document, dict) else None
        entries = {} if channels is None else channels
        secrets_of = {str(entry["secret"]): f"{self.webhooks}/{name}" for name, entry in entries.items()}
        return {name: url for name, url in secrets_of.items() if name not in os.environ and name != WEBHOOK}

    def _let_time_pass(self, stack: contextlib.AsyncExitStack) -> None:
        """Whoever moves the clock wakes the queues too."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self.host.wake)

        stack.callback(self.clock.subscribe(wake))

    async def _fetch(self, stack: contextlib.AsyncExitStack) -> Timer:
        """The timer that reads the activity log; nothing is delivered to the app."""
        self.fetching = Timer(self.host, "fetch_changes", FETCH_EVERY, self.clock, self.arm.activity.after)
        return await stack.enter_async_context(self.fetching.running())

    async def _more_workers(self, stack: contextlib.AsyncExitStack) -> None:
        """The others take what they can from the same queues; events enter here."""
        self.others: list[SecondWorker] = []
        if self._workers > 1 and self._storage == "memory":
            raise ValueError("a second worker is another process: it needs the storage emulator")
        for _ in range(1, self._workers):
            other = SecondWorker(self._app_dir, self.app_settings)
            await asyncio.to_thread(other.__enter__)
            stack.push_async_callback(asyncio.to_thread, other.close)
            self.others.append(other)

    async def _more_guards(self, stack: contextlib.AsyncExitStack) -> None:
        """A second app hears of the same changes, and shares nothing else."""
        self.guards: list[SecondGuard] = []
        for _ in range(1, self._guards):
            on_emulator = self._storage == "azurite"
            other = SecondGuard(self._app_dir, self.app_settings, on_emulator=on_emulator)
            await other.__aenter__()
            stack.push_async_callback(other.close)
            for each in by_family("second", other.hears_at, self._operations, schema=self._schema):
                await self.system_topic.subscribe(each)
            self.guards.append(other)

    async def _subscribe(self) -> None:
        endpoint = self.host.event_grid_url("on_resource_change")
        for each in by_family("guard", endpoint, self._operations, schema=self._schema):
            await self.system_topic.subscribe(each)
        await self.topic.subscribe(Subscription("cards", self.host.event_grid_url("on_drift")))

    def _event(self, change: Change, schema: Schema) -> Body:
        told = not change.created or self.arm.settings.create_has_http_request
        make = cloud_event if schema == "cloudevents" else event_grid
        return make(change, http_request=told)


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Put settings into the environment for a while; what was there comes back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _fresh_app(clock: AppClock) -> None:
    """Begin with an app that has read no settings, as a new process would.

    The runtime keeps function_app imported, so a second world in one process meets the first one's App.
    """
    module = sys.modules.get("function_app")
    guard = getattr(module, "guard", None)
    if guard is not None:
        setattr(module, "guard", type(guard)(clock=clock))  # noqa: B010  the module's type is not known here
