"""Cards to a Teams channel, through the webhook of a Workflow.

202 says that the workflow will run, not that a card will be shown; a Teams success closes nothing. What holds
for every webhook whose URL is a secret stands in `channels/posting`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from remediation.adapters.channels.posting import Poster, Site
from remediation.adapters.retrying import Retry
from remediation.errors import PermanentError
from remediation.telling.cards import request_body

WORKFLOW_HOSTS = (
    # the world's cloud, and its part for the US government (GCC)
    "logic.azure.com", "api.powerplatform.com", "environment.api.powerplatform.com",
    "api.gov.powerplatform.microsoft.us",
    # US government: GCC High and DoD
    "logic.azure.us", "api.high.powerplatform.microsoft.us", "api.appsplatform.us",
    # China
    "logic.azure.cn", "logic.chinacloudapi.cn", "api.powerplatform.partner.microsoftonline.cn",
)  # fmt: skip
"""Domains under which Workflows have their webhooks. Unconfirmed as a complete list, hence a parameter."""

REFUSED_BYTES = 28_672
"""Above this Teams shows nothing, although the webhook has accepted it."""

_CODES: Mapping[str, str] = {
    "WorkflowTriggerIsNotEnabled": "the workflow is switched off; switch it on again in Power Automate",
}
"""What Teams says in its answer's code, where that tells more than its status."""
_HINTS: Mapping[int, str] = {
    400: "the workflow did not understand the request; it has to start with 'when a Teams webhook request is "
    "received'",
    401: "the URL's signature is no longer valid; copy the workflow's URL again",
    403: "the URL's signature is no longer valid, or a policy forbids the call",
    404: "the workflow is gone; make a new one and set its URL",
    410: "the workflow is gone; make a new one and set its URL",
}
_HIDDEN_THROTTLE = "HTTP error 429"


class TeamsNotifier:
    """A Notifier that posts to one channel's workflow, at most one card per `spacing` seconds.

    Raises ConfigurationError for a URL that is not https or not of a Workflow; `allow_any_host` lifts the
    second, and the first on loopback.
    """

    def __init__(
        self,
        url: str,
        *,
        allow_any_host: bool = False,
        hosts: Iterable[str] = WORKFLOW_HOSTS,
        retry: Retry | None = None,
        timeout: tuple[float, float] = (5.0, 20.0),
        spacing: float = 1.0,
    ) -> None:
        site = Site("Teams", tuple(hosts), _HINTS, _HIDDEN_THROTTLE, codes=_CODES)
        self._poster = Poster(
            url, site, allow_any_host=allow_any_host, retry=retry, timeout=timeout, spacing=spacing
        )

    def __repr__(self) -> str:
        return "TeamsNotifier(...)"

    def post(self, card: dict[str, Any]) -> None:
        """Send one card. TransientError: Teams is busy or silent. PermanentError: it refuses."""
        body = request_body(card)
        if len(body) > REFUSED_BYTES:
            raise PermanentError(f"a card of {len(body)} bytes is more than Teams shows ({REFUSED_BYTES})")
        self._poster.post(body, {"Content-Type": "application/json"})
