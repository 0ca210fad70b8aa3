"""Who may change what the app is made of, as the doctor tells it."""

import uuid
from typing import Any

import pytest

from lab.arm.facts.roles import BUILT_IN
from remediation.adapters.memory.cloud import MemoryCloud
from remediation.cli.on_call import doctor as command
from remediation.errors import ForbiddenError
from remediation.model import Resource
from remediation.on_call.checkup.answers import Check
from remediation.on_call.rights.holders import MOST_ROLES, MOST_TOLD
from remediation.resource_id import ResourceId
from tests.unit.on_call.test_doctor import (
    DRIFT,
    GROUP,
    HERE,
    PRINCIPAL,
    Documents,
    Healthy,
    a_deployment,
    a_role,
    complaints,
    examined,
)

AUTHORIZATION = "providers/Microsoft.Authorization"
ALICE = "aaaaaaaa-0000-0000-0000-00000000000a"
HOSTS = f"/subscriptions/{HERE}/resourceGroups/rg-hub"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stguardx"


def named(role: str) -> str:
    """The id of a role: a built-in one's own, or one that follows from its name."""
    known = {name: guid for name, guid, *_ in BUILT_IN}
    return known.get(role) or str(uuid.uuid5(uuid.NAMESPACE_URL, role))


def a_definition(role: str, *, on_data: bool = False, excepted: tuple[str, ...] = (), **given: Any) -> Any:
    """A role definition; of a built-in role as the lab has it."""
    found: dict[str, Any] = next(
        (
            {"actions": [*actions], "notActions": [*without], "dataActions": [*data]}
            for name, _, actions, without, data in BUILT_IN
            if name == role
        ),
        {},
    )
    for action in given.get("actions", ()):
        found.setdefault("dataActions" if on_data else "actions", []).append(action)
    if excepted:
        found["notActions"] = [*excepted]
    where = f"/subscriptions/{HERE}/{AUTHORIZATION}/roleDefinitions/{named(role)}"
    return {"id": where, "properties": {"roleName": role, "permissions": [found]}}


def an_assignment(role: str, scope: str = GROUP, principal: str = ALICE, **more: Any) -> Any:
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{role} {scope} {principal}")
    definition = f"/{AUTHORIZATION}/roleDefinitions/{named(role)}"
    properties = {"principalId": principal, "principalType": "User", "roleDefinitionId": definition}
    return {
        "id": f"{scope}/{AUTHORIZATION}/roleAssignments/{name}",
        "properties": properties | {"scope": scope} | more,
    }


def deployed(*documents: Any) -> Documents:
    return a_deployment() | {document["id"]: document for document in documents}


def about_holders(documents: Documents, **more: Any) -> list[str]:
    checks = [check for check in examined(documents, **more) if check.name == "holders"]
    return [check.text for check in checks if check.state != "good"][1:]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("Owner", "give rights, change the app, lend its identity, change its account, change its vault"),
        ("Contributor", "change the app, lend its identity, change its account, change its vault"),
        ("User Access Administrator", "give rights"),
        ("Managed Identity Operator", "lend its identity"),
        ("Storage Blob Data Contributor", "write its package or baseline"),
        ("Storage Blob Data Owner", "write its package or baseline"),
        ("Storage Queue Data Contributor", "write its queues"),
        ("Storage Table Data Contributor", "write its ledger"),
    ],
)
def test_who_holds_a_built_in_role_that_makes_him_the_app_is_told_with_what_he_may(
    role: str, may: str
) -> None:
    told = about_holders(deployed(a_definition(role), an_assignment(role)))
    assert told == [f"user {ALICE}, {role} on {GROUP}: may {may}"]


@pytest.mark.parametrize(
    "role", ["Reader", "Monitoring Contributor", "Network Contributor", "Storage Blob Data Reader"]
)
def test_who_may_not_change_the_app_is_not_told(role: str) -> None:
    checks = examined(deployed(a_definition(role), an_assignment(role)))
    assert [check.state for check in checks if check.name == "holders"] == ["good"]


@pytest.mark.parametrize(
    ("actions", "may"),
    [
        (["*/write"], "give rights, change the app, lend its identity, change its account, change its vault"),
        (["Microsoft.Web/sites/*"], "change the app"),
        (["microsoft.storage/storageaccounts/LISTKEYS/action"], "change its account"),
    ],
)
def test_a_role_of_somebodys_own_is_judged_by_its_actions(actions: list[str], may: str) -> None:
    told = about_holders(deployed(a_definition("ours", actions=actions), an_assignment("ours")))
    assert told == [f"user {ALICE}, ours on {GROUP}: may {may}"]


