"""What is deployed and what the code reads, listens to and answers are the same, both ways."""

import functools
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from lab.event_grid import by_family
from remediation.adapters.memory.storage import MemoryAnnouncer
from remediation.adapters.telemetry import MeasuredAnnouncer
from remediation.app import settings
from remediation.app.functions import App
from remediation.app.outlets import ONE_WEBHOOK
from remediation.errors import ConfigurationError
from remediation.intake.routing import operations
from remediation.judging.planning import Case, over_budget
from remediation.judging.standing import Standing
from remediation.measures import Silent
from remediation.model import Spent
from remediation.ports import Announcement
from tests.unit.infra import snapshots
from tests.unit.infra.bicep import INFRA, ROOT, declarations
from tests.unit.infra.snapshots import EVENTS, SETS, at, called, made, own_name
from tests.unit.rules.case import all_cases, judged, snapshot_of, standard

MODULES = INFRA / "modules"
SYSTEM_TOPIC = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
ALERTS = ("Microsoft.Insights/scheduledQueryRules", "Microsoft.Insights/metricAlerts")
FILTER_VALUES = 25  # the most that one event subscription takes

INDEX = """
import json
import function_app
found = {each.get_function_name(): each.get_raw_bindings() for each in function_app.app.get_functions()}
print(json.dumps({name: [json.loads(text) for text in bindings] for name, bindings in found.items()}))
"""

# Written for somebody else than our settings.
FOR_THE_HOST = {
    "AzureWebJobsStorage__credential": "the host's way to say: with an identity",
    "AzureWebJobsStorage__clientId": "the host's name for the identity; ours is AZURE_CLIENT_ID",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "where the host sends logs",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "as whom the host sends them",
    "PYTHON_THREADPOOL_THREAD_COUNT": "the worker's; unset it depends on the machine",
    "FETCH_SCHEDULE": "the host's, for the timer of fetch_changes",
    "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "the worker starts the exporter; ours looks too",
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "the exporter's",
    "OTEL_TRACES_SAMPLER": "the exporter's",
}
# Read, and left to defaults, to people or to the platform.
NOT_WRITTEN = {
    "AzureWebJobsStorage": "a connection string: the emulator, the lab and tests; there is no key in Azure",
    "AzureWebJobsStorage__blobServiceUri": "follows from accountName, except in other clouds",
    "AzureWebJobsStorage__queueServiceUri": "follows from accountName, except in other clouds",
    "AzureWebJobsStorage__tableServiceUri": "follows from accountName, except in other clouds",
    "ARM_ENDPOINT": "the lab, and other clouds",
    "ARM_STATIC_TOKEN": "the lab; refused for any host but loopback",
    "DRIFT_TOPIC_KEY": "the lab; the topic has no local authentication",
    "HISTORY_ARCHIVE_CONTAINER": "who keeps writes for longer sets it: docs/runbook.md",
    "BASELINE_REFRESH_SECONDS": "the default is good",
    "EVENT_SOURCE": "the default is good",
    "EVENT_MARGIN_SECONDS": "the default is good",
    "CARD_DELAY_SECONDS": "the default is good",
    "DIGEST_ABOVE": "the default is good",
    "WEBSITE_AUTH_ENABLED": "set by the platform",
    "IDENTITY_ENDPOINT": "set by the platform",
    "WEBSITE_SITE_NAME": "set by the platform",
    "WEBSITE_HOSTNAME": "set by the platform",
}


