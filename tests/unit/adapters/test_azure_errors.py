"""Every error Azure is known to answer with has one meaning here; one test per row of the table."""

from typing import Any

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ServiceRequestError,
    ServiceResponseError,
)

from remediation.adapters.azure_errors import (
    BY_CODE,
    BY_STATUS,
    Problem,
    azure_errors,
    retry_after,
    translated,
)
from remediation.errors import (
    BastionGuardError,
    ConflictError,
    ForbiddenError,
    PermanentError,
    ThrottledError,
    TransientError,
)

DOCUMENTED: list[tuple[int, Any, type[BastionGuardError]]] = [
    (404, "ResourceGroupNotFound", PermanentError),
    (404, "ResourceNotFound", PermanentError),
    (404, "NotFound", PermanentError),
    (404, "InvalidResourceType", PermanentError),
    (400, "InUseSubnetCannotBeDeleted", PermanentError),
    (400, "InUseNetworkSecurityGroupCannotBeDeleted", PermanentError),
    (400, "PublicIPAddressCannotBeDeleted", PermanentError),
    (400, "NicInUse", PermanentError),
    (400, "SecurityRuleConflict", PermanentError),
    (400, "SecurityRuleInvalidPriority", PermanentError),
    (400, "NetworkSecurityGroupNotCompliantForAzureBastionSubnet", PermanentError),
    (400, "InvalidRequestFormat", PermanentError),
    (400, "BadRequest", PermanentError),
    (400, "PrincipalNotFound", TransientError),
    (401, "ExpiredAuthenticationToken", TransientError),
    (401, "InvalidAuthenticationToken", ForbiddenError),
    (403, "AuthorizationFailed", ForbiddenError),
    (403, "LinkedAuthorizationFailed", ForbiddenError),
    (403, "RequestDisallowedByPolicy", PermanentError),
    (409, "ScopeLocked", PermanentError),
    (409, "Conflict", PermanentError),
    (409, "MissingSubscriptionRegistration", PermanentError),
    (409, "AnotherOperationInProgress", ConflictError),
    (409, "CanceledAndSupersededDueToAnotherOperation", ConflictError),
    (409, "SomethingNobodyListed", ConflictError),
    (412, "PreconditionFailed", ConflictError),
    (412, "UpdateConditionNotSatisfied", ConflictError),
    (409, "EntityAlreadyExists", ConflictError),
    (429, "RetryableError", TransientError),
    (429, "SubscriptionRequestsThrottled", ThrottledError),
    (429, "ResourceRequestsThrottled", ThrottledError),
    (429, "", ThrottledError),
    (408, "", TransientError),
    (500, "InternalServerError", TransientError),
    (502, "", TransientError),
    (503, "ServerBusy", TransientError),
    (504, "", TransientError),
    (302, "", PermanentError),
    (418, "", PermanentError),
    (200, "BastionUpdateNotSupported", PermanentError),
    (200, "Canceled", ConflictError),
]


@pytest.mark.parametrize(("status", "code", "kind"), DOCUMENTED)
def test_a_documented_error_has_its_meaning(status: int, code: str, kind: type[BastionGuardError]) -> None:
    assert type(translated("writing web", status, Problem(code))) is kind


@pytest.mark.parametrize("status", [200, 400, 409, 412, 429, 500])
def test_another_operation_in_the_way_is_a_conflict_that_is_handed_on_whatever_the_status(
    status: int,
) -> None:
    """ARM says it of writes that met one another; to give up for it, or to wait as if throttled, is wrong."""
    told = translated("writing web", status, Problem("AnotherOperationInProgress"), {"Retry-After": "7"})

    assert type(told) is ConflictError
    assert (7.0, "AnotherOperationInProgress") == (told.retry_after, told.code)


@pytest.mark.parametrize("code", BY_CODE)
def test_a_code_decides_whatever_the_status(code: str) -> None:
    kinds = {type(translated("writing web", status, Problem(code))) for status in (200, 400, 409, 429, 500)}

    assert kinds == {BY_CODE[code]}


@pytest.mark.parametrize("status", BY_STATUS)
def test_a_status_decides_where_the_code_says_nothing(status: int) -> None:
    assert type(translated("reading web", status, Problem("Whatever"))) is BY_STATUS[status]


def test_a_detail_tells_more_than_the_code_above_it() -> None:
    problem = Problem.of(
        {"error": {"code": "Conflict", "message": "m", "details": [{"code": "AnotherOperationInProgress"}]}}
    )

    assert type(translated("writing web", 409, problem)) is ConflictError


