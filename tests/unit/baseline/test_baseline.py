"""The baseline file: every key read, every mistake named with its path, all of them at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.baseline import NOTHING, Action, Baseline, Limits, read
from remediation.errors import ConfigurationError
from remediation.model import Resource
from remediation.rules import registry
from tests.builders import NSG_ID, SUBSCRIPTION, WORKSPACE, an_nsg
from tests.story.core.calm import CALM

EVERYTHING = f"""
version: 1
mode: enforce
environments:
  - {{name: production, match: {{tags: {{Environment: [prod, production]}}}}}}
  - {{name: sandbox, match: {{resourceGroups: ["rg-sbx-*"], subscriptions: [{SUBSCRIPTION}]}}}}
defaultEnvironment: production
centralWorkspaceId: {WORKSPACE}
managementPorts: [3389, 22, 5986, 22]
allowedManagementSources: [20.1.2.0/24, "2001:db8::/32"]
bastion:
  allowedSkus: {{sandbox: [Developer, Basic]}}
  vwanPattern: per-spoke
  accessGroups: [99999999-0000-4000-8000-000000000001]
limits: {{maxAttachments: 9, maxWritesPerHour: 50, flapCount: 2, flapWindowHours: 6,
  broadIpv4Addresses: 256, diagnosticsGraceMinutes: 15}}
rules:
  nsg-mgmt-open-to-internet: {{action: fix}}
  bastion-sku-tier: off
overrides:
  - {{match: {{resourceGroups: [rg-legacy]}}, rules: {{nsg-mgmt-open-to-internet: {{action: alert}}}}}}
exemptions:
  - {{resource: {NSG_ID}, rule: nsg-mgmt-open-to-internet, until: 2026-12-31T18:00:00Z, reason: migration}}
