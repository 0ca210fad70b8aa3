import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from lab.clock import LabClock
from lab.delivery import Deliverer
from lab.event_grid import CustomTopic
from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.drift_topic import BATCH_EVENTS, DriftTopic
from remediation.adapters.retrying import Retry
from remediation.errors import ConfigurationError, ForbiddenError, PermanentError, TransientError
from remediation.ports import Announcement
from tests.unit.adapters.endpoint import Answer, Endpoint, served
from tests.unit.cards.samples import FIXED, NSG

SOURCE = "/bastion-guard/contoso"
KEY = "bGFi"


def announcement(number: int = 1, **data: Any) -> Announcement:
    return Announcement(
        id=f"nsg-mgmt-open-to-internet:{number}",
        type="BastionGuard.DriftFixed",
        subject=NSG,
        time=datetime(2026, 10, 20, 9, 15, 52, tzinfo=UTC),
        data=data or msgspec.to_builtins(FIXED),
    )


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def topic(endpoint: Endpoint, clock: VirtualClock) -> Iterator[DriftTopic]:
    with served(endpoint.app) as url:
        yield from _open(DriftTopic(f"{url}/api/events", source=SOURCE, key=KEY, retry=Retry(clock=clock)))


def _open(topic: DriftTopic) -> Iterator[DriftTopic]:
    yield topic
    topic.close()


@pytest.mark.parametrize("by", ["key", "identity"])
def test_an_announcement_arrives_as_a_cloud_event(by: str) -> None:
    lab = CustomTopic(KEY, Deliverer(LabClock()))
    who: dict[str, Any] = {"key": KEY} if by == "key" else {"credential": LabCredential("bastion-guard")}
    with served(lab.app) as url:
        topic = DriftTopic(f"{url}/api/events", source=SOURCE, **who)
        topic.announce([announcement()])
        topic.close()

    (event,) = lab.events
    assert {key: event[key] for key in ("specversion", "id", "source", "type", "subject")} == {
        "specversion": "1.0",
        "id": "nsg-mgmt-open-to-internet:1",
        "source": SOURCE,
        "type": "BastionGuard.DriftFixed",
        "subject": NSG,
    }
    assert datetime.fromisoformat(event["time"]) == announcement().time
    assert event["data"] == announcement().data


def test_many_announcements_go_in_few_requests_and_in_order(topic: DriftTopic, endpoint: Endpoint) -> None:
    endpoint.then(*[Answer(200)] * 9)
    topic.announce(announcement(number) for number in range(250))

    sent = [event["id"].rpartition(":")[2] for body in endpoint.bodies for event in body]
    assert sent == [str(number) for number in range(250)]
    assert [len(body) for body in endpoint.bodies] == [BATCH_EVENTS, BATCH_EVENTS, 50]


def test_a_request_stays_far_below_what_event_grid_takes(topic: DriftTopic, endpoint: Endpoint) -> None:
    endpoint.then(*[Answer(200)] * 9)
    topic.announce(announcement(number, text="x" * 200_000) for number in range(5))

    assert [len(body) for body in endpoint.bodies] == [2, 2, 1]


def test_nothing_to_announce_sends_nothing(topic: DriftTopic, endpoint: Endpoint) -> None:
    topic.announce([])

    assert endpoint.bodies == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_topic_is_tried_again_with_the_same_ids(
    topic: DriftTopic, endpoint: Endpoint, status: int
) -> None:
    endpoint.then(Answer(status), Answer(200))

    topic.announce([announcement()])

    first, second = endpoint.bodies
    assert first == second


@pytest.mark.parametrize("answer", [Answer(0), Answer(503), Answer(429)])
def test_a_topic_that_stays_away_is_tried_a_few_times_by_us_and_not_by_the_sdk_too(
    topic: DriftTopic, endpoint: Endpoint, answer: Answer
) -> None:
    endpoint.then(*[answer] * 20)

    with pytest.raises(TransientError):
        topic.announce([announcement()])

    assert len(endpoint.bodies) == 4