def test_what_a_role_excepts_it_does_not_give() -> None:
    role = a_definition("ours", actions=["*"], excepted=("Microsoft.Web/*", "*/write", "*/action"))
    assert about_holders(deployed(role, an_assignment("ours"))) == []


def test_assignments_above_the_group_and_inside_it_count_and_those_beside_it_do_not() -> None:
    subscription = f"/subscriptions/{HERE}"
    everywhere = [an_assignment("Owner", scope) for scope in (ACCOUNT, GROUP, subscription, HOSTS)]
    told = about_holders(deployed(a_definition("Owner"), *everywhere))
    assert [line.partition(" on ")[2].partition(":")[0] for line in told] == [subscription, GROUP, ACCOUNT]


def test_the_app_itself_and_its_topic_are_not_told() -> None:
    documents = deployed(
        a_definition("Storage Blob Data Contributor"),
        an_assignment("Storage Blob Data Contributor", ACCOUNT, PRINCIPAL),
        an_assignment("Storage Blob Data Contributor", ACCOUNT, "topic"),
    )
    documents[DRIFT]["identity"] = {"principalId": "topic"}
    assert about_holders(documents) == []


def test_groups_and_conditions_are_said() -> None:
    assignment = an_assignment("Owner", principalType="Group", condition="@Resource[...]")
    assert about_holders(deployed(a_definition("Owner"), assignment))[0].startswith(
        f"group {ALICE}, Owner on {GROUP}, on a condition: "
    )


def test_a_role_that_cannot_be_read_is_said_and_never_taken_for_good() -> None:
    class Hidden(MemoryCloud):
        def get(self, resource: ResourceId) -> Resource | None:
            if resource.name == named("ours"):
                raise ForbiddenError("reading a role: AuthorizationFailed")
            return super().get(resource)

    told = about_holders(deployed(an_assignment("ours"), an_assignment("gone")), cloud=Hidden)
    assert sorted(told) == sorted(
        [
            f"what role {named('ours')} permits could not be seen: reading a role: AuthorizationFailed",
            f"what role {named('gone')} permits could not be seen: not found",
        ]
    )


def test_however_many_there_are_a_bounded_number_is_read_and_told() -> None:
    many = [f"role {number}" for number in range(MOST_ROLES + MOST_TOLD + 1)]
    roles = [a_definition(name, actions=["*"]) for name in many]
    told = about_holders(deployed(*roles, *(an_assignment(name) for name in many)))
    assert len(told) == 2 * (MOST_TOLD + 1)
    assert f"and {MOST_ROLES - MOST_TOLD} more" in told
    assert "and 1 more roles that could not be seen" in told


def test_the_names_that_others_gave_are_printed_as_text() -> None:
    documents = deployed(a_definition("own\x1b[2Jer", actions=["*"]), an_assignment("own\x1b[2Jer"))
    lines = "".join(command.as_lines(examined(documents)))
    assert "own?[2Jer" in lines


def a_host() -> Any:
    return {"id": f"{HOSTS}/providers/Microsoft.Network/bastionHosts/bas", "properties": {}}


def about_logs(*documents: Any) -> list[Check]:
    whole = [document for name in ("observe", "fix") for document in a_role(name)]
    checks = examined(deployed(a_host(), *whole, *documents), Healthy(mode="enforce"))
    return [check for check in checks if check.name == f"logs {HERE}"]


def test_groups_with_hosts_whose_logs_the_app_may_not_put_back_are_named_with_the_parameter() -> None:
    [check] = about_logs()
    assert (check.state, check.text) == (
        "unknown",
        f"the app may not put diagnostic settings back in {HOSTS}",
    )
    assert check.command.endswith("logGroups=IDS")


@pytest.mark.parametrize(
    ("scope", "enough"), [(HOSTS, True), (f"/subscriptions/{HERE}", True), (GROUP, False)]
)
def test_the_role_of_the_logs_counts_where_it_stands_and_below(scope: str, enough: bool) -> None:
    role = a_definition("logs", actions=command.role("logs"))
    assert (about_logs(role, an_assignment("logs", scope, PRINCIPAL)) == []) is enough


def test_an_app_that_observes_needs_no_right_over_logs() -> None:
    assert complaints(examined(deployed(a_host()))) == []
