"""Messages of blocks to a Slack channel, through an incoming webhook."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from remediation.adapters.channels.posting import Poster, Site
from remediation.adapters.retrying import Retry

SLACK_HOSTS = ("slack.com", "slack-gov.com")
_HINTS: Mapping[int, str] = {
    400: "Slack did not understand the message, or the webhook's user is gone",
    403: "the workspace forbids this webhook or this channel",
    404: "the webhook or its channel is gone; make a new one and set its URL",
    410: "the channel is archived",
}


class SlackNotifier:
    """A Notifier that posts to one incoming webhook, at most once a second, as Slack asks for."""

    def __init__(
        self,
        url: str,
        *,
        allow_any_host: bool = False,
        hosts: Iterable[str] = SLACK_HOSTS,
        retry: Retry | None = None,
        timeout: tuple[float, float] = (5.0, 20.0),
        spacing: float = 1.0,
    ) -> None:
        site = Site("Slack", tuple(hosts), _HINTS)
        self._poster = Poster(
            url, site, allow_any_host=allow_any_host, retry=retry, timeout=timeout, spacing=spacing
        )

    def __repr__(self) -> str:
        return "SlackNotifier(...)"

    def post(self, card: dict[str, Any]) -> None:
        """Send one message. TransientError: Slack is busy or silent. PermanentError: it refuses."""
        body = json.dumps(card, separators=(",", ":")).encode("ascii")
        self._poster.post(body, {"Content-Type": "application/json"})
