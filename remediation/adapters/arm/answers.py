"""Reading what ARM answers: documents, elements of lists, operations, errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from remediation.adapters.azure_errors import NOT_GONE, Problem, translated
from remediation.errors import BastionGuardError, InvalidResourceId, PermanentError, TransientError
from remediation.model import Listing, Resource, dig
from remediation.ports import Progress
from remediation.resource_id import ResourceId

TERMINAL: dict[str, Literal["succeeded", "failed", "cancelled"]] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: `headers` find their names in any case, `body` is what came, unread."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def failed(self) -> bool:
        return self.status >= 300  # no redirect is followed, so one is a failure too

    @property
    def gone(self) -> bool:
        return self.status == 404 and self._problem().code not in NOT_GONE

    def document(self) -> dict[str, Any]:
        """The JSON object in the body; TransientError for anything else, which ARM itself never sends."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise TransientError(f"an answer of HTTP {self.status} is not a JSON object") from error

    def error(self, doing: str) -> BastionGuardError:
        return translated(doing, self.status, self._problem(), self.headers)

    def operation(self) -> str | None:
        """The URL that tells how an accepted write stands, kept verbatim: it may carry a signature."""
        location = self.headers.get("Location") if self.status == 202 else None
        return self.headers.get("Azure-AsyncOperation") or location

    def _problem(self) -> Problem:
        try:
            return Problem.of(msgspec.json.decode(self.body))
        except msgspec.DecodeError:
            return Problem()


def listed(item: Any, listing: Listing) -> Resource:
    """One element of a list. What a scope inherits from above subscriptions is shown as standing on it."""
    try:
        name = item["name"] if isinstance(item, Mapping) and not _is_ours(item.get("id")) else None
        own = f"{listing.scope}/providers/{listing.type}/{name}"
        return Resource.of(item) if name is None else Resource(ResourceId.parse(own), item)
    except (InvalidResourceId, AttributeError, KeyError) as error:
        what = f"the list of {listing.type} of {listing.scope} holds something else"
        raise PermanentError(f"{what}: {error}") from error


def _is_ours(text: object) -> bool:
    return not isinstance(text, str) or text.lower().startswith("/subscriptions/")


def progress(body: Mapping[str, Any], wait: float | None) -> Progress:
    """Read an operation's status, or a resource's own state where there is no operation to ask."""
    status = body.get("status") or dig(body, "properties", "provisioningState") or "Succeeded"
    state = TERMINAL.get(str(status).lower())
    if state is None:
        return Progress("running", retry_after=wait)
    problem = Problem.of(body) if state != "succeeded" else Problem()
    return Progress(state, problem.code, problem.message)


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port; a URL with a user name in it is nobody's origin."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", None, None
    return (parts.scheme, parts.hostname, port) if parts.username is None else ("", None, None)
