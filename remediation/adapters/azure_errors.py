"""What Azure's errors mean to us: the only place that turns them into errors of `remediation.errors`.

Judged by error code first and by HTTP status second: one 409 passes by itself, another never will. The
codes are those of ARM and its network, monitoring and authorization providers, of Table and Queue storage.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from remediation.errors import (
    BastionGuardError,
    ConflictError,
    ForbiddenError,
    PermanentError,
    ThrottledError,
    TransientError,
    bounded_wait,
)

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError, HttpResponseError

type Kind = type[TransientError | PermanentError]

BY_CODE: dict[str, Kind] = {
    # It moved under us, or somebody is at it: read and decide again.
    "PreconditionFailed": ConflictError,
    "PreconditionFailedEtagMismatch": ConflictError,
    "UpdateConditionNotSatisfied": ConflictError,
    "ConditionNotMet": ConflictError,
    "EntityAlreadyExists": ConflictError,
    "TableAlreadyExists": ConflictError,
    "QueueAlreadyExists": ConflictError,  # with status 204 when it is the same queue
    "AnotherOperationInProgress": ConflictError,
    "CanceledAndSupersededDueToAnotherOperation": ConflictError,
    "Canceled": ConflictError,
    # It will pass, whatever the status says; the first of these arrives as a 429 and is no throttling.
    "RetryableError": TransientError,
    "ReferencedResourceNotProvisioned": TransientError,
    "PrincipalNotFound": TransientError,  # right after an identity was made; unconfirmed
    "ExpiredAuthenticationToken": TransientError,
    "ServerBusy": TransientError,
    "InternalServerError": TransientError,
    "OperationTimedOut": TransientError,
    "TableBeingDeleted": TransientError,
    "QueueBeingDeleted": TransientError,
    # Everybody is to wait.
    "SubscriptionRequestsThrottled": ThrottledError,
    "ResourceRequestsThrottled": ThrottledError,
    "TooManyRequests": ThrottledError,
    # A person must act.
    "ScopeLocked": PermanentError,
    "RequestDisallowedByPolicy": PermanentError,
    "SubscriptionNotFound": PermanentError,
    "InvalidResourceType": PermanentError,
    "MissingSubscriptionRegistration": PermanentError,
    "SecurityRuleConflict": PermanentError,
    "BastionUpdateNotSupported": PermanentError,
    "Conflict": PermanentError,  # a diagnostic setting whose data sink another one uses; see `_kind`
    "AuthorizationFailed": ForbiddenError,
    "LinkedAuthorizationFailed": ForbiddenError,
}

BY_STATUS: dict[int, Kind] = {
    401: ForbiddenError,
    403: ForbiddenError,
    408: TransientError,
    409: ConflictError,
    412: ConflictError,
    429: ThrottledError,
    500: TransientError,
    502: TransientError,
    503: TransientError,
    504: TransientError,
}

NOT_GONE = frozenset(
    {
        "InvalidResourceType",
        "SubscriptionNotFound",
        "InvalidSubscriptionId",
        "InvalidResourceNamespace",
        "InvalidAuthenticationTokenTenant",
    }
)
"""Codes of a 404 that do not say the resource is gone, but that we ask wrongly or may not see.

InvalidResourceType is recorded, the others are unconfirmed.
"""

HINTS: Mapping[str, str] = {
    # What a storage account says whose network is shut; a missing role is AuthorizationPermissionMismatch.
    "AuthorizationFailure": "the account takes nothing from where the app is: its public access or its "
    "firewall was closed, perhaps by a policy",
}
"""What a code means to whoever is to mend it, where its own message does not say."""

_LONGEST_MESSAGE = 600
_IN_PROGRESS = "another operation on this or dependent resource is in progress"


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a service states it: its code, its text, and the codes of its details."""

    code: str = ""
    message: str = ""
    details: tuple[str, ...] = ()

    @classmethod
    def of(cls, body: Any) -> "Problem":
        """Read an error body, with ARM's ``error`` envelope or, as diagnostic settings answer, without."""
        stated = body.get("error", body.get("odata.error", body)) if isinstance(body, Mapping) else {}
        if not isinstance(stated, Mapping):
            return cls(message=str(stated))
        details = stated.get("details")
        inner = details if isinstance(details, Sequence) and not isinstance(details, str) else ()
        codes = tuple(
            str(detail["code"]) for detail in inner if isinstance(detail, Mapping) and "code" in detail
        )
        return cls(str(stated.get("code") or ""), str(stated.get("message") or ""), codes)


