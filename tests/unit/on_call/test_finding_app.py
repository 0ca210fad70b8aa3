"""`--app NAME_OR_GROUP`: which app is meant, and with which settings the commands for people on call work."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.arm import Arm, in_background
from lab.deployed_app import documents
from remediation.adapters.memory.cloud import MemoryCloud
from remediation.adapters.storage.account import StorageAccount
from remediation.cli import main
from remediation.cli.finding_app import find, settings, subscriptions
from remediation.cli.on_call import desk
from remediation.errors import ForbiddenError, InputError, PermanentError
from remediation.resource_id import ResourceId
from tests.builders import SUBSCRIPTION

ELSEWHERE = "22222222-0000-0000-0000-000000000002"
WATCHED = "33333333-0000-0000-0000-000000000003"


def an_app(name: str, group: str, subscription: str = SUBSCRIPTION, **tags: str) -> dict[str, Any]:
    where = f"/subscriptions/{subscription}/resourceGroups/{group}"
    return {"id": f"{where}/providers/Microsoft.Web/sites/{name}", "tags": tags, "properties": {}}


class Azure(MemoryCloud):
    """ARM with apps in it; `told` answers what is no resource."""

    def __init__(self, *documents: dict[str, Any], told: Mapping[str, Any] | None = None) -> None:
        super().__init__(*documents)
        self.told = told or {}

    def ask(self, method: str, path: str, kind: str) -> Mapping[str, Any]:
        if path not in self.told:
            raise ForbiddenError(f"{method} {path}: AuthorizationFailed")
        answer: Mapping[str, Any] = self.told[path]
        return answer


SEEN = {"/subscriptions": {"value": [{"subscriptionId": one} for one in (SUBSCRIPTION, ELSEWHERE)]}}


@pytest.fixture(autouse=True)
def _nobody_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No Azure CLI of whoever runs the tests."""
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path))
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)


def found(asked: str, *apps: dict[str, Any], given: str | None = None) -> str:
    cloud = Azure(*apps, told=SEEN)
    return find(cloud, asked, subscriptions(cloud, given)).text


@pytest.mark.parametrize("asked", ["func-guard-x", "FUNC-Guard-X", "rg-guard-prod", " RG-Guard-Prod "])
def test_an_app_is_found_by_its_name_or_its_group_in_whatever_is_visible(asked: str) -> None:
    app = an_app("func-guard-x", "rg-guard-prod", ELSEWHERE)
    assert app["id"] == found(asked, app, an_app("func-shop", "rg-guard-prod", ELSEWHERE))


def test_an_app_of_another_name_is_ours_by_its_tag() -> None:
    app = an_app("func-contoso", "rg-guard", application="bastion-guard")
    assert app["id"] == found("rg-guard", app, an_app("func-shop", "rg-guard"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("rg-shop", "no function app of this name"),
        ("rg-guard", "more than one app .* rg-guard/func-guard-a, "),
    ],
)
def test_what_is_not_one_app_and_only_one_is_said(asked: str, said: str) -> None:
    apps = [an_app("func-guard-a", "rg-guard"), an_app("func-guard-b", "rg-guard")]
    with pytest.raises(InputError, match=said):
        found(asked, *apps, an_app("func-shop", "rg-shop"))


def test_the_subscription_that_is_named_is_the_only_one_that_is_looked_at() -> None:
    app = an_app("func-guard-x", "rg-guard", ELSEWHERE)
    assert app["id"] == found("rg-guard", app, given=ELSEWHERE)
    with pytest.raises(InputError, match=f"in {SUBSCRIPTION}; --app-subscription"):
        found("rg-guard", app, given=SUBSCRIPTION)


def test_where_az_login_chose_one_that_one_is_looked_at_first(tmp_path: Path) -> None:
    profile = {"subscriptions": [{"id": ELSEWHERE, "name": "two", "isDefault": True}]}
    (tmp_path / "azureProfile.json").write_text(json.dumps(profile), encoding="utf-8-sig")
    here, there = an_app("func-guard-x", "rg-guard"), an_app("func-guard-x", "rg-guard", ELSEWHERE)
    assert there["id"] == found("rg-guard", here, there)


