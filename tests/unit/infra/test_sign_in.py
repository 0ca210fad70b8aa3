"""Signing in with Entra ID: what it adds to a deployment, and what it must not keep out."""

from typing import Any

import pytest

from tests.unit.infra import snapshots
from tests.unit.infra.snapshots import SETS, Resource, at, made, own_name

CLIENT = "cccccccc-2222-3333-4444-555555555555"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
SIGNED_IN = ("sign-in", "several")
ASSERTION = "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID"
OPEN_BY_DESIGN = {"/runtime/webhooks/EventGrid", "/api/health"}


def sign_in(name: str) -> list[Resource]:
    return [one for one in made(name, "Microsoft.Web/sites/config") if own_name(one) == "authsettingsV2"]


def told(name: str, path: str) -> Any:
    [found] = sign_in(name)
    return at(found["properties"], path)


def test_it_adds_itself_and_one_setting_and_no_right() -> None:
    """The app writes nothing that it could not write before."""
    plain = {one["id"]: one for one in made("plain")}
    more = {one["id"]: one for one in made("sign-in")}
    changed = [identity for identity, one in more.items() if identity in plain and plain[identity] != one]

    assert [one["id"] for one in sign_in("sign-in")] == [each for each in more if each not in plain]
    assert ["appsettings"] == [identity.rpartition("/")[2] for identity in changed]
    assert {ASSERTION} == snapshots.settings("sign-in").keys() - snapshots.settings("plain").keys()


@pytest.mark.parametrize("name", [name for name in SETS if name not in SIGNED_IN])
def test_without_an_app_registration_what_is_there_is_left_alone(name: str) -> None:
    assert [] == sign_in(name)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_nobody_has_to_sign_in_so_that_deliveries_keys_and_health_go_on(name: str) -> None:
    assert told(name, "platform.enabled") is True
    assert told(name, "globalValidation.requireAuthentication") is False
    assert "AllowAnonymous" == told(name, "globalValidation.unauthenticatedClientAction")
    assert OPEN_BY_DESIGN == set(told(name, "globalValidation.excludedPaths"))


@pytest.mark.parametrize("name", SIGNED_IN)
def test_no_secret_is_kept_anywhere(name: str) -> None:
    """The identity of the app stands for one; the setting that is named holds its client id."""
    registration = told(name, "identityProviders.azureActiveDirectory.registration")

    assert (CLIENT, ASSERTION) == (registration["clientId"], registration["clientSecretSettingName"])
    assert snapshots.settings(name)[ASSERTION].endswith(".clientId]")
    assert told(name, "login.tokenStore.enabled") is False


@pytest.mark.parametrize("name", SIGNED_IN)
def test_only_this_tenant_this_registration_and_the_programs_named_are_taken(name: str) -> None:
    aad = told(name, "identityProviders.azureActiveDirectory")

    assert "99999999-2222-3333-4444-555555555555" in aad["registration"]["openIdIssuer"]
    assert [CLIENT, f"api://{CLIENT}"] == aad["validation"]["allowedAudiences"]
    allowed = aad["validation"]["defaultAuthorizationPolicy"]["allowedApplications"]
    assert [CLIENT, AZURE_CLI] == allowed[:2]


@pytest.mark.parametrize("name", SIGNED_IN)
def test_nobody_is_sent_anywhere_else_after_signing_in(name: str) -> None:
    assert [] == told(name, "login.allowedExternalRedirectUrls")
    assert told(name, "httpSettings.requireHttps") is True
