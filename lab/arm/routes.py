"""From a path and a method to the function that answers; types without an entry are plain resources."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.arm import actions, errors, resources, scoped, views, writes
from lab.arm.calls import Answer, Call
from lab.arm.kinds import authorization, diagnostics
from lab.arm.kinds.table import CANONICAL, is_known

if TYPE_CHECKING:
    from lab.arm.arm import Arm

type Handler = Callable[[Arm, Call], Answer]

GROUPS = "microsoft.resources/resourcegroups"
SPECIAL: dict[tuple[str, str], Handler] = {
    (diagnostics.KIND, "GET"): scoped.get_diagnostics,
    (diagnostics.KIND, "PUT"): scoped.put_diagnostics,
    (diagnostics.KIND, "DELETE"): scoped.delete_diagnostics,
    (diagnostics.CATEGORIES_KIND, "GET"): scoped.get_categories,
    (authorization.LOCK_KIND, "GET"): scoped.get_locks,
    (authorization.LOCK_KIND, "PUT"): scoped.put_lock,
    (authorization.LOCK_KIND, "DELETE"): scoped.delete_lock,
    (authorization.ASSIGNMENT_KIND, "GET"): scoped.get_assignments,
    (authorization.ASSIGNMENT_KIND, "PUT"): scoped.put_assignment,
    (authorization.ASSIGNMENT_KIND, "DELETE"): scoped.delete_assignment,
    ("microsoft.resources/tags", "GET"): scoped.get_tags,
    ("microsoft.resources/tags", "PUT"): scoped.put_tags,
    ("microsoft.resources/tags", "PATCH"): scoped.put_tags,
    (GROUPS, "GET"): scoped.get_groups,
    (GROUPS, "HEAD"): scoped.head_group,
    (GROUPS, "PUT"): scoped.put_group,
    (GROUPS, "PATCH"): scoped.patch_group,
    (GROUPS, "DELETE"): scoped.delete_group,
    ("microsoft.resources/subscriptions", "GET"): views.subscriptions,
    ("microsoft.resources/resources", "GET"): views.resources,
    ("microsoft.resources/operationresults", "GET"): views.group_result,
    ("microsoft.network/locations/usages", "GET"): views.usages,
    ("microsoft.network/locations/virtualnetworkavailableendpointservices", "GET"): views.endpoint_services,
    ("microsoft.network/locations/checkdnsnameavailability", "GET"): views.dns_name,
    ("microsoft.network/virtualnetworks/usages", "GET"): views.subnet_usages,
    ("microsoft.insights/eventtypes/values", "GET"): views.activity_log,
    ("microsoft.network/locations/operations", "GET"): views.operation,
    ("microsoft.network/locations/operationresults", "GET"): views.operation_result,
    ("microsoft.network/locations/availabledelegations", "GET"): views.available_delegations,
    ("microsoft.network/virtualnetworks/checkipaddressavailability", "GET"): views.check_address,
    ("microsoft.network/loadbalancers/networkinterfaces", "GET"): views.balancer_interfaces,
    ("microsoft.security/jitnetworkaccesspolicies", "GET"): views.jit_policies,
}
GENERAL: dict[str, Handler] = {
    "PUT": writes.put,
    "PATCH": writes.patch,
    "DELETE": writes.delete,
    "POST": actions.post,
}


def answer(arm: Arm, call: Call, *, stale: bool) -> Answer:
    """The answer to one request. Raises ArmError for a refusal."""
    if not call.path.well_formed:
        return Answer(404, errors.FRONT_DOOR_NOT_FOUND, {}, "text/html")
    call.checked_version()
    special = SPECIAL.get((call.path.kind, call.method))
    if special is not None:
        return special(arm, call)
    if not is_known(call.path.kind):
        raise errors.no_such_type(call.path.namespace, call.api_version)
    if call.method == "GET":
        return resources.get(arm, call, stale=stale) if call.path.complete else resources.listed(arm, call)
    general = GENERAL.get(call.method)
    if general is None or call.path.complete == (call.method == "POST"):
        raise errors.method_not_allowed(call.method, CANONICAL.get(call.path.kind, call.path.type))
    return general(arm, call)
