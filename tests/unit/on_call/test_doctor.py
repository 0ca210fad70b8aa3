"""What the doctor says of a deployment that is whole, and of one that lacks a single thing."""

import asyncio
import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.arm import Arm
from lab.arm.serving import in_background
from lab.world import World
from remediation.adapters.clock import SystemClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.memory.cloud import MemoryCloud
from remediation.adapters.outside import AppFromOutside
from remediation.cli import main
from remediation.cli.on_call import doctor as command
from remediation.errors import ForbiddenError, PermanentError, TransientError
from remediation.model import Listing, Resource
from remediation.on_call.checkup.answers import Check, Health
from remediation.on_call.doctor import FUNCTIONS, Doctor, Patient
from remediation.resource_id import ResourceId
from remediation.rules import registry
from tests.measured import PASSED_ON
from tests.story.e2e.conftest import play
from tests.unit.infra.bicep import INFRA, ROOT
from tests.unit.infra.test_agreement import families, triggers

HERE = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{HERE}/resourceGroups/rg-guard"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/func-guard-x"
TOPIC = f"{GROUP}/providers/Microsoft.EventGrid/systemTopics/evgst-guard-{HERE}"
DRIFT = f"{GROUP}/providers/Microsoft.EventGrid/topics/evgt-drift-x"
PRINCIPAL = "aaaaaaaa-0000-0000-0000-000000000001"
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)

type Documents = dict[str, dict[str, Any]]


def a_deployment() -> Documents:
    """Everything the doctor looks at, as ARM shows it when all is well."""
    documents = [a_site(), {"id": TOPIC, "properties": {"topicType": "Microsoft.Resources.Subscriptions"}}]
    documents += [{"id": f"{SITE}/functions/{name}", "properties": {}} for name in FUNCTIONS]
    documents += [an_event_subscription(name, values) for name, values in families().items()]
    documents += [*a_role("observe"), a_reference(), {"id": DRIFT, "properties": {}}]
    documents.append(leading_to("on_drift", f"{DRIFT}/eventSubscriptions/guard-cards"))
    return {document["id"]: document for document in documents}


def a_site() -> dict[str, Any]:
    return {
        "id": SITE,
        "location": "West Europe",
        "identity": {"userAssignedIdentities": {"/x": {"principalId": PRINCIPAL}}},
        "properties": {
            "state": "Running",
            "defaultHostName": "func-guard-x.azurewebsites.net",
            "functionAppConfig": {"runtime": {"name": "python", "version": "3.13"}},
        },
    }


def leading_to(function: str, identity: str) -> dict[str, Any]:
    return {
        "id": identity,
        "properties": {
            "provisioningState": "Succeeded",
            "destination": {"properties": {"resourceId": f"{SITE}/functions/{function}"}},
            "deadLetterDestination": {"endpointType": "StorageBlob"},
        },
    }


def an_event_subscription(name: str, values: list[str]) -> dict[str, Any]:
    document = leading_to("on_resource_change", f"{TOPIC}/eventSubscriptions/guard-{name}")
    only = {"operatorType": "StringIn", "key": "data.operationName", "values": values}
    heard = [f"Microsoft.Resources.Resource{what}Success" for what in ("Write", "Delete", "Action")]
    document["properties"]["filter"] = {"includedEventTypes": heard, "advancedFilters": [only]}
    return document


def a_role(name: str) -> list[dict[str, Any]]:
    role = json.loads((INFRA / "roles" / f"{name}.json").read_text())
    at = f"/subscriptions/{HERE}/providers/Microsoft.Authorization"
    definition = f"{at}/roleDefinitions/{name}"
    holding = {"principalId": PRINCIPAL, "roleDefinitionId": definition, "scope": f"/subscriptions/{HERE}"}
    return [
        {"id": definition, "properties": {"permissions": [{"actions": role["actions"]}]}},
        {"id": f"{at}/roleAssignments/{name}", "properties": holding},
    ]


def a_reference() -> dict[str, Any]:
    reference = f"{SITE}/config/configreferences/appsettings/TEAMS_WEBHOOK_URL"
    return {"id": reference, "properties": {"status": "Resolved"}}


