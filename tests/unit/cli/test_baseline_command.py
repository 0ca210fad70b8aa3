"""`baseline check`: mistakes in lines, and where a resource's alerts go with the reason."""

import json
from pathlib import Path

import pytest

from remediation.cli import main

type Output = pytest.CaptureFixture[str]

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-shop-1"
NSG = f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/web"
BASELINE = """
version: 1
channels:
  platform: {type: teams, secret: TEAMS_WEBHOOK_URL}
  payments: {type: slack, secret: CHANNEL_PAYMENTS}
  siem: {type: webhook, secret: CHANNEL_SIEM}
routes:
  - {match: {severity: high}, channels: [siem], continue: true}
  - {match: {tags: {owner: [payments]}}, channels: [payments]}
  - {match: {resourceGroups: ["rg-shop-*"], rules: ["bastion-*"]}, channels: [siem]}
defaultChannel: platform
ownerTags: [owner]
"""


@pytest.fixture
def baseline(tmp_path: Path) -> str:
    path = tmp_path / "baseline.yaml"
    path.write_text(BASELINE, encoding="utf-8")
    return str(path)


@pytest.fixture
def estate(tmp_path: Path) -> str:
    nsg = {"id": NSG, "properties": {"securityRules": []}}
    group = {"id": GROUP, "location": "westeurope", "tags": {"Owner": "payments"}}
    subscription = {"id": f"/subscriptions/{SUBSCRIPTION}", "tags": {"owner": "it"}}
    path = tmp_path / "estate.json"
    path.write_text(json.dumps([nsg, group, subscription]), encoding="utf-8")
    return str(path)


def test_a_good_baseline_is_said_to_be_one(capsys: Output, baseline: str) -> None:
    assert 0 == main(["baseline", "check", baseline])
    assert "can be used, mode observe, " in capsys.readouterr().out


def test_each_mistake_is_a_line(capsys: Output, tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_text("version: 2\ndefaultChannel: nowhere\n", encoding="utf-8")

    assert 2 == main(["baseline", "check", str(path)])

    told = capsys.readouterr().err.splitlines()
    assert [
        f"remediation: {path}: version: must be 1, not 2",
        f"remediation: {path}: defaultChannel: no such channel: 'nowhere'",
    ] == told


def test_the_way_of_an_alert_is_explained_by_the_tag_of_its_group(
    capsys: Output, baseline: str, estate: str
) -> None:
    assert 0 == main(["baseline", "check", baseline, "--explain", NSG, "--estate", estate])

    assert [
        "owner: payments (tag of its group: owner)",
        "alerts that are critical, high go to: siem, payments",
        "alerts that are medium, low, info go to: payments",
        "routes, in order:",
        "  routes[0] matches: findings of high or more -> siem, and the next are asked too",
        "  routes[1] matches: tag owner is payments -> payments",
        "  routes[2] is not asked: an earlier one decides for every finding",
        "  no route matches: platform (defaultChannel)",
    ] == capsys.readouterr().out.splitlines()[-8:]


def test_what_depends_on_tags_nobody_read_is_said_to_be_unknown(capsys: Output, baseline: str) -> None:
    assert 0 == main(["baseline", "check", baseline, "--explain", NSG])

    told = capsys.readouterr().out
    assert "owner: not known: the tags of the resource and the group and the subscription were not" in told
    assert "routes[1] not known: it depends on the tag owner" in told


def test_the_same_for_programs(capsys: Output, baseline: str, estate: str) -> None:
    arguments = ["--explain", NSG, "--estate", estate, "--format", "json"]
    assert 0 == main(["baseline", "check", baseline, *arguments])

    told = json.loads(capsys.readouterr().out)
    assert ("payments", "owner", "group") == (told["owner"], told["ownerTag"], told["ownerFrom"])
    assert [["siem", "payments"], ["payments"]] == [way["channels"] for way in told["alerts"]]
    assert [True, True, True] == [route["holds"] for route in told["routes"]]
    assert [True, True, False] == [route["asked"] for route in told["routes"]]


def test_where_there_are_no_channels_the_one_webhook_gets_it(capsys: Output, tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text('{"version": 1}', encoding="utf-8")

    assert 0 == main(["baseline", "check", str(path), "--explain", NSG])
    assert "alerts go to: the webhook of TEAMS_WEBHOOK_URL" in capsys.readouterr().out


def test_an_id_that_is_none_is_bad_input(capsys: Output, baseline: str) -> None:
    assert 2 == main(["baseline", "check", baseline, "--explain", "web"])
    assert capsys.readouterr().err.startswith("remediation: --explain: ")