def test_of_its_settings_those_are_taken_that_say_where_its_work_lies() -> None:
    site = an_app("func-guard-x", "rg-guard")
    told = {"SUBSCRIPTIONS": WATCHED, "AzureWebJobsStorage__accountName": "stguardx", "AZURE_CLIENT_ID": "x"}
    secret = {
        "TEAMS_WEBHOOK_URL": "https://example.invalid/secret",
        "ARM_ENDPOINT": "https://elsewhere.invalid",
    }
    path = f"{site['id']}/config/appsettings/list"
    cloud = Azure(site, told={path: {"properties": {**told, **secret, "EVENT_SOURCE": ""}}})

    assert {"SUBSCRIPTIONS": WATCHED, "AzureWebJobsStorage__accountName": "stguardx"} == settings(
        cloud, ResourceId.parse(site["id"])
    )


def test_who_may_not_list_settings_goes_by_the_account_beside_the_app() -> None:
    site = an_app("func-guard-x", "rg-guard")
    group = site["id"].partition("/providers/")[0]
    account = {"id": f"{group}/providers/Microsoft.Storage/storageAccounts/stguardx", "properties": {}}
    asked = ResourceId.parse(site["id"])

    assert {"AzureWebJobsStorage__accountName": "stguardx"} == settings(Azure(site, account), asked)
    with pytest.raises(PermanentError, match="may not list its settings"):
        settings(Azure(site), asked)


# As it is typed ------------------------------------------------------------------------------------


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Any:
    arm = Arm()
    with in_background(arm) as url:
        monkeypatch.setenv("ARM_ENDPOINT", url)
        monkeypatch.setenv("ARM_STATIC_TOKEN", "ada")
        yield arm


def deploy(arm: Arm, **values: str) -> None:
    arm.seed(documents(SUBSCRIPTION, "func-guard-lab.example", {"SUBSCRIPTIONS": WATCHED, **values}))


@pytest.mark.azurite
def test_history_needs_nothing_to_be_set_but_the_name_of_the_apps_group(
    lab: Arm, storage_account: StorageAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(lab, AzureWebJobsStorage=storage_account.connection_string, BASELINE="baseline.yaml")

    status = main(["history", "--app", "rg-guard", "--format", "json"])

    assert (0, []) == (status, json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(
    ("values", "arguments", "said"),
    [
        ({"AzureWebJobsStorage": "@Microsoft.KeyVault(x)"}, ["history"], "is in a vault"),
        (
            {"BASELINE": "baseline.yaml", "AzureWebJobsStorage": "memory://packaged"},
            ["why", f"/subscriptions/{WATCHED}"],
            "give it with --baseline PATH",
        ),
        ({}, ["replay", "--inbox", "--local"], "--local: does not go with --app"),
    ],
    ids=["secret storage", "packaged baseline", "local"],
)
def test_what_cannot_be_had_of_the_app_is_one_line(
    lab: Arm, values: dict[str, str], arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(lab, **values)

    assert 2 == main([*arguments, "--app", "rg-guard"])

    told = capsys.readouterr()
    assert said in told.err
    assert ("", 1) == (told.out, told.err.count("\n"))


def test_what_is_set_here_for_another_app_does_not_mix_with_it(
    lab: Arm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half the settings of one app and half of another would undo the one's repair in the other's ledger."""
    monkeypatch.setenv("AzureWebJobsStorage__accountName", "stguardold")
    monkeypatch.setenv("DRIFT_TOPIC_ENDPOINT", "https://old.example")
    deploy(lab, AzureWebJobsStorage="memory://here")
    given = argparse.Namespace(app="rg-guard", app_subscription=None, subscription=None, baseline=None)

    values = desk.environment(given)

    assert ("memory://here", WATCHED) == (values["AzureWebJobsStorage"], values["SUBSCRIPTIONS"])
    assert not {"AzureWebJobsStorage__accountName", "DRIFT_TOPIC_ENDPOINT"} & set(values)


def test_the_next_command_to_type_is_for_the_same_app() -> None:
    given = argparse.Namespace(app="rg-guard", app_subscription=None)
    assert desk.typed(given, "history --replay x").endswith(" history --replay x --app rg-guard")
