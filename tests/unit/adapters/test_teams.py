import logging
import traceback
from collections.abc import Iterator

import pytest

from lab.teams import Outage, Teams
from remediation.adapters.clock import VirtualClock
from remediation.adapters.retrying import Retry
from remediation.adapters.teams import TeamsNotifier
from remediation.errors import BastionGuardError, ConfigurationError, PermanentError, TransientError
from remediation.telling.cards import card, envelope
from tests.unit.adapters.endpoint import Answer, Endpoint, served
from tests.unit.cards.samples import FOUND, NOW, SAMPLES

SECRET = "/workflows/0abc/triggers/manual/paths/invoke?api-version=1&sig=TopSecret"
CARD = card(FOUND, now=NOW)


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def base(endpoint: Endpoint) -> Iterator[str]:
    with served(endpoint.app) as url:
        yield url


@pytest.fixture
def notifier(base: str, clock: VirtualClock) -> TeamsNotifier:
    return TeamsNotifier(base + SECRET, allow_any_host=True, retry=Retry(clock=clock), timeout=(2.0, 0.5))


def test_the_lab_shows_every_kind_of_card(clock: VirtualClock) -> None:
    teams = Teams(signature="TopSecret")
    with served(teams.app) as url:
        channel = TeamsNotifier(url + teams.path, allow_any_host=True, retry=Retry(clock=clock))
        for record in SAMPLES.values():
            channel.post(card(record, now=NOW))

    assert teams.cards == [card(record, now=NOW) for record in SAMPLES.values()]
    assert teams.rejected == []


def test_a_card_is_posted_in_the_envelope_workflows_take(notifier: TeamsNotifier, endpoint: Endpoint) -> None:
    notifier.post(CARD)

    assert endpoint.bodies == [envelope(CARD)]
    assert endpoint.headers[0]["Content-Type"] == "application/json"


def test_a_workflow_that_was_switched_off_says_so(clock: VirtualClock) -> None:
    teams = Teams(signature="TopSecret", outage=Outage(400, code="WorkflowTriggerIsNotEnabled"))
    with served(teams.app) as url:
        channel = TeamsNotifier(url + teams.path, allow_any_host=True, retry=Retry(clock=clock))
        with pytest.raises(PermanentError, match="the workflow is switched off") as refused:
            channel.post(CARD)

    assert "WorkflowTriggerIsNotEnabled" == refused.value.code


@pytest.mark.parametrize("code", ["", "https://logic.azure.com/?sig=TopSecret", "Sig TopSecret"])
def test_what_is_no_plain_code_is_left_out(clock: VirtualClock, code: str) -> None:
    teams = Teams(signature="TopSecret", outage=Outage(404, code=code))
    with served(teams.app) as url:
        channel = TeamsNotifier(url + teams.path, allow_any_host=True, retry=Retry(clock=clock))
        with pytest.raises(PermanentError) as refused:
            channel.post(CARD)

    assert "404" == refused.value.code
    assert "TopSecret" not in str(refused.value)
    assert "the workflow is gone" in str(refused.value)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_teams_is_tried_again(notifier: TeamsNotifier, endpoint: Endpoint, status: int) -> None:
    endpoint.then(Answer(status))

    notifier.post(CARD)

    assert endpoint.bodies == [envelope(CARD)] * 2


def test_a_closed_connection_is_tried_again(notifier: TeamsNotifier, endpoint: Endpoint) -> None:
    endpoint.then(Answer(0))

    notifier.post(CARD)

    assert len(endpoint.bodies) == 2


def test_silence_is_tried_again(notifier: TeamsNotifier, endpoint: Endpoint) -> None:
    endpoint.then(Answer(delay=0.7))

    notifier.post(CARD)

    assert len(endpoint.bodies) == 2


def test_throttling_hidden_in_a_success_is_tried_again(notifier: TeamsNotifier, endpoint: Endpoint) -> None:
    hidden = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"
    endpoint.then(Answer(200, hidden))

    notifier.post(CARD)

    assert len(endpoint.bodies) == 2


def test_what_teams_asks_to_wait_is_waited(
    notifier: TeamsNotifier, endpoint: Endpoint, clock: VirtualClock
) -> None:
    endpoint.then(Answer(429, headers={"Retry-After": "7"}))

    notifier.post(CARD)

    assert 7 <= sum(clock.slept) < 10


