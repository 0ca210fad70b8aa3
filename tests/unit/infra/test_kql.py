"""Every query of ours, read by Microsoft's own parser; and the alert rules run over records."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb_kql
import pytest

from tests.unit.infra.bicep import INFRA, ROOT
from tests.unit.infra.snapshots import at, called, made

# Columns as Azure Monitor's reference has them: those of all tables of Application Insights, then each one's.
COMMON = {
    "TenantId": "string", "TimeGenerated": "datetime", "Properties": "dynamic", "Measurements": "dynamic",
    "OperationName": "string", "OperationId": "string", "ParentId": "string", "SyntheticSource": "string",
    "SessionId": "string", "UserId": "string", "UserAuthenticatedId": "string", "UserAccountId": "string",
    "AppVersion": "string", "AppRoleName": "string", "AppRoleInstance": "string", "ClientType": "string",
    "ClientModel": "string", "ClientOS": "string", "ClientIP": "string", "ClientCity": "string",
    "ClientStateOrProvince": "string", "ClientCountryOrRegion": "string", "ClientBrowser": "string",
    "ResourceGUID": "string", "IKey": "string", "SDKVersion": "string", "ItemCount": "int",
    "ReferencedItemId": "string", "ReferencedType": "string", "SourceSystem": "string", "Type": "string",
    "_ResourceId": "string",
}  # fmt: skip
TABLES = {
    "AppTraces": {**COMMON, "Message": "string", "SeverityLevel": "int"},
    "AppRequests": {
        **COMMON, "Id": "string", "Source": "string", "Name": "string", "Url": "string", "Success": "bool",
        "ResultCode": "string", "DurationMs": "real", "PerformanceBucket": "string",
    },
    "AppExceptions": {
        **COMMON, "ProblemId": "string", "HandledAt": "string", "ExceptionType": "string",
        "Assembly": "string",
        "Method": "string", "OuterType": "string", "OuterMessage": "string", "InnermostType": "string",
        "InnermostMessage": "string", "SeverityLevel": "int", "Details": "dynamic",
    },
}  # fmt: skip
RULES = "Microsoft.Insights/scheduledQueryRules"
OURS_IN_DUCKDB = {
    "string": "VARCHAR",
    "datetime": "TIMESTAMP",
    "bool": "BOOLEAN",
    "real": "DOUBLE",
    "int": "INTEGER",
}

type Records = list[tuple[str, dict[str, Any]]]


def rules() -> dict[str, dict[str, Any]]:
    """The alert rules on logs by their short names."""
    return {called(one).removeprefix("guard-"): one["properties"] for one in made("plain", RULES)}


def alert_query(rule: str) -> str:
    return str(at(rules()[rule], "criteria.allOf")[0]["query"])


def queries() -> dict[str, str]:
    """Every query in the alert rules, the workbook and the documents, by where it stands."""
    found = {f"alert {name}": alert_query(name) for name in rules()}
    items = json.loads((INFRA / "workbook.json").read_text())["items"]
    found |= {f"workbook {item['name']}": item["content"]["query"] for item in items if item["type"] == 3}
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text()
        shown = re.findall(r"`(App[A-Z]\w+ \|[^`]+)`", text) + re.findall(
            r"```kql\n(.*?)```", text, re.DOTALL
        )
        found |= {f"{page.name} {number}": query for number, query in enumerate(shown)}
    return found


@pytest.fixture(scope="module")
def complaints() -> dict[str, list[str]]:
    """What the parser says against each query, and against two that are wrong on purpose."""
    wrong = {"a keyword": "AppTraces | extend kind = 1", "a column": "AppTraces | where Success == true"}
    given = {"tables": TABLES, "queries": {**queries(), **wrong}}
    node = shutil.which("node")
    assert node
    done = subprocess.run(
        [node, str(ROOT / "tests" / "unit" / "infra" / "kql.mjs")],
        input=json.dumps(given), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_every_query_is_one_that_azure_monitor_takes(complaints: dict[str, list[str]]) -> None:
    said = {name: complaints[name] for name in queries()}
    assert len(said) >= 12
    assert {name: found for name, found in said.items() if found} == {}


def test_a_keyword_as_a_name_and_a_column_of_another_table_are_refused(
    complaints: dict[str, list[str]],
) -> None:
    assert complaints["a keyword"][0].startswith("KS228")
    assert complaints["a column"][0].startswith("KS142")


def ago(**before: float) -> datetime:
    return (datetime.now(UTC) - timedelta(**before)).replace(tzinfo=None)


def request(name: str, *, success: bool = True, **before: float) -> tuple[str, dict[str, Any]]:
    return "AppRequests", {"TimeGenerated": ago(**before), "Name": name, "Success": success}


def trace(message: str, **before: float) -> tuple[str, dict[str, Any]]:
    return "AppTraces", {"TimeGenerated": ago(**before), "Message": message}


def raised(rule: str, records: Records) -> bool:
    """Whether a rule would fire on these records alone: more rows than its threshold."""
    connection = duckdb_kql.connect()
    for table, columns in TABLES.items():
        shape = ", ".join(f'"{name}" {OURS_IN_DUCKDB.get(kind, "JSON")}' for name, kind in columns.items())
        connection.sql(f"CREATE TABLE {table} ({shape})")
    for table, record in records:
        names, marks = ", ".join(f'"{name}"' for name in record), ", ".join("?" * len(record))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(record.values()))  # noqa: S608
    rows = duckdb_kql.query(connection, alert_query(rule)).fetchall()
    [criterion] = at(rules()[rule], "criteria.allOf")
    assert (criterion["operator"], criterion["timeAggregation"]) == ("GreaterThan", "Count")
    return len(rows) > int(criterion["threshold"])


HANDED = 'event.accepted {"event_id": "1", "messages": 2}'
NOISE = 'event.accepted {"event_id": "1", "messages": 0}'
LATE = "Trigger Details: MessageId: 1, DequeueCount: 1, InsertionTime: "
TIMER = request("import_dead_letters", minutes=5)


def late(minutes: float) -> tuple[str, dict[str, Any]]:
    return trace(f"{LATE}{ago(minutes=minutes).isoformat()}Z, Id: 2", minutes=2)


RAISING: dict[str, list[Records]] = {
    "failures": [[request("reconcile", success=False, minutes=minute) for minute in range(6)]],
    "poison-messages": [
        [
            trace(
                "Message has reached MaxDequeueCount of 5. Moving message to queue 'reconcile-poison'.",
                minutes=1,
            )
        ]
    ],
    "no-heartbeat": [
        [request("reconcile", hours=20), TIMER],
        [request("reconcile", hours=20), request("sweep", success=False, hours=2)],
        [request("sweep", hours=14), TIMER],
        [request("reconcile", hours=14)],  # and no word since
    ],
    "budget-tripped": [
        [
            trace(
                'announcement.sent {"type": "DriftProposed", "why": "all 20 writes an hour is used up"}',
                minutes=3,
            )
        ]
    ],
    "old-messages": [
        [late(90)],
        [trace(HANDED, hours=2)],
        [trace(HANDED, hours=2), request("reconcile", hours=3)],
    ],
    "channel-failed": [
        [trace('channel.failed {"channel": "topic", "reason": "HTTP 404"}', minutes=5)],
        [trace('cards.refused {"owed": 3, "reason": "Teams answered 400"}', minutes=5)],
        [trace('cards.refused {"channel": "shop", "owed": 3, "reason": "Slack answered 404"}', minutes=3)],
        [trace('channel.failed {"channel": "shop", "code": "", "reason": "Slack answered 503"}', minutes=3)],
    ],
    "missed-events": [[trace('events.missed {"told": 0, "missed": 2}', minutes=5)]],
    "unread-subscription": [[trace('changes.unread {"reason": "HTTP 403"}', minutes=5)]],
    "unwritable-ledger": [[trace('ledger.unwritable {"reason": "HTTP 403"}', minutes=5)]],
}
SILENT: dict[str, list[Records]] = {
    "failures": [[request("reconcile", success=False, minutes=minute) for minute in range(5)], [TIMER] * 9],
    "poison-messages": [[trace("Moving message to queue 'other'", minutes=1)]],
    "no-heartbeat": [
        [],  # deployed this minute
        [TIMER],
        [request("reconcile", hours=6), TIMER],  # the first sweep is not overdue yet
        [request("reconcile", hours=20), request("sweep", hours=5)],
    ],
    "budget-tripped": [[trace('announcement.sent {"type": "DriftFixed"}', minutes=3)]],
    "old-messages": [
        [late(30)],
        [trace(HANDED, minutes=30)],
        [trace(HANDED, hours=2), request("reconcile", hours=1.5)],
        [trace(NOISE, hours=2)],
    ],
    "channel-failed": [[trace('cards.delayed {"owed": 3, "reason": "Teams answered 503"}', minutes=5)]],
    "missed-events": [[trace('changes.checked {"told": 2, "missed": 0}', minutes=5)]],
    "unread-subscription": [[trace('changes.delayed {"reason": "no answer"}', minutes=5)]],
    "unwritable-ledger": [[trace('records.skipped {"count": 1}', minutes=5)]],
}


@pytest.mark.parametrize("rule", RAISING)
def test_an_alert_is_raised_by_what_it_is_for_and_by_nothing_else(rule: str) -> None:
    assert [raised(rule, records) for records in RAISING[rule]] == [True] * len(RAISING[rule])
    assert [raised(rule, records) for records in SILENT[rule]] == [False] * len(SILENT[rule])


def test_every_alert_rule_on_logs_is_tried() -> None:
    assert rules().keys() == RAISING.keys() == SILENT.keys()


def test_a_rule_looks_as_far_back_as_its_query_asks() -> None:
    """Otherwise Azure cuts the records off before the query sees them."""
    hours = {"PT15M": 0.25, "PT1H": 1, "PT6H": 6, "P1D": 24, "P2D": 48}
    for name, rule in rules().items():
        seen = hours[rule.get("overrideQueryTimeRange") or rule["windowSize"]]
        asked = [
            int(number) * {"m": 1 / 60, "h": 1, "d": 24}[unit]
            for number, unit in re.findall(r"ago\((\d+)([mhd])\)", rule["criteria"]["allOf"][0]["query"])
        ]
        assert all(each <= seen for each in asked), name
