"""What a policy closed under our feet, and references that are not resolved, are named as what they are."""

from collections.abc import Sequence
from typing import Any

import pytest

from remediation.adapters.memory.storage import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.kinds import STORAGE_ACCOUNT
from remediation.model import Listing, Resource
from remediation.on_call.checkup import doors
from remediation.on_call.checkup.answers import Check
from remediation.resource_id import ResourceId
from tests.unit.infra.snapshots import made
from tests.unit.on_call.test_doctor import (
    DRIFT,
    GROUP,
    PRINCIPAL,
    SITE,
    Documents,
    a_deployment,
    complaints,
    examined,
    put,
)

ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stguardx"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-guard-x"
DISABLED = {"publicNetworkAccess": "Disabled"}
ENDPOINT = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
SHUT = "takes nothing from public networks, and no private endpoint leads there: closed, perhaps by a policy"
ALLOWED = [{"value": "20.1.2.3"}]


def deployed(**changes: dict[str, Any]) -> Documents:
    """A deployment with an account and a vault; `changes` are properties of account, topic and vault."""
    documents = a_deployment()
    for identity, name in ((ACCOUNT, "account"), (DRIFT, "topic"), (VAULT, "vault")):
        documents[identity] = {"id": identity, "properties": changes.get(name, {})}
    return documents


def with_reference(status: str, name: str = "TEAMS_WEBHOOK_URL", **changes: dict[str, Any]) -> Documents:
    documents = deployed(**changes)
    properties = {
        "status": status, "vaultName": "kv-guard-x", "secretName": "teams-webhook-url", "details": "Why not."
    }  # fmt: skip
    reference = f"{SITE}/config/configreferences/appsettings/{name}"
    documents[reference] = {"id": reference, "properties": properties}
    return documents


def bad(documents: Documents, cloud: type[MemoryCloud] = MemoryCloud) -> list[Check]:
    """What is wrong."""
    return [each for each in examined(documents, cloud=cloud) if each.state == "bad"]


# Accounts and the topic ----------------------------------------------------------------------------


def test_a_deployment_that_nobody_closed_gives_no_complaint() -> None:
    assert [] == complaints(examined(deployed()))


@pytest.mark.parametrize(
    ("closed", "named", "command"),
    [
        (
            "account",
            "account stguardx",
            "az storage account update --name stguardx",
        ),
        ("topic", "topic evgt-drift-x", "az eventgrid topic update --name evgt-drift-x"),
    ],
)
def test_what_a_policy_closed_is_named_with_what_opens_it(closed: str, named: str, command: str) -> None:
    [check] = bad(deployed(**{closed: DISABLED}))

    assert ("network", f"{named} {SHUT}; {doors.PAGE}") == (check.name, check.text)
    assert check.command.startswith(command)


@pytest.mark.parametrize("closed", ["account", "topic"])
def test_what_is_closed_and_has_a_private_endpoint_is_meant_to_be(closed: str) -> None:
    properties = {**DISABLED, "privateEndpointConnections": [ENDPOINT]}

    assert [] == complaints(examined(deployed(**{closed: properties})))


WALLED = {
    "publicNetworkAccess": "Enabled",
    "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"},
}
NOBODY = "the firewall of account stguardx lets nobody in, and no private endpoint leads there"


def its_package_lies_in(account: str, documents: Documents) -> Documents:
    """ARM shows of the app in which account its package lies, and that has its queues and ledger as well."""
    path = ("properties", "functionAppConfig", "deployment")
    value = {
        "storage": {"type": "blobContainer", "value": f"https://{account}.blob.core.windows.net/packages"}
    }
    put(SITE, *path, value=value)(documents)
    return documents


def test_the_apps_own_account_whose_firewall_lets_nobody_in_is_named_with_what_opens_it() -> None:
    """A policy (effect Modify) sets `defaultAction` alone: public access stays on, and nobody gets in."""
    [check] = bad(its_package_lies_in("stguardx", deployed(account=WALLED)))

    assert ("network", f"{NOBODY}: closed, perhaps by a policy; {doors.PAGE}") == (check.name, check.text)
    assert check.command.startswith("az storage account update --name stguardx")
    assert check.command.endswith("--public-network-access Enabled --default-action Allow")


def test_an_account_that_lets_nobody_in_and_is_not_known_to_be_the_apps_is_unknown() -> None:
    documents = deployed(account=WALLED)

    for each in (documents, its_package_lies_in("another", documents)):
        assert [f"network: {NOBODY}; does the app need it?"] == complaints(examined(each))


def test_the_account_of_the_dead_letters_has_a_firewall_as_it_is_meant_to_be() -> None:
    documents = its_package_lies_in("stguardx", deployed())
    letters = f"{ACCOUNT.removesuffix('stguardx')}stdeadx"
    documents[letters] = {"id": letters, "properties": WALLED}

    assert [] == complaints(examined(documents))


@pytest.mark.parametrize(
    "more",
    [
        {"networkAcls": {"defaultAction": "Deny", "ipRules": ALLOWED}},
        {"networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": "a subnet"}]}},
        {"privateEndpointConnections": [ENDPOINT]},
    ],
    ids=["an address", "a subnet", "a private endpoint"],
)
def test_an_account_whose_firewall_lets_some_in_is_not_closed(more: dict[str, Any]) -> None:
    assert [] == complaints(examined(its_package_lies_in("stguardx", deployed(account={**WALLED, **more}))))