class Healthy:
    """An app that answers, with empty queues."""

    def __init__(self, **changes: Any) -> None:
        body = {"status": "ok", "mode": "observe", "rules": len(registry()), "subscriptions": 1}
        self.answer = Health(200, {**body, **changes}, NOW)
        self.depths: dict[str, int] = {}

    def now(self) -> datetime:
        return NOW

    def health(self, host: str) -> Health:
        assert host == "func-guard-x.azurewebsites.net"
        return self.answer

    def depth(self, queue: str) -> int:
        return self.depths.get(queue, 0)


class Shut(MemoryCloud):
    """An ARM that shows the app alone."""

    def list(self, listing: Listing) -> list[Resource]:
        raise ForbiddenError(f"listing {listing.type}: AuthorizationFailed")


def examined(
    documents: Documents, outside: Any = None, cloud: type[MemoryCloud] = MemoryCloud
) -> list[Check]:
    roles = [command.role(name) for name in ("observe", "fix", "logs")]
    patient = Patient(ResourceId.parse(SITE), [HERE], *roles)
    return list(Doctor(cloud(*documents.values()), outside or Healthy(), patient).checks())


def complaints(checks: list[Check]) -> list[str]:
    return [f"{check.name}: {check.text}" for check in checks if check.state != "good"]


def test_a_whole_deployment_gives_no_complaint() -> None:
    checks = examined(a_deployment())
    assert complaints(checks) == []
    assert len(checks) > 9


def remove(part: str) -> Callable[[Documents], None]:
    def spoil(documents: Documents) -> None:
        del documents[next(key for key in documents if part in key)]

    return spoil


def put(key: str, *path: str, value: Any) -> Callable[[Documents], None]:
    def spoil(documents: Documents) -> None:
        inside: Any = documents[next(each for each in documents if key in each)]
        for step in path[:-1]:
            inside = inside[step]
        inside[path[-1]] = value

    return spoil


def narrowed(key: str) -> Callable[[Documents], None]:
    """One more filter, which only some events pass."""

    def spoil(documents: Documents) -> None:
        name = next(each for each in documents if key in each)
        more = {"operatorType": "StringContains", "key": "subject", "values": ["rg-web"]}
        documents[name]["properties"]["filter"]["advancedFilters"].append(more)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "complaint", "command_says"),
    [
        (remove("sites/func-guard-x"), "there is no function app", "infra/main.bicep"),
        (put("sites/", "properties", "state", value="Stopped"), "is stopped", "az functionapp start"),
        (remove("functions/reconcile"), "missing: reconcile", "infra/publish.sh"),
        (remove("systemTopics"), "nobody tells the app of changes", "infra/main.bicep"),
        (remove("guard-bastion"), "no event subscription to on_resource_change filters", "infra/publish.sh"),
        (
            put("guard-paths", "properties", "provisioningState", value="Failed"),
            "guard-paths is Failed",
            "infra/publish.sh",
        ),
        (
            put("guard-paths", "properties", "deadLetterDestination", value=None),
            "has nowhere to put dead letters",
            "infra/publish.sh",
        ),
        (
            put("guard-paths", "properties", "destination", value={"properties": {"resourceId": "/other"}}),
            "filters for",
            "infra/publish.sh",
        ),
        (
            put("guard-paths", "properties", "filter", "includedEventTypes", value=["Another"]),
            "guard-paths leaves out kinds of events",
            "infra/publish.sh",
        ),
        (narrowed("guard-paths"), "guard-paths filters by subject besides", "infra/publish.sh"),
        (remove("evgt-drift-x"), "there is no drift topic", "--location westeurope"),
        (
            remove("guard-cards"),
            "no event subscription of evgt-drift-x leads to on_drift",
            "infra/publish.sh",
        ),
        (
            put("guard-cards", "properties", "provisioningState", value="Failed"),
            "guard-cards is Failed",
            "infra/publish.sh",
        ),
        (remove("roleAssignments"), "the app may not Microsoft.Authorization", "infra/main.bicep"),
        (put("sites/", "identity", value=None), "no user-assigned identity", "infra/main.bicep"),
        (remove("TEAMS_WEBHOOK_URL"), "no webhook is set", "teamsWebhookUrl"),
        (
            put("TEAMS_WEBHOOK_URL", "properties", "status", value="AccessToKeyVaultDenied"),
            "is AccessToKeyVaultDenied: the vault does not let the app in",
            "az functionapp restart",
        ),
    ],
)
def test_a_single_thing_that_is_missing_is_named_with_the_command_that_mends_it(
    spoil: Callable[[Documents], None], complaint: str, command_says: str
) -> None:
    documents = copy.deepcopy(a_deployment())
    spoil(documents)
    found = [check for check in examined(documents) if complaint in check.text]
    assert found
    assert found[0].state != "good"
    assert command_says in found[0].command


