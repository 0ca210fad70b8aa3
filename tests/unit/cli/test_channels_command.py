"""`channels test`: each channel gets something harmless, and says whether it takes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from remediation.cli import main
from tests.builders import SUBSCRIPTION
from tests.unit.adapters.endpoint import Answer, Endpoint, served

type Output = pytest.CaptureFixture[str]

BASELINE = """
version: 1
channels:
  platform: {type: teams, secret: TEAMS_WEBHOOK_URL}
  shop: {type: slack, secret: CHANNEL_SHOP}
  siem: {type: webhook, secret: CHANNEL_SIEM}
  gone: {type: slack, secret: CHANNEL_GONE}
defaultChannel: platform
"""


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def baseline(endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    path = tmp_path / "baseline.yaml"
    path.write_text(BASELINE, encoding="utf-8")
    with served(endpoint.app) as url:
        monkeypatch.setenv("SUBSCRIPTIONS", SUBSCRIPTION)
        monkeypatch.setenv("TEAMS_ALLOW_ANY_HOST", "true")
        monkeypatch.setenv("TEAMS_WEBHOOK_URL", f"{url}/teams?sig=TopSecret")
        monkeypatch.setenv("CHANNEL_SHOP", f"{url}/slack/TopSecret")
        monkeypatch.setenv("CHANNEL_SIEM", f"{url}/siem")
        yield str(path)


def test_each_channel_gets_something_harmless_in_its_own_form(
    capsys: Output, endpoint: Endpoint, baseline: str
) -> None:
    assert 1 == main(["channels", "test", "--baseline", baseline])

    assert [
        "platform  accepted",
        "shop      accepted",
        "siem      accepted, unsigned: setting CHANNEL_SIEM_KEY is missing",
        "gone      REFUSED  setting CHANNEL_GONE is missing; it holds the URL of its webhook",
    ] == capsys.readouterr().out.splitlines()
    teams, slack, siem = endpoint.bodies
    assert "This channel works" in str(teams["attachments"])
    assert "This channel works" == slack["blocks"][0]["text"]["text"]
    assert "BastionGuard.ChannelTest" == siem["type"]


def test_one_channel_can_be_tried_by_itself_and_a_refusal_is_told_without_its_secret(
    capsys: Output, endpoint: Endpoint, baseline: str
) -> None:
    endpoint.then(Answer(404))

    assert 1 == main(["channels", "test", "--channel", "shop", "--baseline", baseline])

    told = capsys.readouterr()
    assert "shop  REFUSED  Slack answered 404: the webhook or its channel is gone" in told.out
    assert "TopSecret" not in told.out + told.err


def test_a_signed_webhook_says_nothing_of_a_missing_key(
    capsys: Output, endpoint: Endpoint, baseline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHANNEL_SIEM_KEY", "a key")

    assert 0 == main(["channels", "test", "--channel", "siem", "--baseline", baseline])

    assert "siem  accepted\n" == capsys.readouterr().out
    assert "webhook-signature" in {name.lower() for name in endpoint.headers[0]}


def test_a_channel_that_the_baseline_does_not_name_is_bad_input(capsys: Output, baseline: str) -> None:
    assert 2 == main(["channels", "test", "--channel", "nowhere", "--baseline", baseline])
    assert "no such channel" in capsys.readouterr().err


def test_without_channels_the_one_webhook_is_tried(
    capsys: Output, endpoint: Endpoint, baseline: str, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.yaml"
    plain.write_text("version: 1\n", encoding="utf-8")

    assert 0 == main(["channels", "test", "--baseline", str(plain)])
    assert 2 == main(["channels", "test", "--channel", "shop", "--baseline", str(plain)])

    assert "one webhook  accepted\n" == capsys.readouterr().out
    assert 1 == len(endpoint.bodies)
    assert baseline
