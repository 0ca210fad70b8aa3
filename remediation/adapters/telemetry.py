"""Who collects what is measured: log lines, OpenTelemetry, nobody; and the thread through all of it.

Two forms. Log lines, always: in Azure each line of ours ends with its keys as JSON, because the host passes
on the text of a record and drops what is beside it; the workbook and an alert rule read them there.
OpenTelemetry, only where the platform was told to collect it (the settings in `SWITCHES`): the API alone is
used, whatever exporter is behind it.

Azure gives every change a correlation id, which rides in our messages. It is a GUID, thus a valid trace id:
all that one change sets off is one trace, through queues and processes, without anything being passed along.
The trace of the host's own request is linked to it. No person and no address is in a metric; resources are in
spans only. A span that failed names the kind of error: what an error says may be meant for the log alone.
"""

import contextlib
import copy
import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Any

from remediation.measures import SILENT, Measures, seconds_between
from remediation.model import Listing, Resource, Write
from remediation.model.decisions import HELD_BACK_BY
from remediation.ports import Announcement, Announcer, Cloud, Notifier, Operation, Progress
from remediation.resource_id import ResourceId

OURS = "bastion_guard"
SWITCHES = ("PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "PYTHON_ENABLE_OPENTELEMETRY")
IN_AZURE = "WEBSITE_SITE_NAME"
BUCKETS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 10800, 43200, 86400)
"""Seconds: a repair takes some; what an outage held up takes hours, and should not look like a minute."""
_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

log = logging.getLogger("bastion_guard.telemetry")


def chosen_measures(environment: Mapping[str, str], start: Callable[[], Measures] | None = None) -> Measures:
    """OpenTelemetry where the platform collects it, else nothing; so too where it cannot be started."""
    if not any(environment.get(name, "").lower() == "true" for name in SWITCHES):
        return SILENT
    try:
        return (start or OpenTelemetry)()
    except ImportError:  # pragma: no cover  the environment of the tests has it
        log.warning("telemetry.unavailable", extra={"reason": "opentelemetry-api is not in the package"})
        return SILENT
    except Exception as error:  # noqa: BLE001  whatever is wrong with an exporter, changes are judged
        log.warning("telemetry.unavailable", extra={"reason": type(error).__name__})
        return SILENT


class OpenTelemetry:
    """A tracer and a meter: the global ones do nothing until somebody has set exporters up."""

    def __init__(self, tracers: Any = None, meters: Any = None) -> None:
        from opentelemetry import metrics, trace

        self._trace = trace
        self._tracer = trace.get_tracer(OURS, tracer_provider=tracers)
        self._meter = metrics.get_meter(OURS, meter_provider=meters)
        self._instruments: dict[str, Any] = {}
        self._lock = threading.Lock()

    def count(self, name: str, amount: int = 1, **attributes: str) -> None:
        self._instrument(name, self._meter.create_counter).add(amount, attributes)

    def time(self, name: str, seconds: float, **attributes: str) -> None:
        make = partial(self._meter.create_histogram, unit="s", explicit_bucket_boundaries_advisory=BUCKETS)
        self._instrument(name, make).record(seconds, attributes)

    @contextlib.contextmanager
    def span(self, name: str, correlation_id: str, **attributes: str) -> Iterator[None]:
        around = self._trace.get_current_span().get_span_context()
        parent = self._parent(correlation_id, around.trace_id)
        links = [self._trace.Link(around)] if parent is not None and around.is_valid else []
        with self._tracer.start_as_current_span(
            name,
            parent,
            attributes=attributes,
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            except Exception as error:
                span.set_status(self._trace.StatusCode.ERROR, type(error).__name__)
                raise

    def _instrument(self, name: str, make: Callable[[str], Any]) -> Any:
        """Made once, whichever thread is first: a second one of the same name would be warned of."""
        with self._lock:
            if name not in self._instruments:
                self._instruments[name] = make(f"guard.{name}")
            return self._instruments[name]

    def _parent(self, correlation_id: str, current: int) -> Any:
        """A remote parent whose trace is Azure's correlation id.

        None, so the span that is under way, where that is no id or is the current trace already.
        """
        try:
            trace_id = uuid.UUID(correlation_id).int
        except ValueError:
            return None
        if trace_id in {0, current}:
            return None
        flags = self._trace.TraceFlags(self._trace.TraceFlags.SAMPLED)
        span_id = trace_id & (2**64 - 1) or 1
        parent = self._trace.SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)
        return self._trace.set_span_in_context(self._trace.NonRecordingSpan(parent))


