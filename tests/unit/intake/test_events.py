"""Events of every documented shape, and of shapes nobody documented."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.app.functions import App
from remediation.errors import InputError
from remediation.intake.events import batch, parse
from remediation.intake.routing import route
from remediation.messages import Message, decode
from tests.builders import NSG_ID, an_event
from tests.story.core.calm import CALM

SAMPLES = Path(__file__).resolve().parents[2] / "events"
CHANGES = sorted(
    path.name for path in SAMPLES.glob("*.json") if not path.name.startswith(("teams", "validation"))
)
GROUP = "/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/rg-hub"
NETWORK = f"{GROUP}/providers/microsoft.network"
BASTION, NSG, PIP = (
    f"{NETWORK}/bastionhosts/bas-hub",
    f"{NETWORK}/networksecuritygroups/nsg-bastion",
    f"{NETWORK}/publicipaddresses/pip-bas-hub",
)

# What each sample is about, without its schema: the resource to look at, to expand, to sweep. Where a sample
# stands for more than one piece of work (a network is judged and expanded), the expansion is told here.
MEANT = {
    "bastionhost": {"target": BASTION},
    "diagnosticsetting": {"target": BASTION},
    "tags": {"target": BASTION},
    "nsg": {"target": NSG},
    "publicip": {"target": PIP},
    "nic": {"expand": f"{NETWORK}/networkinterfaces/vm1-nic"},
    "subnet": {"expand": f"{NETWORK}/virtualnetworks/vnet-hub/subnets/azurebastionsubnet"},
    "vnet": {"expand": f"{NETWORK}/virtualnetworks/vnet-hub"},
    "resourcegroup": {"sweep": GROUP},
    "deadletter": {"target": BASTION},
    "variant": {"target": NSG},
}


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text())


def events_of(name: str) -> list[Any]:
    return list(batch(sample(name)))


def subject_of(name: str) -> str:
    """What a sample is about, from its name: eventgrid.NSG.write.json, arn.eventgrid.NSG.deleted.json."""
    parts = name.split(".")
    if parts[0] == "deadletter":
        return parts[0]
    return parts[2] if parts[0] == "arn" else parts[1]


def work_of(event: Any) -> list[Message]:
    change = parse(event)
    return list(route(change).messages(change))


@pytest.mark.parametrize("name", CHANGES)
def test_every_sample_parses_to_a_change_of_a_real_resource(name: str) -> None:
    for event in events_of(name):
        change = parse(event)
        assert change.target.key.startswith("/subscriptions/11111111-2222-3333-4444-555555555555")
        assert change.event_id
        assert change.kind in {"write", "delete", "action"}


@pytest.mark.parametrize("name", [name for name in CHANGES if subject_of(name) in MEANT])
def test_every_sample_leads_where_it_should(name: str) -> None:
    ((field, wanted),) = MEANT[subject_of(name)].items()

    for event in events_of(name):
        led = [getattr(message, field) for message in work_of(event)]
        assert wanted in [identity.lower() for identity in led if identity], name


@pytest.mark.parametrize("name", [name for name in CHANGES if "noise" in name])
def test_noise_means_nothing(name: str) -> None:
    assert [] == [message for event in events_of(name) for message in work_of(event)]


@pytest.mark.parametrize(
    "name", [name.removeprefix("cloudevents.") for name in CHANGES if name.startswith("cloudevents.")]
)
def test_both_schemas_say_the_same(name: str) -> None:
    (one,), (other,) = events_of(f"eventgrid.{name}"), events_of(f"cloudevents.{name}")

    first, second = parse(one), parse(other)

    assert (first.target, first.kind, first.status) == (second.target, second.kind, second.status)
    assert (first.operation, first.actor) == (second.operation, second.actor)
    assert (first.event_time, str(route(first))) == (second.event_time, str(route(second)))


def test_the_actor_is_a_name_an_id_a_client_and_an_address() -> None:
    actor = parse(events_of("eventgrid.nsg.write.json")[0]).actor

    assert ("admin@contoso.example", "203.0.113.10") == (actor.name, actor.address)
    assert "99999999-0000-4000-8000-000000000001" == actor.object_id


def test_claims_that_are_json_text_in_a_string_are_read_all_the_same() -> None:
    (event,) = events_of("eventgrid.variant.v1-string-encoded-claims.json")
    assert isinstance(event["data"]["claims"], str)

    change = parse(event)

    assert (NSG, "admin@contoso.example") == (change.target.key, change.actor.name)


def test_a_sparse_event_is_enough_when_it_names_its_resource() -> None:
    change = parse(events_of("eventgrid.variant.sparse-missing-fields.json")[0])

    assert (NSG, None, "") == (change.target.key, change.event_time, change.actor.name)


def test_a_batch_keeps_every_event_in_its_order_duplicates_included() -> None:
    found = [
        parse(event) for event in events_of("eventgrid.variant.batch-with-duplicate-and-out-of-order.json")
    ]

    assert 3 == len(found)
    assert 2 == len({change.event_id for change in found})


def test_an_action_on_a_bastion_is_a_reason_to_look_and_on_anything_else_it_is_not() -> None:
    event = events_of("eventgrid.bastionhost.action.createShareableLinks.json")[0]
    assert 1 == len(work_of(event))

    event["subject"] = event["data"]["resourceUri"] = NSG_ID.text

    assert [] == work_of(event)


@pytest.mark.parametrize("name", ["teams.workflow.adaptivecard.json", "validation.cloudevents.options.json"])
def test_what_is_no_event_of_ours_is_refused_with_a_reason(name: str) -> None:
    with pytest.raises(InputError):
        parse(sample(name))


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (None, "not null"),
        ([], "not a list"),
        ("text", "not text"),
        (7, "not a number"),
        (True, "not true or false"),
        ({}, "neither eventType"),
        ({"eventType": 5}, "neither eventType"),
        ({"eventType": "Microsoft.Storage.BlobCreated"}, "not a resource change"),
        ({"eventType": "Microsoft.Resources.ResourceWriteMaybe"}, "not a resource change"),
        ({"eventType": "Microsoft.Resources.ResourceWriteSuccess"}, "names no resource"),
        ({"type": "Microsoft.Resources.ResourceWriteSuccess", "subject": "../x"}, "unusable resource"),
        (
            {"type": "Microsoft.Resources.ResourceWriteSuccess", "data": {"resourceUri": [1]}},
            "names no resource",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong(event: object, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        parse(event)


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("2026-10-20T09:15:30.1234567Z", datetime(2026, 10, 20, 9, 15, 30, 123456, UTC)),
        ("2026-10-20T11:15:30+02:00", datetime(2026, 10, 20, 9, 15, 30, tzinfo=UTC)),
        ("2026-10-20T09:15:30", datetime(2026, 10, 20, 9, 15, 30, tzinfo=UTC)),
        (datetime(2026, 10, 20, 9, 15, 30), datetime(2026, 10, 20, 9, 15, 30, tzinfo=UTC)),  # noqa: DTZ001
        ("yesterday", None),
        ("", None),
        (1792483200, None),
        ("9999-12-31T23:59:59-10:00", None),
        (datetime.fromisoformat("9999-12-31T23:59:59-10:00"), None),
        (datetime.fromisoformat("0001-01-01T00:00:00+10:00"), None),
    ],
)
def test_a_time_is_read_in_utc_or_not_at_all(time: object, read: datetime | None) -> None:
    assert read == parse(an_event() | {"eventTime": time}).event_time


def test_the_resource_is_taken_from_wherever_it_is_named() -> None:
    event = an_event()
    del event["subject"], event["data"]["resourceUri"]

    for data in (
        {"resourceUri": NSG_ID.text},
        {"authorization": {"scope": NSG_ID.text}},
        {"authorization": json.dumps({"scope": NSG_ID.text})},
        {"resourceInfo": {"id": NSG_ID.text}},
    ):
        assert NSG_ID == parse(event | {"data": data}).target
    assert NSG_ID == parse(event | {"subject": NSG_ID.text}).target


# What reaches the queue --------------------------------------------------------------------------


def accepted(event: Any) -> list[Message]:
    return [decode(text) for text in App({}).accept(event)]


def test_an_event_of_a_megabyte_becomes_a_message_of_a_few_hundred_bytes() -> None:
    event = an_event()
    event["data"] |= {"claims": {"name": "n" * 500_000}, "correlationId": "c" * 500_000}

    (text,) = App({}).accept(event)

    assert len(text) < 2000
    assert NSG_ID.text == decode(text).target


def test_an_unusable_event_is_acknowledged_and_queues_nothing() -> None:
    assert [] == accepted({"eventType": "Microsoft.Storage.BlobCreated"})
    assert [] == accepted(an_event("/subscriptions/x/../../y"))


def test_text_that_is_no_text_does_no_harm() -> None:
    """JSON may hold half a surrogate pair, which no UTF-8 can carry on."""
    event = an_event(event_id="\ud800", time="\ud800")
    event["data"] |= {"claims": {"name": "\udfff"}, "correlationId": "\ud800"}

    assert [NSG_ID.text] == [message.target for message in accepted(event)]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(
        [NSG_ID.text, "Microsoft.Resources.ResourceWriteSuccess", "{}", "2026-01-01T00:00:00Z"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
DATA_KEYS = ("resourceUri", "authorization", "claims", "httpRequest", "operationName", "correlationId")
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "eventType": JSON | st.just("Microsoft.Resources.ResourceWriteSuccess"),
        "type": JSON,
        "subject": JSON | st.just(NSG_ID.text),
        "eventTime": JSON | st.datetimes(timezones=st.timezones() | st.none()),
        "data": JSON
        | st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(DATA_KEYS, JSON),
        ),
    },
)


@CALM
@given(EVENTS)
def test_whatever_an_event_holds_it_is_queued_or_refused_and_never_an_error(event: dict[str, Any]) -> None:
    for message in accepted(event):
        named = message.target or message.expand or message.sweep or ""
        assert named.lower().startswith("/subscriptions/")
