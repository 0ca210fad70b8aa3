"""Announcements to the custom Event Grid topic: the channel of record.

Each is a CloudEvent 1.0 with a deterministic id, so that a consumer that has seen it can drop it. In Azure
the app's identity publishes (role EventGrid Data Sender); a key is taken for a lab on loopback only.
"""

import json
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.azure_hosts import TOPICS, is_at
from remediation.adapters.credentials import is_loopback
from remediation.adapters.retrying import Retry
from remediation.errors import ConfigurationError, ForbiddenError, Mistake, PermanentError, TransientError
from remediation.ports import Announcement

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.messaging import CloudEvent
    from azure.eventgrid import EventGridPublisherClient

BATCH_BYTES = 512 * 1024
"""Event Grid takes 1 MB in a request; half of it leaves room for the envelope and for our estimate."""
BATCH_EVENTS = 100
ENVELOPE_BYTES = 1024

REJECTED: Mapping[str, str] = {
    "is rejected due to IpAddress filtering rules": "the topic takes nothing from where the app is: its "
    "public access or its addresses were closed, perhaps by a policy",
    "no matching private endpoint connection found": "the private endpoint over which the app asks is not "
    "approved for the topic",
}
"""What a 403 of Event Grid means to whoever is to mend it, by the texts that are documented for it
(learn.microsoft.com, event-grid/troubleshoot-errors). Its codes are not; any other text stands as it came.
"""


class DriftTopic:
    """An Announcer over azure-eventgrid.

    `source` names this app in every event. Exactly one of `credential` and `key` is given. Raises
    ConfigurationError when neither or both are, for plain http that leaves this machine, for a key that
    would be sent to a real topic, and for a host that is not Event Grid's.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        source: str,
        credential: "TokenCredential | None" = None,
        key: str = "",
        retry: Retry | None = None,
        timeout: tuple[float, float] = (5.0, 20.0),
    ) -> None:
        _refuse(endpoint, with_key=bool(key), with_credential=credential is not None)
        self._endpoint = endpoint
        self._source = source
        self._credential = credential
        self._key = key
        self._retry = retry or Retry()
        self._timeout = timeout
        self._client: EventGridPublisherClient | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"DriftTopic({urlsplit(self._endpoint).hostname})"

    def announce(self, announcements: Iterable[Announcement]) -> None:
        """Publish all, in batches; a failure leaves earlier batches published, which ids make harmless."""
        for batch in _batches(announcements):
            self._publish(batch)

    def _publish(self, batch: list[Announcement]) -> None:
        """A batch that is too large all the same goes in halves: one that can never go keeps none back."""
        try:
            self._retry.call(partial(self._send, batch))
        except PermanentError as error:
            if len(batch) == 1 or not _is_too_large(error):
                raise
            refused: PermanentError | None = None
            for half in (batch[: len(batch) // 2], batch[len(batch) // 2 :]):
                try:
                    self._publish(half)
                except PermanentError as again:
                    refused = again
            if refused is not None:
                raise refused from error

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _send(self, batch: list[Announcement]) -> None:
        from azure.core.exceptions import ResourceNotFoundError

        events = [_event(each, self._source) for each in batch]
        try:
            with azure_errors("publishing to the drift topic"):
                self._connected().send(events, **self._options())
        except ForbiddenError as error:
            hint = next((means for text, means in REJECTED.items() if text in str(error)), "")
            if not hint:
                raise
            raise ForbiddenError(f"{error} ({hint})", code=error.code) from error
        except TransientError as error:
            if isinstance(error.__cause__, ResourceNotFoundError):  # the client raises a bare one for a 404
                raise PermanentError("the drift topic does not exist; check its endpoint") from error
            raise

    def _options(self) -> dict[str, Any]:
        """For each call, as azure-eventgrid 4.22 drops what its constructor is given for a custom topic."""
        connect, read = self._timeout
        options: dict[str, Any] = {
            "retry_total": 0,  # `Retry` is the one owner of retries
            "permit_redirects": False,
            "connection_timeout": connect,
            "read_timeout": read,
        }
        if self._credential is not None and urlsplit(self._endpoint).scheme == "http":
            options["enforce_https"] = False  # on loopback only, see `_refuse`
        return options

    def _connected(self) -> "EventGridPublisherClient":
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> "EventGridPublisherClient":
        from azure.core.credentials import AzureKeyCredential
        from azure.eventgrid import EventGridPublisherClient

        # The client also offers every option of a call to each event, and warns that events do not know it.
        logging.getLogger("azure.eventgrid").setLevel(logging.ERROR)
        return EventGridPublisherClient(self._endpoint, self._credential or AzureKeyCredential(self._key))


def _event(announcement: Announcement, source: str) -> "CloudEvent[Any]":
    from azure.core.messaging import CloudEvent

    return CloudEvent(
        id=announcement.id,
        source=source,
        type=announcement.type,
        subject=announcement.subject,
        time=announcement.time,
        data=announcement.data,
    )


def _is_too_large(error: PermanentError) -> bool:
    return getattr(error.__cause__, "status_code", None) == 413


def _batches(announcements: Iterable[Announcement]) -> Iterator[list[Announcement]]:
    batch: list[Announcement] = []
    size = 0
    for announcement in announcements:
        weight = ENVELOPE_BYTES + len(json.dumps(announcement.data, default=str))
        if batch and (size + weight > BATCH_BYTES or len(batch) == BATCH_EVENTS):
            yield batch
            batch, size = [], 0
        batch.append(announcement)
        size += weight
    if batch:
        yield batch


def _refuse(endpoint: str, *, with_key: bool, with_credential: bool) -> None:
    scheme, here = urlsplit(endpoint).scheme, is_loopback(endpoint)
    if with_key == with_credential:
        raise ConfigurationError(
            Mistake.of_settings("the drift topic takes either the app's identity or a key")
        )
    if scheme != "https" and not (scheme == "http" and here):
        raise ConfigurationError(
            Mistake.of_settings("the drift topic's endpoint does not begin with https://")
        )
    if not here and not is_at(endpoint, TOPICS):
        raise ConfigurationError(
            Mistake.of_settings("the drift topic's endpoint is not a topic of Azure Event Grid")
        )
    if with_key and not here:
        raise ConfigurationError(
            Mistake.of_settings(
                "a topic key is for a lab on loopback; a topic of Azure takes the app's identity"
            )
        )
