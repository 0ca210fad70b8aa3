"""The private form against the policies of a locked-down landing zone, as far as its snapshot shows it.

Each row is a policy of the Azure landing zones' corp archetype or of its optional guardrails, or a built-in
one that teams assign: what it looks at and what it wants there. What is still an expression in the snapshot
cannot be decided before deployment and counts as refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.unit.infra.snapshots import OPEN, SETS, Resource, at, made, settings, the

STORAGE = "Microsoft.Storage/storageAccounts"
VAULT = "Microsoft.KeyVault/vaults"
SITE = "Microsoft.Web/sites"
TOPIC = "Microsoft.EventGrid/topics"
INSIGHTS = "Microsoft.Insights/components"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"
SCOPE = "Microsoft.Insights/privateLinkScopes"
ENDPOINT = "Microsoft.Network/privateEndpoints"

CHOSEN = {"costCenter": "4711", "owner": "platform"}
OURS = {"application", "azd-env-name"}
# Types that take no tags, or that no policy about tags looks at.
UNTAGGED = {
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Authorization/roleDefinitions",
    "Microsoft.Insights/privateLinkScopes/scopedResources",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    "Microsoft.OperationalInsights/workspaces/tables",
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    "Microsoft.Storage/storageAccounts/managementPolicies",
    "Microsoft.Storage/storageAccounts/queueServices",
    "Microsoft.Storage/storageAccounts/queueServices/queues",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
    "Microsoft.Web/sites/config",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy wants of every resource of a type; `since`: the API version it asks for besides."""

    title: str
    of: str
    wants: Callable[[Resource], object]
    since: str = ""

    def __str__(self) -> str:
        return f"{self.title} ({self.of.rpartition('/')[2]})"

    def refuses(self, resource: Resource) -> bool:
        return not self.wants(resource) or resource["apiVersion"] < self.since


def value(path: str, *good: Any) -> Callable[[Resource], object]:
    return lambda resource: at(resource, path) in good


def days(path: str, least: int) -> Callable[[Resource], object]:
    return lambda resource: isinstance(at(resource, path), int) and at(resource, path) >= least


CLOSED = value("properties.publicNetworkAccess", "Disabled")
SERVICES = "properties.encryption.services"
POLICIES = (
    Policy("public network access is off", STORAGE, CLOSED),
    Policy("public network access is off", VAULT, CLOSED, since="2021-06-01-preview"),
    Policy("public network access is off", SITE, CLOSED),
    Policy("public network access is off", TOPIC, CLOSED),
    Policy("no shared key access", STORAGE, value("properties.allowSharedKeyAccess", False)),
    Policy("network access is restricted", STORAGE, value("properties.networkAcls.defaultAction", "Deny")),
    Policy(
        "no addresses are let in",
        STORAGE,
        lambda one: (
            not (
                at(one, "properties.networkAcls.ipRules")
                or at(one, "properties.networkAcls.virtualNetworkRules")
            )
        ),
    ),
    Policy("nothing bypasses the network rules", STORAGE, value("properties.networkAcls.bypass", "None")),
    Policy("copies stay in the tenant", STORAGE, value("properties.allowedCopyScope", "AAD", "PrivateLink")),
    Policy("no local users", STORAGE, value("properties.isLocalUserEnabled", False)),
    Policy("no public blobs", STORAGE, value("properties.allowBlobPublicAccess", False)),
    Policy("no copies to other tenants", STORAGE, value("properties.allowCrossTenantReplication", False)),
    Policy("HTTPS only", STORAGE, value("properties.supportsHttpsTrafficOnly", True)),
    Policy("TLS 1.2", STORAGE, value("properties.minimumTlsVersion", "TLS1_2", "TLS1_3")),
    Policy("blobs are encrypted", STORAGE, value(f"{SERVICES}.blob.enabled", True)),
    Policy("files are encrypted", STORAGE, value(f"{SERVICES}.file.enabled", True)),
    Policy("queues by the account's key", STORAGE, value(f"{SERVICES}.queue.keyType", "Account")),
    Policy("tables by the account's key", STORAGE, value(f"{SERVICES}.table.keyType", "Account")),
    Policy("encrypted twice", STORAGE, value("properties.encryption.requireInfrastructureEncryption", True)),
    Policy("SAS policies", STORAGE, lambda one: at(one, "properties.sasPolicy.sasExpirationPeriod")),
    Policy(
        "deleted containers are kept a week",
        f"{STORAGE}/blobServices",
        days("properties.containerDeleteRetentionPolicy.days", 7),
    ),
    Policy("a firewall", VAULT, value("properties.networkAcls.defaultAction", "Deny")),
    Policy("purge protection", VAULT, value("properties.enablePurgeProtection", True)),
    Policy("soft delete", VAULT, value("properties.enableSoftDelete", True)),
    Policy("roles", VAULT, value("properties.enableRbacAuthorization", True)),
    Policy("HTTPS only", SITE, value("properties.httpsOnly", True)),
    Policy("TLS 1.2", SITE, value("properties.siteConfig.minTlsVersion", "1.2", "1.3")),
    Policy("no SSH", SITE, value("properties.sshEnabled", False)),
    Policy("a managed identity", SITE, value("identity.type", "UserAssigned", "SystemAssigned")),
    Policy("in a virtual network", SITE, lambda one: at(one, "properties.virtualNetworkSubnetId")),
    Policy(
        "all traffic is routed", SITE, value("properties.outboundVnetRouting.allTraffic", True), "2024-11-01"
    ),
    Policy(
        "configuration is routed",
        SITE,
        lambda one: all(
            at(one, f"properties.outboundVnetRouting.{what}Traffic") is True
            for what in ("application", "contentShare", "imagePull", "backupRestore")
        ),
    ),
    Policy("no local sign-in", TOPIC, value("properties.disableLocalAuth", True)),
    Policy("closed to ingestion", INSIGHTS, value("properties.publicNetworkAccessForIngestion", "Disabled")),
    Policy("closed to queries", INSIGHTS, value("properties.publicNetworkAccessForQuery", "Disabled")),
    Policy("closed to ingestion", WORKSPACE, value("properties.publicNetworkAccessForIngestion", "Disabled")),
    Policy("closed to queries", WORKSPACE, value("properties.publicNetworkAccessForQuery", "Disabled")),
    Policy("private alone", SCOPE, value("properties.accessModeSettings.ingestionAccessMode", "PrivateOnly")),
    Policy("private alone", SCOPE, value("properties.accessModeSettings.queryAccessMode", "PrivateOnly")),
)


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_no_policy_refuses_anything_of_the_private_form(policy: Policy) -> None:
    assert [one["id"] for one in made("private", policy.of) if policy.refuses(one)] == []


