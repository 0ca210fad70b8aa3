"""Two workers on the storage emulator, and somebody at a terminal, for as long as a file of tests takes."""

import asyncio
import contextlib
import io
import json
import shlex
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from lab.actor import Actor
from lab.second_worker import SecondWorker
from lab.world import World
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.ledger_tables import TablesLedger
from remediation.cli import main
from remediation.ledger.findings_book import FindingsBook
from remediation.model.decisions import GUARDS
from remediation.resource_id import ResourceId
from tests.story.e2e.conftest import rule_of

PATIENCE, PAUSE = 60.0, 0.2
QUICK = {"BASELINE_REFRESH_SECONDS": "0", "GATHER_SECONDS": "0"}
"""A change of what is in force holds everywhere at once, and rounds begin at once."""


class Typed:
    """What a command came to."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Street:
    """A world that runs in a loop of its own; its tests are plain functions, one after the other."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.world, self._loop = world, loop
        self.baseline = Path(world.app_settings["BASELINE"])
        self.ledger = TablesLedger(StorageAccount(world.connection))
        self._standard: dict[str, Any] = json.loads(self.baseline.read_text())

    def does[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    # What happens --------------------------------------------------------------------------------

    def opens(self, nsg: str, *names: str, ports: tuple[str, ...] = ("22", "3389")) -> None:
        """Somebody opens a management port for each of the names, all of them before anybody looks."""
        whole = self.does(self.alice.get(nsg))
        assert whole is not None
        rules = [rule for rule in whole["properties"]["securityRules"] if rule["name"] not in names]
        for number, name in enumerate(names):
            properties = {
                "priority": 201 + number, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
                "sourceAddressPrefix": "Internet", "sourcePortRange": "*", "destinationAddressPrefix": "*",
                "destinationPortRange": ports[number % len(ports)],
            }  # fmt: skip
            rules.append({"name": name, "properties": properties})
        self.does(self.alice.edit(nsg, securityRules=rules))

    def rules(self, nsg: str, *names: str) -> list[str]:
        """Which of these rules are in a group now."""

        async def there() -> list[str]:
            """In the world's own loop: its ARM is not made for several threads."""
            return [name for name in names if rule_of(self.world, nsg, name) is not None]

        return self.does(there())

    @property
    def alice(self) -> Actor:
        return self.world.as_("alice")

    def allows(self, limits: dict[str, int] | None = None, **changes: Any) -> None:
        """The baseline is another one now, and the worker that stands alone takes it in."""
        kept = {**self._standard["limits"], **(limits or {})}
        self.baseline.write_text(json.dumps({**self._standard, **changes, "limits": kept}))
        self.timer("check_baseline", second=True)

    def timer(self, name: str, *, second: bool = False) -> None:
        other = self.world.others[0]
        url, key = (other.url, other.key) if second else (self.world.functions_url, self.world.key)
        self.does(_post(f"{url}/admin/functions/{name}", key))

    @contextmanager
    def a_fresh_worker(self) -> Iterator[SecondWorker]:
        with SecondWorker(Path.cwd(), self.world.app_settings) as found:
            yield found

    # What is there -------------------------------------------------------------------------------

    def types(self, command: str) -> Typed:
        """Somebody who has the app's settings types a command of ours."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(shlex.split(command))
        return Typed(status, out.getvalue(), err.getvalue())

    def health(self, worker: SecondWorker | None = None) -> dict[str, Any]:
        """What a worker tells whoever has its key; the first one unless another is named."""
        world = self.world
        url, key = (world.functions_url, world.key) if worker is None else (worker.url, worker.key)
        found: dict[str, Any] = self.does(_get(f"{url}/api/health/details", key))
        return found

    def guards(self, nsg: str) -> set[str]:
        """What holds the repairs of a group back, as the ledger has it."""
        found = FindingsBook(self.ledger).of(ResourceId.parse(nsg)).values()
        return {guard for record in found for guard in record.evidence.get(GUARDS, ())}

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; raises AssertionError when it does not."""

        async def waited() -> None:
            for _ in range(int(PATIENCE / PAUSE)):
                if await asyncio.to_thread(holds):
                    return
                await asyncio.sleep(PAUSE)
            raise AssertionError("it never came about")

        asyncio.run(waited())


@contextmanager
def a_street(seed: int, **choices: Any) -> Iterator[Street]:
    """Two workers at work, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    world = World(seed=seed, storage="azurite", workers=2, settings=QUICK, **choices)
    try:
        asyncio.run_coroutine_threadsafe(world.__aenter__(), loop).result(60)
        try:
            yield Street(world, loop)
        finally:
            asyncio.run_coroutine_threadsafe(world.__aexit__(None, None, None), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


async def _post(url: str, key: str) -> None:
    async with aiohttp.ClientSession() as http, http.post(url, headers={"x-functions-key": key}) as answer:
        answer.raise_for_status()


async def _get(url: str, key: str) -> Any:
    async with aiohttp.ClientSession() as http, http.get(url, headers={"x-functions-key": key}) as answer:
        return await answer.json(content_type=None)
