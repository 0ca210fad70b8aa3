"""CloudEvents to a webhook of one's own, signed so that its receiver can tell them from forged ones.

One event goes in structured mode, several in batched mode (CloudEvents 1.0, HTTP binding). The signature is
that of Standard Webhooks: HMAC-SHA256 over id, timestamp and body, in headers of their own. While a key is
exchanged there are two of them, each signs, and a receiver that knows either is content: so nothing is lost.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from remediation.adapters.channels.posting import Poster, Site
from remediation.adapters.retrying import Retry
from remediation.ports import Clock

ONE, MANY = "application/cloudevents+json", "application/cloudevents-batch+json"
_STANDARD_KEY = "whsec_"
_HINTS: Mapping[int, str] = {
    401: "the receiver does not know the key that signs",
    403: "the receiver forbids the call; perhaps it does not know the key that signs",
    404: "nothing is there",
    410: "nothing is there any more",
}


class EventNotifier:
    """A Notifier that posts `{"events": [...]}` as CloudEvents. Without `keys` they go unsigned."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        keys: Sequence[bytes] = (),
        allow_any_host: bool = False,
        retry: Retry | None = None,
        timeout: tuple[float, float] = (5.0, 20.0),
    ) -> None:
        self._keys = tuple(keys)
        self._clock = clock
        site = Site("The receiver", (), _HINTS, called="the webhook")
        self._poster = Poster(
            url, site, allow_any_host=allow_any_host, retry=retry, timeout=timeout, spacing=0.0
        )

    def __repr__(self) -> str:
        return "EventNotifier(...)"

    def post(self, card: dict[str, Any]) -> None:
        """Send the events. TransientError: nobody answers. PermanentError: the receiver refuses."""
        events = card["events"]
        document, kind = (events[0], ONE) if len(events) == 1 else (events, MANY)
        body = json.dumps(document, separators=(",", ":")).encode("ascii")
        self._poster.post(body, {"Content-Type": kind, **self._signed(_identity(events), body)})

    def _signed(self, identity: str, body: bytes) -> dict[str, str]:
        if not self._keys:
            return {}
        moment = str(int(self._clock.now().timestamp()))
        signatures = (signature(key, identity, moment, body) for key in self._keys)
        return {
            "webhook-id": identity,
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(signatures),
        }


def signature(key: bytes, identity: str, moment: str, body: bytes) -> str:
    """``v1,`` and the base64 of the HMAC-SHA256 of ``ID.TIMESTAMP.BODY``."""
    signed = hmac.new(key, f"{identity}.{moment}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def keys_in(text: str) -> tuple[bytes, ...]:
    """The keys in a setting, separated by commas or blanks; ``whsec_`` leads one in base64."""
    return tuple(_key(word) for word in text.replace(",", " ").split())


def _key(word: str) -> bytes:
    if word.startswith(_STANDARD_KEY):
        try:
            return base64.b64decode(word.removeprefix(_STANDARD_KEY), validate=True)
        except binascii.Error:
            pass  # then it is a text that only looks like one
    return word.encode()


def _identity(events: Sequence[Mapping[str, Any]]) -> str:
    """The same for the same news, so that a receiver can drop a repeat."""
    if len(events) == 1:
        return str(events[0]["id"])
    every = "\n".join(str(event["id"]) for event in events)
    return f"batch-{hashlib.sha256(every.encode()).hexdigest()[:32]}"
