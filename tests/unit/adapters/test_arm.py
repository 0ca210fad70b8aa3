"""What goes over the wire to ARM, and what becomes of every answer."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from remediation.adapters.arm.cloud import ArmCloud
from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.retrying import Retry
from remediation.errors import (
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    PermanentError,
    ThrottledError,
    TransientError,
)
from remediation.model import Listing, Write
from remediation.ports import Progress
from remediation.resource_id import ResourceId
from tests.unit.adapters.http_stub import Say, Stub, stub

GROUP = "/subscriptions/5f7b2c1e/resourceGroups/rg-hub"
WEB = ResourceId.parse(f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/web")
RULE = WEB.child("securityRules", "allow-ssh")
SETTING = WEB.extension("Microsoft.Insights/diagnosticSettings", "to-workspace")
OPERATION = "/subscriptions/5f7b2c1e/providers/Microsoft.Network/locations/westeurope/operations/1"

BUSY = Say(503, {"error": {"code": "ServiceUnavailable", "message": "later"}})


@contextmanager
def arm(*answers: Say, retry: Retry | None = None, max_pages: int = 500) -> Iterator[tuple[ArmCloud, Stub]]:
    with stub(*answers) as server:
        cloud = ArmCloud(
            LabCredential("bastion-guard"),
            endpoint=server.url,
            retry=retry or Retry(VirtualClock()),
            max_pages=max_pages,
        )
        with closing(cloud):
            yield cloud, server


def refused(status: int, code: str, message: str = "m", headers: dict[str, str] | None = None) -> Say:
    return Say(status, {"error": {"code": code, "message": message}}, headers or {})


def accepted(url: str) -> Say:
    return Say(201, {"properties": {"provisioningState": "Updating"}}, {"Azure-AsyncOperation": url})


def test_a_document_comes_back_exactly_as_arm_sent_it() -> None:
    body = {"id": WEB.text, "properties": {"new": {"x": [1, None]}}, "unknown": "kept", "etag": 'W/"1"'}
    with arm(Say(200, body)) as (cloud, server):
        found = cloud.get(WEB)

    assert found is not None
    assert (found.id, found.body) == (WEB, body)
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("GET", f"{WEB.text}?api-version=2026-03-01")
    assert asked.headers["Authorization"] == "Bearer bastion-guard"


@pytest.mark.parametrize(
    ("resource", "version"),
    [
        (f"{GROUP}", "2021-04-01"),
        (SETTING.text, "2021-05-01-preview"),
        (f"{WEB}/providers/Microsoft.Authorization/locks/keep", "2016-09-01"),
        (f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/1", "2022-04-01"),
        (f"{GROUP}/providers/Microsoft.Security/locations/we/jitNetworkAccessPolicies/d", "2020-01-01"),
        (f"{GROUP}/providers/Microsoft.Network/bastionHosts/hub", "2026-03-01"),
        (f"{GROUP}/providers/Microsoft.Network/privateDnsZones/z/virtualNetworkLinks/l", "2024-06-01"),
    ],
)
def test_every_type_is_asked_in_its_own_version(resource: str, version: str) -> None:
    with arm(Say(200, {})) as (cloud, server):
        cloud.get(ResourceId.parse(resource))

    assert server.asked[0].target == f"{resource}?api-version={version}"


def test_a_type_nobody_gave_a_version_is_named_and_not_asked_for() -> None:
    with arm() as (cloud, server), pytest.raises(PermanentError, match=r"(?i)contoso\.x/things"):
        cloud.get(ResourceId.parse(f"{GROUP}/providers/Contoso.X/things/1"))

    assert server.asked == []


def test_a_version_can_be_chosen_where_ours_is_not_offered() -> None:
    things = ResourceId.parse(f"{GROUP}/providers/Contoso.X/things/1")
    chosen = {"contoso.x/things": "2025-01-01", WEB.type: "2024-05-01"}
    with stub(Say(200, {})) as server:
        cloud = ArmCloud(LabCredential("x"), endpoint=server.url, versions=chosen)
        with closing(cloud):
            cloud.get(things)
            cloud.get(WEB)

    assert [asked.target.partition("=")[2] for asked in server.asked] == ["2025-01-01", "2024-05-01"]


def test_unusual_names_travel_encoded() -> None:
    odd = ResourceId.parse(f"{GROUP}/providers/Microsoft.Network/networkSecurityGroups/a b{{c}}é(1)")
    with arm(Say(200, {})) as (cloud, server):
        cloud.get(odd)

    assert server.asked[0].path.endswith("/networkSecurityGroups/a%20b%7Bc%7D%C3%A9(1)")


@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceGroupNotFound", "NotFound", ""])
def test_what_arm_does_not_find_is_gone(code: str) -> None:
    with arm(refused(404, code)) as (cloud, _):
        assert cloud.get(WEB) is None


@pytest.mark.parametrize("code", ["InvalidResourceType", "SubscriptionNotFound"])
def test_a_404_that_blames_the_question_is_not_taken_for_a_deletion(code: str) -> None:
    with arm(refused(404, code)) as (cloud, _):
        with pytest.raises(PermanentError):
            cloud.get(WEB)
        with pytest.raises(PermanentError):
            cloud.list(Listing("Microsoft.Insights/diagnosticSettings", WEB.text))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(401, "InvalidAuthenticationToken"), ForbiddenError),
        (refused(403, "AuthorizationFailed"), ForbiddenError),
        (refused(403, "RequestDisallowedByPolicy"), PermanentError),
        (refused(409, "ScopeLocked"), PermanentError),
        (refused(409, "AnotherOperationInProgress"), ConflictError),
        (refused(412, "PreconditionFailed"), ConflictError),
        (refused(400, "SecurityRuleConflict"), PermanentError),
        (Say(409, {"code": "Conflict", "message": "Data sink is already used"}), PermanentError),
        (Say(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"}), PermanentError),
        (Say(400, b"<html>not ARM</html>"), PermanentError),
    ],
)
def test_a_refusal_goes_up_after_one_request(answer: Say, kind: type[Exception]) -> None:
    with arm(answer) as (cloud, server), pytest.raises(kind) as caught:
        cloud.write(Write("PUT", RULE, {"properties": {}}))

    assert type(caught.value) is kind
    assert "allow-ssh" in str(caught.value)
    assert len(server.asked) == 1


def test_a_busy_moment_is_waited_out(clock: VirtualClock) -> None:
    with arm(BUSY, Say(cut=True), Say(200, {"ok": 1}), retry=Retry(clock)) as (cloud, server):
        found = cloud.get(WEB)

    assert found is not None
    assert found.body == {"ok": 1}
    assert (len(server.asked), len(clock.slept)) == (3, 2)


def test_attempts_do_not_multiply(clock: VirtualClock) -> None:
    with arm(BUSY, retry=Retry(clock, tries=4)) as (cloud, server), pytest.raises(TransientError):
        cloud.get(WEB)

    assert len(server.asked) == 4


def test_a_short_throttling_is_waited_out_and_not_cut_short(clock: VirtualClock) -> None:
    slow = refused(429, "SubscriptionRequestsThrottled", headers={"Retry-After": "5"})
    with arm(slow, Say(200, {}), retry=Retry(clock)) as (cloud, _):
        cloud.get(WEB)

    (wait,) = clock.slept
    assert wait >= 5


def test_a_long_throttling_goes_up_with_its_wait(clock: VirtualClock) -> None:
    slow = refused(429, "SubscriptionRequestsThrottled", headers={"Retry-After": "17"})
    with arm(slow, retry=Retry(clock)) as (cloud, server), pytest.raises(ThrottledError) as caught:
        cloud.get(WEB)

    assert caught.value.retry_after == 17
    assert (len(server.asked), clock.slept) == (1, [])


def test_no_try_is_begun_that_the_invocation_has_no_time_for(clock: VirtualClock) -> None:
    hurried = Retry(clock, remaining=lambda: 0.4)
    with arm(BUSY, retry=hurried) as (cloud, server), pytest.raises(TransientError):
        cloud.get(WEB)

    assert (len(server.asked), clock.slept) == (1, [])


def test_nobody_listening_is_an_error_that_passes(clock: VirtualClock) -> None:
    with stub() as server:
        nowhere = server.url
    with (
        closing(ArmCloud(LabCredential("x"), endpoint=nowhere, retry=Retry(clock))) as cloud,
        pytest.raises(TransientError, match="no answer"),
    ):
        cloud.poll(f"{nowhere}{OPERATION}?s=SIGNATURE")


def test_what_is_not_json_is_never_taken_for_a_document(clock: VirtualClock) -> None:
    with arm(Say(200, b"<html>proxy</html>"), retry=Retry(clock)) as (cloud, _):
        with pytest.raises(TransientError, match="not a JSON object"):
            cloud.get(WEB)
        with pytest.raises(TransientError, match="not a JSON object"):
            cloud.list(Listing("Microsoft.Insights/diagnosticSettings", WEB.text))


def test_https_is_required_everywhere_but_here() -> None:
    with pytest.raises(ConfigurationError, match="https"):
        ArmCloud(LabCredential("x"), endpoint="http://management.azure.com")


def test_a_write_sends_the_body_and_the_version_that_was_read() -> None:
    body = {"properties": {"access": "Deny", "unknown": None}}
    with arm(Say(200, {})) as (cloud, server):
        operation = cloud.write(Write("PUT", RULE, body, if_match='W/"7"'))

    (asked,) = server.asked
    assert (asked.method, asked.path, json.loads(asked.body)) == ("PUT", RULE.text, body)
    assert asked.headers["If-Match"] == 'W/"7"'
    assert operation.url is None


def test_a_write_without_a_version_sends_no_condition() -> None:
    with arm(Say(200, {})) as (cloud, server):
        cloud.write(Write("PUT", SETTING, {}))

    assert "If-Match" not in server.asked[0].headers


@pytest.mark.parametrize("answer", [Say(204), Say(200), refused(404, "ResourceNotFound")])
def test_deleting_what_is_gone_succeeds(answer: Say) -> None:
    with arm(answer) as (cloud, server):
        assert cloud.write(Write("DELETE", RULE)).url is None

    assert (server.asked[0].method, server.asked[0].body) == ("DELETE", b"")


def test_writing_a_child_of_what_is_gone_fails_for_good() -> None:
    with arm(refused(404, "ResourceNotFound")) as (cloud, _), pytest.raises(PermanentError) as caught:
        cloud.write(Write("PUT", RULE, {}))

    assert caught.value.code == "ResourceNotFound"


def test_an_operation_is_kept_and_asked_verbatim() -> None:
    signed = f"{OPERATION}?api-version=2024-07-01&t=638&c=MIIHpT%2BCA/x==&s=aB-c_d&h=~1"
    with arm() as (cloud, server):
        server.answers[:] = [accepted(f"{server.url}{signed}"), Say(200, {"status": "InProgress"})]
        operation = cloud.write(Write("PUT", RULE, {}))
        assert operation.url == f"{server.url}{signed}"
        progress = cloud.poll(operation.url)

    assert progress == Progress("running")
    assert server.asked[1].target == signed


def test_a_delete_that_names_two_urls_is_followed_at_the_operation() -> None:
    headers = {"Azure-AsyncOperation": "http://arm/operations/1", "Location": "http://arm/operationResults/1"}
    with arm(Say(202, b"", headers | {"Retry-After": "3"})) as (cloud, _):
        operation = cloud.write(Write("DELETE", RULE))

    assert (operation.url, operation.retry_after) == ("http://arm/operations/1", 3.0)


def test_a_resource_that_is_updating_without_an_operation_is_asked_itself() -> None:
    updating, failed = ({"properties": {"provisioningState": state}} for state in ("Updating", "Failed"))
    with arm(Say(200, updating), Say(200, updating), Say(200, failed)) as (
        cloud,
        server,
    ):
        url = cloud.write(Write("PUT", WEB, {})).url
        assert url == f"{server.url}{WEB}?api-version=2026-03-01"
        assert cloud.poll(url).state == "running"
        assert cloud.poll(url).state == "failed"


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        (Say(200, {"status": "InProgress"}, {"Retry-After": "10"}), Progress("running", retry_after=10.0)),
        (Say(202, b"", {"x-ms-retry-after-ms": "100"}), Progress("running", retry_after=0.1)),
        (Say(200, {"status": "Succeeded"}), Progress("succeeded")),
        (Say(204), Progress("succeeded")),
        (Say(200, {"some": "result"}), Progress("succeeded")),
        (refused(404, "NotFound"), Progress("succeeded")),
        (
            Say(200, {"status": "Failed", "error": {"code": "BastionUpdateNotSupported", "message": "no"}}),
            Progress("failed", "BastionUpdateNotSupported", "no"),
        ),
        (
            Say(200, {"status": "Canceled", "error": {"code": "Canceled", "message": "superseded"}}),
            Progress("cancelled", "Canceled", "superseded"),
        ),
    ],
)
def test_an_operation_is_told_as_it_stands(answer: Say, progress: Progress) -> None:
    with arm(answer) as (cloud, server):
        assert cloud.poll(f"{server.url}{OPERATION}") == progress


@pytest.mark.parametrize("url", ["{stranger}/x", "{user}/x", "https://127.0.0.1/x", "//x", "x", "http://[/x"])
def test_our_token_is_never_taken_to_another_origin(url: str) -> None:
    with stub(Say(200, {"status": "Succeeded", "value": []})) as stranger, arm() as (cloud, server):
        foreign = url.format(stranger=stranger.url, user=server.url.replace("http://", "http://a@"))
        server.answers[:] = [Say(200, {"value": [{"id": WEB.text}], "nextLink": foreign})]
        with pytest.raises(PermanentError, match="is not on"):
            cloud.poll(foreign)
        with pytest.raises(PermanentError, match="is not on"):
            cloud.list(Listing(WEB.type, "/subscriptions/s"))

    assert stranger.asked == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_our_token_follows_no_redirect(status: int) -> None:
    with (
        stub(Say(200, {})) as stranger,
        arm(Say(status, b"", {"Location": f"{stranger.url}/x"})) as (cloud, server),
    ):
        with pytest.raises(PermanentError, match=str(status)):
            cloud.get(WEB)
        with pytest.raises(PermanentError, match=str(status)):
            cloud.write(Write("PUT", RULE, {}))

    assert stranger.asked == []
    assert len(server.asked) == 2


def test_every_page_is_read() -> None:
    with arm() as (cloud, server):
        after = [f"{server.url}/next?page={number}&$skipToken=a%2Fb" for number in (1, 2)]
        pages = [
            {"value": [{"id": f"{WEB}{number}"}], **({"nextLink": url} if url else {})}
            for number, url in enumerate([*after, None])
        ]
        server.answers[:] = [Say(200, page) for page in pages]
        found = cloud.list(Listing("Microsoft.Network/networkSecurityGroups", "/subscriptions/5f7b2c1e"))

    assert [resource.id.name for resource in found] == ["web0", "web1", "web2"]
    assert [asked.target for asked in server.asked[1:]] == [url.removeprefix(server.url) for url in after]


def test_a_list_that_never_ends_is_given_up_rather_than_cut_off() -> None:
    with arm(max_pages=5) as (cloud, server):
        server.answers[:] = [Say(200, {"value": [], "nextLink": f"{server.url}/again"})]
        with pytest.raises(PermanentError, match="more than 5 pages"):
            cloud.list(Listing(WEB.type, "/subscriptions/5f7b2c1e"))

    assert len(server.asked) == 5


S, HUB = "/subscriptions/5f7b2c1e", f"{GROUP}/providers/Microsoft.Network/virtualHubs/hub"
NETWORK, INSIGHTS = "providers/Microsoft.Network", "providers/Microsoft.Insights"
LOCKS, JIT = (
    "providers/Microsoft.Authorization/locks",
    "providers/Microsoft.Security/jitNetworkAccessPolicies",
)


@pytest.mark.parametrize(
    ("kind", "scope", "path"),
    [
        ("Microsoft.Network/bastionHosts", S, f"{S}/{NETWORK}/bastionHosts"),
        ("Microsoft.Network/bastionHosts", GROUP, f"{GROUP}/{NETWORK}/bastionHosts"),
        (
            "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections",
            HUB,
            f"{HUB}/hubVirtualNetworkConnections",
        ),
        ("Microsoft.Network/networkSecurityGroups/securityRules", WEB.text, f"{WEB}/securityRules"),
        ("Microsoft.Insights/diagnosticSettings", HUB, f"{HUB}/{INSIGHTS}/diagnosticSettings"),
        ("Microsoft.Authorization/locks", WEB.text, f"{WEB}/{LOCKS}"),
        ("Microsoft.Authorization/locks", S, f"{S}/{LOCKS}"),
        ("Microsoft.Security/jitNetworkAccessPolicies", S, f"{S}/{JIT}"),
        ("microsoft.security/locations/jitnetworkaccesspolicies", GROUP, f"{GROUP}/{JIT}"),
        ("microsoft.resources/subscriptions/resourcegroups", S, f"{S}/resourcegroups"),
    ],
)
def test_a_list_is_asked_where_arm_keeps_it(kind: str, scope: str, path: str) -> None:
    with arm(Say(200, {"value": []})) as (cloud, server):
        assert cloud.list(Listing(kind, scope)) == []

    assert [asked.path for asked in server.asked] == [path]


def test_settings_of_scopes_above_that_arm_lists_beside_a_resources_own_are_left_out() -> None:
    """Their ids come without the leading slash; so may the resource's own, in any case."""
    setting = "providers/microsoft.insights/diagnosticSettings"
    above = (
        f"{S.lstrip('/')}/{setting}/activity",
        f"{S}/{setting}/activity",
        f"{GROUP}/{setting}/of-the-group",
        f"providers/Microsoft.Management/managementGroups/mg/{setting}/activity",
        f"/providers/Microsoft.Management/managementGroups/mg/{setting}/activity",
    )
    own = (f"{WEB.text.lower()}/{setting}/first", f"{WEB.text.lstrip('/')}/{setting}/second")
    page = [{"id": text, "name": text.rpartition("/")[2], "properties": {}} for text in (*above, *own)]
    with arm(Say(200, {"value": page})) as (cloud, _):
        found = cloud.list(Listing("Microsoft.Insights/diagnosticSettings", WEB.text))

    expected = [WEB.extension("Microsoft.Insights/diagnosticSettings", name) for name in ("first", "second")]
    assert [resource.id for resource in found] == expected


