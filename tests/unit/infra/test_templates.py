"""What the parameter sets would make: names, roles, tags, limits, and what Azure would refuse."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.unit.infra.bicep import INFRA, ROOT
from tests.unit.infra.snapshots import EVENTS, OPEN, SETS, at, called, made, outputs, own_name, settings, the

STORAGE = "Microsoft.Storage/storageAccounts"
SITE = "Microsoft.Web/sites"
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
SYSTEM_TOPIC = "Microsoft.EventGrid/systemTopics"
QUERY_RULE = "Microsoft.Insights/scheduledQueryRules"
METRIC_RULE = "Microsoft.Insights/metricAlerts"

# Microsoft's naming rules: what a name may be.
LETTERS = r"[A-Za-z0-9]"
NAMES = {
    STORAGE: r"[a-z0-9]{3,24}",
    "Microsoft.KeyVault/vaults": rf"(?!.*--)[A-Za-z]{LETTERS[:-1]}-]{{1,22}}{LETTERS}",
    SITE: rf"{LETTERS}[A-Za-z0-9-]{{0,58}}{LETTERS}",
    "Microsoft.Web/serverfarms": r"[A-Za-z0-9-]{1,60}",
    "Microsoft.EventGrid/topics": r"[A-Za-z0-9-]{3,50}",
    SYSTEM_TOPIC: r"[A-Za-z0-9-]{3,50}",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": r"[A-Za-z0-9-]{3,64}",
    "Microsoft.EventGrid/topics/eventSubscriptions": r"[A-Za-z0-9-]{3,64}",
    "Microsoft.ManagedIdentity/userAssignedIdentities": rf"{LETTERS}[\w-]{{2,127}}",
    "Microsoft.OperationalInsights/workspaces": rf"{LETTERS}[A-Za-z0-9-]{{2,61}}{LETTERS}",
    "Microsoft.Insights/components": r"[^%&\\?/]{1,260}",
    "Microsoft.Insights/actionGroups": r"[^:<>+/&%\\?|]{1,260}",
    METRIC_RULE: r"[^*#&+:<>?@%{}\\/|]{1,260}",
    QUERY_RULE: r"[^*<>%{}&:\\?/#|]{1,260}",
    "Microsoft.Network/privateEndpoints": r"[A-Za-z0-9][\w.-]{0,62}\w",
    "Microsoft.Resources/resourceGroups": r"[\w.()-]{0,89}[\w()-]",
}


@pytest.mark.parametrize("name", [*SETS, *EVENTS])
def test_every_name_is_one_that_azure_takes(name: str) -> None:
    for kind, pattern in NAMES.items():
        for each in made(name, kind):
            assert re.fullmatch(pattern, own_name(each)), each["id"]


def test_whatever_takes_a_prefix_has_it() -> None:
    """Behind the abbreviation of its type, which is what a name begins with."""
    groups = {"Microsoft.Resources/resourceGroups", "Microsoft.Insights/workbooks"}
    named = [each for each in made("several") if "tags" in each and each["type"] not in groups]
    without = [own_name(each) for each in named if "conto" not in own_name(each)]
    assert without == ["teams-webhook-url"]


def test_names_of_the_default_prefix_are_those_of_the_first_release() -> None:
    """What is renamed is made anew beside the old, and the ledger is left behind."""
    names = {called(each) for each in made("plain") if "tags" in each}
    first = {"id-guard", "stguard", "stdead", "log-guard", "appi-guard", "ag-guard", "kvguard", "evgt-drift",
             "func-guard", "plan-func-guard", "guard-failures", "guard-dead-letters",
             "guard-dead-letters-drift"}  # fmt: skip
    assert first <= names
    [topic] = made("plain", SYSTEM_TOPIC)
    assert topic["name"] == "evgst-guard-11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("name", SETS)
def test_every_resource_is_made_once(name: str) -> None:
    """But for the group, which the watched subscription of the app asks for too."""
    twice = [each for each, count in Counter(one["id"].lower() for one in made(name)).items() if count > 1]
    assert all(re.fullmatch(r"/subscriptions/[^/]+/resourcegroups/[^/]+", each) for each in twice)


@pytest.mark.parametrize("name", SETS)
def test_role_assignments_are_given_once_to_the_app_or_the_topic_and_name_the_kind_of_principal(
    name: str,
) -> None:
    given = [one for one in made(name, ASSIGNMENT) if not _is_of_a_declarer(one)]
    what = [
        (at(one, "properties.principalId"), at(one, "properties.roleDefinitionId"), one["id"])
        for one in given
    ]
    assert len(set(what)) == len(what) > 5
    for principal, _, _ in what:
        assert re.search(r"userAssignedIdentities/id-|Microsoft\.EventGrid/topics/evgt-", principal), (
            principal
        )
    assert {at(one, "properties.principalType") for one in given} == {"ServicePrincipal"}


def _is_of_a_declarer(assignment: dict[str, Any]) -> bool:
    return "/containers/declared/" in assignment["id"]


def test_who_declares_by_files_may_write_the_container_for_that_and_nothing_else() -> None:
    declarer = "bbbbbbbb-2222-3333-4444-555555555555"
    given = [one for one in made("several", ASSIGNMENT) if at(one, "properties.principalId") == declarer]

    assert [True] == [_is_of_a_declarer(one) for one in given]
    assert [] == [one for one in made("plain", ASSIGNMENT) if _is_of_a_declarer(one)]


def test_only_where_it_may_fix_the_app_gets_roles_that_write() -> None:
    def held(name: str) -> int:
        roles = {one["id"] for one in made(name, "Microsoft.Authorization/roleDefinitions")}
        return sum(str(at(one, "properties.roleDefinitionId")) in roles for one in made(name, ASSIGNMENT))

    assert (held("plain"), held("several")) == (1, 6)


def test_the_role_of_the_logs_is_given_on_the_groups_that_were_named_and_nowhere_above() -> None:
    roles = {
        one["id"]
        for one in made("several", "Microsoft.Authorization/roleDefinitions")
        if at(one, "properties.roleName").startswith("Bastion Guard logs ")
    }
    given = [
        one["id"] for one in made("several", ASSIGNMENT) if at(one, "properties.roleDefinitionId") in roles
    ]
    assert len(roles) == 2
    assert [re.findall(r"resourceId\('([^']+)', '([^']+)'", one) for one in given] == [
        [("11111111-2222-3333-4444-555555555555", "rg-bastion")],
        [("66666666-2222-3333-4444-555555555555", "rg-hub")],
    ]


@pytest.mark.parametrize("name", SETS)
def test_no_topic_in_location_global_has_an_identity(name: str) -> None:
    for each in made(name):
        if each["type"].startswith("Microsoft.EventGrid/") and each.get("location") == "global":
            assert at(each, "identity.type") in {None, "None"}


def test_a_topic_that_is_there_already_is_used_and_none_is_made() -> None:
    assert made("several", SYSTEM_TOPIC) == []
    assert (
        "/resourceGroups/rg-guard-prod/providers/Microsoft.EventGrid/systemTopics/evgst-guard-6"
        in outputs("several")["SYSTEM_TOPIC_IDS"]
    )
    watched = {str(at(one, "properties.scopes")[0]) for one in made("several", METRIC_RULE)}
    assert sum("systemTopics" in one for one in watched) == 2


def test_event_subscriptions_on_a_shared_topic_have_names_of_their_own() -> None:
    kind = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
    ours = {own_name(one) for one in made("events/plain", kind)}
    theirs = {own_name(one) for one in made("events/several", kind)}
    assert len(ours) == len(theirs) == 6
    assert ours & theirs == set()


def test_storage_is_of_the_sku_that_was_chosen_and_the_default_is_in_every_region() -> None:
    skus = {
        name: at(the(name, STORAGE, "st" if name != "plain" else "stguard"), "sku.name")
        for name in ("no-keys", "private", "plain")
    }
    assert skus == {"no-keys": "Standard_LRS", "private": "Standard_ZRS", "plain": "Standard_LRS"}
    both = {called(one)[:6]: at(one, "sku.name") for one in made("several", STORAGE)}
    assert both == {"stcont": "Standard_ZRS", "stdead": "Standard_LRS"}


@pytest.mark.parametrize("name", SETS)
def test_the_app_runs_on_flex_consumption_with_the_python_it_is_tested_on(name: str) -> None:
    site = the(name, SITE)["properties"]["functionAppConfig"]
    assert site["runtime"] == {"name": "python", "version": (ROOT / ".python-version").read_text().strip()}
    assert at(site, "deployment.storage.authentication.type") == "UserAssignedIdentity"
    assert at(the(name, "Microsoft.Web/serverfarms"), "sku.name") == "FC1"


def test_instances_are_kept_ready_for_the_function_that_changes_come_in_by() -> None:
    ready = {
        name: at(the(name, SITE), "properties.functionAppConfig.scaleAndConcurrency.alwaysReady")
        for name in SETS
    }
    assert ready["several"] == [{"name": "function:on_resource_change", "instanceCount": 1}]
    assert ready["plain"] == []


def test_allowed_addresses_and_event_grid_alone_get_in() -> None:
    config = at(the("several", SITE), "properties.siteConfig")
    assert config["ipSecurityRestrictionsDefaultAction"] == "Deny"
    assert [(one["tag"], one["ipAddress"], one["action"]) for one in config["ipSecurityRestrictions"]] == [
        ("ServiceTag", "AzureEventGrid", "Allow"),
        ("Default", "203.0.113.0/24", "Allow"),
        ("Default", "198.51.100.7/32", "Allow"),
        ("Default", "2001:db8::/48", "Allow"),
    ]
    assert at(the("plain", SITE), "properties.siteConfig") == {"minTlsVersion": "1.2"}


def test_a_storage_firewall_gets_no_single_address_with_a_suffix_and_no_ipv6() -> None:
    rules = at(the("several", STORAGE, "stdead"), "properties.networkAcls.ipRules")
    assert [rule["value"] for rule in rules] == ["203.0.113.0/24", "198.51.100.7"]


def test_the_account_of_the_dead_letters_is_shut_and_forgets() -> None:
    """Dead letters hold the names of people."""
    assert at(the("plain", STORAGE, "stdead"), "properties.networkAcls.defaultAction") == "Deny"
    [lifecycle] = made("plain", f"{STORAGE}/managementPolicies")
    [rule] = at(lifecycle, "properties.policy.rules")
    assert at(rule, "definition.actions.baseBlob.delete") == {"daysAfterModificationGreaterThan": 30}


def test_without_dead_letters_there_is_no_account_for_them_and_no_place_in_the_event_subscriptions() -> None:
    assert [called(one) for one in made("no-keys", STORAGE)] == ["stguard"]
    kinds = {"key": "deadLetterDestination", "identity": "deadLetterWithResourceIdentity", "off": None}
    for name, how in (("plain", "key"), ("several", "identity"), ("no-keys", "off")):
        for one in made(f"events/{name}", "Microsoft.EventGrid/systemTopics/eventSubscriptions"):
            assert [key for key in one["properties"] if key.startswith("deadLetter")] == (
                [kinds[how]] if kinds[how] else []
            )


def test_logs_are_kept_as_long_as_configured_and_no_longer() -> None:
    """In every table that a query asks, and in those that hold actors."""
    tables = {
        own_name(one): at(one, "properties.totalRetentionInDays")
        for one in made("plain", "Microsoft.OperationalInsights/workspaces/tables")
    }
    assert set(tables.values()) == {30}
    queries = (
        str([one["properties"] for one in made("plain", QUERY_RULE)]) + (INFRA / "workbook.json").read_text()
    )
    assert {*re.findall(r"\bApp[A-Z]\w+", queries), "AppExceptions"} <= tables.keys()


@pytest.mark.parametrize("name", OPEN)
def test_somebody_is_told_of_what_was_put_aside_and_of_what_was_dropped(name: str) -> None:
    topics = {str(at(one, "properties.scopes")[0]) for one in made(name, METRIC_RULE)}
    watched = {
        (str(at(one, "properties.scopes")[0]), at(one, "properties.criteria.allOf")[0]["metricName"])
        for one in made(name, METRIC_RULE)
    }
    assert topics
    assert watched == {
        (topic, metric) for topic in topics for metric in ("DeadLetteredCount", "DroppedEventCount")
    }


def test_the_webhook_is_a_reference_and_never_a_value() -> None:
    written = settings("plain")["TEAMS_WEBHOOK_URL"]
    assert written.startswith(
        "[format('@Microsoft.KeyVault(SecretUri={0})', format('{0}secrets/teams-webhook-url'"
    )
