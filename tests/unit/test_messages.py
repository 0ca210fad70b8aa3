"""What lies on the queues: small, one encoding, and refused when it is not ours."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import InputError
from remediation.messages import (
    MAX_BYTES,
    CardMessage,
    Message,
    about,
    actor_fields,
    decode,
    decode_card,
    encode,
    on_the_wire,
)
from remediation.model import Actor, ResourceChange
from tests.builders import NSG_ID, a_change
from tests.story.core.calm import CALM

TEXT = st.text(max_size=300)
MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))
WORK = st.sampled_from(["target", "expand", "sweep"])
MESSAGES = st.builds(
    lambda work, identity, **fields: Message(**{work: identity}, **fields),
    WORK,
    st.text(min_size=1, max_size=300),
    attempt=st.integers(0, 50),
    force=st.booleans(),
    event_id=TEXT,
    event_time=MOMENTS,
    actor=st.dictionaries(st.sampled_from(["name", "objectId", "appId"]), TEXT),
    reason=TEXT,
    replay_id=TEXT,
)
ACTORS = st.builds(Actor, *[st.text(st.characters(exclude_categories=["Cs"]), max_size=50)] * 5)


@CALM
@given(MESSAGES)
def test_a_message_comes_back_as_it_was_sent(message: Message) -> None:
    assert message == decode(encode(message))
    assert message == decode(base64.b64decode(on_the_wire(encode(message))))


@CALM
@given(ACTORS)
def test_who_did_it_travels_with_the_message(actor: Actor) -> None:
    change = ResourceChange(NSG_ID, "write", "write", "success", "e", None, actor=actor)

    assert actor_fields(actor) == decode(encode(about(change, target=NSG_ID.text))).actor


def test_a_message_names_exactly_the_documented_keys() -> None:
    text = encode(
        Message(
            target=NSG_ID.text,
            reason="replay",
            attempt=1,
            force=True,
            event_id="e",
            event_time=datetime(2026, 1, 1, tzinfo=UTC),
            actor={"name": "alice"},
            operation="o",
            correlation_id="c",
            replay_id="r",
        )
    )

    for key in ("target", "reason", "attempt", "force", "eventId", "eventTime", "actor", "operation"):
        assert f'"{key}":' in text
    assert '"correlationId":"c","replayId":"r"' in text


def test_no_event_makes_a_message_larger_than_40_kb() -> None:
    endless = "\U0001f512" * 1_000_000
    change = ResourceChange(
        NSG_ID, endless, "write", "success", endless, None, endless, Actor(*[endless] * 5)
    )

    assert len(encode(about(change, target=NSG_ID.text)).encode()) < MAX_BYTES


@pytest.mark.parametrize("letter", ["x", "\U0001f512"])
def test_a_message_that_would_be_larger_is_refused_by_its_bytes(letter: str) -> None:
    fits = MAX_BYTES - 100
    encode(Message(target="x" * fits))

    with pytest.raises(InputError, match="larger than 40960"):
        encode(Message(target=letter * (MAX_BYTES // len(letter.encode()))))


def test_what_is_handed_on_counts_its_tries_is_never_skipped_and_keeps_its_reason() -> None:
    handed_on = Message(target="t", reason="neighbour", attempt=3).follow_up()

    assert ("neighbour", 4, True) == (handed_on.reason, handed_on.attempt, handed_on.force)


def test_what_is_asked_again_starts_from_the_beginning() -> None:
    again = Message(target="t", attempt=3).again("look again")

    assert ("look again", 0, True) == (again.reason, again.attempt, again.force)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a reconcile message"),
        ("[]", "not a reconcile message"),
        ('{"target": 5}', "not a reconcile message"),
        ('{"target": "t", "attempt": "many"}', "not a reconcile message"),
        ('{"target": "t", "v": 2}', "speaks version 1"),
        ("{}", "exactly one of"),
        ('{"target": "t", "expand": "e"}', "exactly one of"),
        ('{"target": "t", "eventTime": "2026-01-01T00:00:00"}', "not a reconcile message"),
        (b"\xff\xfe", "not a reconcile message"),
    ],
)
def test_what_is_not_ours_is_refused_with_a_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        decode(text)


def test_keys_of_a_later_version_are_passed_over() -> None:
    assert "t" == decode('{"target": "t", "tomorrow": {"more": [1]}}').target


@CALM
@given(st.text() | st.binary())
def test_any_bytes_are_a_message_or_refused(text: Any) -> None:
    for read in (decode, decode_card):
        try:
            read(text)
        except InputError:
            continue


def test_a_nudge_comes_back_as_it_was_sent() -> None:
    assert CardMessage(attempt=3) == decode_card(encode(CardMessage(attempt=3)))


def test_a_change_without_an_actor_carries_none() -> None:
    change = a_change(by="")

    assert {} == about(change, target=NSG_ID.text).actor
