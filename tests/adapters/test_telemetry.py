"""What is measured, and that measuring changes nothing."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from remediation.adapters.memory_cloud import MemoryCloud
from remediation.adapters.telemetry import (
    IN_AZURE,
    OURS,
    KeyedLines,
    MeasuredAnnouncer,
    MeasuredCloud,
    OpenTelemetry,
    Silent,
    measures,
    write_keyed_lines,
)
from remediation.errors import ThrottledError, TransientError
from remediation.model import Resource, ResourceId
from remediation.ports import Announcement
from tests.builders import NSG_ID, an_nsg

CHANGED = datetime(2026, 10, 20, 9, tzinfo=UTC)
CORRELATION = "0f8fad5b-d9cb-469f-a165-70867728950e"
COLLECTED = {"PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "true"}


class Noted:
    """Measures that remember."""

    def __init__(self) -> None:
        self.counted: list[tuple[str, dict[str, str]]] = []
        self.timed: dict[str, float] = {}

    def count(self, name: str, amount: int = 1, **attributes: str) -> None:
        self.counted += [(name, attributes)] * amount

    def time(self, name: str, seconds: float, **attributes: str) -> None:
        self.timed[name] = seconds

    def span(self, name: str, correlation_id: str, **attributes: str) -> AbstractContextManager[None]:
        return nullcontext()


class Busy(MemoryCloud):
    def get(self, resource: ResourceId) -> Resource | None:
        raise ThrottledError("slow down")


class Kept:
    """An announcer that keeps, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[Announcement] = []
        self.error = error

    def announce(self, announcements: Any) -> None:
        if self.error is not None:
            raise self.error
        self.sent += announcements


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def an_announcement(kind: str = "DriftFixed", **data: Any) -> Announcement:
    known = {"rule": "nsg-mgmt-open-to-internet", "severity": "high", "actor": {"name": "alice"}}
    moment = CHANGED.replace(second=12)
    told = {**known, "eventTime": CHANGED.isoformat(), **data}
    return Announcement("id", f"BastionGuard.{kind}", NSG_ID.text, moment, told)


@pytest.fixture
def root_lines() -> Iterator[list[str]]:
    """What the root's handlers are given, with our logger as it was before."""
    ours, handler = logging.getLogger(OURS), Lines()
    before = ours.handlers[:], ours.propagate, ours.level
    ours.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)
    ours.handlers, ours.propagate = before[:2]
    ours.setLevel(before[2])


def test_reads_and_throttles_are_counted_and_the_answer_is_the_clouds() -> None:
    noted = Noted()
    found = MeasuredCloud(MemoryCloud(an_nsg()), noted).get(NSG_ID)
    assert found is not None
    assert found.id == NSG_ID
    with pytest.raises(ThrottledError):
        MeasuredCloud(Busy(), noted).get(NSG_ID)
    assert noted.counted == [("reads", {}), ("reads", {}), ("throttles", {"of": "reads"})]


def test_an_announcement_that_was_sent_is_counted_timed_and_logged(root_lines: list[str]) -> None:
    write_keyed_lines({IN_AZURE: "func-guard"})
    noted, kept = Noted(), Kept()
    MeasuredAnnouncer(kept, noted).announce([an_announcement(evidence={"heldBackBy": ["a lock"]})])

    assert len(kept.sent) == 1
    assert noted.timed == {"time_to_repair": 12.0}
    assert noted.counted[0][1]["type"] == "DriftFixed"
    name, _, keys = root_lines[-1].partition(" ")
    assert (name, json.loads(keys)["held_back_by"]) == ("announcement.sent", ["a lock"])
    assert json.loads(keys)["actor"] == "alice"


def test_no_metric_holds_a_person_or_a_resource() -> None:
    noted = Noted()
    MeasuredAnnouncer(Kept(), noted).announce([an_announcement()])
    assert {key for _, attributes in noted.counted for key in attributes} == {"type", "rule", "severity"}


def test_what_was_not_sent_is_not_noted() -> None:
    noted = Noted()
    with pytest.raises(TransientError):
        MeasuredAnnouncer(Kept(TransientError("down")), noted).announce([an_announcement()])
    assert noted.counted == []


@pytest.mark.parametrize("when", [None, "yesterday", "2026-10-20T09:00:00", 7])
def test_a_time_that_is_not_known_is_not_measured(when: Any) -> None:
    noted = Noted()
    MeasuredAnnouncer(Kept(), noted).announce([an_announcement(eventTime=when)])
    assert noted.timed == {}


def test_keys_are_written_once_however_often_the_app_begins(root_lines: list[str]) -> None:
    for _ in range(3):
        write_keyed_lines({IN_AZURE: "func-guard"})
    logging.getLogger("bastion_guard.app").info("event.accepted", extra={"event_id": "e-1"})
    logging.getLogger("bastion_guard.app").info("plain")
    assert root_lines[-2:] == ['event.accepted {"event_id": "e-1"}', "plain"]


def test_outside_azure_log_records_are_left_as_they_are() -> None:
    write_keyed_lines({})
    assert not [each for each in logging.getLogger(OURS).handlers if isinstance(each, KeyedLines)]


def test_nothing_is_measured_unless_the_platform_collects() -> None:
    assert isinstance(measures({}), Silent)
    assert isinstance(measures(COLLECTED), OpenTelemetry)


def test_all_that_one_change_sets_off_is_one_trace_under_azures_own_id() -> None:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    telling = OpenTelemetry(provider, MeterProvider([reader]))
    with telling.span("accept", CORRELATION):
        telling.count("events")
    with telling.span("reconcile", CORRELATION, ending="done"):
        telling.time("time_to_judge", 1.5)
    with telling.span("sweep", "not a guid"):
        pass

    ids = [f"{span.context.trace_id:032x}" for span in exporter.get_finished_spans() if span.context]
    assert ids[:2] == [CORRELATION.replace("-", "")] * 2
    assert ids[2] != ids[0]
    data = reader.get_metrics_data()
    assert data is not None
    names = {metric.name for scope in data.resource_metrics[0].scope_metrics for metric in scope.metrics}
    assert names == {"guard.events", "guard.time_to_judge"}


def test_telemetry_that_is_off_is_not_imported() -> None:
    script = "import sys; from remediation.app import App; App({}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith("opentelemetry")]