"""


def mistakes(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refused:
        read(text, name="b.yaml", known_rules=list(registry()))
    return refused.value.mistakes


def test_every_documented_key_is_read() -> None:
    found = read(EVERYTHING, known_rules=list(registry()))

    assert ("enforce", "production", WORKSPACE) == (
        found.mode,
        found.default_environment,
        found.central_workspace_id,
    )
    assert ["production", "sandbox"] == [environment.name for environment in found.environments]
    assert (22, 3389, 5986) == found.management_ports
    assert ("20.1.2.0/24", "2001:db8::/32") == found.allowed_management_sources
    assert (
        Limits(
            max_attachments=9,
            max_writes_per_hour=50,
            flap_count=2,
            flap_window_hours=6,
            broad_ipv4_addresses=256,
            diagnostics_grace_minutes=15,
        )
        == found.limits
    )
    assert {"nsg-mgmt-open-to-internet": Action.FIX, "bastion-sku-tier": Action.OFF} == found.rules
    assert Action.ALERT is found.overrides[0].actions["nsg-mgmt-open-to-internet"]
    assert datetime(2026, 12, 31, 18, tzinfo=UTC) == found.exemptions[0].until


def test_what_the_team_adds_to_the_allowed_skus_leaves_productions_own() -> None:
    allowed = read(EVERYTHING).bastion.allowed_skus

    assert {"production": ("Standard", "Premium"), "sandbox": ("Developer", "Basic")} == allowed


def test_a_version_is_all_a_baseline_needs_and_then_the_defaults_hold() -> None:
    found = read("version: 1")

    assert ("observe", (22, 3389), Limits()) == (found.mode, found.management_ports, found.limits)
    assert NOTHING.rules == found.rules


def test_json_is_read_as_well() -> None:
    assert "enforce" == read('{"version": 1, "mode": "enforce"}').mode


def test_equal_content_has_an_equal_hash_and_other_content_another() -> None:
    one, same = read("version: 1\nmode: observe"), read('{"mode": "observe", "version": 1}')

    assert one.hash == same.hash
    assert one.hash != read("version: 1\nmode: enforce").hash


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("mode: observe", "version: must be 1, not None"),
        ("version: 2", "version: must be 1, not 2"),
        ("version: true", "version: must be 1, not True"),
        ("version: 1\nmode: fix", "mode: must be observe or enforce, not 'fix'"),
        ("version: 1\nmode: [observe]", "mode: must be observe or enforce"),
        ("version: 1\nexemption: []", "exemption: unknown key; did you mean exemptions?"),
        ("version: 1\nenvironments: production", "environments: must be a list"),
        ("version: 1\nenvironments: [{match: {tags: {a: b}}}]", "environments[0].name: is required"),
        ("version: 1\nenvironments: [{name: x}]", "environments[0].match: is required"),
        (
            "version: 1\nenvironments: [{name: x, match: {tag: {a: b}}}]",
            "environments[0].match.tag: unknown key",
        ),
        (
            "version: 1\nenvironments: [{name: x, match: {tags: {a: 5}}}]",
            "environments[0].match.tags.a: must be",
        ),
        ("version: 1\nenvironments: [5]", "environments[0]: must be a mapping"),
        ("version: 1\ncentralWorkspaceId: central", "centralWorkspaceId: not a resource id"),
        (f"version: 1\ncentralWorkspaceId: {NSG_ID}", "centralWorkspaceId: not a Log Analytics workspace"),
        ("version: 1\nmanagementPorts: [22, 65536]", "managementPorts[1]: must be a port"),
        ("version: 1\nmanagementPorts: ['22']", "managementPorts[0]: must be a port"),
        ("version: 1\nmanagementPorts: [true]", "managementPorts[0]: must be a port"),
        (
            "version: 1\nallowedManagementSources: [20.1.2.3/24]",
            "allowedManagementSources[0]: not an address range",
        ),
        (
            "version: 1\nallowedManagementSources: [office]",
            "allowedManagementSources[0]: not an address range",
        ),
        ("version: 1\nallowedManagementSources: [1]", "allowedManagementSources[0]: not an address range"),
        ("version: 1\nallowedManagementSources: [!!binary AQIDBA==]", "allowedManagementSources[0]: not an"),
        ("version: 1\nbastion: {vwanPattern: hub}", "bastion.vwanPattern: must be central or per-spoke"),
        (
            "version: 1\nbastion: {vwanPattern: [central]}",
            "bastion.vwanPattern: must be central or per-spoke",
        ),
        ("version: 1\nbastion: {accessGroups: [admins]}", "bastion.accessGroups[0]: not an Entra object id"),
        ("version: 1\nbastion: {allowedSkus: {prod: 5}}", "bastion.allowedSkus.prod: must be text or a list"),
        ("version: 1\nlimits: {flapCount: -1}", "limits.flapCount: must be a whole number"),
        ("version: 1\nlimits: {flapCount: 1.5}", "limits.flapCount: must be a whole number"),
        (
            "version: 1\nlimits: {flapWindowHours: 100000000}",
            "limits.flapWindowHours: must be a whole number",
        ),
        (
            "version: 1\nlimits: {diagnosticsGraceMinutes: 1441}",
            "limits.diagnosticsGraceMinutes: must be a whole number from 0 to 1440",
        ),
        ("version: 1\nlimits: {maxWrites: 5}", "limits.maxWrites: unknown key"),
        ("version: 1\nlimits: {1: 5, maxAttachments: 5}", "limits.1: unknown key"),
        (
            "version: 1\nrules: {bastion-diagnostic: fix}",
            "rules.bastion-diagnostic: no such rule; did you mean",
        ),
        (
            "version: 1\nrules: {bastion-sku-tier: repair}",
            "rules.bastion-sku-tier: action must be off, alert",
        ),
        ("version: 1\nrules: {bastion-sku-tier: [fix]}", "rules.bastion-sku-tier: action must be off, alert"),
        ("version: 1\nrules: {bastion-sku-tier: {do: fix}}", "rules.bastion-sku-tier.do: unknown key"),
        ("version: 1\noverrides: [{rules: {bastion-sku-tier: off}}]", "overrides[0].match: is required"),
        ("version: 1\nexemptions: [{rule: '*', until: 2026-01-01}]", "exemptions[0].resource: is required"),
        ("version: 1\nexemptions: [{resource: '*', until: 2026-01-01}]", "exemptions[0].rule: is required"),
        ("version: 1\nexemptions: [{resource: '*', rule: '*'}]", "exemptions[0].until: is required"),
        (
            "version: 1\nexemptions: [{resource: '*', rule: '*', until: soon}]",
            "exemptions[0].until: not a date",
        ),
        (
            "version: 1\nexemptions: [{resource: '*', rule: y, until: 2026-01-01}]",
            "exemptions[0].rule: no such rule",
        ),
    ],
)
def test_a_mistake_is_named_with_its_path(text: str, mistake: str) -> None:
    first, *_ = mistakes(text)

    assert first.startswith(f"b.yaml: {mistake}")


def test_every_mistake_is_named_at_once() -> None:
    found = mistakes("version: 9\nmode: x\nmanagementPorts: [0, 70000]\nrules: {y: fix}\nzzz: 1")

    assert 6 == len(found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a baseline is a mapping that starts with"),
        ("[1]", "a baseline is a mapping that starts with"),
        ("version: 1\nversion: 1", "'version' is there twice"),
        ("version: 1\n\tmode: x", "not YAML or JSON at line 2"),
        ("{", "not YAML or JSON"),
        ("version: 1\nexemptions: [{until: 2026-13-45}]", "not YAML or JSON: month must be in 1..12"),
        ("? [a, b]\n: 1", "not YAML or JSON"),
        ("version: 1\nx: !!python/object/apply:os.system [true]", "not YAML or JSON"),
        ("[" * 900, "nested too deeply"),
        ("version: 1\nrules: &a {x: *a}", "b.yaml: "),
    ],
)
def test_what_cannot_be_read_is_one_line_and_no_traceback(text: str, reason: str) -> None:
    found = mistakes(text)

    assert reason in found[0]
    assert "\n" not in found[0]


def test_the_same_exemption_twice_is_a_mistake() -> None:
    entry = f"{{resource: {NSG_ID}, rule: '*', until: 2026-12-31}}"

    (found,) = mistakes(
        f"version: 1\nexemptions: [{entry}, {entry.replace(NSG_ID.text, NSG_ID.text.upper() + '/')}]"
    )

    assert "twice" in found


def test_a_bare_date_ends_an_exemption_at_its_start() -> None:
    """The end of the day would be a guess in favour of the exemption."""
    found = read("version: 1\nexemptions: [{resource: '*', rule: '*', until: 2026-12-31}]")

    assert datetime(2026, 12, 31, tzinfo=UTC) == found.exemptions[0].until


def test_an_exemption_in_another_zone_ends_at_its_moment() -> None:
    found = read("version: 1\nexemptions: [{resource: '*', rule: '*', until: '2026-12-31T18:00:00+02:00'}]")

    assert timedelta(0) == found.exemptions[0].until - datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tags", "environment"),
    [
        ({"environment": "PROD"}, "production"),
        ({"ENVIRONMENT": "production"}, "production"),
        ({"environment": "sandbox"}, None),
        ({}, None),
    ],
)
def test_the_first_environment_that_matches_counts(tags: dict[str, str], environment: str | None) -> None:
    found = read(
        "version: 1\nenvironments:\n"
        "  - {name: production, match: {tags: {Environment: [prod, production]}}}\n"
        "  - {name: sandbox, match: {resourceGroups: ['rg-sbx-*']}}"
    )

    assert environment == found.environment_of(Resource.of(an_nsg(tags=tags)))


DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = [
    "mode", "environments", "defaultEnvironment", "centralWorkspaceId", "managementPorts", "bastion",
    "limits", "allowedManagementSources", "rules", "overrides", "exemptions", "diagnosticsCategoryGroup",
]  # fmt: skip


@CALM
@given(st.fixed_dictionaries({"version": st.just(1)}, optional=dict.fromkeys(KEYS, DOCUMENTS)))
def test_any_document_is_a_baseline_or_a_list_of_mistakes(document: dict[str, Any]) -> None:
    from remediation.baseline.reader import BaselineReader

    try:
        found = BaselineReader("b.yaml", None).baseline(document)
    except ConfigurationError:
        return
    assert isinstance(found, Baseline)