def test_a_topic_that_somebody_else_made_is_found_by_what_it_is_of() -> None:
    """systemTopicName: another name, another group."""
    elsewhere = TOPIC.replace("rg-guard", "rg-network").replace("evgst-guard-", "evgst-all-")
    moved = {
        key.replace(TOPIC, elsewhere): one | {"id": key.replace(TOPIC, elsewhere)}
        for key, one in a_deployment().items()
    }
    assert complaints(examined(moved)) == []


def test_where_no_event_subscription_keeps_dead_letters_that_was_chosen() -> None:
    without = a_deployment()
    for name in families():
        put(f"guard-{name}", "properties", "deadLetterDestination", value=None)(without)
    assert complaints(examined(without)) == []


def test_of_a_closed_app_no_event_is_expected_and_none_is_missed() -> None:
    """The private form: no topic, no event subscription."""
    closed = a_deployment()
    put("sites/", "properties", "publicNetworkAccess", value="Disabled")(closed)
    alone = {key: one for key, one in closed.items() if "Microsoft.EventGrid" not in key}
    assert complaints(examined(alone)) == []


def test_an_operation_in_two_filters_is_said_to_arrive_twice() -> None:
    documents = a_deployment()
    twice = an_event_subscription("again", ["Microsoft.Network/bastionHosts/write"])
    assert complaints(examined({**documents, twice["id"]: twice})) == [
        f"events {HERE}: these arrive twice: microsoft.network/bastionhosts/write"
    ]


def test_what_the_health_page_lists_is_passed_on_with_the_setting_to_mend() -> None:
    outside = Healthy()
    outside.answer = Health(503, {"mistakes": [{"path": "setting SUBSCRIPTIONS", "kind": "is missing"}]}, NOW)
    found = next(check for check in examined(a_deployment(), outside) if check.name == "settings")
    assert (found.state, found.text) == ("bad", "setting SUBSCRIPTIONS: is missing")
    assert found.command.endswith("--settings SUBSCRIPTIONS=VALUE")


def test_without_the_key_the_number_of_mistakes_is_told_with_the_way_to_their_names() -> None:
    outside = Healthy()
    outside.answer = Health(503, {"status": "not configured", "mistakes": 3}, NOW)
    found = next(check for check in examined(a_deployment(), outside) if check.name == "settings")
    assert (found.state, found.text) == ("bad", "the app is not configured: 3 mistakes")
    assert found.command.startswith('BASTION_GUARD_KEY="$(az functionapp keys list')


def test_a_key_that_is_not_the_apps_and_a_page_that_is_not_its_own_are_told_apart() -> None:
    outside = Healthy()
    for status, state, text in (
        (401, "unknown", "the key in BASTION_GUARD_KEY is not the app's"),
        (502, "bad", "the health page answers 502"),
    ):
        outside.answer = Health(status, {}, NOW)
        found = next(check for check in examined(a_deployment(), outside) if check.name == "settings")
        assert (found.state, found.text) == (state, text)


def test_whether_the_baseline_enforces_is_unknown_without_the_key() -> None:
    outside = Healthy()
    outside.answer = Health(200, {"status": "ok", "rules": len(registry()), "subscriptions": 1}, NOW)
    unknown = [check for check in examined(a_deployment(), outside) if check.state == "unknown"]
    assert [check.text for check in unknown] == [
        "whether the baseline enforces is told with the key alone; the app may not repair"
    ]


def test_a_baseline_that_enforces_needs_the_second_role() -> None:
    outside = Healthy(mode="enforce")
    assert "but the app may not" in complaints(examined(a_deployment(), outside))[0]
    whole = a_deployment() | {document["id"]: document for document in a_role("fix")}
    assert complaints(examined(whole, outside)) == []


