"""GETs that are not a resource: operations, the activity log, and lists derived from resources."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from lab.arm import errors, ids
from lab.arm.addresses import free, taken
from lab.arm.calls import Answer, Call, answered
from lab.arm.kinds.delegations import available
from lab.arm.operations import Operation
from lab.arm.resources import listing, missing, page
from lab.arm.running import later
from lab.arm.store import Record

if TYPE_CHECKING:
    from lab.arm.arm import Arm

OFFERED = 5  # free addresses named when the one asked for is taken


def _operation(arm: Arm, call: Call) -> Operation:
    found = arm.operations.poll(call.path.name)
    if found is None:
        raise errors.child_not_found(call.path.text)
    return found


def operation(arm: Arm, call: Call) -> Answer:
    """An operation's status: HTTP 200 always, whatever became of it."""
    found = _operation(arm, call)
    return answered(found.document(), 200, later(arm) if found.status == "InProgress" else {})


def operation_result(arm: Arm, call: Call) -> Answer:
    """202 while it runs; then 204 after a delete, 200 with the result after an action."""
    found = _operation(arm, call)
    where = {"Location": found.url(call.base, "operationResults"), "Azure-AsyncNotification": "Enabled"}
    if found.status == "InProgress":
        return Answer(202, None, where | later(arm))
    where["Azure-AsyncOperation"] = found.url(call.base)
    if found.status != "Succeeded":
        return answered({"error": found.document().get("error")}, 400, where)
    return Answer(204, None, where) if found.result is None else Answer(200, found.result, where)


def subscriptions(arm: Arm, call: Call) -> Answer:
    """The subscriptions resources stand in, or one of any id: callers are never refused one."""
    if call.path.complete:
        return answered(_subscription(call.path.subscription))
    known = sorted({ids.parse(record.doc["id"]).subscription for record in arm.store.under("/subscriptions")})
    return listing(call, [_subscription(each) for each in known], arm.settings.page_size)


def _subscription(subscription: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "displayName": "Lab",
        "state": "Enabled",
    }


def activity_log(arm: Arm, call: Call) -> Answer:
    items = arm.activity.listed(call.path.subscription, call.query.get("$filter", ""))
    return listing(call, items, arm.settings.page_size)


def available_delegations(arm: Arm, call: Call) -> Answer:
    """The services a subnet can be delegated to; ids in a group's list really say resourceGroup, as recorded."""
    group = arm.group_name(call.path)
    scope = f"/subscriptions/{call.path.subscription}" + (f"/resourceGroup/{group}" if group else "")
    return listing(call, available(scope), None)


def _subject(arm: Arm, call: Call) -> Record:
    """The resource whose view is asked for: the path without its last segment."""
    path = ids.parse(call.path.text.rpartition("/")[0])
    record = arm.store.get(path.text)
    if record is None:
        raise missing(arm, path)
    return record


def check_address(arm: Arm, call: Call) -> Answer:
    """Whether a private address of a network is free, and which are if it is not."""
    network = _subject(arm, call)
    try:
        wanted = ipaddress.ip_address(call.query.get("ipaddress", ""))
    except ValueError as problem:
        raise errors.bad_request(f"ipAddress: {problem}", "InvalidAddress") from problem
    for subnet in network.doc["properties"].get("subnets", ()):
        prefix = subnet["properties"].get("addressPrefix", "0.0.0.0/32")
        if wanted in ipaddress.ip_network(prefix, strict=False):
            return _availability(arm, str(wanted), subnet["id"], prefix)
    return answered({"available": False, "isPlatformReserved": False})


def _availability(arm: Arm, wanted: str, subnet: str, prefix: str) -> Answer:
    used = taken(arm.store, subnet)
    if wanted in used or wanted not in set(free(prefix, used)):
        offered = [each for each, _ in zip(free(prefix, used), range(OFFERED), strict=False)]
        return answered({"available": False, "availableIPAddresses": offered, "isPlatformReserved": wanted not in used})
    return answered({"available": True, "isPlatformReserved": False})


def balancer_interfaces(arm: Arm, call: Call) -> Answer:
    """The NICs in any backend pool or behind any NAT rule of a load balancer."""
    balancer = _subject(arm, call)
    incoming = arm.store.links.incoming(balancer.key)
    members = ("backendIPConfigurations", "backendIPConfiguration")
    holders = {ids.root(each) for node in incoming.values() for member in members for each in node.get(member, ())}
    found = [record for key in sorted(holders) if (record := arm.store.get(key))]
    return page(call, [arm.store.body(each) for each in found], arm.settings.page_size)


def jit_policies(arm: Arm, call: Call) -> Answer:
    """Just-in-time policies of a subscription or group: they stand under a location."""
    subscription, group = call.path.subscription.lower(), call.path.group.lower()
    held = arm.store.of_kind("microsoft.security/locations/jitnetworkaccesspolicies")
    found = [each for each in held if each.subscription == subscription and (not group or each.group == group)]
    return page(call, [arm.store.body(each) for each in found], arm.settings.page_size)
