"""A second app on the same subscription, as another team deploys it: of the first it knows nothing.

It is a process of its own with a ledger, an identity and deliveries of its own, and reads real time. Its
cards go to the same channel, without a drift topic in between.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from lab.azurite import Azurite
from lab.deployed_app import SECOND
from lab.second_worker import SecondWorker

NOT_SHARED = frozenset({"DRIFT_TOPIC_ENDPOINT", "DRIFT_TOPIC_KEY"})


class SecondGuard:
    """Runs while it is entered; `settings` are those it works with, once it does."""

    def __init__(self, app_dir: Path, settings: Mapping[str, str], *, on_emulator: bool) -> None:
        self._app_dir = app_dir
        self._shared = settings
        self._on_emulator = on_emulator

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            own = {"AzureWebJobsStorage": await self._storage(stack), "ARM_STATIC_TOKEN": SECOND.caller}
            kept = {name: value for name, value in self._shared.items() if name not in NOT_SHARED}
            self.settings = {**dict.fromkeys(NOT_SHARED, ""), **kept, **own}
            self._worker = SecondWorker(self._app_dir, self.settings)
            await asyncio.to_thread(self._worker.__enter__)
            stack.push_async_callback(asyncio.to_thread, self._worker.close)
            self.url, self.key = self._worker.url, self._worker.key
            self._stack = stack.pop_all()
        return self

    async def close(self) -> None:
        await self._stack.aclose()

    @property
    def hears_at(self) -> str:
        """Where Event Grid delivers changes to."""
        return f"{self.url}/runtime/webhooks/EventGrid?functionName=on_resource_change&code={self.key}"

    async def _storage(self, stack: contextlib.AsyncExitStack) -> str:
        if not self._on_emulator:
            return f"memory://second-guard-{os.getpid()}-{secrets.token_hex(4)}"
        azurite = await asyncio.to_thread(Azurite)
        stack.push_async_callback(asyncio.to_thread, azurite.close)
        return azurite.connection_string
