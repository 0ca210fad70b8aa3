"""From one request to its answer, without HTTP; types that the table does not name are plain resources.

The server around it adds authentication, the log, and the faults that concern the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.arm import errors
from lab.arm.actions.posting import post
from lab.arm.calls import Answer, Call, refused
from lab.arm.errors import ArmError
from lab.arm.kinds import authorization, diagnostics
from lab.arm.kinds.table import CANONICAL, is_known
from lab.arm.questions import catalogue, machines, network, operations, roles, scale_sets, subscriptions
from lab.arm.scoped import diagnostic_settings, groups, locks_and_roles, moves, tags
from lab.arm.verbs import deleting, patching, putting, reading

if TYPE_CHECKING:
    from lab.arm.arm import Arm

type Handler = Callable[[Arm, Call], Answer]

GROUPS = "microsoft.resources/resourcegroups"
SPECIAL: dict[tuple[str, str], Handler] = {
    (diagnostics.KIND, "GET"): diagnostic_settings.get_diagnostics,
    (diagnostics.KIND, "PUT"): diagnostic_settings.put_diagnostics,
    (diagnostics.KIND, "DELETE"): diagnostic_settings.delete_diagnostics,
    (diagnostics.CATEGORIES_KIND, "GET"): diagnostic_settings.get_categories,
    (authorization.LOCK_KIND, "GET"): locks_and_roles.get_locks,
    (authorization.LOCK_KIND, "PUT"): locks_and_roles.put_lock,
    (authorization.LOCK_KIND, "DELETE"): locks_and_roles.delete_lock,
    (authorization.ASSIGNMENT_KIND, "GET"): locks_and_roles.get_assignments,
    (authorization.ASSIGNMENT_KIND, "PUT"): locks_and_roles.put_assignment,
    (authorization.ASSIGNMENT_KIND, "DELETE"): locks_and_roles.delete_assignment,
    ("microsoft.resources/tags", "GET"): tags.get_tags,
    ("microsoft.resources/tags", "PUT"): tags.put_tags,
    ("microsoft.resources/tags", "PATCH"): tags.put_tags,
    (GROUPS, "GET"): groups.get_groups,
    (GROUPS, "HEAD"): groups.head_group,
    (GROUPS, "PUT"): groups.put_group,
    (GROUPS, "PATCH"): groups.patch_group,
    (GROUPS, "DELETE"): groups.delete_group,
    ("microsoft.resources/subscriptions", "GET"): subscriptions.subscriptions,
    ("microsoft.resources/resources", "GET"): subscriptions.resources,
    ("microsoft.resources/operationresults", "GET"): operations.group_result,
    ("microsoft.resources/providers", "GET"): catalogue.providers,
    ("microsoft.resources/locations", "GET"): catalogue.locations,
    ("microsoft.resources/metadata", "GET"): catalogue.endpoints,
    ("microsoft.resources/tenants", "GET"): subscriptions.tenants,
    ("microsoft.authorization/roledefinitions", "GET"): roles.definitions,
    ("microsoft.compute/virtualmachines/instanceview", "GET"): machines.instance_view,
    ("microsoft.compute/virtualmachinescalesets/networkinterfaces", "GET"): scale_sets.interfaces,
    ("microsoft.compute/virtualmachinescalesets/publicipaddresses", "GET"): scale_sets.addresses,
    ("microsoft.network/locations/usages", "GET"): network.usages,
    ("microsoft.network/locations/virtualnetworkavailableendpointservices", "GET"): network.endpoint_services,
    ("microsoft.network/locations/checkdnsnameavailability", "GET"): network.dns_name,
    ("microsoft.network/virtualnetworks/usages", "GET"): network.subnet_usages,
    ("microsoft.insights/eventtypes/values", "GET"): subscriptions.activity_log,
    ("microsoft.network/locations/operations", "GET"): operations.operation,
    ("microsoft.network/locations/operationresults", "GET"): operations.operation_result,
    ("microsoft.network/locations/availabledelegations", "GET"): network.available_delegations,
    ("microsoft.network/virtualnetworks/checkipaddressavailability", "GET"): network.check_address,
    ("microsoft.network/loadbalancers/networkinterfaces", "GET"): network.balancer_interfaces,
    ("microsoft.security/jitnetworkaccesspolicies", "GET"): network.jit_policies,
}
OPERATIONS = ("microsoft.network/locations/operation", "microsoft.resources/operationresults")
UNTOUCHED = ("microsoft.resources/deployments", "microsoft.resources/deploymentstacks")
GENERAL: dict[str, Handler] = {
    "PUT": putting.put,
    "PATCH": patching.patch,
    "DELETE": deleting.delete,
    "POST": post,
}


def handle(arm: Arm, call: Call, *, stale: bool = False) -> Answer:
    """Answer one authenticated request. Raises ArmError when a bucket is empty."""
    arm.operations.settle()
    headers = arm.throttle.take(call)
    try:
        arm.authorization.check(call)
        answer = _answer(arm, call, stale=stale)
    except ArmError as refusal:
        answer = refused(refusal)
    answer.headers = headers | answer.headers
    return answer


def _answer(arm: Arm, call: Call, *, stale: bool) -> Answer:
    """The answer to one request. Raises ArmError for a refusal."""
    if moves.is_move(call):
        return moves.move(arm, call)
    if not call.path.well_formed:
        return Answer(404, errors.FRONT_DOOR_NOT_FOUND, {}, "text/html")
    call.checked_version()
    _refuse_what_is_not_there(arm, call)
    special = SPECIAL.get((call.path.kind, call.method))
    if special is not None:
        return special(arm, call)
    if call.method == "POST" and call.path.kind == f"{call.path.namespace}/register".lower():
        return catalogue.register(arm, call)
    if not is_known(call.path.kind):
        raise errors.no_such_type(call.path.namespace, call.api_version)
    if call.method == "GET" and machines.asked(call):
        return machines.expanded(arm, call)
    if call.method == "GET":
        return reading.get(arm, call, stale=stale) if call.path.complete else reading.listed(arm, call)
    general = GENERAL.get(call.method)
    if general is None or call.path.complete == (call.method == "POST"):
        raise errors.method_not_allowed(call.method, CANONICAL.get(call.path.kind, call.path.type))
    return general(arm, call)


def _refuse_what_is_not_there(arm: Arm, call: Call) -> None:
    """Lists of a subscription nobody knows; and template deployments, which would change nothing here.

    A write brings its subscription into being.
    """
    path = call.path
    if path.kind.startswith(UNTOUCHED) and call.method in {"PUT", "PATCH", "POST"}:
        arm.group_name(path)
        raise errors.not_done("template deployments", "put the resources themselves, one by one.")
    wide = path.subscription and not path.group and not path.kind.startswith(OPERATIONS)
    if call.method == "GET" and wide and not arm.knows(path.subscription):
        raise errors.subscription_not_found(path.subscription)
