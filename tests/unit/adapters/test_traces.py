"""One change, one trace: from the event through the queue to the repair and its card, whatever process works.

Each `App` here has a tracer of its own, as each process in Azure has; what they share is the queue.
"""

import base64
import json
import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from lab.arm import Arm, in_background
from remediation.adapters.clock import VirtualClock
from remediation.adapters.memory.storage import MemoryAnnouncer, forget, shared
from remediation.adapters.telemetry import MeasuredAnnouncer, OpenTelemetry, UntracedNotifier
from remediation.app.functions import App
from remediation.messages import decode, encode
from remediation.ports import Announcement
from tests.builders import AT, NSG_ID, SUBSCRIPTION, an_event, an_nsg
from tests.noted import Noted

CORRELATION = "0f8fad5b-d9cb-469f-a165-70867728950e"
TRACE = CORRELATION.replace("-", "")
ANOTHER = str(uuid.uuid4())
ABOUT_ONE_EVENT = frozenset({"bastion_guard.intake", "bastion_guard.reconcile", "bastion_guard.telemetry"})


class Process:
    """Telemetry as one process has it, and the spans that it has finished."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.measures = OpenTelemetry(self.provider, MeterProvider([]))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]

    @property
    def traces(self) -> set[str]:
        return {f"{span.context.trace_id:032x}" for span in self.spans if span.context}


def an_event_of(correlation_id: str) -> dict[str, Any]:
    event = an_event()
    return {**event, "data": {**event["data"], "correlationId": correlation_id}}


def an_announcement_of(correlation_id: str) -> Announcement:
    data = {"rule": "x", "severity": "high", "correlationId": correlation_id}
    return Announcement("id", "BastionGuard.DriftFound", NSG_ID.text, datetime(2026, 1, 1, tzinfo=UTC), data)


@pytest.fixture
def arm() -> Arm:
    """An ARM in which SSH was opened."""
    arm = Arm()
    arm.seed([an_nsg(allow_ssh_from="Internet", subnets=())])
    return arm


@pytest.fixture
def environment(arm: Arm, fresh_name: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A guard in enforce mode before that ARM, with storage in memory."""
    baseline = tmp_path / "baseline.json"
    baseline.write_text(json.dumps({"version": 1, "mode": "enforce"}))
    with in_background(arm) as url:
        yield {
            "SUBSCRIPTIONS": SUBSCRIPTION,
            "AzureWebJobsStorage": f"memory://{fresh_name}",
            "ARM_ENDPOINT": url,
            "ARM_STATIC_TOKEN": "bastion-guard",
            "BASELINE": str(baseline),
        }
    forget(fresh_name)


def on_queue(environment: dict[str, str], name: str) -> list[str]:
    """The messages that lie on a queue."""
    storage = shared(environment["AzureWebJobsStorage"].removeprefix("memory://"))
    return [base64.b64decode(text).decode() for text in storage.queue.texts(name)]