def translated(
    doing: str, status: int, problem: Problem, headers: Mapping[str, str] | None = None
) -> BastionGuardError:
    """Our error for an answer that was one; `doing` says in a few words what was tried."""
    kind = _kind(status, problem)
    text = f"{doing}: HTTP {status} {problem.code}".rstrip()
    if problem.message:
        text = f"{text}: {' '.join(problem.message.split())[:_LONGEST_MESSAGE]}"
    if problem.code in HINTS:
        text = f"{text} ({HINTS[problem.code]})"
    if issubclass(kind, TransientError):
        return kind(text, retry_after=retry_after(headers or {}), code=problem.code)
    return kind(text, code=problem.code)


def _kind(status: int, problem: Problem) -> Kind:
    if problem.code == "Conflict" and problem.message.lower().startswith(_IN_PROGRESS):
        return ConflictError  # the network provider's own use of this code, told apart by its text alone
    for code in (*problem.details, problem.code):
        if code in BY_CODE:
            return BY_CODE[code]
    return BY_STATUS.get(status, PermanentError)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds a service asks for, from any of the headers that say so, bounded; None when there is none.

    What is no time to wait counts as absent. A date counts from the answer's own Date, so that no clock of
    ours is compared with the service's.
    """
    found = {name.lower(): value for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 1000), ("x-ms-retry-after-ms", 1000), ("retry-after", 1)):
        try:
            asked = bounded_wait(float(found[name]) / unit)
        except (KeyError, ValueError):
            continue
        if asked is not None:
            return asked
    try:
        until, now = (parsedate_to_datetime(found[name]) for name in ("retry-after", "date"))
        return bounded_wait((until - now).total_seconds())
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


@contextmanager
def azure_errors(doing: str) -> Iterator[None]:
    """Let no SDK exception leave this block."""
    from azure.core import exceptions as sdk

    try:
        yield
    except sdk.HttpResponseError as error:
        if error.status_code is None:  # raised without an answer, by a credential that has no token to give
            raise TransientError(f"{doing}: no token from Azure: {_first_line(error)}") from error
        headers = getattr(error.response, "headers", {})
        raise translated(doing, error.status_code, _problem(error), headers) from error
    except (sdk.ServiceRequestError, sdk.ServiceResponseError) as error:
        raise TransientError(f"{doing}: no answer from Azure: {_cause(error)}") from error
    except sdk.AzureError as error:
        raise PermanentError(f"{doing}: {_first_line(error)}") from error


def _problem(error: "HttpResponseError") -> Problem:
    """What the service said, wherever the SDK at hand keeps it."""
    own = getattr(error, "error_code", None)
    if own is None and error.error is not None:
        own = error.error.code
    code = str(getattr(own, "value", own) or "")
    return Problem(code or _code_in_body(error), _first_line(error))


def _code_in_body(error: "HttpResponseError") -> str:
    try:
        return Problem.of(msgspec.json.decode(error.response.text())).code if error.response else ""
    except (msgspec.DecodeError, AttributeError):
        return ""


def _cause(error: "AzureError") -> str:
    """What broke, without the text of a network library's error: a URL with a signature may stand in it."""
    inner = error.inner_exception
    return _first_line(error) if inner is None else type(inner).__name__


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
