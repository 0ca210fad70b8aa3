"""The activity log of a subscription: what was changed, as ARM itself noted it.

The service takes few filters: a time window, and one of resource group and resource. It answers page by
page, the latest record first.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from remediation.adapters.arm.pipeline import monitor_client
from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.retrying import Retry
from remediation.intake.fetching.port import LogPage
from remediation.intake.records import event_of
from remediation.messages import utc

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline import PipelineResponse
    from azure.core.pipeline.policies import SansIOHTTPPolicy

MOST_RECORDS = 20_000
OK = 200
DOING = "reading the activity log"


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
        wanted = _window(since, until) + (f" and resourceGroupName eq '{group}'" if group else "")
        records = (record for page in self._pages(subscription, wanted) for record in page.records)
        for number, record in enumerate(records):
            if number >= MOST_RECORDS:
                return
            event = event_of(record)
            if event is not None:
                yield event

    def pages(self, subscription: str, since: datetime, until: datetime | None) -> Iterator[LogPage]:
        """The records of a window as they stand in the log, with the moment of each answer by ARM's clock."""
        return self._pages(subscription, _window(since, until))

    def _pages(self, subscription: str, wanted: str) -> Iterator[LogPage]:
        kept: list[LogPage] = []
        with azure_errors(DOING):
            client = monitor_client(self._credential, self._endpoint, subscription, _keeping(kept))
        with azure_errors(DOING), client:
            pages = client.activity_logs.list(filter=wanted).by_page()
            while self._retry.call(lambda: _next(pages)):
                yield kept.pop()


def _next(pages: Iterator[Any]) -> bool:
    """Ask for a page, which the policy keeps; whether there was one."""
    with azure_errors(DOING):
        return next(pages, None) is not None


def _keeping(kept: list[LogPage]) -> "SansIOHTTPPolicy[Any, Any]":
    """A policy that keeps the records of each answer, and leaves the SDK their page's link alone.

    The SDK would make a model of every record, which takes ten times as long as all that we do with it, and
    would drop what it does not know.
    """
    from azure.core.pipeline import policies

    decoded = policies.ContentDecodePolicy.CONTEXT_NAME

    class KeepingRecords(policies.SansIOHTTPPolicy[Any, Any]):
        """Runs when the body is decoded, and before anybody makes something of it."""

        def on_response(self, request: Any, response: "PipelineResponse[Any, Any]") -> None:  # noqa: ARG002
            body = response.context.get(decoded)
            if response.http_response.status_code != OK or not isinstance(body, Mapping):
                return
            records = [each for each in body.get("value") or () if isinstance(each, Mapping)]
            kept[:] = [LogPage(records, _date(response.http_response.headers.get("Date", "")))]
            response.context[decoded] = {"value": [], "nextLink": body.get("nextLink")}

    return KeepingRecords()


def _date(text: str) -> datetime | None:
    try:
        return utc(parsedate_to_datetime(text))
    except (ValueError, TypeError):
        return None


def _window(since: datetime, until: datetime | None) -> str:
    end = "" if until is None else f" and eventTimestamp le '{_moment(until)}'"
    return f"eventTimestamp ge '{_moment(since)}'{end}"


def _moment(moment: datetime) -> str:
    return utc(moment).isoformat().replace("+00:00", "Z")