def test_of_the_open_form_the_corp_archetype_refuses_what_the_documents_say() -> None:
    """The rows can refuse: of the plain set the accounts, the vault, the app and the drift topic."""
    refused = {
        one["type"] for policy in POLICIES[:4] for one in made("plain", policy.of) if policy.refuses(one)
    }
    assert refused == {STORAGE, VAULT, SITE, TOPIC}


@pytest.mark.parametrize("name", ["several", "private"])
def test_every_resource_that_takes_tags_has_the_chosen_ones_and_ours(name: str) -> None:
    for each in made(name):
        if each["type"] not in UNTAGGED:
            assert each.get("tags", {}).items() >= CHOSEN.items(), each["id"]
            assert each["tags"].keys() == CHOSEN.keys() | OURS, each["id"]


def test_whatever_has_tags_is_known_to_take_them() -> None:
    assert {each["type"] for name in SETS for each in made(name) if "tags" in each} & UNTAGGED == set()


def test_nothing_of_the_private_form_is_public_and_everything_has_an_endpoint() -> None:
    """What is closed without an endpoint could be reached by nobody."""
    reached = {
        (at(link, "properties.privateLinkServiceId"), *at(link, "properties.groupIds"))
        for each in made("private", ENDPOINT)
        for link in each["properties"]["privateLinkServiceConnections"]
    }
    account = the("private", STORAGE)["id"]
    wanted = {(account, service) for service in ("blob", "queue", "table")}
    wanted |= {(the("private", kind)["id"], service) for kind, service in (
        (VAULT, "vault"), (SITE, "sites"), (SCOPE, "azuremonitor"),
    )}  # fmt: skip
    assert reached == wanted
    assert not [
        each for each in made("private") if "Enabled" in str(at(each, "properties.publicNetworkAccess"))
    ]


def test_every_endpoint_writes_its_names_into_the_zone_it_was_given() -> None:
    groups = made("private", f"{ENDPOINT}/privateDnsZoneGroups")
    assert len(groups) == len(made("private", ENDPOINT))
    zones = {
        at(config, "properties.privateDnsZoneId").rpartition("/")[2]
        for group in groups
        for config in group["properties"]["privateDnsZoneConfigs"]
    }
    assert len(zones) == 7  # one for each service, and two of Azure Monitor's
    assert all(zone.startswith("privatelink.") for zone in zones)


def test_what_sends_logs_in_the_private_form_is_in_the_scope() -> None:
    linked = {at(one, "properties.linkedResourceId") for one in made("private", f"{SCOPE}/scopedResources")}
    assert linked == {the("private", INSIGHTS)["id"], the("private", WORKSPACE)["id"]}


def test_nothing_is_delivered_to_a_closed_app_and_it_is_told_so() -> None:
    assert [each for each in made("private") if each["type"].startswith("Microsoft.EventGrid/")] == []
    assert settings("private")["CHANGES_FROM"] == "activityLog"
    assert "DRIFT_TOPIC_ENDPOINT" not in settings("private")
    assert {settings(name)["CHANGES_FROM"] for name in OPEN} == {"eventGrid"}


@pytest.mark.parametrize("name", SETS)
def test_no_network_is_made_or_changed(name: str) -> None:
    assert not [each for each in made(name) if "virtualNetworks" in each["type"]]


def test_the_private_form_needs_no_service_endpoint() -> None:
    for kind in (STORAGE, VAULT):
        assert not any(
            at(each, "properties.networkAcls.virtualNetworkRules") for each in made("private", kind)
        )
