"""What a linter for ARM templates asks for, asked of every resource that the parameter sets would make.

The ids are checkov's, so that they can be looked up; rules without one are of our own making. checkov
itself has a target of its own (`make checkov`). Where a rule is not kept, KEPT_OPEN says where, and
docs/security.md why.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.unit.infra.bicep import ROOT
from tests.unit.infra.snapshots import OPEN, SETS, at, called, made, own_name

STORAGE = "Microsoft.Storage/storageAccounts"
BLOBS = f"{STORAGE}/blobServices"
CONTAINER = f"{STORAGE}/blobServices/containers"
VAULT = "Microsoft.KeyVault/vaults"
SECRET = f"{VAULT}/secrets"
SITE = "Microsoft.Web/sites"
PUBLISHING = f"{SITE}/basicPublishingCredentialsPolicies"
TOPIC = "Microsoft.EventGrid/topics"
INSIGHTS = "Microsoft.Insights/components"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"


@dataclass(frozen=True, slots=True)
class Must:
    """Every resource of type `of` has one of the values `be` at the path `at`; None: may be left out."""

    rule: str
    of: str
    at: str
    be: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.rule}-{self.at.rpartition('.')[2]}"


MUSTS = (
    Must("CKV_AZURE_3", STORAGE, "properties.supportsHttpsTrafficOnly", (True,)),
    Must("CKV_AZURE_35", STORAGE, "properties.networkAcls.defaultAction", ("Deny",)),
    Must("CKV_AZURE_36", STORAGE, "properties.networkAcls.bypass", ("AzureServices",)),
    Must("CKV_AZURE_44", STORAGE, "properties.minimumTlsVersion", ("TLS1_2",)),
    Must("CKV_AZURE_59", STORAGE, "properties.allowBlobPublicAccess", (False,)),
    Must("CKV2_AZURE_40", STORAGE, "properties.allowSharedKeyAccess", (False,)),
    Must("copies-within-the-tenant", STORAGE, "properties.allowedCopyScope", ("AAD",)),
    Must("no-local-users", STORAGE, "properties.isLocalUserEnabled", (False,)),
    Must("cross-tenant-copies", STORAGE, "properties.allowCrossTenantReplication", (False,)),
    Must("sign-in-by-default", STORAGE, "properties.defaultToOAuthAuthentication", (True,)),
    Must("deleted-is-kept", BLOBS, "properties.containerDeleteRetentionPolicy.days", (7,)),
    Must("CKV_AZURE_34", CONTAINER, "properties.publicAccess", (None, "None")),
    Must("CKV_AZURE_42", VAULT, "properties.enableSoftDelete", (True,)),
    Must("CKV_AZURE_110", VAULT, "properties.enablePurgeProtection", (True,)),
    Must("CKV_AZURE_111", VAULT, "properties.enableSoftDelete", (True,)),
    Must("CKV_AZURE_109", VAULT, "properties.networkAcls.defaultAction", ("Deny",)),
    Must("CKV_AZURE_189", VAULT, "properties.publicNetworkAccess", ("Disabled",)),
    Must("roles-not-policies", VAULT, "properties.enableRbacAuthorization", (True,)),
    Must("CKV_AZURE_114", SECRET, "properties.contentType", ("URL",)),
    Must("CKV_AZURE_41", SECRET, "properties.attributes.exp", ("a date",)),
    Must("CKV_AZURE_14", SITE, "properties.httpsOnly", (True,)),
    Must("CKV_AZURE_15", SITE, "properties.siteConfig.minTlsVersion", ("1.2", "1.3")),
    Must("CKV_AZURE_16", SITE, "identity.type", ("UserAssigned", "SystemAssigned")),
    Must("CKV_AZURE_57", SITE, "properties.siteConfig.cors", (None,)),
    Must("CKV_AZURE_70", SITE, "properties.httpsOnly", (True,)),
    Must("CKV_AZURE_72", SITE, "properties.siteConfig.remoteDebuggingEnabled", (None, False)),
    Must("flex-refuses-it", SITE, "properties.siteConfig.ftpsState", (None,)),
    Must("flex-refuses-it", SITE, "properties.siteConfig.linuxFxVersion", (None,)),
    Must("no-shell", SITE, "properties.sshEnabled", (False,)),
    Must("CKV_AZURE_222", SITE, "properties.publicNetworkAccess", ("Disabled",)),
    Must("no-password-to-publish", PUBLISHING, "properties.allow", (False,)),
    Must("CKV_AZURE_191", TOPIC, "identity.type", ("SystemAssigned",)),
    Must("CKV_AZURE_192", TOPIC, "properties.disableLocalAuth", (True,)),
    Must("CKV_AZURE_193", TOPIC, "properties.publicNetworkAccess", ("Disabled",)),
    Must("topic-tls", TOPIC, "properties.minimumTlsVersionAllowed", ("1.2", "1.3")),
    Must("no-key-to-send-logs", INSIGHTS, "properties.DisableLocalAuth", (True,)),
    Must("no-key-to-send-logs", WORKSPACE, "properties.features.disableLocalAuth", (True,)),
)

# Rule and type, in the open form. Each is told of in docs/security.md.
KEPT_OPEN = {
    ("CKV_AZURE_35", STORAGE),
    ("CKV2_AZURE_40", STORAGE),  # of the dead letters, by parameter
    ("CKV_AZURE_41", SECRET),
    ("CKV_AZURE_109", VAULT),
    ("CKV_AZURE_189", VAULT),
    ("CKV_AZURE_193", TOPIC),
    ("CKV_AZURE_222", SITE),
}
# In the private form nothing is let through, not even Azure's own services; the policies want that.
KEPT_OPEN_IN_PRIVATE = {("CKV_AZURE_36", STORAGE), ("CKV_AZURE_41", SECRET)}


def breaches(name: str) -> set[tuple[str, str]]:
    return {
        (must.rule, must.of)
        for must in MUSTS
        for each in made(name, must.of)
        if at(each, must.at) not in must.be
    }


@pytest.mark.parametrize("must", MUSTS, ids=str)
def test_every_rule_has_something_to_hold_for(must: Must) -> None:
    assert any(made(name, must.of) for name in SETS)


@pytest.mark.parametrize("name", OPEN)
def test_every_resource_keeps_the_rules_or_is_named_as_one_that_does_not(name: str) -> None:
    assert breaches(name) - KEPT_OPEN == set()


def test_in_the_private_form_every_rule_about_networks_is_kept() -> None:
    assert breaches("private") == KEPT_OPEN_IN_PRIVATE


def test_what_is_named_as_open_is_open() -> None:
    assert set().union(*map(breaches, OPEN)) == KEPT_OPEN


def test_the_security_model_says_why_a_rule_is_not_kept() -> None:
    told = (ROOT / "docs" / "security.md").read_text()
    assert [rule for rule, _ in KEPT_OPEN | KEPT_OPEN_IN_PRIVATE if f"`{rule}`" not in told] == []


def test_every_kind_of_resource_is_known_here() -> None:
    """A resource of a new kind wants rules, or a place among those that have nothing to keep shut."""
    plain = {
        "Microsoft.Authorization/roleAssignments",  # test_templates.py: to whom
        "Microsoft.Authorization/roleDefinitions",  # test_roles.py: what they permit
        "Microsoft.EventGrid/systemTopics",
        "Microsoft.Insights/actionGroups",
        "Microsoft.Insights/metricAlerts",
        "Microsoft.Insights/privateLinkScopes",  # test_policies.py
        "Microsoft.Insights/privateLinkScopes/scopedResources",
        "Microsoft.Insights/scheduledQueryRules",
        "Microsoft.Insights/workbooks",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "Microsoft.Network/privateEndpoints",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "Microsoft.OperationalInsights/workspaces/tables",
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Storage/storageAccounts/managementPolicies",
        "Microsoft.Storage/storageAccounts/queueServices",
        "Microsoft.Storage/storageAccounts/queueServices/queues",
        "Microsoft.Web/serverfarms",
        "Microsoft.Web/sites/config",  # test_agreement.py: which settings
    }
    kinds = {each["type"] for name in SETS for each in made(name)}
    assert kinds == plain | {must.of for must in MUSTS}


@pytest.mark.parametrize("name", OPEN)
def test_the_account_with_a_key_is_one_and_holds_dead_letters_alone(name: str) -> None:
    keyed = [each for each in made(name, STORAGE) if at(each, "properties.allowSharedKeyAccess") is not False]
    assert [called(each)[:6] for each in keyed] == ([] if name == "no-keys" else ["stdead"])
    for account in keyed:
        below = [one for one in made(name, CONTAINER) if one["name"].startswith(f"{account['name']}/")]
        assert [own_name(one) for one in below] == ["dead-letters"]
