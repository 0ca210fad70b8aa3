"""Telemetry in a fresh process: nothing of it unless it is switched on, and then no secret in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import an_event

ROOT = Path(__file__).resolve().parents[3]

TRACE = "0f8fad5bd9cb469fa16570867728950e"
EVENT = json.dumps({**an_event(), "data": {**an_event()["data"], "correlationId": TRACE}})


SETTING_UP = """
import json, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
kept = InMemorySpanExporter()
trace.set_tracer_provider(TracerProvider())
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(kept))
"""
SWITCHED_ON = (
    SETTING_UP
    + """
from remediation.app import App
App().accept(json.loads(sys.argv[1]))
print(*(f"{span.context.trace_id:032x}" for span in kept.get_finished_spans()))
"""
)
NOBODY_THERE = "http://127.0.0.1:9/workflows/x?sig=s3cret"
WEBHOOK = (
    SETTING_UP
    + """
from contextlib import suppress
from opentelemetry.instrumentation.requests import RequestsInstrumentor
import requests
from remediation.adapters.clock import VirtualClock
from remediation.adapters.retrying import Retry
from remediation.adapters.teams import TeamsNotifier
from remediation.adapters.telemetry import UntracedNotifier
from remediation.errors import TransientError
RequestsInstrumentor().instrument()
teams = TeamsNotifier(sys.argv[1], allow_any_host=True, retry=Retry(VirtualClock()))
with suppress(TransientError):
    UntracedNotifier(teams).post({"type": "AdaptiveCard"})
with suppress(requests.ConnectionError):
    requests.get("http://127.0.0.1:9/another")
spans = kept.get_finished_spans()
print(len(spans), "s3cret" in "".join(span.to_json() for span in spans))
"""
)
IMPORTED = "import sys, function_app; function_app.app.get_functions(); print(*sys.modules)"


def fresh(script: str, *arguments: str, **settings: str) -> list[str]:
    """The words a fresh interpreter prints."""
    inherited = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    command = [sys.executable, "-c", script, *arguments]
    environment = {**inherited, **settings}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_what_azure_monitor_instruments_by_itself_never_sees_the_webhook() -> None:
    """On a broken connection the instrumentation of requests records the whole URL, signature and all."""
    assert ["1", "False"] == fresh(WEBHOOK, NOBODY_THERE)


@pytest.mark.parametrize(
    "switch", ["PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "PYTHON_ENABLE_OPENTELEMETRY"]
)
def test_a_fresh_process_that_is_told_to_collect_uses_the_exporters_that_were_set_up(switch: str) -> None:
    assert [TRACE] == fresh(SWITCHED_ON, EVENT, **{switch: "true"})


def test_telemetry_that_is_off_is_not_imported() -> None:
    modules = fresh(IMPORTED)
    assert "remediation.adapters.telemetry" in modules
    assert not [name for name in modules if name.startswith("opentelemetry")]


def test_telemetry_that_is_on_imports_its_interface_and_no_exporter() -> None:
    modules = fresh(IMPORTED, PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY="true")
    assert "opentelemetry.trace" in modules
    assert not [name for name in modules if name.startswith(("opentelemetry.sdk", "azure.monitor"))]
