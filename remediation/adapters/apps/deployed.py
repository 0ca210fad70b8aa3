"""A deployed app over HTTP, in the name of whoever is signed in here: no storage right, no key.

The token is for the app alone (its own audience), and goes to the host that ARM names for it, over https.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from remediation.adapters.credentials import is_loopback
from remediation.errors import (
    ConfigurationError,
    ForbiddenError,
    InputError,
    Mistake,
    PermanentError,
    SignedOutError,
    ThrottledError,
    TransientError,
)

SECONDS = 240.0
"""As long as Azure lets a request take."""

type Answer = tuple[int, Mapping[str, Any]]


class DeployedApp:
    """`token` gives a fresh token for the app each time."""

    def __init__(self, host: str, token: Callable[[], str]) -> None:
        near = is_loopback(host if "://" in host else f"http://{host}")
        self._url = host if "://" in host else f"{'http' if near else 'https'}://{host}"
        if not near and not self._url.startswith("https://"):
            raise ConfigurationError(Mistake.of_settings("no token is sent over plain http"))
        self._near = near
        self._token = token

    def get(self, path: str) -> Mapping[str, Any]:
        """What an address of the app answers; raises as `post`."""
        return self._told(*self._send("GET", path, None, {}))[1]

    def post(
        self, identity: str, verb: str, body: Mapping[str, Any], etag: str, key: str = ""
    ) -> tuple[int, Mapping[str, Any]]:
        """Ask for something to be done: status (200, 202, 409 or 412) and answer.

        Raises SignedOutError, ForbiddenError, InputError, TransientError and PermanentError for all else.
        """
        headers = {"X-Bastion-Guard": "1", "If-Match": f'"{etag}"' if etag else "", "Idempotency-Key": key}
        kept = {name: value for name, value in headers.items() if value}
        path = f"findings/{quote(identity, safe='')}/{verb}"
        return self._told(*self._send("POST", path, body, kept))

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, Any], float | None]:
        import requests

        sent = {**headers, "Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        try:
            with requests.Session() as session:
                session.trust_env = not self._near
                answer = session.request(
                    method,
                    f"{self._url}/api/{path}",
                    json=body,
                    headers=sent,
                    timeout=SECONDS,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            raise TransientError(f"{self._url} does not answer: {type(error).__name__}") from error
        after = answer.headers.get("Retry-After", "")
        return answer.status_code, _object(answer), float(after) if after.isdecimal() else None

    def _told(self, status: int, body: Mapping[str, Any], after: float | None) -> Answer:
        said = str(body.get("detail") or f"{self._url} answers {status}")
        match status:
            case 200 | 202 | 409 | 412:
                return status, body
            case 401 | 302:
                raise SignedOutError(f"the app does not know who you are: {said}")
            case 403:
                raise ForbiddenError(said)
            case 400 | 404 | 413 | 422 | 428:
                raise InputError([str(one) for one in body.get("errors") or [said]])
            case 429:
                raise ThrottledError(said, retry_after=after)
            case 503:
                raise TransientError(said, retry_after=after)
            case _:
                raise PermanentError(said)


def _object(answer: Any) -> Mapping[str, Any]:
    """The JSON object of an answer; empty for anything else, such as a proxy's page."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
