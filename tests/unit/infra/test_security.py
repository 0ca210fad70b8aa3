"""What a linter for ARM templates asks for, asked of every resource in the templates.

The ids are checkov's, so that they can be looked up; rules without one are of our own making. checkov itself
is no part of the checks, see docs/adr/0002-libraries.md. Where a rule is not kept, KEPT_OPEN says where, and
docs/security.md why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.unit.infra.bicep import INFRA, ROOT, Declaration, declarations, templates

STORAGE = "Microsoft.Storage/storageAccounts"
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
    Must("cross-tenant-copies", STORAGE, "properties.allowCrossTenantReplication", (False,)),
    Must("sign-in-by-default", STORAGE, "properties.defaultToOAuthAuthentication", (True,)),
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
    Must("CKV_AZURE_78", SITE, "properties.siteConfig.ftpsState", ("Disabled",)),
    Must("CKV_AZURE_222", SITE, "properties.publicNetworkAccess", ("Disabled",)),
    Must("no-password-to-publish", PUBLISHING, "properties.allow", (False,)),
    Must("CKV_AZURE_191", TOPIC, "identity.type", ("SystemAssigned",)),
    Must("CKV_AZURE_192", TOPIC, "properties.disableLocalAuth", (True,)),
    Must("CKV_AZURE_193", TOPIC, "properties.publicNetworkAccess", ("Disabled",)),
    Must("topic-tls", TOPIC, "properties.minimumTlsVersionAllowed", ("1.2", "1.3")),
    Must("no-key-to-send-logs", INSIGHTS, "properties.DisableLocalAuth", (True,)),
    Must("no-key-to-send-logs", WORKSPACE, "properties.features.disableLocalAuth", (True,)),
)

# Rule and template. Each is told of in docs/security.md.
KEPT_OPEN = {
    ("CKV_AZURE_35", "modules/storage.bicep"),
    ("CKV_AZURE_35", "modules/dead_letters.bicep"),  # by parameter, shut by default
    ("CKV2_AZURE_40", "modules/dead_letters.bicep"),  # by parameter
    ("CKV_AZURE_41", "modules/vault.bicep"),
    ("CKV_AZURE_109", "modules/vault.bicep"),
    ("CKV_AZURE_189", "modules/vault.bicep"),
    ("CKV_AZURE_193", "modules/topic.bicep"),
    ("CKV_AZURE_222", "modules/functions.bicep"),
}


def made(kind: str) -> Iterator[tuple[str, Declaration]]:
    """The resources of one type that the templates make, with the template; not those that exist already."""
    for path in templates():
        for each in declarations(path, "resource"):
            if each.of.partition("@")[0] == kind and " existing " not in each.text.partition("{")[0]:
                yield str(path.relative_to(INFRA)), each


def at(body: Any, path: str) -> Any:
    """The value at a path; None where a part is missing."""
    for step in path.split("."):
        body = body.get(step) if isinstance(body, dict) else None
    return body


def breaches(must: Must) -> set[tuple[str, str]]:
    return {(must.rule, where) for where, each in made(must.of) if at(each.body, must.at) not in must.be}


@pytest.mark.parametrize("must", MUSTS, ids=str)
def test_every_resource_keeps_the_rule_or_is_named_as_one_that_does_not(must: Must) -> None:
    assert list(made(must.of))
    assert breaches(must) - KEPT_OPEN == set()


def test_what_is_named_as_open_is_open() -> None:
    assert set().union(*map(breaches, MUSTS)) >= KEPT_OPEN


def test_the_security_model_says_why_a_rule_is_not_kept() -> None:
    told = (ROOT / "docs" / "security.md").read_text()
    assert [rule for rule, _ in KEPT_OPEN if f"`{rule}`" not in told] == []


def test_every_kind_of_resource_is_known_here() -> None:
    """A resource of a new kind wants rules, or a place among those that have nothing to keep shut."""
    plain = {
        "Microsoft.Authorization/roleAssignments",  # test_bicep.py: to whom
        "Microsoft.Authorization/roleDefinitions",  # test_roles.py: what they permit
        "Microsoft.EventGrid/systemTopics",
        "Microsoft.EventGrid/systemTopics/eventSubscriptions",
        "Microsoft.EventGrid/topics/eventSubscriptions",
        "Microsoft.Insights/actionGroups",
        "Microsoft.Insights/metricAlerts",
        "Microsoft.Insights/scheduledQueryRules",
        "Microsoft.Insights/workbooks",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "Microsoft.OperationalInsights/workspaces/tables",
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Storage/storageAccounts/blobServices",
        "Microsoft.Storage/storageAccounts/managementPolicies",
        "Microsoft.Storage/storageAccounts/queueServices",
        "Microsoft.Storage/storageAccounts/queueServices/queues",
        "Microsoft.Web/serverfarms",
        "Microsoft.Web/sites/config",  # test_agreement.py: which settings
    }
    kinds = {each.of.partition("@")[0] for path in templates() for each in declarations(path, "resource")}
    assert kinds == plain | {must.of for must in MUSTS}


def test_the_account_with_a_key_is_one_and_holds_dead_letters_alone() -> None:
    keyed = [
        where
        for where, each in made(STORAGE)
        if at(each.body, "properties.allowSharedKeyAccess") is not False
    ]
    assert keyed == ["modules/dead_letters.bicep"]
    containers = [
        each for each in declarations(INFRA / keyed[0], "resource") if each.of.startswith(CONTAINER)
    ]
    assert [each.body["name"] for each in containers] == ["dead-letters"]