@pytest.mark.parametrize(
    ("status", "kind"), [(401, ForbiddenError), (403, ForbiddenError), (404, PermanentError)]
)
def test_a_refusal_is_final(
    topic: DriftTopic, endpoint: Endpoint, status: int, kind: type[PermanentError]
) -> None:
    endpoint.then(Answer(status))

    with pytest.raises(kind):
        topic.announce([announcement()])

    assert len(endpoint.bodies) == 1


CLOSED = "Publishing to evgt-drift-x by client 20.1.2.3 is rejected due to IpAddress filtering rules."
NOT_APPROVED = (
    "Publishing to evgt-drift-x by client is rejected as request came from Private Endpoint and no matching "
    "private endpoint connection found for the resource."
)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (CLOSED, "(the topic takes nothing from where the app is"),
        (NOT_APPROVED, "is not approved for the topic)"),
        ("Something that nobody documented.", ""),
    ],
    ids=["closed", "not approved", "unknown"],
)
def test_a_topic_that_a_policy_closed_is_named_as_what_it_is_and_what_is_unknown_stands_as_it_came(
    topic: DriftTopic, endpoint: Endpoint, said: str, means: str
) -> None:
    error = {"error": {"code": "Forbidden", "message": said}}
    endpoint.then(Answer(403, body=json.dumps(error)))

    with pytest.raises(ForbiddenError) as refused:
        topic.announce([announcement()])

    assert f"HTTP 403 Forbidden: (Forbidden) {said}" in str(refused.value)
    assert ("Forbidden", bool(means)) == (refused.value.code, "(the " in str(refused.value))
    assert means in str(refused.value)


def test_publishing_warns_of_nothing(
    topic: DriftTopic, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.then(Answer(200))

    topic.announce([announcement()])

    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == []


def test_a_redirect_is_not_followed(topic: DriftTopic, endpoint: Endpoint) -> None:
    endpoint.then(Answer(307, headers={"Location": "http://127.0.0.1:9/"}))

    with pytest.raises(PermanentError, match="307"):
        topic.announce([announcement()])


@pytest.mark.parametrize(
    ("url", "who"),
    [
        ("https://drift.westeurope-1.eventgrid.azure.net/api/events", {"key": KEY}),
        ("http://drift.example/api/events", {"credential": LabCredential("x")}),
        ("https://drift.example/api/events", {}),
        ("https://drift.example/api/events", {"credential": LabCredential("x")}),
        ("https://evgt.westeurope-1.eventgrid.azure.net@drift.example/", {"credential": LabCredential("x")}),
        ("https://evgt.westeurope-1.eventgrid.azure.net.example/", {"credential": LabCredential("x")}),
        ("http://127.0.0.1/api/events", {"key": KEY, "credential": LabCredential("x")}),
    ],
)
def test_a_topic_that_would_give_a_secret_away_is_refused(url: str, who: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        DriftTopic(url, source=SOURCE, **who)


def test_a_topic_shows_its_host_and_no_key() -> None:
    assert (
        repr(DriftTopic("http://127.0.0.1:7/api/events", source=SOURCE, key=KEY)) == "DriftTopic(127.0.0.1)"
    )


def test_a_batch_that_is_too_large_goes_in_halves_and_one_that_can_never_go_keeps_none_back(
    topic: DriftTopic, endpoint: Endpoint
) -> None:
    """413 for four, for the first two, for the first; then everything else goes."""
    endpoint.then(Answer(413), Answer(413), Answer(413), Answer(200), Answer(200))

    with pytest.raises(PermanentError, match="413"):
        topic.announce(announcement(number) for number in range(4))

    sent = [[event["id"].rpartition(":")[2] for event in body] for body in endpoint.bodies]
    assert [["0", "1", "2", "3"], ["0", "1"], ["0"], ["1"], ["2", "3"]] == sent
