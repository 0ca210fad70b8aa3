"""What the network provider tells beside its resources: usages, names, addresses, services, members."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from lab.arm import errors, ids
from lab.arm.calls import Answer, Call, answered
from lab.arm.documents.addresses import free, taken
from lab.arm.facts.delegations import available
from lab.arm.refusals.ranges import known_networks, prefixes_of
from lab.arm.verbs.finding import missing
from lab.arm.verbs.paging import listing, page

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.store import Record

ENDPOINT_SERVICES = (
    "Microsoft.Storage", "Microsoft.Sql", "Microsoft.AzureActiveDirectory", "Microsoft.AzureCosmosDB",
    "Microsoft.Web", "Microsoft.KeyVault", "Microsoft.EventHub", "Microsoft.ServiceBus",
    "Microsoft.ContainerRegistry", "Microsoft.CognitiveServices",
)  # fmt: skip
LIMITS = {  # documented defaults
    "virtualNetworks": ("Virtual Networks", 1000),
    "networkSecurityGroups": ("Network Security Groups", 5000),
    "publicIPAddresses": ("Public IP Addresses", 1000),
    "networkInterfaces": ("Network Interfaces", 65536),
    "loadBalancers": ("Load Balancers", 1000),
    "routeTables": ("Route Tables", 200),
}
KEPT = 5  # addresses of a subnet's range that Azure keeps for itself
OFFERED = 5  # free addresses named when the one asked for is taken


def available_delegations(arm: Arm, call: Call) -> Answer:
    """The services a subnet can be delegated to; a group's list really says resourceGroup, as recorded."""
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


def endpoint_services(_: Arm, call: Call) -> Answer:
    """The services a subnet can have an end point for."""
    scope = (
        f"/subscriptions/{call.path.subscription}/providers/Microsoft.Network/virtualNetworkEndpointServices"
    )
    kind = "Microsoft.Network/virtualNetworkEndpointServices"
    return listing(
        call, [{"name": each, "id": f"{scope}/{each}", "type": kind} for each in ENDPOINT_SERVICES], None
    )


def usages(arm: Arm, call: Call) -> Answer:
    """How much of a location's quotas is used: the default limits of the documents."""
    where = call.path.text
    counted = {
        name: sum(1 for _ in arm.store.of_kind(f"microsoft.network/{name.lower()}")) for name in LIMITS
    }
    return listing(
        call,
        [
            {
                "id": f"{where}/{name}",
                "currentValue": counted[name],
                "limit": limit,
                "name": {"value": name, "localizedValue": label},
                "unit": "Count",
            }
            for name, (label, limit) in LIMITS.items()
        ],
        None,
    )


def subnet_usages(arm: Arm, call: Call) -> Answer:
    """How full the subnets of a network are."""
    network = _subject(arm, call)
    found = []
    for subnet in network.doc["properties"].get("subnets", ()):
        sizes = [
            each.num_addresses - KEPT for each in known_networks(prefixes_of(subnet)) if each.version == 4
        ]
        used = len(arm.store.links.holders(subnet["id"], "ipConfigurations"))
        name = {"value": "SubnetSpace", "localizedValue": "Subnet size and usage"}
        found.append(
            {"id": subnet["id"], "currentValue": used, "limit": sum(sizes), "name": name, "unit": "Count"}
        )
    return listing(call, found, None)


def dns_name(arm: Arm, call: Call) -> Answer:
    """Whether a domain name label is free in a location."""
    label = call.query.get("domainnamelabel", "").lower()
    taken_labels = {
        str((each.doc["properties"].get("dnsSettings") or {}).get("domainNameLabel", "")).lower()
        for each in arm.store.of_kind("microsoft.network/publicipaddresses")
        if each.doc.get("location", "").lower() == call.path.names[0].lower()
    }
    return answered({"available": label not in taken_labels})


def check_address(arm: Arm, call: Call) -> Answer:
    """Whether a private address of a network is free, and which are if it is not."""
    network = _subject(arm, call)
    try:
        wanted = ipaddress.ip_address(call.query.get("ipaddress", ""))
    except ValueError as problem:
        raise errors.bad_request(f"ipAddress: {problem}", "InvalidAddress") from problem
    for subnet in network.doc["properties"].get("subnets", ()):
        found = next((each for each in known_networks(prefixes_of(subnet)) if wanted in each), None)
        if found is not None:
            return _availability(arm, str(wanted), subnet["id"], str(found))
    return answered({"available": False, "isPlatformReserved": False})


def _availability(arm: Arm, wanted: str, subnet: str, prefix: str) -> Answer:
    used = taken(arm.store, subnet)
    if wanted in used or wanted not in set(free(prefix, used)):
        offered = [each for each, _ in zip(free(prefix, used), range(OFFERED), strict=False)]
        return answered(
            {"available": False, "availableIPAddresses": offered, "isPlatformReserved": wanted not in used}
        )
    return answered({"available": True, "isPlatformReserved": False})


def balancer_interfaces(arm: Arm, call: Call) -> Answer:
    """The NICs in any backend pool or behind any NAT rule of a load balancer."""
    balancer = _subject(arm, call)
    incoming = arm.store.links.incoming(balancer.key)
    members = ("backendIPConfigurations", "backendIPConfiguration")
    holders = {
        ids.root(each) for node in incoming.values() for member in members for each in node.get(member, ())
    }
    found = [record for key in sorted(holders) if (record := arm.store.get(key))]
    return page(call, [arm.store.body(each) for each in found], arm.settings.page_size)


def jit_policies(arm: Arm, call: Call) -> Answer:
    """Just-in-time policies of a subscription or group: they stand under a location."""
    subscription, group = call.path.subscription.lower(), call.path.group.lower()
    held = arm.store.of_kind("microsoft.security/locations/jitnetworkaccesspolicies")
    found = [
        each for each in held if each.subscription == subscription and (not group or each.group == group)
    ]
    return page(call, [arm.store.body(each) for each in found], arm.settings.page_size)