class Recorded(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def read_by_the_code() -> set[str]:
    """Every name that settings are read from, whatever the others hold."""
    asked: set[str] = set()
    some = {"REPLAY_PRINCIPALS": "x", "DEAD_LETTER_CONTAINER": "x"}
    for values in ({}, some, {"AzureWebJobsStorage__accountName": "x"}):
        environment = Recorded(values)
        with pytest.raises(ConfigurationError):
            settings.read(environment)
        asked |= environment.asked
    return asked | {ONE_WEBHOOK}  # read anew for each card


def written_by_bicep() -> set[str]:
    """The app settings that one or another parameter set would make."""
    return {name for each in SETS for name in snapshots.settings(each)}


def families() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((INFRA / "operations.json").read_text())
    return found


@functools.cache
def indexed() -> dict[str, list[dict[str, Any]]]:
    """The bindings of each function, trigger first, as a fresh process indexes the app."""
    done = subprocess.run(
        [sys.executable, "-c", INDEX], cwd=ROOT, capture_output=True, text=True, check=True, env={}
    )
    functions: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    for bindings in functions.values():
        bindings.sort(key=lambda binding: not binding["type"].endswith("Trigger"))
    return functions


def triggers(kind: str) -> dict[str, dict[str, Any]]:
    """The triggers of one kind by function."""
    return {name: found[0] for name, found in indexed().items() if found[0]["type"] == kind}


def test_every_setting_that_is_written_is_read() -> None:
    assert written_by_bicep() - FOR_THE_HOST.keys() - read_by_the_code() == set()


def test_every_setting_that_is_read_is_written_or_has_a_reason_not_to_be() -> None:
    assert read_by_the_code() - written_by_bicep() == NOT_WRITTEN.keys()


def test_the_settings_of_a_deployment_are_good_ones() -> None:
    """What Bicep writes, filled in as Azure would."""
    filled = dict.fromkeys(written_by_bicep() - FOR_THE_HOST.keys(), "")
    filled |= {
        "AzureWebJobsStorage__accountName": "stguard",
        "SUBSCRIPTIONS": "11111111-2222-3333-4444-555555555555",
        "RETENTION_DAYS": "30",
        "DRIFT_TOPIC_ENDPOINT": "https://evgt-drift.westeurope-1.eventgrid.azure.net/api/events",
        "DEAD_LETTER_ENDPOINT": "https://stdead.blob.core.windows.net/",
        "DEAD_LETTER_CONTAINER": "dead-letters",
        "REPLAY_PRINCIPALS": "aaaaaaaa-2222-3333-4444-555555555555,bbbbbbbb-2222-3333-4444-555555555555",
        "WEBSITE_AUTH_ENABLED": "True",
        "WEBSITE_SITE_NAME": "func-guard",
        "CHANGES_FROM": "activityLog",
    }
    chosen = settings.read(filled)
    assert (chosen.storage.kind, chosen.in_azure) == ("identity", True)
    assert chosen.changes_from == "activityLog"


def test_event_subscriptions_name_every_function_with_an_event_grid_trigger_and_no_other() -> None:
    endpoints = {
        str(at(one, "properties.destination.properties.resourceId")).rpartition("/functions/")[2]
        for name in EVENTS
        for one in made(name)
    }
    assert endpoints == {"on_resource_change", "on_drift"} == triggers("eventGridTrigger").keys()


@pytest.mark.parametrize("name", SETS)
def test_a_function_that_is_kept_ready_exists(name: str) -> None:
    scaling = at(
        snapshots.the(name, "Microsoft.Web/sites"), "properties.functionAppConfig.scaleAndConcurrency"
    )
    assert {one["name"].removeprefix("function:") for one in scaling["alwaysReady"]} <= indexed().keys()


def test_every_queue_of_the_app_and_its_poison_queue_are_made() -> None:
    used = {trigger["queueName"] for trigger in triggers("queueTrigger").values()}
    written = [binding for found in indexed().values() for binding in found if binding["type"] == "queue"]
    used |= {binding["queueName"] for binding in written}
    there = {own_name(one) for one in made("plain", "Microsoft.Storage/storageAccounts/queueServices/queues")}
    assert used | {f"{name}-poison" for name in used} == there


def test_the_filters_hold_exactly_the_operations_that_mean_work() -> None:
    together = [operation.lower() for family in families().values() for operation in family]
    assert set(together) == operations()


def test_no_operation_is_filtered_for_twice() -> None:
    """An event that two event subscriptions want arrives twice."""
    together = [operation.lower() for family in families().values() for operation in family]
    assert sorted(set(together)) == sorted(together)


def test_no_family_is_larger_than_event_grid_takes() -> None:
    assert {name for name, family in families().items() if not 0 < len(family) <= FILTER_VALUES} == set()


@pytest.mark.parametrize("name", EVENTS)
def test_each_family_becomes_one_event_subscription_with_its_filter(name: str) -> None:
    found = made(name, SYSTEM_TOPIC)
    filters = [at(one, "properties.filter.advancedFilters") for one in found]
    assert {(one["operatorType"], one["key"]) for [one] in filters} == {("StringIn", "data.operationName")}
    topics = len({one["id"].rpartition("/eventSubscriptions/")[0] for one in found})
    assert sorted(one["values"] for [one] in filters) == sorted([*families().values()] * topics)


def test_one_event_for_each_operation_arrives_once() -> None:
    """The lab's Event Grid, which filters as Azure says it does, with the families of infra/."""
    listening = [
        subscription
        for name, family in families().items()
        for subscription in by_family(name, "http://127.0.0.1/", family)
    ]
    assert len(listening) == len(families())
    wanted = {operation: sum(each.wants(operation) for each in listening) for operation in operations()}
    assert set(wanted.values()) == {1}


def test_every_alert_has_a_section_in_the_runbook() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    rules = [called(one) for kind in ALERTS for one in made("plain", kind)]
    names = {name.removeprefix("guard-").removesuffix("-drift") for name in rules}
    assert len(names) == 11
    assert [name for name in names if f"\n## {name}\n" not in runbook] == []


def test_alerts_and_workbook_look_for_lines_that_are_written() -> None:
    """By the app, or by the host, whose lines nobody can check here."""
    by_the_host = {"Trigger Details: MessageId"}
    code = "".join(path.read_text() for path in (ROOT / "remediation").rglob("*.py"))
    workbook = (INFRA / "workbook.json").read_text().replace('\\"', '"')
    queries = (MODULES / "alerts.bicep").read_text() + workbook
    names = set(re.findall(r'Message startswith "([^"]+)"', queries)) - by_the_host
    assert names == {
        "announcement.sent", "event.", "event.accepted", "channel.failed", "cards.refused", "events.missed",
        "changes.unread", "changes.fetched", "ledger.unwritable",
    }  # fmt: skip
    assert [name for name in names if f'"{name}' not in code] == []


def test_the_alert_for_old_messages_leaves_out_events_that_made_no_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After an event that means nothing no work begins, and nobody need be woken."""
    noise = json.loads((ROOT / "tests" / "events" / "cloudevents.deployment.write.noise.json").read_text())
    with caplog.at_level(logging.INFO):
        assert not App({}).accept(noise)
    written = next(record.__dict__ for record in caplog.records if record.message == "event.accepted")
    left_out = re.search(r"Message !contains '([^']+)'", (MODULES / "alerts.bicep").read_text())
    assert left_out is not None
    assert left_out[1] in json.dumps({"messages": written["messages"]})


def test_the_workbook_has_a_part_for_each_question() -> None:
    """And each part but the title asks something of a table."""
    items = json.loads((INFRA / "workbook.json").read_text())["items"]
    queries = {item["name"]: item["content"]["query"] for item in items if item["type"] == 3}
    assert queries.keys() >= {"events", "open", "repairs", "time", "who"}
    assert [
        name for name, query in queries.items() if not query.startswith(("AppTraces |", "AppRequests |"))
    ] == []


def test_the_workbook_reads_keys_that_announcements_have(caplog: pytest.LogCaptureFixture) -> None:
    """Every f.NAME of a query is a key of the line that it parses."""
    changed, now = "2026-01-01T00:00:00Z", datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    data = {"rule": "r", "severity": "high", "actor": {"name": "alice"}, "eventTime": changed}
    told = Announcement("1", "BastionGuard.DriftFixed", "/subscriptions/x", now, data)
    with caplog.at_level(logging.INFO):
        MeasuredAnnouncer(MemoryAnnouncer(), Silent()).announce([told])
    line = next(record.__dict__ for record in caplog.records if record.message == "announcement.sent")
    parts = (INFRA / "workbook.json").read_text().split('"query": ')
    announced = "".join(part for part in parts if "announcement.sent" in part)
    asked = set(re.findall(r"\bf\.(\w+)", announced))
    assert asked
    assert asked <= line.keys()


def test_the_alert_for_the_budget_looks_for_what_the_guard_says() -> None:
    fixed = "bastion-diagnostics"
    rule, case = next((rule, case) for rule, case in all_cases() if (rule, case.says) == (fixed, "speaks"))
    seen, when = snapshot_of(rule, case), Standing(datetime(2026, 10, 20, tzinfo=UTC), spent=Spent(1_000))
    said = over_budget(Case(judged(rule, case).findings[0], seen, standard(case, rule), when))
    wanted = re.search(
        r'announcement.sent" and Message has "([^"]+)"', (MODULES / "alerts.bicep").read_text()
    )
    assert wanted is not None
    assert wanted[1] in str(said)


def test_the_security_model_names_every_action_of_every_role() -> None:
    told = (ROOT / "docs" / "security.md").read_text()
    roles = [json.loads(path.read_text()) for path in (INFRA / "roles").glob("*.json")]
    assert len(roles) == 3
    assert [action for role in roles for action in role["actions"] if f"`{action}`" not in told] == []


def test_the_way_to_deploy_names_every_output_it_hands_on_and_every_file() -> None:
    told = (ROOT / "docs" / "deploy.md").read_text()
    outputs = [each.name for each in declarations(INFRA / "main.bicep", "output")]
    assert [name for name in outputs if name not in told] == []
    for named in re.findall(r"(?<![\w/])(?:infra|tools|docs|examples|build)/[\w./-]+\w", told):
        if not named.startswith("build/"):
            assert (ROOT / named).exists(), named


def test_the_script_hands_on_outputs_of_phase_one_and_nothing_that_phase_two_does_not_take() -> None:
    script = (INFRA / "publish.sh").read_text()
    given = set(re.findall(r"\b(\w+)=\"\$[A-Z]", script))
    asked = declarations(INFRA / "events.bicep", "param")
    required = {each.name for each in asked if " = " not in each.text}
    assert required <= given <= {each.name for each in asked}
    outputs = {each.name for each in declarations(INFRA / "main.bicep", "output")}
    wanted = set(re.findall(r"\$\{([A-Z_]+):?\?\}", script))
    assert wanted - {"AZURE_LOCATION"} <= outputs
    assert set(re.findall(r"\$\{?([A-Z][A-Z_]+)", script)) == wanted


def test_the_workflow_runs_what_ci_runs_and_targets_that_exist() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "check.yml").read_text())
    jobs = workflow["jobs"].values()
    shell = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    assert "bash .ci/run" in shell
    assert "exec make check" in (ROOT / ".ci" / "run").read_text()
    makefile = (ROOT / "Makefile").read_text()
    asked = {"setup", "check", *workflow["jobs"]["documents"]["strategy"]["matrix"]["target"]}
    assert [target for target in asked if f"\n{target}: " not in makefile] == []


def test_azd_runs_what_there_is() -> None:
    document = yaml.safe_load((ROOT / "azure.yaml").read_text())
    assert (INFRA / f"{document['infra']['module']}.bicep").is_file()
    assert document["workflows"]["up"]["steps"] == [{"azd": "provision"}]  # its hooks do the rest
    hooks = {name: hook["run"] for name, hook in document["hooks"].items()}
    assert hooks == {"preprovision": "make package", "postprovision": "sh infra/publish.sh"}
    assert "\npackage: " in (ROOT / "Makefile").read_text()