def test_from_the_event_to_the_repair_and_its_card_all_spans_are_of_one_trace(
    environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    accepting, working, telling = Process(), Process(), Process()
    caplog.set_level(logging.INFO, "bastion_guard")

    (message,) = App({}, measures=accepting.measures).accept(an_event_of(CORRELATION))
    worker = App(environment, measures=working.measures)
    outcome = worker.reconcile(message)
    (nudge,) = on_queue(environment, "cards")
    posted = App(environment, measures=telling.measures).send_cards(nudge)

    assert ("repaired", 1) == (outcome.ending.value, posted)
    assert (["accept"], ["card"]) == (accepting.names, telling.names)
    assert ["look", "write", "verify", "announce", "reconcile"] == working.names
    assert {TRACE} == accepting.traces | working.traces | telling.traces
    *steps, whole = working.spans
    assert whole.context is not None
    assert {whole.context.span_id} == {step.parent.span_id for step in steps if step.parent}
    told = [vars(record) for record in caplog.records if record.name in ABOUT_ONE_EVENT]
    assert ({CORRELATION}, 3) == ({one.get("correlation_id") for one in told}, len(told))


def test_a_successor_and_an_announcement_stay_in_the_trace(environment: dict[str, str]) -> None:
    working, telling = Process(), Process()
    (message,) = App({}).accept(an_event_of(CORRELATION))
    successor = encode(decode(message).follow_up())

    App(environment, measures=working.measures).reconcile(successor)
    fixed = {"target": NSG_ID.text, "finding": "none", "seq": 1, "correlationId": CORRELATION}
    App(environment, measures=telling.measures).drifted(fixed)

    assert (["note"], {TRACE}) == (telling.names, telling.traces)
    assert {TRACE} == working.traces


def test_what_a_sweep_announces_late_joins_the_trace_of_its_change() -> None:
    process = Process()
    announcer = MeasuredAnnouncer(MemoryAnnouncer(), process.measures)
    announcer.announce([an_announcement_of(CORRELATION)] * 2)
    assert {TRACE} == process.traces

    announcer.announce([an_announcement_of(CORRELATION), an_announcement_of(ANOTHER)])
    assert not {uuid.UUID(ANOTHER).hex} & process.traces
    assert 2 == len(process.traces)


def test_two_changes_are_two_traces_however_many_events_tell_of_them() -> None:
    process = Process()
    app = App({}, measures=process.measures)
    for correlation in (CORRELATION, ANOTHER, CORRELATION):
        app.accept(an_event_of(correlation))

    assert {TRACE, uuid.UUID(ANOTHER).hex} == process.traces


@pytest.mark.parametrize("correlation_id", ["", "no guid", str(uuid.UUID(int=0)), "x" * 5000])
def test_what_names_no_change_is_a_trace_of_its_own(correlation_id: str) -> None:
    process = Process()
    with process.measures.span("sweep", correlation_id):
        pass
    with process.measures.span("sweep", correlation_id):
        pass

    assert 2 == len(process.traces)


def test_the_hosts_own_request_is_linked_and_not_joined() -> None:
    process = Process()
    tracer = process.provider.get_tracer("host")
    with tracer.start_as_current_span("request") as request, process.measures.span("accept", CORRELATION):
        pass

    ours = process.spans[0]
    assert ours.context is not None
    assert TRACE == f"{ours.context.trace_id:032x}"
    assert [request.get_span_context()] == [link.context for link in ours.links]


def test_a_span_that_failed_names_the_error_and_holds_nothing_it_said() -> None:
    process = Process()
    with pytest.raises(ValueError, match="sig="), process.measures.span("card", CORRELATION):
        raise ValueError("https://example.logic.azure.com/?sig=secret")

    (span,) = process.spans
    assert (StatusCode.ERROR, "ValueError") == (span.status.status_code, span.status.description)
    assert "secret" not in span.to_json()


def test_an_app_counts_each_call_once_and_each_repeat_of_it(
    arm: Arm, environment: dict[str, str], clock: VirtualClock
) -> None:
    arm.faults.add({"match": {"method": "GET"}, "effect": {"preset": "server-error"}, "count": 1})
    arm.faults.add({"match": {"method": "DELETE"}, "effect": {"preset": "throttled"}, "count": 1})
    noted = Noted()
    app = App(environment, clock=clock, measures=noted)
    for message in app.accept(an_event_of(CORRELATION)):
        app.reconcile(message)

    repeats = [facts for name, facts in noted.counted if name == "retries"]
    assert [("arm", "TransientError"), ("arm", "ThrottledError")] == [
        (facts["of"], facts["reason"]) for facts in repeats
    ]
    served = Counter(each.method for each in arm.log.entries())
    asked = noted.totals
    assert served["GET"] == asked["reads"] + asked["polls"] + 1
    assert (served["DELETE"], asked["writes"], asked["throttles"]) == (2, 1, 1)


def test_no_span_holds_a_person(environment: dict[str, str]) -> None:
    process = Process()
    event = an_event_of(CORRELATION)
    event["data"]["claims"] = {"name": "alice@contoso.example", "ipaddr": "203.0.113.7"}
    app = App(environment, measures=process.measures)
    for message in app.accept(event):
        app.reconcile(message)

    told = "".join(span.to_json() for span in process.spans)
    assert AT in told
    assert not [who for who in ("alice", "203.0.113.7") if who in told]


def test_an_app_that_collects_keeps_its_channel_out_of_it(environment: dict[str, str]) -> None:
    collecting = App(environment, measures=Process().measures)
    assert isinstance(collecting._parts().sender.one_webhook._notifier, UntracedNotifier)
