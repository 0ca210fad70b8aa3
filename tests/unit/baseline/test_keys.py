"""What a team may say in its baseline, and what it is told when it says it wrongly."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from remediation import baseline
from remediation.errors import ConfigurationError
from remediation.model import Applicability, Resource
from tests.builders import BASTION_ID, NSG_ID, a_bastion

OPEN = "nsg-mgmt-open-to-internet"
SKU = "bastion-sku-tier"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def mistakes(text: str, **options: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        baseline.read(text, name="b.yaml", **options)
    return [mistake.removeprefix("b.yaml: ") for mistake in caught.value.mistakes]


def standard(**keys: Any) -> baseline.Baseline:
    return baseline.read(json.dumps({"version": 1, **keys}))


# Reading -----------------------------------------------------------------------------------------


def test_json_indented_with_tabs_is_read() -> None:
    assert baseline.read('{\n\t"version": 1,\n\t"mode": "enforce"\n}').mode == "enforce"


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert baseline.read('\ufeff{"version": 1}').mode == "observe"


def test_a_key_that_is_there_twice_is_named_with_its_line_in_json_too() -> None:
    (problem,) = mistakes('{"version": 1,\n "mode": "observe",\n "mode": "enforce"}')
    assert "line 2" in problem
    assert "'mode' is there twice" in problem


def test_an_alias_is_refused_with_its_place_whether_it_contains_itself_or_not() -> None:
    for text in ("version: 1\n$schema: &b [*b]\n", "version: 1\nrules: &r {}\n$schema: *r\n"):
        (problem,) = mistakes(text)
        assert "an alias (*name)" in problem
        assert "line " in problem


def test_a_billion_laughs_make_one_short_mistake() -> None:
    """A few hundred bytes of aliases used to make an error of 226 MB."""
    layers = "".join(
        f"l{number}: &l{number} [{', '.join([f'*l{number - 1}'] * 10)}]\n" for number in range(1, 9)
    )
    (problem,) = mistakes(f"version: 1\nl0: &l0 [lol]\n{layers}managementPorts: *l8\n")

    assert len(problem) < 200


@pytest.mark.parametrize("value", ["!!int ", '!!int "-"', "!!float ", "!!bool x", "!!timestamp x", "!!map a"])
def test_a_tag_on_what_is_no_such_value_is_a_mistake_with_its_place_and_no_crash(value: str) -> None:
    [mistake] = mistakes(f"version: 1\nmode: {value}")

    assert mistake.startswith("not YAML or JSON")


def test_at_most_fifty_mistakes_are_named_and_the_rest_counted() -> None:
    ports = ", ".join(["0"] * 500)
    found = mistakes(f"version: 1\nmanagementPorts: [{ports}]\n")

    assert 51 == len(found)
    assert "and so on: 450 more mistakes" == found[-1]


@pytest.mark.parametrize(
    "text",
    [
        "mode: " + "x" * 1_000_000,
        "mode: [" + "x, " * 10_000 + "]",
        "x" * 100_000 + ": 1",
        "rules: {" + "x" * 100_000 + ": fix}",
        "environments: [{name: x, match: {tags: {" + "x" * 100_000 + ": 1}}}]",
        "managementPorts: [0x" + "f" * 100_000 + "]",
        "managementPorts: [" + "9" * 100_000 + "]",
        "0x" + "f" * 100_000 + ": 1",
        "exemptions: [{resource: " + "x" * 100_000 + ", rule: '*', until: 2030-01-01}]",
        "centralWorkspaceId: /subscriptions/" + "x" * 100_000,
    ],
    ids=lambda text: text[:30],
)
def test_a_mistake_is_short_whatever_stands_there(text: str) -> None:
    for problem in mistakes(f"version: 1\n{text}\n", known_rules=[OPEN]):
        assert len(problem) < 700


def test_keys_and_values_cannot_move_the_cursor_or_reverse_what_follows() -> None:
    hostile = "a\\x1b[31m\\u202e\\r\\n\\u200bb"
    for problem in mistakes(
        f'version: 1\n"{hostile}": 1\nmode: "{hostile}"\nrules: {{"{hostile}": fix}}\n'.replace("\\\\", "\\")
    ):
        assert problem.isprintable()


def test_keys_that_are_no_text_are_mistakes_and_no_crash() -> None:
    assert mistakes("version: 1\n5: x\nrules: {1: fix}\n", known_rules=[OPEN]) == [
        "5: unknown key",
        "rules.1: no such rule",
    ]


# Exemptions --------------------------------------------------------------------------------------


def test_an_exemption_from_a_rule_that_does_not_exist_is_a_mistake() -> None:
    entry = {"resource": NSG_ID.text, "rule": "nsg-mgmt-open-to-internt", "until": "2027-01-01"}
    text = json.dumps({"version": 1, "exemptions": [entry]})
    assert mistakes(text, known_rules=[OPEN]) == [f"exemptions[0].rule: no such rule; did you mean {OPEN}?"]


def test_an_exemption_that_can_match_nothing_is_a_mistake() -> None:
    entry = {"resource": "web", "rule": OPEN, "until": "2027-01-01"}
    (problem,) = mistakes(json.dumps({"version": 1, "exemptions": [entry]}))
    assert problem.startswith("exemptions[0].resource: matches nothing")


def test_expired_exemptions_are_named() -> None:
    entries = [
        {"resource": NSG_ID.text, "rule": OPEN, "until": until} for until in ("2025-12-31", "2026-12-31")
    ]
    entries[1]["rule"] = "*"
    (line,) = standard(exemptions=entries).expired(NOW)
    assert line.startswith("exemptions[0]: ")
    assert "2025-12-31" in line


# Scopes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["tags", "resourceGroups", "subscriptions", "resources"])
def test_an_empty_match_would_match_everything_and_is_a_mistake(part: str) -> None:
    match: dict[str, Any] = {part: {} if part == "tags" else []}
    (problem,) = mistakes(json.dumps({"version": 1, "overrides": [{"match": match}]}))
    assert problem.startswith(f"overrides[0].match.{part}: is empty")


def test_the_least_applicability_goes_with_the_action_that_decides() -> None:
    team = standard(
        rules={SKU: {"action": "fix", "applicability": "safe"}},
        overrides=[{"match": {"resourceGroups": ["rg-hub"]}, "rules": {SKU: {"action": "fix"}}}],
    )
    elsewhere = {**a_bastion(), "id": BASTION_ID.text.replace("rg-hub", "rg-other")}
    assert team.least_for(SKU, Resource.of(a_bastion())) is None
    assert team.least_for(SKU, Resource.of(elsewhere)) is Applicability.SAFE


def test_an_unknown_applicability_is_a_mistake() -> None:
    text = json.dumps({"version": 1, "rules": {OPEN: {"action": "fix", "applicability": "brave"}}})
    assert mistakes(text) == [f"rules.{OPEN}.applicability: must be unsafe or safe, not 'brave'"]
