"""What ARM answers when it refuses, as data; every text is the recorded or reported one.

Three envelopes occur. The gateway's: `{"error": {code, message}}` with `x-ms-failure-cause: gateway`.
A provider's: the same with `"details": []` and without that header. Diagnostic settings answer
unwrapped: `{"code", "message"}`. Texts marked [?] are unconfirmed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FRONT_DOOR_NOT_FOUND = (
    b"<!DOCTYPE html><html><head><title>404 - File or directory not found.</title></head>"
    b"<body><h2>404 - File or directory not found.</h2></body></html>"
)


@dataclass(eq=False, slots=True)  # not frozen: Python itself writes to an exception that is raised
class ArmError(Exception):
    """A refusal: status, code, message and the envelope it comes in."""

    status: int
    code: str
    message: str
    gateway: bool = False
    unwrapped: bool = False
    details: tuple[dict[str, Any], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        plain: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.unwrapped:
            return msgspec.json.encode(plain)
        if not self.gateway:
            plain["details"] = list(self.details)
        return msgspec.json.encode({"error": plain | self.extra})

    def all_headers(self) -> dict[str, str]:
        return {**self.headers, "x-ms-failure-cause": "gateway"} if self.gateway else dict(self.headers)


@dataclass(frozen=True, slots=True)
class OperationError:
    """Why an operation ended Failed or Canceled, as its status document shows it."""

    code: str
    message: str
    details: tuple[dict[str, Any], ...] = ()

    def document(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "details": list(self.details)}


def not_authenticated() -> ArmError:
    return ArmError(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        gateway=True,
        headers={
            "WWW-Authenticate": 'Bearer authorization_uri="https://login.windows.net/", error="invalid_token"'
        },
    )


def no_api_version() -> ArmError:
    return ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
        gateway=True,
    )


def bad_api_version(version: str) -> ArmError:
    return ArmError(
        400,
        "InvalidApiVersionParameter",
        f"The api-version '{version}' is invalid. It must be of the form YYYY-MM-DD or YYYY-MM-DD-preview.",
        gateway=True,
    )


def subscription_not_found(subscription: str) -> ArmError:
    return ArmError(
        404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.", gateway=True
    )


def not_done(what: str, instead: str) -> ArmError:
    """What Azure does and the lab does not: refused, so that nobody takes it for done. Code and text ours."""
    return ArmError(400, "NotSupported", f"The lab does not do {what}: {instead}", gateway=True)


def group_not_found(group: str) -> ArmError:
    return ArmError(
        404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.", gateway=True
    )


def resource_not_found(type_name: str, name: str, group: str) -> ArmError:
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{type_name}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        gateway=True,
    )


def location_required() -> ArmError:
    return ArmError(
        400, "LocationRequired", "The location property is required for this definition.", gateway=True
    )


def location_fixed(name: str, group: str, held: str, sent: str) -> ArmError:
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{held}' in resource group '{group}'. A resource "
        f"with the same name cannot be created in location '{sent}'. Please select a new resource name.",
        gateway=True,
    )


def child_not_found(resource_id: str) -> ArmError:
    return ArmError(404, "NotFound", f"Resource {resource_id} not found.")


def no_such_type(namespace: str, version: str) -> ArmError:
    return ArmError(
        404,
        "InvalidResourceType",
        f"The resource type could not be found in the namespace '{namespace}' for api version '{version}'.",
        gateway=True,
    )


@contextmanager
def reading_request(resource_id: str) -> Iterator[None]:
    """A body whose values have other types than the provider expects is refused [?: text]."""
    try:
        yield
    except (TypeError, AttributeError, LookupError, ValueError) as problem:
        raise bad_request(f"Cannot parse the request for {resource_id}: {problem!r}.") from problem


def bad_request(message: str, code: str = "InvalidRequestFormat") -> ArmError:
    """[?] The code is reported by users; the text is ours."""
    return ArmError(400, code, message)


def cannot_parse(problem: str) -> ArmError:
    """A value of another kind than the provider knows [?: the detail's text]."""
    detail = {"code": "InvalidJson", "message": problem}
    return ArmError(400, "InvalidRequestFormat", "Cannot parse the request.", details=(detail,))


def not_json(problem: str) -> ArmError:
    return ArmError(
        400, "InvalidRequestContent", f"The request content was invalid: '{problem}'.", gateway=True
    )


def method_not_allowed(method: str, type_name: str) -> ArmError:
    """[?] Text ours."""
    return ArmError(
        405,
        "HttpMethodNotAllowed",
        f"The HTTP method '{method}' is not supported at scope '{type_name}'.",
        gateway=True,
    )


def precondition_failed(sent: str, current: str, resource_id: str) -> ArmError:
    detail = {
        "code": "PreconditionFailedEtagMismatch",
        "message": f"Etag provided in if-match header {sent} does not match etag {current} of "
        f"resource {resource_id} in NRP data store.",
    }
    return ArmError(412, "PreconditionFailed", "Precondition failed.", details=(detail,))


def another_operation(operation_url: str) -> ArmError:
    """[?] As a direct answer; in the operation's own result it is reported by users."""
    return ArmError(
        409,
        "AnotherOperationInProgress",
        "Another operation on this or dependent resource is in progress. "
        f"To retrieve status of the operation use uri: {operation_url}.",
    )


def scope_locked(scope: str, operation: str, locked: Iterable[str]) -> ArmError:
    """`locked`: the scopes that have locks, as their locks spell them [?: several joined by commas]."""
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{scope}' cannot perform {operation} operation because following scope(s) are locked: "
        f"'{','.join(locked)}'. Please remove the lock and try again.",
        gateway=True,
    )


def not_authorized(caller: str, object_id: str, action: str, scope: str) -> ArmError:
    return ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{caller}' with object id '{object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh "
        "your credentials.",
        gateway=True,
    )


def link_not_authorized(caller: str, object_id: str, action: str, scope: str, linked: str) -> ArmError:
    """[?] Text unconfirmed."""
    return ArmError(
        403,
        "LinkedAuthorizationFailed",
        f"The client '{caller}' with object id '{object_id}' has permission to perform action "
        f"'{action}' on scope "
        f"'{scope}'; however, it does not have permission to perform action(s) '{linked}' on the "
        "linked scope(s).",
        gateway=True,
    )


def disallowed_by_policy(name: str, assignment: str) -> ArmError:
    """[?] The shape of additionalInfo is unconfirmed."""
    info = {"type": "PolicyViolation", "info": {"policyAssignmentId": assignment}}
    return ArmError(
        403,
        "RequestDisallowedByPolicy",
        f"Resource '{name}' was disallowed by policy. Reasons: 'Denied by the lab.'. "
        "See error details for policy resource IDs.",
        gateway=True,
        extra={"target": name, "additionalInfo": [info]},
    )


def throttled(code: str, what: str, limit: int, seconds: int) -> ArmError:
    return ArmError(
        429,
        code,
        f"Number of requests for {what} exceeded the limit of '{limit}' for time interval '00:01:00'. "
        f"Please try again after '{seconds}' seconds.",
        gateway=True,
        headers={"Retry-After": str(seconds)},
    )


def superseded(first_label: str, first: str, second_label: str, second: str) -> OperationError:
    """The envelope around the detail is unconfirmed [?]; the detail is reported by users."""
    detail = {
        "code": "CanceledAndSupersededDueToAnotherOperation",
        "message": f"Operation {first_label} ({first}) was canceled and superseded by operation "
        f"{second_label} ({second}).",
    }
    return OperationError("Canceled", "Operation was canceled.", (detail,))