def test_a_private_endpoint_that_waits_for_its_approval_leads_nowhere() -> None:
    waiting = {"properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}}

    assert 1 == len(bad(deployed(topic={**DISABLED, "privateEndpointConnections": [waiting]})))


def test_a_topic_that_takes_from_named_addresses_alone_is_unknown() -> None:
    """Whether the app's are among them nobody sees from outside."""
    [said] = complaints(examined(deployed(topic={"inboundIpRules": [{"ipMask": "20.1.2.0/24"}]})))

    assert "takes announcements from named addresses alone" in said


@pytest.mark.parametrize("name", ["plain", "no-keys", "several", "sign-in", "private"])
def test_nothing_that_our_own_templates_deploy_counts_as_closed_by_a_policy(name: str) -> None:
    """In the private form each has its private endpoint, which ARM shows with it."""
    more = {"privateEndpointConnections": [ENDPOINT]} if name == "private" else {}
    deployed = [one for one in made(name) if one["type"].lower() in doors.KINDS]
    assert len(deployed) >= 2
    for one in deployed:
        body = {**one, "properties": {**one["properties"], **more}}
        identity = ResourceId.parse(f"{GROUP}/providers/{one['type']}/x")
        assert "" == doors.shut(Resource(identity, body))


@pytest.mark.parametrize("name", ["plain", "no-keys", "several", "sign-in"])
def test_no_account_that_our_own_templates_deploy_is_one_that_lets_nobody_in(name: str) -> None:
    [app] = [one for one in made(name) if one["type"] == "Microsoft.Web/sites"]
    site = Resource(ResourceId.parse(SITE), app)
    accounts = [one for one in made(name) if one["type"].lower() == STORAGE_ACCOUNT.lower()]
    deployed = [
        Resource(ResourceId.parse(f"{GROUP}/providers/{one['type']}/{one['name']}"), one) for one in accounts
    ]

    assert ["good"] == [check.state for check in doors.checks(deployed, site)]


# References ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "means", "command"),
    [
        (
            "SecretNotFound",
            "there is no such secret in the vault",
            "az keyvault secret set --name teams-webhook",
        ),
        ("SecretVersionNotFound", "there is no such version", "az keyvault secret set --name teams-webhook"),
        ("VaultNotFound", "the app finds no such vault", "az deployment sub create"),
        ("MSINotEnabled", "the app has no identity to ask with", "az deployment sub create"),
        ("InvalidSyntax", "it is not written as", "az deployment sub create"),
        ("FetchTimedOut", "the vault did not answer in time", "az functionapp restart"),
        ("AccessToKeyVaultDenied", "the vault does not let the app in", "az role assignment create"),
    ],
)
def test_a_reference_that_is_not_resolved_says_what_is_wrong_and_what_mends_it(
    status: str, means: str, command: str
) -> None:
    [check] = bad(with_reference(status))

    assert ("webhook", True) == (check.name, means in check.text)
    assert f"the reference to the vault is {status}" in check.text
    assert check.text.endswith(": Why not.")
    assert check.command.startswith(command)


@pytest.mark.parametrize("status", ["OtherReasons", "UnauthorizedClient", "SomethingNew"])
def test_a_status_that_nobody_explained_stands_as_it_came(status: str) -> None:
    [check] = bad(with_reference(status))

    assert f"the reference to the vault is {status}: Why not." == check.text
    assert check.command.startswith("az functionapp restart")


def test_the_role_that_lets_the_app_in_is_for_its_own_identity() -> None:
    [check] = bad(with_reference("AccessToKeyVaultDenied"))

    assert f"--assignee-object-id {PRINCIPAL}" in check.command
    assert check.command.endswith(f"--scope {VAULT}")


@pytest.mark.parametrize(
    ("vault", "why"),
    [
        (DISABLED, "vault kv-guard-x takes nothing from public networks"),
        ({"networkAcls": {"defaultAction": "Deny"}}, "the firewall of vault kv-guard-x lets nobody in"),
    ],
)
def test_a_vault_that_a_policy_closed_is_told_from_one_that_lacks_a_role(
    vault: dict[str, Any], why: str
) -> None:
    [check] = bad(with_reference("AccessToKeyVaultDenied", vault=vault))

    assert why in check.text
    assert f"perhaps by a policy ({doors.PAGE})" in check.text
    assert "az keyvault update --name kv-guard-x" in check.command


@pytest.mark.parametrize(
    "vault",
    [
        {"networkAcls": {"defaultAction": "Deny", "ipRules": ALLOWED}},
        {**DISABLED, "privateEndpointConnections": [ENDPOINT]},
    ],
)
def test_where_a_vault_lets_some_in_the_role_is_what_lacks(vault: dict[str, Any]) -> None:
    [check] = bad(with_reference("AccessToKeyVaultDenied", vault=vault))

    assert check.command.startswith("az role assignment create")


def test_a_vault_that_may_not_be_seen_leaves_what_the_platform_says() -> None:
    class NoVaults(MemoryCloud):
        def list(self, listing: Listing) -> Sequence[Resource]:
            if "vaults" in listing.type.lower():
                raise ForbiddenError("AuthorizationFailed")
            return super().list(listing)

    [check] = bad(with_reference("AccessToKeyVaultDenied"), NoVaults)

    assert "the vault does not let the app in" in check.text
    assert check.command.startswith("az functionapp restart")


def test_the_secrets_of_channels_are_looked_at_as_well() -> None:
    documents = with_reference("SecretNotFound", "CHANNEL_PAYMENTS")
    put("CHANNEL_PAYMENTS", "properties", "secretName", value="channel-payments")(documents)

    [check] = bad(documents)

    assert "secret CHANNEL_PAYMENTS" == check.name
    assert "--name channel-payments --vault-name kv-guard-x --value VALUE" in check.command
