"""Posts to a webhook whose URL is a secret: whoever has it can post.

So it is in no error, log line or repr here. Foreign errors that would carry it are told by their kind alone,
and urllib3's debug lines are masked. Where a connection breaks after the request was sent, the next try may
show the same a second time.

HTTP is `requests`: azure-core stands on it, so it costs nothing, and of azure-core's own pipeline (tokens,
redirects, ARM's logging) there is nothing a webhook needs.
"""

import json
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from remediation.adapters.azure_errors import retry_after
from remediation.adapters.credentials import is_loopback
from remediation.adapters.retrying import Retry
from remediation.errors import ConfigurationError, Mistake, PermanentError, TransientError

if TYPE_CHECKING:
    import requests

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_ANSWER_BYTES = 4096
_CODE = re.compile(r"[A-Za-z]{1,80}")


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a kind of webhook: its name, its hosts ((): any), what its refusals mean.

    `hidden` is a text in a success that tells of throttling all the same. `codes` are what the codes of
    errors mean, where they tell more than the status.
    """

    name: str
    hosts: tuple[str, ...] = ()
    hints: Mapping[int, str] = field(default_factory=dict)
    hidden: str = ""
    called: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def webhook(self) -> str:
        return self.called or f"the {self.name} webhook"


class Poster:
    """Posts to one URL, at most once per `spacing` seconds.

    Raises ConfigurationError for a URL that is not https or not of the site's hosts; `allow_any_host` lifts
    the second, and the first on loopback.
    """

    def __init__(
        self,
        url: str,
        site: Site,
        *,
        allow_any_host: bool = False,
        retry: Retry | None = None,
        timeout: tuple[float, float] = (5.0, 20.0),
        spacing: float = 1.0,
    ) -> None:
        _refuse(url, site, allow_any_host=allow_any_host)
        self._url = url
        self._site = site
        self._retry = retry or Retry()
        self._timeout = timeout
        self._spacing = spacing
        self._not_before = 0.0
        self._lock = threading.Lock()
        _mask(url)

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Send once. TransientError: the site is busy or silent. PermanentError: it refuses."""
        self._retry.call(lambda: self._send(body, headers))

    def _send(self, body: bytes, headers: Mapping[str, str]) -> None:
        """One try. Failures are raised outside the except block: what is caught there has the URL in it."""
        import requests

        self._pace()
        try:
            with requests.post(
                self._url,
                data=body,
                headers=dict(headers),
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                failure = self._failure(response)
        except (requests.ConnectionError, requests.Timeout) as error:
            failure = TransientError(f"{self._site.name} gave no answer ({type(error).__name__})")
        except requests.RequestException as error:
            failure = PermanentError(f"{self._site.name} could not be asked ({type(error).__name__})")
        if failure is not None:
            raise failure

    def _pace(self) -> None:
        """Published limits speak of about a post a second, where there are any."""
        clock = self._retry.clock
        with self._lock:
            wait = self._not_before - clock.now().timestamp()
            if wait > 0:
                clock.sleep(wait)
            self._not_before = clock.now().timestamp() + self._spacing

    def _failure(self, response: "requests.Response") -> TransientError | PermanentError | None:
        """What an answer means; None for success."""
        status, name = response.status_code, self._site.name
        if status in _BUSY:
            return TransientError(f"{name} answered {status}", retry_after=retry_after(response.headers))
        if 200 <= status < 300:
            return self._hidden(next(response.iter_content(_ANSWER_BYTES), b"").decode(errors="replace"))
        if 300 <= status < 400:
            return PermanentError(f"{name} answered {status}: redirects are not followed")
        code = _code_in(next(response.iter_content(_ANSWER_BYTES), b""))
        hint = self._site.codes.get(code) or self._site.hints.get(status)
        said = f"{name} answered {status}{f' {code}' if code else ''}{f': {hint}' if hint else ''}"
        return PermanentError(said, code=code or str(status))

    def _hidden(self, answer: str) -> TransientError | None:
        if self._site.hidden and self._site.hidden in answer:
            return TransientError(f"{self._site.name} answered 429, hidden in a 200")
        return None


def _code_in(answer: bytes) -> str:
    """The code of an error; what is not plainly one is left out, since the answer may quote the URL."""
    try:
        document = json.loads(answer)
        code = str(document["error"]["code"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return ""
    return code if _CODE.fullmatch(code) else ""


def _refuse(url: str, site: Site, *, allow_any_host: bool) -> None:
    """Raise ConfigurationError for a URL a card must not be sent to; never quotes it."""
    parts = _split(url)
    if parts is None or not parts.hostname or parts.username or parts.password:
        raise ConfigurationError(
            Mistake.of_settings(f"{site.webhook} is not a URL of the form https://host/path?query")
        )
    if parts.scheme != "https" and not (allow_any_host and parts.scheme == "http" and is_loopback(url)):
        raise ConfigurationError(Mistake.of_settings(f"{site.webhook}'s URL does not begin with https://"))
    known = not site.hosts or any(_under(parts.hostname, host) for host in site.hosts)
    if not allow_any_host and not known:
        raise ConfigurationError(
            Mistake.of_settings(
                f"{site.webhook}'s host is not under {', '.join(site.hosts)}; "
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