def test_an_operation_in_progress_is_known_by_its_text_where_the_code_is_only_conflict() -> None:
    text = "Another operation on this or dependent resource is in progress. To retrieve status ..."

    assert type(translated("writing web", 409, Problem("Conflict", text))) is ConflictError


def test_a_data_sink_in_use_is_permanent_although_it_is_a_409() -> None:
    body = {
        "code": "Conflict",
        "message": "Data sink '/subscriptions/s' is already used in diagnostic setting 'x'",
    }

    error = translated("writing the setting", 409, Problem.of(body))

    assert type(error) is PermanentError
    assert error.code == "Conflict"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"code": "A", "message": "m", "details": []}}, Problem("A", "m")),
        ({"code": "A", "message": "m"}, Problem("A", "m")),
        ({"error": {"code": "A", "details": [{"code": "B"}, {"x": 1}, "y"]}}, Problem("A", "", ("B",))),
        ({"error": {"code": "A", "details": None, "message": None}}, Problem("A")),
        ({"error": "plain words"}, Problem(message="plain words")),
        ({"odata.error": {"code": "TableNotFound"}}, Problem("TableNotFound")),
        ({}, Problem()),
        ([1], Problem()),
        ("text", Problem()),
        (None, Problem()),
    ],
)
def test_an_error_body_is_read_in_any_shape(body: object, expected: Problem) -> None:
    assert Problem.of(body) == expected


def test_the_message_says_what_was_tried_and_what_arm_said_on_one_line() -> None:
    error = translated(
        "writing /subscriptions/s", 409, Problem("ScopeLocked", "The scope\r\nis locked. " + "x" * 5000)
    )

    assert str(error).startswith("writing /subscriptions/s: HTTP 409 ScopeLocked: The scope is locked. xxx")
    assert "\n" not in str(error)
    assert len(str(error)) < 800


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"retry-after": "0"}, 0.0),
        ({"Retry-After": "-3"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"X-MS-Retry-After-MS": "10", "Retry-After": "3"}, 0.01),
        ({"Retry-After": "Fri, 02 Jan 2026 10:00:30 GMT", "Date": "Fri, 02 Jan 2026 10:00:00 GMT"}, 30.0),
        ({"Retry-After": "Fri, 02 Jan 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "soon", "Date": "now"}, None),
        ({"Retry-After": "999999999"}, 900.0),
        ({"retry-after-ms": "1e300"}, 900.0),
        ({"Retry-After": "Fri, 02 Jan 2099 10:00:30 GMT", "Date": "Fri, 02 Jan 2026 10:00:00 GMT"}, 900.0),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "-Infinity"}, None),
        ({"Retry-After": "nan"}, None),
        ({"retry-after-ms": "nan", "Retry-After": "3"}, 3.0),
        ({}, None),
    ],
)
def test_the_wait_a_service_asks_for_is_read_from_any_header(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds


def test_an_error_that_passes_carries_the_wait_and_the_code() -> None:
    error = translated("reading web", 429, Problem("ResourceRequestsThrottled"), {"Retry-After": "9"})

    assert isinstance(error, ThrottledError)
    assert (error.retry_after, error.code) == (9.0, "ResourceRequestsThrottled")


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (ServiceRequestError("refused"), TransientError),
        (ServiceResponseError("cut off"), TransientError),
        (ClientAuthenticationError("no token"), TransientError),
        (HttpResponseError("no answer"), TransientError),
        (AzureError("odd"), PermanentError),
    ],
)
def test_no_sdk_error_leaves_the_block(raised: Exception, kind: type[BastionGuardError]) -> None:
    with pytest.raises(kind) as caught, azure_errors("reading web"):
        raise raised

    assert type(caught.value) is kind
    assert caught.value.__cause__ is raised


def test_a_network_error_keeps_signatures_to_itself() -> None:
    inner = OSError("failed: url https://management.azure.com/operations/1?s=SIGNATURE")

    with pytest.raises(TransientError) as caught, azure_errors("asking how an operation stands"):
        raise ServiceRequestError(inner, error=inner)

    assert "SIGNATURE" not in str(caught.value)
    assert "OSError" in str(caught.value)


def test_what_is_no_error_of_azure_passes_through() -> None:
    with pytest.raises(ZeroDivisionError), azure_errors("reading web"):
        raise ZeroDivisionError


def test_an_existing_thing_is_a_conflict_by_status() -> None:
    error = ResourceExistsError("there already")
    error.status_code = 409

    with pytest.raises(ConflictError), azure_errors("making the queue"):
        raise error
