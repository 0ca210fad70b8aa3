"""What is measured: calls to ARM, findings, times from change to card; and the thread through all of it.

Two forms. Log lines, always: in Azure each line of ours ends with its keys as JSON, because the host passes
on the text of a record and drops what is beside it; the workbook and an alert rule read them there.
OpenTelemetry, only where the platform was told to collect it (the settings in `SWITCHES`): the API alone is
used, whatever exporter is behind it.

Azure gives every change a correlation id, which rides in our messages. It is a GUID, thus a valid trace id:
all that one change sets off is one trace, through queues and processes, without anything being passed along.
No person and no address is in a metric; resources are in spans only.
"""

import contextlib
import copy
import json
import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from remediation.errors import ThrottledError
from remediation.model import Listing, Resource, ResourceId, Write
from remediation.ports import Announcement, Announcer, Cloud, Operation, Progress

OURS = "bastion_guard"
SWITCHES = ("PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "PYTHON_ENABLE_OPENTELEMETRY")
IN_AZURE = "WEBSITE_SITE_NAME"
FIXED, JUDGED = frozenset({"DriftFixed"}), frozenset({"DriftFound", "DriftProposed"})
_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

log = logging.getLogger("bastion_guard.telemetry")


class Measures(Protocol):
    """Where figures go. Names are constant; attributes have few values each."""

    def count(self, name: str, amount: int = 1, **attributes: str) -> None: ...

    def time(self, name: str, seconds: float, **attributes: str) -> None: ...

    def span(self, name: str, correlation_id: str, **attributes: str) -> AbstractContextManager[None]: ...


class Silent:
    """Measures nothing, at no cost."""

    def count(self, name: str, amount: int = 1, **attributes: str) -> None:
        """Forget it."""

    def time(self, name: str, seconds: float, **attributes: str) -> None:
        """Forget it."""

    def span(self, name: str, correlation_id: str, **attributes: str) -> AbstractContextManager[None]:  # noqa: ARG002
        return contextlib.nullcontext()


def measures(environment: Mapping[str, str]) -> Measures:
    """OpenTelemetry where the platform collects it, else nothing."""
    if not any(environment.get(name, "").lower() == "true" for name in SWITCHES):
        return Silent()
    try:
        return OpenTelemetry()
    except ImportError:
        log.warning("telemetry.unavailable", extra={"reason": "opentelemetry-api is not in the package"})
        return Silent()


class OpenTelemetry:
    """A tracer and a meter: the global ones do nothing until somebody has set exporters up."""

    def __init__(self, tracers: Any = None, meters: Any = None) -> None:
        from opentelemetry import metrics, trace

        self._trace = trace
        self._tracer = trace.get_tracer(OURS, tracer_provider=tracers)
        self._meter = metrics.get_meter(OURS, meter_provider=meters)
        self._counters: dict[str, Any] = {}
        self._histograms: dict[str, Any] = {}

    def count(self, name: str, amount: int = 1, **attributes: str) -> None:
        counter = self._counters.get(name)
        if counter is None:
            counter = self._counters[name] = self._meter.create_counter(f"guard.{name}")
        counter.add(amount, attributes)

    def time(self, name: str, seconds: float, **attributes: str) -> None:
        histogram = self._histograms.get(name)
        if histogram is None:
            made = self._meter.create_histogram(f"guard.{name}", unit="s")
            histogram = self._histograms[name] = made
        histogram.record(seconds, attributes)

    @contextlib.contextmanager
    def span(self, name: str, correlation_id: str, **attributes: str) -> Iterator[None]:
        with self._tracer.start_as_current_span(
            name, context=self._parent(correlation_id), attributes=attributes
        ):
            yield

    def _parent(self, correlation_id: str) -> Any:
        """A remote parent whose trace is Azure's correlation id; None, so a new trace, where that is none."""
        try:
            trace_id = uuid.UUID(correlation_id).int
        except ValueError:
            return None
        if not trace_id:
            return None
        flags = self._trace.TraceFlags(self._trace.TraceFlags.SAMPLED)
        span_id = trace_id & (2**64 - 1) or 1
        parent = self._trace.SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)
        return self._trace.set_span_in_context(self._trace.NonRecordingSpan(parent))


class MeasuredCloud:
    """A Cloud that counts what is asked of another."""

    def __init__(self, cloud: Cloud, measures: Measures) -> None:
        self._cloud = cloud
        self._measures = measures

    def get(self, resource: ResourceId) -> Resource | None:
        with self._counted("reads"):
            return self._cloud.get(resource)

    def list(self, listing: Listing) -> Sequence[Resource]:
        with self._counted("reads"):
            return self._cloud.list(listing)

    def write(self, write: Write) -> Operation:
        with self._counted("writes"):
            return self._cloud.write(write)

    def poll(self, url: str) -> Progress:
        with self._counted("polls"):
            return self._cloud.poll(url)

    @contextlib.contextmanager
    def _counted(self, what: str) -> Iterator[None]:
        self._measures.count(what)
        try:
            yield
        except ThrottledError:
            self._measures.count("throttles", of=what)
            raise


class MeasuredAnnouncer:
    """An Announcer that notes what another has sent: one log line each, counters, and how long it took."""

    def __init__(self, announcer: Announcer, measures: Measures) -> None:
        self._announcer = announcer
        self._measures = measures

    def announce(self, announcements: Iterable[Announcement]) -> None:
        sent = list(announcements)
        self._announcer.announce(sent)
        for one in sent:
            self._note(one)

    def _note(self, one: Announcement) -> None:
        kind, data = one.type.rpartition(".")[2], one.data
        rule, severity = str(data.get("rule") or ""), str(data.get("severity") or "")
        seconds = _seconds(data.get("eventTime"), one.time)
        self._measures.count("findings", type=kind, rule=rule, severity=severity)
        if seconds is not None and kind in FIXED | JUDGED:
            self._measures.time("time_to_repair" if kind in FIXED else "time_to_judge", seconds)
        evidence = data.get("evidence")
        held = evidence.get("heldBackBy") if isinstance(evidence, Mapping) else None
        told = {"type": kind, "rule": rule, "severity": severity, "resource": one.subject, "seconds": seconds}
        log.info("announcement.sent", extra={**told, "held_back_by": held, "actor": _name(data.get("actor"))})


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
    return max(0.0, (until - since).total_seconds()) if isinstance(since, datetime) and since.tzinfo else None


def _name(actor: object) -> str:
    return str(actor.get("name") or "") if isinstance(actor, Mapping) else str(actor or "")