def test_a_long_wait_is_left_to_the_caller(notifier: TeamsNotifier, endpoint: Endpoint) -> None:
    endpoint.then(Answer(429, headers={"Retry-After": "600"}))

    with pytest.raises(TransientError) as caught:
        notifier.post(CARD)

    assert caught.value.retry_after == 600
    assert len(endpoint.bodies) == 1


def test_a_teams_that_stays_busy_is_given_up_after_a_few_tries(
    notifier: TeamsNotifier, endpoint: Endpoint
) -> None:
    endpoint.then(*[Answer(503)] * 20)

    with pytest.raises(TransientError):
        notifier.post(CARD)

    assert len(endpoint.bodies) == 4


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 410, 413, 418])
def test_a_refusal_is_final(notifier: TeamsNotifier, endpoint: Endpoint, base: str, status: int) -> None:
    endpoint.then(Answer(status, headers={"Location": f"{base}/elsewhere"}))

    with pytest.raises(PermanentError, match=str(status)):
        notifier.post(CARD)

    assert len(endpoint.bodies) == 1


def test_a_card_teams_would_not_show_is_not_sent(notifier: TeamsNotifier, endpoint: Endpoint) -> None:
    with pytest.raises(PermanentError, match="bytes"):
        notifier.post({"type": "AdaptiveCard", "body": "x" * 30_000})

    assert endpoint.bodies == []


def test_cards_are_a_second_apart(notifier: TeamsNotifier, clock: VirtualClock) -> None:
    began = clock.now()
    for _ in range(4):
        notifier.post(CARD)

    assert 2.9 < (clock.now() - began).total_seconds() < 3.1


@pytest.mark.parametrize("answer", [Answer(404), Answer(503), Answer(0), Answer(delay=0.7), Answer(302)])
def test_the_webhooks_url_is_in_no_error_no_log_and_no_repr(
    notifier: TeamsNotifier, endpoint: Endpoint, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.then(*[answer] * 4)

    with pytest.raises(BastionGuardError) as caught:
        notifier.post(CARD)

    told = "".join(traceback.format_exception(caught.value)) + repr(notifier) + caplog.text
    assert "urllib3" in caplog.text or "HTTP" in caplog.text
    assert "TopSecret" not in told
    assert "/workflows/0abc" not in told
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "url",
    [
        "https://prod-1.westeurope.logic.azure.com:443" + SECRET,
        "https://abc.environment.api.powerplatform.com" + SECRET,
        "https://abc.12.api.powerplatform.com" + SECRET,
    ],
)
def test_the_hosts_of_workflows_are_taken(url: str) -> None:
    assert repr(TeamsNotifier(url)) == "TeamsNotifier(...)"


@pytest.mark.parametrize(
    "url",
    [
        "http://prod-1.westeurope.logic.azure.com" + SECRET,
        "https://logic.azure.com.evil.example" + SECRET,
        "https://evillogic.azure.com" + SECRET,
        "https://evil.example" + SECRET,
        "https://prod-1.logic.azure.com@evil.example" + SECRET,
        "https://user:pass@prod-1.logic.azure.com" + SECRET,
        "https://evil.example\\.logic.azure.com" + SECRET,
        "https://prod-1.logic.azure.com:port" + SECRET,
        "https://" + SECRET,
        "TopSecret",
        "",
    ],
)
def test_any_other_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TeamsNotifier(url)

    assert "TopSecret" not in str(caught.value)


def test_any_host_allows_other_hosts_but_plain_http_only_on_this_machine() -> None:
    TeamsNotifier("https://hooks.contoso.example/x", allow_any_host=True)
    with pytest.raises(ConfigurationError, match="https"):
        TeamsNotifier("http://hooks.contoso.example/x", allow_any_host=True)


def test_a_url_nobody_can_call_is_a_final_error_that_does_not_quote_it(clock: VirtualClock) -> None:
    with pytest.raises(PermanentError, match=r"could not be asked \(InvalidURL\)$"):
        TeamsNotifier("https://.logic.azure.com" + SECRET, retry=Retry(clock=clock)).post(CARD)
