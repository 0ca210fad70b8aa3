"""The activity log of a subscription, read so that events which never reached us can be made up for.

The service takes few filters: a time window, and one of resource group and resource. It tells an operation
several times (started, accepted, ended) and keeps 90 days; only ends are events. What the records look like
beyond what the SDK names is unconfirmed.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from remediation.adapters.arm.pipeline import monitor_client
from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.retrying import Retry
from remediation.messages import utc

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

EVENT_TYPES: Mapping[tuple[str, str], str] = {
    (verb, status): f"Microsoft.Resources.Resource{verb.title()}{suffix}"
    for verb in ("write", "delete", "action")
    for status, suffix in (
        ("succeeded", "Success"), ("failed", "Failure"), ("canceled", "Cancel"), ("cancelled", "Cancel"),
    )
}  # fmt: skip
MOST_RECORDS = 20_000


class MonitorActivityLog:
    """Reads the log of any subscription with one identity."""

    def __init__(self, credential: "TokenCredential", *, endpoint: str, retry: Retry | None = None) -> None:
        self._credential = credential
        self._endpoint = endpoint.rstrip("/")
        self._retry = retry or Retry()

    def events(
        self, subscription: str, since: datetime, until: datetime, group: str = ""
    ) -> Iterator[dict[str, Any]]:
        """The events that the changes of a window raised, the latest first, at most 20,000 records."""
        wanted = f"eventTimestamp ge '{_moment(since)}' and eventTimestamp le '{_moment(until)}'"
        if group:
            wanted += f" and resourceGroupName eq '{group}'"
        for number, record in enumerate(self._records(subscription, wanted)):
            if number >= MOST_RECORDS:
                return
            event = event_of(record)
            if event is not None:
                yield event

    def _records(self, subscription: str, wanted: str) -> Iterator[Mapping[str, Any]]:
        client = monitor_client(self._credential, self._endpoint, subscription)
        with azure_errors("reading the activity log"), client:
            pages = client.activity_logs.list(filter=wanted).by_page()
            while (page := self._retry.call(lambda: _next(pages))) is not None:
                yield from page


def _next(pages: Iterator[Any]) -> list[Mapping[str, Any]] | None:
    with azure_errors("reading the activity log"):
        page = next(pages, None)
        return None if page is None else [item.serialize(keep_readonly=True) for item in page]


def event_of(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """The Event Grid event that a record's operation raised; None for what raises none.

    That is every status but an end, every category but Administrative, and reads.
    """
    operation, status = _value(record.get("operationName")), _value(record.get("status")).lower()
    verb = operation.lower().rpartition("/")[2]
    event_type = EVENT_TYPES.get((verb, status))
    if event_type is None or _value(record.get("category")).lower() not in {"", "administrative"}:
        return None
    return {
        "id": record.get("eventDataId") or record.get("id") or "",
        "eventType": event_type,
        "subject": record.get("resourceId") or "",
        "eventTime": record.get("eventTimestamp"),
        "data": {
            "resourceUri": record.get("resourceId") or "",
            "operationName": operation,
            "correlationId": record.get("correlationId") or "",
            "authorization": record.get("authorization") or {},
            "claims": record.get("claims") or {},
            "httpRequest": record.get("httpRequest") or {},
        },
    }


def _value(field: object) -> str:
    """The text of a localizable field, which the service writes as {value, localizedValue}."""
    found = field.get("value") if isinstance(field, Mapping) else field
    return found if isinstance(found, str) else ""


def _moment(moment: datetime) -> str:
    return utc(moment).isoformat().replace("+00:00", "Z")
