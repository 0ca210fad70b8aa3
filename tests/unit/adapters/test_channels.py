"""Slack's webhook and webhooks of one's own: signed events, keys exchanged without loss, no URL ever told."""

import base64
import hashlib
import hmac
import json
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from remediation.adapters.channels.events import EventNotifier, keys_in
from remediation.adapters.channels.slack import SlackNotifier
from remediation.adapters.channels.unusable import UnusableChannel
from remediation.adapters.clock import VirtualClock
from remediation.adapters.retrying import Retry
from remediation.errors import BastionGuardError, ConfigurationError, PermanentError, TransientError
from remediation.telling import slack
from tests.unit.adapters.endpoint import Answer, Endpoint, served
from tests.unit.cards.samples import FOUND, NOW

SECRET = "/services/T000/B000/TopSecret"
EVENT = {"specversion": "1.0", "id": "abc-1", "type": "BastionGuard.DriftFound", "data": {"name": "ä"}}
OLD, NEW = b"old key", b"new key"


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def base(endpoint: Endpoint) -> Iterator[str]:
    with served(endpoint.app) as url:
        yield url


def events(base: str, clock: VirtualClock, *keys: bytes) -> EventNotifier:
    return EventNotifier(base + SECRET, clock=clock, keys=keys, allow_any_host=True, retry=Retry(clock=clock))


def is_signed_with(key: bytes, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does, by the text of Standard Webhooks."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(one == f"v1,{wanted}" for one in headers["webhook-signature"].split(" "))


def as_sent(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def test_one_event_goes_as_a_structured_cloudevent_and_is_signed(
    endpoint: Endpoint, base: str, clock: VirtualClock
) -> None:
    events(base, clock, NEW).post({"events": [EVENT]})

    (headers,) = endpoint.headers
    assert [EVENT] == endpoint.bodies
    assert "application/cloudevents+json" == headers["Content-Type"]
    assert ("abc-1", str(int(clock.now().timestamp()))) == (
        headers["webhook-id"],
        headers["webhook-timestamp"],
    )
    assert is_signed_with(NEW, headers, as_sent(EVENT))
    assert not is_signed_with(OLD, headers, as_sent(EVENT))
    assert not is_signed_with(NEW, headers, as_sent({**EVENT, "id": "forged"}))


def test_several_events_are_a_batch_with_an_id_that_a_repeat_has_as_well(
    endpoint: Endpoint, base: str, clock: VirtualClock
) -> None:
    other = {**EVENT, "id": "abc-2"}
    for _ in range(2):
        events(base, clock, NEW).post({"events": [EVENT, other]})

    first, again = endpoint.headers
    assert [[EVENT, other]] * 2 == endpoint.bodies
    assert "application/cloudevents-batch+json" == first["Content-Type"]
    assert first["webhook-id"] == again["webhook-id"]


def test_while_a_key_is_exchanged_a_receiver_that_knows_either_is_content(
    endpoint: Endpoint, base: str, clock: VirtualClock
) -> None:
    for keys in ((OLD,), (NEW, OLD), (NEW,)):
        events(base, clock, *keys).post({"events": [EVENT]})

    known = [
        {key for key in (OLD, NEW) if is_signed_with(key, headers, as_sent(EVENT))}
        for headers in endpoint.headers
    ]
    assert [{OLD}, {OLD, NEW}, {NEW}] == known


def test_without_a_key_nothing_is_signed(endpoint: Endpoint, base: str, clock: VirtualClock) -> None:
    events(base, clock).post({"events": [EVENT]})

    assert not any(name.lower().startswith("webhook-") for name in endpoint.headers[0])


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ()),
        ("one", (b"one",)),
        ("new, old", (b"new", b"old")),
        ("whsec_" + base64.b64encode(b"secret").decode(), (b"secret",)),
        ("whsec_%%%", (b"whsec_%%%",)),
    ],
)
def test_a_setting_holds_one_key_or_two(text: str, keys: tuple[bytes, ...]) -> None:
    assert keys == keys_in(text)


def test_a_message_of_blocks_reaches_slack(endpoint: Endpoint, base: str, clock: VirtualClock) -> None:
    message = slack.message(FOUND, now=NOW)
    SlackNotifier(base + SECRET, allow_any_host=True, retry=Retry(clock=clock)).post(message)

    assert [message] == endpoint.bodies


@pytest.mark.parametrize(
    ("status", "kind", "hint"),
    [
        (400, PermanentError, "did not understand"),
        (403, PermanentError, "forbids"),
        (404, PermanentError, "is gone"),
        (410, PermanentError, "archived"),
        (302, PermanentError, "redirects are not followed"),
        (429, TransientError, "429"),
        (500, TransientError, "500"),
    ],
)
def test_slack_says_no_for_now_or_for_good(
    endpoint: Endpoint,
    base: str,
    clock: VirtualClock,
    status: int,
    kind: type[BastionGuardError],
    hint: str,
) -> None:
    endpoint.then(*[Answer(status, headers={"Location": "/"})] * 4)

    with pytest.raises(kind, match=hint):
        SlackNotifier(base + SECRET, allow_any_host=True, retry=Retry(clock=clock)).post({"text": "x"})


@pytest.mark.parametrize("status", [0, 401, 404, 503])
def test_no_error_and_no_log_holds_the_url(
    endpoint: Endpoint, base: str, clock: VirtualClock, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level("DEBUG")
    endpoint.then(*[Answer(status)] * 4)

    with pytest.raises(BastionGuardError) as raised:
        events(base, clock, NEW).post({"events": [EVENT]})

    told = "".join(traceback.format_exception(raised.value)) + caplog.text + repr(events(base, clock))
    assert "TopSecret" not in told


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/services/x",
        "https://hooks.slack.com.evil.example/services/x",
        "https://evil.example/services/x",
        "not a url",
    ],
)
def test_an_address_that_is_not_slacks_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        SlackNotifier(url)

    assert "evil" not in str(refused.value)


def test_a_channel_that_cannot_be_used_refuses_with_the_reason() -> None:
    with pytest.raises(PermanentError, match="setting CHANNEL_SHOP is missing"):
        UnusableChannel("setting CHANNEL_SHOP is missing").post({})