class MeasuredCloud:
    """A Cloud that counts what is asked of another; repeats within a call are counted where they are made."""

    def __init__(self, cloud: Cloud, measures: Measures) -> None:
        self._cloud = cloud
        self._measures = measures

    def get(self, resource: ResourceId) -> Resource | None:
        self._measures.count("reads")
        return self._cloud.get(resource)

    def list(self, listing: Listing) -> Sequence[Resource]:
        self._measures.count("reads")
        return self._cloud.list(listing)

    def write(self, write: Write) -> Operation:
        self._measures.count("writes")
        return self._cloud.write(write)

    def poll(self, url: str) -> Progress:
        self._measures.count("polls")
        return self._cloud.poll(url)


class MeasuredAnnouncer:
    """An Announcer that notes what another has sent: a count and a log line each, with its seconds."""

    def __init__(self, announcer: Announcer, measures: Measures) -> None:
        self._announcer = announcer
        self._measures = measures

    def announce(self, announcements: Iterable[Announcement]) -> None:
        sent = list(announcements)
        with self._measures.span("announce", _common_id(sent), announcements=str(len(sent))):
            self._announcer.announce(sent)
        for one in sent:
            self._note(one)

    def _note(self, one: Announcement) -> None:
        kind, data = one.type.rpartition(".")[2], one.data
        rule, severity = str(data.get("rule") or ""), str(data.get("severity") or "")
        self._measures.count("findings", type=kind, rule=rule, severity=severity)
        evidence = data.get("evidence")
        held = evidence.get(HELD_BACK_BY) if isinstance(evidence, Mapping) else None
        told = {
            "type": kind,
            "rule": rule,
            "severity": severity,
            "resource": one.subject,
            "owner": data.get("owner") or None,
            "channels": data.get("channels") or None,
            "seconds": _seconds(data.get("eventTime"), one.time),
            "held_back_by": held,
            "actor": _name(data.get("actor")),
            "correlation_id": _correlation_id(one),
        }
        log.info("announcement.sent", extra={key: value for key, value in told.items() if value is not None})


class UntracedNotifier:
    """A Notifier whose calls are recorded by no instrumentation of HTTP.

    The webhook's URL holds its signature, and the instrumentation of requests, which Azure Monitor's package
    turns on by itself, writes the whole URL down when the connection fails.
    """

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    def post(self, card: dict[str, Any]) -> None:
        with _untraced():
            self._notifier.post(card)


class KeyedLines(logging.Handler):
    """Hands a record on to the root's handlers with its keys written behind its message."""

    def emit(self, record: logging.LogRecord) -> None:
        keys = {key: value for key, value in record.__dict__.items() if key not in _PLAIN}
        line = copy.copy(record)
        if keys:
            line.msg, line.args = f"{record.getMessage()} {json.dumps(keys, default=str)}", None
        logging.getLogger().callHandlers(line)


def write_keyed_lines(environment: Mapping[str, str]) -> None:
    """In Azure, have our log lines carry their keys; elsewhere the handlers there take them as they like."""
    ours = logging.getLogger(OURS)
    if environment.get(IN_AZURE) and not any(isinstance(each, KeyedLines) for each in ours.handlers):
        ours.addHandler(KeyedLines())
        ours.propagate = False


def _seconds(since: object, until: datetime) -> float | None:
    """From a change to a moment; None where the change's time is not known."""
    if isinstance(since, str):
        try:
            since = datetime.fromisoformat(since)
        except ValueError:
            return None
    return seconds_between(since, until) if isinstance(since, datetime) else None


def _name(actor: object) -> str:
    return str(actor.get("name") or "") if isinstance(actor, Mapping) else str(actor or "")


def _untraced() -> AbstractContextManager[None]:
    try:
        from opentelemetry.instrumentation.utils import suppress_instrumentation
    except ImportError:  # pragma: no cover  the environment of the tests has it
        return contextlib.nullcontext()  # where there is none, none need be kept out
    return suppress_instrumentation()


def _correlation_id(one: Announcement) -> str:
    return str(one.data.get("correlationId") or "")


def _common_id(announcements: Iterable[Announcement]) -> str:
    """The correlation id of what is announced together; "" where several changes were waiting."""
    ids = {_correlation_id(one) for one in announcements}
    return ids.pop() if len(ids) == 1 else ""