def test_clock_versions_and_queues_are_looked_at() -> None:
    outside = Healthy(rules=1)
    outside.answer = Health(200, outside.answer.body, NOW - timedelta(minutes=9))
    outside.depths = {"reconcile": 5000, "cards-poison": 2}
    names = {check.name for check in examined(a_deployment(), outside) if check.state == "bad"}
    assert names == {"version", "clock", "queue reconcile", "queue cards"}


def test_records_that_are_kept_for_too_long_are_bad() -> None:
    outside = Healthy()
    outside.answer = Health(200, {**outside.answer.body, "status": "degraded", "retentionLagDays": 3}, NOW)

    found = next(check for check in examined(a_deployment(), outside) if check.name == "retention")

    assert ("bad", "records are kept 3 days longer than RETENTION_DAYS says") == (found.state, found.text)


def test_a_stop_is_bad_and_says_who_stopped_it_and_what_ends_it() -> None:
    stop = {"by": "ada", "since": "2026-10-20T09:15:00+00:00", "reason": "wrong repairs"}
    in_force = {"hash": "7a1f", "since": "2026-10-01T00:00:00+00:00", "stopped": stop}

    found = {check.name: check for check in examined(a_deployment(), Healthy(inForce=in_force))}

    assert "baseline 7a1f since 2026-10-01" in found["settings"].text
    assert ("bad", "python -m remediation start") == (found["stop"].state, found["stop"].command)
    assert "stopped by ada since 2026-10-20T09:15:00+00:00: wrong repairs" in found["stop"].text


def test_a_baseline_that_is_broken_is_bad_though_the_app_goes_on_by_the_last_good_one() -> None:
    mistakes = [{"path": "baseline: mode", "kind": "must be observe or enforce"}]

    checks = examined(a_deployment(), Healthy(status="degraded", mistakes=mistakes))

    told = [check.text for check in checks if check.name == "baseline"]
    assert ["baseline: mode: must be observe or enforce (the last good one stays in force)"] == told
    assert "settings" not in {check.name for check in checks}


def test_an_app_that_is_degraded_for_a_reason_that_only_the_key_tells_is_not_taken_for_well() -> None:
    found = [
        check for check in examined(a_deployment(), Healthy(status="degraded")) if check.name == "health"
    ]

    assert ["unknown"] == [check.state for check in found]
    assert "BASTION_GUARD_KEY" in found[0].command


def test_pressure_is_shown_and_is_bad_when_it_lasts() -> None:
    outside = Healthy()
    for lasting, state in ((0, "good"), (1, "bad")):
        told = {**outside.answer.body, "waiting": 2, "lasting": lasting, "waitSeconds": 840}
        outside.answer = Health(200, told, NOW)
        found = next(check for check in examined(a_deployment(), outside) if check.name == "pressure")
        assert (found.state, "2 regions, 840 seconds" in found.text) == (state, True)


def test_records_that_nobody_can_read_are_shown() -> None:
    outside = Healthy()
    outside.answer = Health(200, {**outside.answer.body, "status": "degraded", "unreadable": 3}, NOW)
    told = "records: 3 records of the ledger cannot be read: what needs them is left out"
    assert complaints(examined(a_deployment(), outside)) == [told]


def test_an_app_that_cannot_read_its_ledger_is_not_well() -> None:
    outside = Healthy()
    outside.answer = Health(200, {**outside.answer.body, "status": "degraded", "ledger": "silent"}, NOW)
    assert complaints(examined(a_deployment(), outside)) == ["ledger: the app cannot read its ledger"]


def test_what_cannot_be_seen_is_unknown_and_never_good() -> None:
    checks = examined(a_deployment(), cloud=Shut)
    unseen = {check.name for check in checks if check.state == "unknown"}
    about = {f"events {HERE}", f"roles {HERE}", f"guards {HERE}"}
    assert unseen == {"functions", "webhook", "announcements", "network", "holders", *about}
    right = next(check for check in checks if check.name == f"roles {HERE}").command
    assert right == f'az role assignment create --assignee YOU --role "Reader" --scope /subscriptions/{HERE}'


def test_it_asks_for_exactly_the_functions_that_the_app_has() -> None:
    there = {name for kind in ("eventGridTrigger", "queueTrigger", "timerTrigger", "httpTrigger")
             for name in triggers(kind)}  # fmt: skip
    assert set(FUNCTIONS) == there
    assert len(FUNCTIONS) == len(there)


