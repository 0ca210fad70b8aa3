"""A queue of a storage account, or of its emulator, as a host polls it.

The real host is no Python, and its client costs the app's processor nothing. So this one speaks the queue
service's REST directly, under one signature for all (a SAS): the SDK's client took more of the processor than
the app that it feeds.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import aiohttp
from azure.storage.queue import AccountSasPermissions, QueueServiceClient, ResourceTypes, generate_account_sas
from yarl import URL

from lab.functions_host.queues import Received

IDLE, MOST_IDLE = 0.1, 0.4
"""Seconds between looks at an idle queue, doubled each time; the real host goes up to maxPollingInterval."""
SIGNED_FOR = timedelta(days=7)
MOST_AT_ONCE = 32
TIMEOUT = aiohttp.ClientTimeout(total=30)


class RefusedError(RuntimeError):
    """The queue service answered with an error."""


class StorageSource:
    """A queue of a storage account (or of its emulator), made when it is not there."""

    def __init__(self, connection: str, name: str) -> None:
        self.name = name
        self._url, self._signature = _signed(connection)
        self._there = asyncio.Lock()
        self._made: set[str] = set()
        self._woken = asyncio.Event()
        self._idle = IDLE
        self._http: aiohttp.ClientSession | None = None

    async def receive(self, count: int, hide: float) -> list[Received]:
        asked = {"numofmessages": f"{min(count, MOST_AT_ONCE)}", "visibilitytimeout": f"{round(hide)}"}
        text = await self._ask("GET", f"{await self._existing(self.name)}/messages", asked)
        found = [_received(each) for each in ET.fromstring(text)]  # noqa: S314  the service's own
        if found:
            self._idle = IDLE
        return found

    async def delete(self, message: Received) -> None:
        await self._ask("DELETE", self._of(message), {"popreceipt": message.receipt})

    async def show(self, message: Received, delay: float) -> None:
        asked = {"popreceipt": message.receipt, "visibilitytimeout": f"{round(delay)}"}
        await self._ask("PUT", self._of(message), asked)

    async def poison(self, message: Received) -> None:
        await self._lay(await self._existing(f"{self.name}-poison"), message.text)
        await self.delete(message)

    async def send(self, text: str) -> None:
        await self._lay(await self._existing(self.name), text)
        self.wake()

    async def arrival(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._idle)
        self._idle = IDLE if self._woken.is_set() else min(MOST_IDLE, 2 * self._idle)
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    async def depth(self) -> int:
        async with self._call("GET", await self._existing(self.name), {"comp": "metadata"}) as answer:
            return int(answer.headers.get("x-ms-approximate-messages-count", "0"))

    def next_visible(self) -> datetime | None:
        return None  # the service does not tell

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _existing(self, queue: str) -> str:
        """The path of a queue, which is there from now on."""
        if queue in self._made:
            return queue
        async with self._there:
            if queue not in self._made:
                await self._ask("PUT", queue, {}, accepted=409)  # somebody else made it: what we want
                self._made.add(queue)
        return queue

    async def _lay(self, queue: str, text: str) -> None:
        body = f"<QueueMessage><MessageText>{escape(text)}</MessageText></QueueMessage>"
        await self._ask("POST", f"{queue}/messages", {"messagettl": "-1"}, body)

    def _of(self, message: Received) -> str:
        return f"{self.name}/messages/{message.id}"

    async def _ask(
        self, method: str, path: str, asked: Mapping[str, str], body: str = "", *, accepted: int = 0
    ) -> bytes:
        async with self._call(method, path, asked, body, accepted=accepted) as answer:
            return await answer.read()

    @contextlib.asynccontextmanager
    async def _call(
        self, method: str, path: str, asked: Mapping[str, str], body: str = "", *, accepted: int = 0
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=TIMEOUT)
        url = URL(f"{self._url}/{path}?{self._signature}&{urlencode(asked)}", encoded=True)
        async with self._http.request(method, url, data=body.encode() or None) as answer:
            if answer.status >= 400 and answer.status != accepted:
                raise RefusedError(f"{method} {path}: HTTP {answer.status} {await answer.text()}")
            yield answer


def _signed(connection: str) -> tuple[str, str]:
    """The queue service behind a connection string, and what every request to it carries as its right."""
    with QueueServiceClient.from_connection_string(connection) as service:
        sas = generate_account_sas(
            service.account_name or "",
            service.credential.account_key,
            ResourceTypes(service=True, container=True, object=True),
            AccountSasPermissions(
                read=True,
                write=True,
                delete=True,
                list=True,
                add=True,
                create=True,
                update=True,
                process=True,
            ),
            datetime.now(UTC) + SIGNED_FOR,
        )
        return service.url.partition("?")[0].rstrip("/"), sas


def _received(message: ET.Element) -> Received:
    return Received(
        id=message.findtext("MessageId", ""),
        receipt=message.findtext("PopReceipt", ""),
        text=message.findtext("MessageText", ""),
        dequeue_count=int(message.findtext("DequeueCount", "0")),
        inserted=_moment(message, "InsertionTime"),
        expires=_moment(message, "ExpirationTime"),
        next_visible=_moment(message, "TimeNextVisible"),
    )


def _moment(message: ET.Element, name: str) -> datetime | None:
    told = message.findtext(name)
    return None if told is None else parsedate_to_datetime(told)
