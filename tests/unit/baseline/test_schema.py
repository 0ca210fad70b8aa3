"""The published schema and the reader agree: what an editor underlines is a mistake, and nothing else."""

import copy
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from remediation import baseline
from remediation.baseline import reader as baseline_reader
from remediation.errors import ConfigurationError

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "baseline.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GUID = "00000000-0000-0000-0000-000000000000"
ID = f"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/web"
WORKSPACE = f"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/w"

WHOLE: dict[str, Any] = {
    "version": 1,
    "mode": "enforce",
    "environments": [
        {"name": "production", "match": {"tags": {"environment": ["prod"], "tier": "1"}}},
        {"name": "sandbox", "match": {"resourceGroups": ["rg-sbx-*"], "subscriptions": GUID}},
    ],
    "defaultEnvironment": "production",
    "centralWorkspaceId": WORKSPACE,
    "diagnosticsCategoryGroup": "audit",
    "managementPorts": [22, 5986],
    "allowedManagementSources": ["20.1.2.0/24"],
    "bastion": {
        "allowedSkus": {"production": ["Premium"]},
        "vwanPattern": "per-spoke",
        "accessGroups": [GUID],
    },
    "limits": {"maxAttachments": 3, "maxWritesPerHour": 0},
    "declared": {"deployers": [GUID], "settleMinutes": 5, "ignore": [], "staleAfterDays": 30},
    "specialSubnets": ["snet-appliance"],
    "rules": {"a": {"action": "fix", "applicability": "safe"}, "b": "off", "c": False},
    "overrides": [{"match": {"resources": ["*web*"]}, "rules": {"a": {"action": "alert"}}}],
    "exemptions": [{"resource": ID, "rule": "*", "until": "2026-12-31T18:00:00Z", "reason": "migration"}],
    "channels": {
        "platform": {"type": "teams", "secret": "TEAMS_WEBHOOK_URL"},
        "payments": {"type": "slack", "secret": "CHANNEL_PAYMENTS", "digestAbove": 3, "cardsPerMinute": 4},
    },
    "routes": [
        {"match": {"tags": {"owner": ["payments"]}}, "channels": ["payments"]},
        {"match": {"rules": ["a"], "severity": "high"}, "channels": "platform", "continue": True},
    ],
    "defaultChannel": "platform",
    "ownerTags": ["owner"],
    "people": {"apply": [GUID], "exempt": GUID, "read": []},
}
ODD = [None, 0, -1, 1.5, True, "", " ", "odd", [], [None], [1], ["odd"], {}, {"odd": 1}]


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, item in inner for path in paths(item, (*here, key)))]


def changed(path: tuple[Any, ...], value: Any) -> Any:
    document = copy.deepcopy(WHOLE)
    at: Any = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return document


def reads(document: Any) -> bool:
    try:
        baseline.read(json.dumps(document))
    except ConfigurationError:
        return False
    return True


@pytest.mark.parametrize(
    "text", [json.dumps(WHOLE), (ROOT / "examples" / "baseline.yaml").read_text(encoding="utf-8")]
)
def test_good_baselines_please_both(text: str) -> None:
    document = yaml.safe_load(text)
    assert list(VALIDATOR.iter_errors(document)) == []
    assert baseline.read(text).hash


def variants() -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The whole baseline with each of its parts replaced by each odd value."""
    for path, value in itertools.product(paths(WHOLE)[1:], ODD):
        yield path, changed(path, value)


def test_the_schema_never_refuses_what_the_reader_takes() -> None:
    taken = [(path, document) for path, document in variants() if reads(document)]
    refused = [path for path, document in taken if not VALIDATOR.is_valid(document)]
    assert taken
    assert refused == []


# What only the reader knows: which ids, addresses, moments and names make sense.
BEYOND_A_SCHEMA = ("centralWorkspaceId", "allowedManagementSources", "resource", "until", "defaultChannel")


def names_channels(path: tuple[Any, ...]) -> bool:
    """Whether a change there is about which channels there are: that a route names one is no shape."""
    return path == ("channels",) or (path[0] == "routes" and "channels" in path)


def test_the_schema_sees_every_mistake_of_shape() -> None:
    mistakes = [(path, document) for path, document in variants() if not reads(document)]
    unseen = [
        path
        for path, document in mistakes
        if VALIDATOR.is_valid(document) and not set(BEYOND_A_SCHEMA) & set(path) and not names_channels(path)
    ]
    assert mistakes
    assert unseen == []


OBJECTS: list[tuple[Any, ...]] = [
    (),
    ("bastion",),
    ("limits",),
    ("declared",),
    ("people",),
    ("environments", 0),
    ("environments", 0, "match"),
    ("overrides", 0),
    ("rules", "a"),
    ("exemptions", 0),
    ("channels", "payments"),
    ("routes", 0),
    ("routes", 1, "match"),
]


@pytest.mark.parametrize("path", OBJECTS, ids=str)
def test_an_unknown_key_is_a_mistake_to_both(path: tuple[Any, ...]) -> None:
    document = changed((*path, "unheardOf"), 1)
    assert not reads(document)
    assert not VALIDATOR.is_valid(document)


def test_every_key_of_the_reader_is_in_the_schema() -> None:
    assert set(SCHEMA["properties"]) == baseline_reader._KEYS
    assert set(baseline_reader._LIMITS) | {"narrowSources"} == set(
        SCHEMA["properties"]["limits"]["properties"]
    )