def test_the_health_page_of_a_running_app_is_read_as_it_is() -> None:
    async def story(world: World) -> None:
        stranger = AppFromOutside("", LabCredential("ada"), SystemClock())
        seen = await asyncio.to_thread(stranger.health, world.functions_url)
        assert (seen.status, seen.body["status"]) == (200, "ok")
        assert "mode" not in seen.body
        guessing = AppFromOutside("", LabCredential("ada"), SystemClock(), "a guess")
        assert (await asyncio.to_thread(guessing.health, world.functions_url)).status == 401
        outside = AppFromOutside("", LabCredential("ada"), SystemClock(), world.key)
        health = await asyncio.to_thread(outside.health, world.functions_url)
        assert (health.status, health.body["mode"]) == (200, "enforce")
        assert health.date is not None
        assert abs(health.date - outside.now()) < timedelta(minutes=1)

    play(story, seed=41)


def test_an_app_that_does_not_answer_is_a_transient_failure() -> None:
    outside = AppFromOutside("", LabCredential("ada"), SystemClock())
    with pytest.raises(TransientError, match="does not answer"):
        outside.health("http://127.0.0.1:9")
    with pytest.raises(PermanentError, match="was not found"):
        outside.depth("reconcile")


def test_without_the_subscription_of_the_app_one_line_says_what_to_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor", "--resource-group", "rg", "--app-subscription", ""]) == 2
    assert "--app-subscription" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--app-subscription", "prod"], "not a subscription id: prod"),
        (["--app-subscription", HERE, "--subscription", "test"], "not a subscription id: test"),
    ],
)
def test_what_is_no_subscription_is_said_before_anything_is_asked(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--resource-group", "rg", *options]) == 2
    assert capsys.readouterr().err == f"remediation: {told}\n"


def doctor(url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """The command as people type it, with an ARM that is not Azure's."""
    command_line = [sys.executable, "-m", "remediation", "doctor", "--resource-group", "rg-guard"]
    return subprocess.run(
        [*command_line, "--app-subscription", HERE, *options],
        cwd=ROOT, env={**PASSED_ON, "ARM_ENDPOINT": url, "ARM_STATIC_TOKEN": "ada"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_where_nothing_answers_one_line_says_so_and_what_to_do_and_nothing_is_called_good() -> None:
    done = doctor("http://127.0.0.1:9")
    assert done.returncode == 3
    assert done.stdout.startswith("?   app  could not be seen: ")
    assert done.stdout.endswith("-> az login\n")
    assert done.stderr == ""


def test_a_group_without_the_app_is_said_with_what_to_do() -> None:
    with in_background(Arm()) as url:
        done = doctor(url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no function app func-guard-... in rg-guard; deploy it (docs/deploy.md)" in done.stderr


def test_each_check_is_a_line_and_its_command_the_next() -> None:
    checks = [Check("app", "good", "it is\x1b[2J running"), Check("webhook", "bad", "gone", "az login")]
    assert list(command.as_lines(checks)) == [
        "ok  app      it is?[2J running\n",
        "BAD webhook  gone\n",
        "             -> az login\n",
    ]
    assert json.loads("".join(command.as_json(checks)))[1]["command"] == "az login"


def test_the_command_asks_a_real_arm_and_says_what_it_could_not_see() -> None:
    """Over HTTP against the lab's ARM; nobody answers for the app and no account is shown."""
    documents = a_deployment()
    documents[SITE]["properties"]["defaultHostName"] = "http://127.0.0.1:9"
    remove("TEAMS_WEBHOOK_URL")(documents)
    arm = Arm()
    arm.seed(documents.values())
    with in_background(arm) as url:
        done = doctor(url, "--format", "json")
    states = {check["name"]: check["state"] for check in json.loads(done.stdout)}
    assert done.returncode == 0, done.stderr
    assert {name for name, state in states.items() if state == "unknown"} == {
        "health", "webhook", "queue reconcile", "queue neighbourhood", "queue cards",
    }  # fmt: skip
    assert {states[name] for name in ("app", "functions", f"events {HERE}", f"roles {HERE}")} == {"good"}
