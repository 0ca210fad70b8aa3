"""What is measured, and that measuring changes nothing."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import TracerProvider

from remediation.adapters.memory.cloud import MemoryCloud
from remediation.adapters.telemetry import (
    BUCKETS,
    IN_AZURE,
    OURS,
    KeyedLines,
    MeasuredAnnouncer,
    MeasuredCloud,
    OpenTelemetry,
    chosen_measures,
    write_keyed_lines,
)
from remediation.errors import TransientError
from remediation.measures import SILENT
from remediation.model import Write
from remediation.ports import Announcement
from tests.builders import NSG_ID, an_nsg
from tests.noted import Noted

CHANGED = datetime(2026, 10, 20, 9, tzinfo=UTC)
CORRELATION = "0f8fad5b-d9cb-469f-a165-70867728950e"
COLLECTED = {"PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "true"}


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


def test_what_is_asked_of_arm_is_counted_and_the_answer_is_the_clouds() -> None:
    noted, cloud = Noted(), MemoryCloud(an_nsg())
    measured = MeasuredCloud(cloud, noted)
    found = measured.get(NSG_ID)
    assert found is not None
    assert found.id == NSG_ID
    measured.write(Write("DELETE", NSG_ID))
    measured.poll("https://operations.example/1")
    assert noted.counted == [("reads", {}), ("writes", {}), ("polls", {})]


def test_an_announcement_that_was_sent_is_counted_timed_and_logged(root_lines: list[str]) -> None:
    write_keyed_lines({IN_AZURE: "func-guard"})
    noted, kept = Noted(), Kept()
    told = an_announcement(evidence={"heldBackBy": ["a lock"]}, correlationId=CORRELATION)
    MeasuredAnnouncer(kept, noted).announce([told])

    assert len(kept.sent) == 1
    assert noted.counted[0][1]["type"] == "DriftFixed"
    name, _, text = root_lines[-1].partition(" ")
    keys = json.loads(text)
    assert (name, keys["held_back_by"], keys["seconds"]) == ("announcement.sent", ["a lock"], 12.0)
    assert (keys["actor"], keys["correlation_id"]) == ("alice", CORRELATION)


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
def test_seconds_since_a_change_without_a_time_are_not_made_up(when: Any, root_lines: list[str]) -> None:
    write_keyed_lines({IN_AZURE: "func-guard"})
    MeasuredAnnouncer(Kept(), Noted()).announce([an_announcement(eventTime=when)])
    assert "seconds" not in json.loads(root_lines[-1].partition(" ")[2])


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
    assert chosen_measures({}) is SILENT
    assert isinstance(chosen_measures(COLLECTED), OpenTelemetry)


def test_figures_are_recorded_with_buckets_for_seconds() -> None:
    reader = InMemoryMetricReader()
    telling = OpenTelemetry(TracerProvider(), MeterProvider([reader]))
    for _ in range(2):
        telling.count("events", result="accepted")
    telling.time("time_to_judge", 1.5)

    data = reader.get_metrics_data()
    assert data is not None
    metrics = {one.name: one for scope in data.resource_metrics[0].scope_metrics for one in scope.metrics}
    assert set(metrics) == {"guard.events", "guard.time_to_judge"}
    (counted,), (timed,) = (metrics[name].data.data_points for name in sorted(metrics))
    assert isinstance(counted, NumberDataPoint)
    assert isinstance(timed, HistogramDataPoint)
    assert (counted.value, counted.attributes) == (2, {"result": "accepted"})
    assert (metrics["guard.time_to_judge"].unit, tuple(timed.explicit_bounds)) == ("s", BUCKETS)


def test_a_second_instrument_of_a_name_is_never_made(caplog: pytest.LogCaptureFixture) -> None:
    telling = OpenTelemetry(TracerProvider(), MeterProvider([InMemoryMetricReader()]))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: telling.count("events"), range(64)))
    assert caplog.records == []