def test_children_of_a_subscription_are_found_in_their_parents() -> None:
    network = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub"
    subnet = {"id": f"{network}/subnets/AzureBastionSubnet", "properties": {}}
    with arm(Say(200, {"value": [{"id": network, "properties": {"subnets": [subnet]}}]})) as (cloud, server):
        found = cloud.list(Listing("Microsoft.Network/virtualNetworks/subnets", S))

    assert [resource.body for resource in found] == [subnet]
    assert len(server.asked) == 1


def test_children_that_no_parent_shows_are_asked_for_one_parent_at_a_time() -> None:
    connection = {"id": f"{HUB}/hubVirtualNetworkConnections/spoke"}
    with arm() as (cloud, server):
        server.at[f"{S}/providers/microsoft.network/virtualhubs"] = Say(200, {"value": [{"id": HUB}]})
        server.at[f"{HUB}/hubvirtualnetworkconnections"] = Say(200, {"value": [connection]})
        found = cloud.list(Listing("microsoft.network/virtualhubs/hubvirtualnetworkconnections", S))

    assert [resource.body for resource in found] == [connection]


@pytest.mark.parametrize(
    "answer", [refused(404, "ResourceNotFound"), refused(409, "MissingSubscriptionRegistration")]
)
def test_a_scope_without_such_resources_has_an_empty_list(answer: Say) -> None:
    with arm(answer) as (cloud, server):
        assert cloud.list(Listing("Microsoft.Security/jitNetworkAccessPolicies", S)) == []

    assert [asked.method for asked in server.asked] == ["GET"], "a read must not register a provider"


