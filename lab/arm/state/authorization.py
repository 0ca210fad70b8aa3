"""What a request needs to be permitted, derived from method, path and body; refused where a role lacks it.

Off for every caller that has no role: `Settings.roles` names the actions of those that have, everywhere in
the lab; those that `Settings.assigned` names have what the role assignments in the lab grant them
(`grants.py`). Actions are compared without case and may hold `*`, as in a role definition.

The action of a request is its type and verb ("Azure resource provider operations"). What a body refers to
needs an action on the other resource as well: such linked actions are in the table `LINKED`, each with the
document that names it; [?] marks those that no document we have read names for just this request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.arm import errors
from lab.arm.kinds.table import CANONICAL
from lab.arm.persona import persona
from lab.arm.state.grants import Grant, grants, permitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lab.arm.calls import Call
    from lab.arm.documents.store import Store
    from lab.arm.settings import Settings

# Paths whose type is spelled otherwise in operations. The subscription's list of just-in-time policies has a
# path of its own; that it is read with the action of the policies themselves is unconfirmed [?].
SPELLED = {
    "microsoft.resources/resourcegroups": "Microsoft.Resources/subscriptions/resourceGroups",
    "microsoft.resources/resources": "Microsoft.Resources/subscriptions/resources",
    "microsoft.resources/operationresults": "Microsoft.Resources/subscriptions/operationResults",
    "microsoft.resources/providers": "Microsoft.Resources/subscriptions/providers",
    "microsoft.resources/locations": "Microsoft.Resources/subscriptions/locations",
    "microsoft.security/jitnetworkaccesspolicies": "Microsoft.Security/locations/jitNetworkAccessPolicies",
}

NETWORK = "Microsoft.Network"
SUBNET_JOIN = f"{NETWORK}/virtualNetworks/subnets/join/action"
ADDRESS_JOIN = f"{NETWORK}/publicIPAddresses/join/action"
NSG_JOIN = f"{NETWORK}/networkSecurityGroups/join/action"
RULE_JOIN = f"{NETWORK}/applicationSecurityGroups/joinNetworkSecurityRule/action"
TABLE_JOIN = f"{NETWORK}/routeTables/join/action"
GATEWAY_JOIN = f"{NETWORK}/natGateways/join/action"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"
_CONFIGURATION = "properties.ipConfigurations[].properties"
_ASGS = ("sourceApplicationSecurityGroups[].id", "destinationApplicationSecurityGroups[].id")
_SUBNET = {"networkSecurityGroup.id": NSG_JOIN, "routeTable.id": TABLE_JOIN, "natGateway.id": GATEWAY_JOIN}

# By type of what is written: where its body refers to something, and what that needs there.
LINKED: dict[str, dict[str, tuple[str, ...]]] = {
    # "Azure Bastion: roles required": its subnet and its address are joined, at every PUT again.
    "microsoft.network/bastionhosts": {
        f"{_CONFIGURATION}.subnet.id": (SUBNET_JOIN,),
        f"{_CONFIGURATION}.publicIPAddress.id": (ADDRESS_JOIN,),
        "properties.virtualNetwork.id": (f"{NETWORK}/virtualNetworks/join/action",),  # [?] Developer
    },
    # "Virtual network and application security groups: permissions": additional actions of a rule's groups.
    "microsoft.network/networksecuritygroups/securityrules": {
        f"properties.{path}": (RULE_JOIN,) for path in _ASGS
    },
    "microsoft.network/networksecuritygroups": {
        f"properties.securityRules[].properties.{path}": (RULE_JOIN,) for path in _ASGS
    },
    # "Virtual network: permissions", "Network interface: permissions", "Load balancer: permissions".
    "microsoft.network/virtualnetworks/subnets": {
        f"properties.{path}": (action,) for path, action in _SUBNET.items()
    },
    "microsoft.network/virtualnetworks": {
        f"properties.subnets[].properties.{path}": (action,) for path, action in _SUBNET.items()
    },
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": {
        "properties.remoteVirtualNetwork.id": (f"{NETWORK}/virtualNetworks/peer/action",),
    },
    "microsoft.network/networkinterfaces": {
        "properties.networkSecurityGroup.id": (NSG_JOIN,),
        f"{_CONFIGURATION}.subnet.id": (SUBNET_JOIN,),
        f"{_CONFIGURATION}.publicIPAddress.id": (ADDRESS_JOIN,),
        f"{_CONFIGURATION}.applicationSecurityGroups[].id": (
            f"{NETWORK}/applicationSecurityGroups/joinIpConfiguration/action",
        ),
        f"{_CONFIGURATION}.loadBalancerBackendAddressPools[].id": (
            f"{NETWORK}/loadBalancers/backendAddressPools/join/action",
        ),
        f"{_CONFIGURATION}.loadBalancerInboundNatRules[].id": (
            f"{NETWORK}/loadBalancers/inboundNatRules/join/action",
        ),
    },
    "microsoft.network/loadbalancers": {
        "properties.frontendIPConfigurations[].properties.subnet.id": (SUBNET_JOIN,),
        "properties.frontendIPConfigurations[].properties.publicIPAddress.id": (ADDRESS_JOIN,),
    },
    "microsoft.network/publicipaddresses": {
        "properties.ddosSettings.ddosProtectionPlan.id": (f"{NETWORK}/ddosProtectionPlans/join/action",),
        "properties.natGateway.id": (GATEWAY_JOIN,),
    },
    # "Diagnostic settings: permissions": read and sharedKeys on the workspace, keys of any other sink [?].
    "microsoft.insights/diagnosticsettings": {
        "properties.workspaceId": (f"{WORKSPACE}/read", f"{WORKSPACE}/sharedKeys/action"),
        "properties.storageAccountId": ("Microsoft.Storage/storageAccounts/listKeys/action",),
        "properties.eventHubAuthorizationRuleId": (
            "Microsoft.EventHub/namespaces/authorizationRules/listkeys/action",
        ),
    },
}


def action_of(call: Call) -> str:
    """The permission a request needs: Microsoft.Network/networkSecurityGroups/write."""
    verb = "read" if call.method in {"GET", "HEAD"} else call.verb
    kind = call.path.kind
    return f"{SPELLED.get(kind) or CANONICAL.get(kind, call.path.type)}/{verb}"


def linked_actions(call: Call) -> frozenset[str]:
    """What the body of a write refers to, as the actions those resources must permit."""
    places = LINKED.get(call.path.kind, {}) if call.verb == "write" and call.body else {}
    if not places:
        return frozenset()
    document = call.document()
    return frozenset(
        action for path, actions in places.items() if _holds(document, path.split(".")) for action in actions
    )


@dataclass(slots=True)
class Authorization:
    """Judges the callers that have a role, and keeps what each of them was asked for."""

    settings: Settings
    store: Store
    demanded: dict[str, set[str]] = field(default_factory=dict)

    def check(self, call: Call) -> None:
        """Raises ArmError: AuthorizationFailed, or LinkedAuthorizationFailed where only a link is missing."""
        granted = self._granted(call)
        if granted is None or call.method not in {"GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"}:
            return
        needed, linked = action_of(call), linked_actions(call) if call.method in {"PUT", "PATCH"} else ()
        self.demanded.setdefault(call.caller, set()).update({needed, *linked})
        who = persona(call.caller, call.user_agent).object_id
        if not permitted(granted, needed):
            raise errors.not_authorized(call.caller, who, needed, call.path.text)
        refused = sorted(action for action in linked if not permitted(granted, action))
        if refused:
            raise errors.link_not_authorized(call.caller, who, needed, call.path.text, ",".join(refused))

    def _granted(self, call: Call) -> list[Grant] | None:
        """None for a caller that may do everything. Linked actions are looked for on the request's scope."""
        caller = call.caller.lower()
        if caller in map(str.lower, self.settings.assigned):
            return grants(self.store, persona(call.caller, call.user_agent).object_id, call.path.text)
        actions = self.settings.roles.get(caller)
        return None if actions is None else [Grant(actions)]


def _holds(value: Any, path: Sequence[str]) -> bool:
    """Whether a document has something at a path; `[]` after a key means any element of its list."""
    return any(found not in {None, ""} for found in _at(value, path) if not isinstance(found, dict | list))


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if not path:
        yield value
        return
    found = value.get(path[0].removesuffix("[]")) if isinstance(value, dict) else None
    for item in (found or ()) if path[0].endswith("[]") and isinstance(found, list) else (found,):
        yield from _at(item, path[1:])
