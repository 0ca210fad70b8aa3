"""Who else looks like this app on a subscription, as the doctor tells it."""

import copy
import json
from typing import Any

import pytest

from remediation.adapters.memory.cloud import MemoryCloud
from remediation.errors import ForbiddenError
from remediation.kinds import ROLE_ASSIGNMENT, WEB_SITE
from remediation.model import Listing, Resource
from remediation.on_call.checkup.answers import Check
from remediation.on_call.rights.other_guards import MOST_TOLD
from remediation.reconciling.others.entitled import ROLES, role_ids
from tests.unit.infra.bicep import INFRA
from tests.unit.on_call.test_doctor import (
    HERE,
    PRINCIPAL,
    SITE,
    TOPIC,
    Documents,
    a_deployment,
    a_site,
    an_event_subscription,
    examined,
)

OTHER = "aaaaaaaa-0000-0000-0000-0000000000ff"
OTHER_SITE = SITE.replace("rg-guard", "rg-guard-test").replace("func-guard-x", "func-guard-y")
ELSEWHERE = "66666666-2222-3333-4444-555555555555"


def about_guards(*documents: dict[str, Any], cloud: type[MemoryCloud] = MemoryCloud) -> list[Check]:
    everything: Documents = a_deployment() | {one["id"]: one for one in documents}
    return [check for check in examined(everything, cloud=cloud) if check.name == f"guards {HERE}"]


def held(
    role: str, principal: str = OTHER, kind: str = "ServicePrincipal", number: int = 0
) -> dict[str, Any]:
    """An assignment of a role as infra/ makes it."""
    at = f"/subscriptions/{HERE}/providers/Microsoft.Authorization"
    guid = next(guid for guid, name in role_ids(HERE).items() if name == f"Bastion Guard {role}")
    properties = {
        "principalId": principal,
        "principalType": kind,
        "roleDefinitionId": f"{at}/roleDefinitions/{guid}",
        "scope": f"/subscriptions/{HERE}",
    }
    return {"id": f"{at}/roleAssignments/{role}-{principal}-{number}", "properties": properties}


def another_app(state: str = "Running") -> dict[str, Any]:
    site = copy.deepcopy(a_site()) | {"id": OTHER_SITE, "tags": {"application": "bastion-guard"}}
    site["identity"] = {"userAssignedIdentities": {"/y": {"principalId": OTHER}}}
    site["properties"]["state"] = state
    return site


def hearing() -> dict[str, Any]:
    """An event subscription of the other app on the one topic that a subscription has."""
    document = an_event_subscription("other", ["Microsoft.Network/bastionHosts/write"])
    document["id"] = f"{TOPIC}/eventSubscriptions/other-nsg"
    document["properties"]["destination"]["properties"]["resourceId"] = (
        f"{OTHER_SITE}/functions/on_resource_change"
    )
    return document


def test_the_ids_of_our_roles_are_those_that_the_templates_make() -> None:
    """`bicep snapshot` evaluates guid(); what it made of the names stands in the snapshots."""
    made = json.loads((INFRA / "sets" / "several.snapshot.json").read_text())["predictedResources"]
    kind = "Microsoft.Authorization/roleDefinitions"
    definitions = {one["name"]: one["properties"]["roleName"] for one in made if one["type"] == kind}

    for subscription in (HERE, ELSEWHERE):
        expected = {guid: f"{name} ({subscription})" for guid, name in role_ids(subscription).items()}
        assert expected == {guid: name for guid, name in definitions.items() if subscription in name}


def test_nobody_else_is_a_good_line() -> None:
    assert [("good", "no other app of this kind is seen here")] == [
        (check.state, check.text) for check in about_guards()
    ]


@pytest.mark.parametrize("role", [role.rpartition(" ")[2] for role in ROLES])
def test_this_apps_own_roles_are_nobody_elses(role: str) -> None:
    assert ["good"] == [check.state for check in about_guards(held(role, PRINCIPAL))]


def test_an_app_that_runs_and_may_repair_is_bad_and_leads_to_the_runbook() -> None:
    [check] = about_guards(another_app(), held("fix"))

    assert ("bad", "see docs/runbook.md, two-apps") == (check.state, check.command)
    assert "function app func-guard-y in rg-guard-test, running, holds Bastion Guard fix, too" == check.text


@pytest.mark.parametrize(("state", "role"), [("Stopped", "fix"), ("Running", "observe")])
def test_one_that_stands_still_or_only_observes_is_told_and_may_be_meant(state: str, role: str) -> None:
    [check] = about_guards(another_app(state), held(role))

    assert "unknown" == check.state
    assert f"{state.lower()}, holds Bastion Guard {role}, too" in check.text


def test_an_identity_of_no_app_that_is_seen_is_unknown_with_the_way_to_its_name() -> None:
    [check] = about_guards(held("fix"))

    assert ("unknown", f"az ad sp show --id {OTHER}") == (check.state, check.command)
    assert "no app of ours that is seen has this identity" in check.text


def test_people_with_the_role_are_told_as_what_they_are() -> None:
    [check] = about_guards(held("fix", kind="Group"))

    assert ("unknown", True) == (check.state, check.text.startswith(f"Group {OTHER} holds"))
    assert "az role assignment list" in check.command


def test_an_app_that_hears_of_the_same_changes_is_told_once_however_many_filters_it_has() -> None:
    second = {**hearing(), "id": f"{TOPIC}/eventSubscriptions/other-paths"}

    [check] = about_guards(another_app(), hearing(), second)

    assert "unknown" == check.state
    assert (
        "2 event subscriptions tell function app func-guard-y in rg-guard-test of the same changes"
        == check.text
    )


def test_an_app_of_which_nothing_more_is_seen_is_named_without_a_claim() -> None:
    [check] = about_guards(another_app())

    assert ("unknown", True) == (check.state, "whether it watches this is not seen" in check.text)


def test_the_worst_comes_first_and_who_holds_several_roles_is_told_once() -> None:
    checks = about_guards(another_app(), hearing(), held("observe"), held("fix"), held("fix", "nobody"))

    assert ["bad", "unknown", "unknown"] == [check.state for check in checks]
    assert "holds Bastion Guard fix and Bastion Guard observe, too" in checks[0].text


def test_however_many_there_are_a_bounded_number_is_told() -> None:
    many = [held("fix", f"{number}", number=number) for number in range(MOST_TOLD + 3)]

    checks = about_guards(*many)

    assert MOST_TOLD + 1 == len(checks)
    assert "and 3 more that hold our roles" == checks[-1].text


@pytest.mark.parametrize(
    ("hidden", "what"),
    [
        (WEB_SITE, "function apps"),
        (ROLE_ASSIGNMENT, "role assignments"),
        ("microsoft.eventgrid/systemtopics/eventsubscriptions", "event subscriptions"),
    ],
)
def test_what_cannot_be_seen_hides_nothing_else_and_is_never_good(hidden: str, what: str) -> None:
    class Hidden(MemoryCloud):
        def list(self, listing: Listing) -> list[Resource]:
            if listing.type.lower() == hidden:
                raise ForbiddenError("AuthorizationFailed")
            return list(super().list(listing))

    checks = about_guards(another_app(), hearing(), held("fix"), cloud=Hidden)

    unseen = [check for check in checks if "could not be seen, so others may be there" in check.text]
    assert [True] == [check.text.startswith(what) for check in unseen]
    assert "az role assignment create" in unseen[0].command
    assert len(checks) > 1