def test_what_a_scope_inherits_is_shown_as_standing_on_it() -> None:
    above = "/providers/Microsoft.Management/managementGroups/corp"
    inherited = {"id": f"{above}/providers/Microsoft.Authorization/roleAssignments/7", "name": "7"}
    with arm(Say(200, {"value": [inherited]})) as (cloud, _):
        (found,) = cloud.list(Listing("Microsoft.Authorization/roleAssignments", GROUP))

    assert found.id == ResourceId.parse(f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/7")
    assert found.body == inherited


@pytest.mark.parametrize("item", [{"no": "id"}, "text", None, {"id": "x", "name": "a/../b"}])
def test_a_list_of_something_else_is_refused(item: Any) -> None:
    with (
        arm(Say(200, {"value": [item]})) as (cloud, _),
        pytest.raises(PermanentError, match="something else"),
    ):
        cloud.list(Listing("Microsoft.Network/bastionHosts", S))


# Lists that are an action -----------------------------------------------------------------------

NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub"
GOVERNING = Listing("Microsoft.Network/virtualNetworks/effectiveSecurityAdminRules", NETWORK)


def a_governing_rule(name: str) -> dict[str, Any]:
    manager = f"{GROUP}/providers/Microsoft.Network/networkManagers/m/securityAdminConfigurations/c"
    return {"id": f"{manager}/ruleCollections/rc/rules/{name}", "kind": "Custom", "new": [None]}


def test_what_governs_a_network_is_asked_for_by_post_page_by_page() -> None:
    first = Say(200, {"value": [a_governing_rule("a")], "skipToken": "more"})
    with arm(first, Say(200, {"value": [a_governing_rule("b")]})) as (cloud, server):
        found = cloud.list(GOVERNING)

    assert [rule.id.name for rule in found] == ["a", "b"]
    assert found[0].body == a_governing_rule("a")
    path = f"{NETWORK}/listNetworkManagerEffectiveSecurityAdminRules?api-version=2026-03-01"
    assert [(asked.method, asked.target) for asked in server.asked] == [("POST", path)] * 2
    assert [json.loads(asked.body) for asked in server.asked] == [{}, {"skipToken": "more"}]


def test_a_token_without_end_is_followed_so_often_and_no_further() -> None:
    page = Say(200, {"value": [], "skipToken": "again"})
    with arm(*[page] * 3, max_pages=3) as (cloud, server):
        with pytest.raises(PermanentError) as caught:
            cloud.list(GOVERNING)
        assert len(server.asked) == 3

    assert caught.value.code == "TooManyPages"


def test_whoever_may_not_ask_what_governs_a_network_is_told_so() -> None:
    with arm(refused(403, "AuthorizationFailed")) as (cloud, _), pytest.raises(ForbiddenError):
        cloud.list(GOVERNING)
