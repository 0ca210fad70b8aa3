"""A deployed app as those see it who may: its health page, and the depth of its queues."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.queue import queue_client
from remediation.errors import PermanentError, TransientError
from remediation.on_call.checkup.answers import Health
from remediation.ports import Clock

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

SECONDS = 60.0
"""A cold start is waited for."""


class AppFromOutside:
    """`queues` is the queue endpoint of the app's storage account; empty where it is not known.

    With the app's function `key` its health is read in detail.
    """

    def __init__(self, queues: str, credential: "TokenCredential", clock: Clock, key: str = "") -> None:
        self._queues = queues
        self._credential = credential
        self._clock = clock
        self._key = key

    def now(self) -> datetime:
        return self._clock.now()

    def health(self, host: str) -> Health:
        """Ask the app itself; raises TransientError when nothing answers there."""
        import requests

        url = f"{host if '://' in host else f'https://{host}'}/api/health{'/details' if self._key else ''}"
        key = {"x-functions-key": self._key} if self._key else {}
        try:
            answer = requests.get(url, headers=key, timeout=SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise TransientError(f"{url} does not answer: {type(error).__name__}") from error
        date = answer.headers.get("date")
        return Health(answer.status_code, _object(answer), parsedate_to_datetime(date) if date else None)

    def depth(self, queue: str) -> int:
        """About how many messages are on a queue, hidden ones included; raises for a queue not seen."""
        if not self._queues:
            raise PermanentError("the storage account of the app was not found in its resource group")
        return self._depth(queue)

    def _depth(self, queue: str) -> int:  # pragma: no cover  an https endpoint with an identity: no emulator
        account = StorageAccount(endpoint=self._queues, credential=self._credential)
        with azure_errors(f"looking at the queue {queue}"), queue_client(account, queue) as client:
            return int(client.get_queue_properties().approximate_message_count or 0)


def _object(answer: Any) -> Mapping[str, Any]:
    """The JSON object of an answer; empty for anything else, such as a proxy's page."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
