"""Cards to a Teams channel, through the webhook of a Workflow.

The webhook's URL holds its signature: whoever has it can post. So it is in no error, log line or repr here.
Foreign errors that would carry it are told by their kind alone, and urllib3's debug lines are masked.

202 says that the workflow will run, not that a card will be shown; a Teams success closes nothing. Where a
connection breaks after the request was sent, the next try may show the card a second time.

HTTP is `requests`: azure-core stands on it, so it costs nothing, and of azure-core's own pipeline (tokens,
redirects, ARM's logging) there is nothing a webhook needs.
"""

import json
import logging
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from remediation.adapters.azure_errors import retry_after
from remediation.adapters.credentials import is_loopback
from remediation.adapters.retrying import Retry
from remediation.errors import ConfigurationError, Mistake, PermanentError, TransientError
from remediation.telling.cards import request_body

if TYPE_CHECKING:
    import requests

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

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_CODES: Mapping[str, str] = {
    "WorkflowTriggerIsNotEnabled": "the workflow is switched off; switch it on again in Power Automate",
}
"""What Teams says in its answer's code, where that tells more than its status."""
_CODE = re.compile(r"[A-Za-z]{1,80}")
_HINTS: Mapping[int, str] = {
    400: "the workflow did not understand the request; it has to start with 'when a Teams webhook request is "
    "received'",
    401: "the URL's signature is no longer valid; copy the workflow's URL again",
    403: "the URL's signature is no longer valid, or a policy forbids the call",
    404: "the workflow is gone; make a new one and set its URL",
    410: "the workflow is gone; make a new one and set its URL",
}
_HIDDEN_THROTTLE = "HTTP error 429"
_ANSWER_BYTES = 4096


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
        _refuse(url, tuple(hosts), allow_any_host=allow_any_host)
        self._url = url
        self._retry = retry or Retry()
        self._timeout = timeout
        self._spacing = spacing
        self._not_before = 0.0
        self._lock = threading.Lock()
        _mask(url)

    def __repr__(self) -> str:
        return "TeamsNotifier(...)"

    def post(self, card: dict[str, Any]) -> None:
        """Send one card. TransientError: Teams is busy or silent. PermanentError: it refuses."""
        body = request_body(card)
        if len(body) > REFUSED_BYTES:
            raise PermanentError(f"a card of {len(body)} bytes is more than Teams shows ({REFUSED_BYTES})")
        self._retry.call(lambda: self._send(body))

    def _send(self, body: bytes) -> None:
        """One try. Failures are raised outside the except block: what is caught there has the URL in it."""
        import requests

        self._pace()
        try:
            with requests.post(
                self._url,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                failure = _failure(response)
        except (requests.ConnectionError, requests.Timeout) as error:
            failure = TransientError(f"Teams gave no answer ({type(error).__name__})")
        except requests.RequestException as error:
            failure = PermanentError(f"Teams could not be asked ({type(error).__name__})")
        if failure is not None:
            raise failure

    def _pace(self) -> None:
        """Connector-era limits speak of a few posts a second; the limits of Workflows are not documented."""
        clock = self._retry.clock
        with self._lock:
            wait = self._not_before - clock.now().timestamp()
            if wait > 0:
                clock.sleep(wait)
            self._not_before = clock.now().timestamp() + self._spacing


def _failure(response: "requests.Response") -> TransientError | PermanentError | None:
    """What an answer means; None for success."""
    status = response.status_code
    if status in _BUSY:
        return TransientError(f"Teams answered {status}", retry_after=retry_after(response.headers))
    if 200 <= status < 300:
        return _hidden(next(response.iter_content(_ANSWER_BYTES), b"").decode(errors="replace"))
    if 300 <= status < 400:
        return PermanentError(f"Teams answered {status}: redirects are not followed")
    code = _code_in(next(response.iter_content(_ANSWER_BYTES), b""))
    hint = _CODES.get(code) or _HINTS.get(status)
    said = f"Teams answered {status}{f' {code}' if code else ''}{f': {hint}' if hint else ''}"
    return PermanentError(said, code=code or str(status))


def _code_in(answer: bytes) -> str:
    """The code of an error; what is not plainly one is left out, since the answer may quote the URL."""
    try:
        document = json.loads(answer)
        code = str(document["error"]["code"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return ""
    return code if _CODE.fullmatch(code) else ""


def _hidden(answer: str) -> TransientError | None:
    """Connectors answered 200 and told of throttling in the body; a gateway in front may still do so."""
    return TransientError("Teams answered 429, hidden in a 200") if _HIDDEN_THROTTLE in answer else None


def _refuse(url: str, hosts: tuple[str, ...], *, allow_any_host: bool) -> None:
    """Raise ConfigurationError for a URL a card must not be sent to; never quotes it."""
    parts = _split(url)
    if parts is None or not parts.hostname or parts.username or parts.password:
        raise ConfigurationError(
            Mistake.of_settings("the Teams webhook is not a URL of the form https://host/path?query")
        )
    if parts.scheme != "https" and not (allow_any_host and parts.scheme == "http" and is_loopback(url)):
        raise ConfigurationError(Mistake.of_settings("the Teams webhook's URL does not begin with https://"))
    if not allow_any_host and not any(_under(parts.hostname, host) for host in hosts):
        raise ConfigurationError(
            Mistake.of_settings(
                f"the Teams webhook's host is not under {', '.join(hosts)}; "
                "if it is a webhook of yours all the same, allow any host"
            )
        )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if url.isprintable() and " " not in url and "\\" not in url else None


def _under(host: str, domain: str) -> bool:
    return host.lower().endswith(f".{domain.lower()}")


@dataclass(frozen=True)
class _Masked:
    """A logging filter that takes a webhook's path and query out of the arguments of a record."""

    secret: str = field(repr=False)

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple("/..." if self.secret in str(each) else each for each in record.args)
        return True


def _mask(url: str) -> None:
    """urllib3 writes each request's path and query at debug level, the signature with it."""
    parts = urlsplit(url)
    secret = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if len(secret) > 1:
        logging.getLogger("urllib3.connectionpool").addFilter(_Masked(secret))
