"""Which work a change means, by its id alone: no ARM call, no baseline, no setting.

A change of a judged resource (or of its child or extension) names the target directly. A change of a
neighbour becomes one Expand: `reconcile` finds out whom it touches, from what it refers to now and from
what earlier judgements read. Some resources are both. Changes of whole scopes become a sweep of that scope.
What stands in no table (deployments, disks, our own storage) means nothing to us.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from remediation.kinds import (
    ADMIN_CONFIGURATION,
    ADMIN_RULE,
    ADMIN_RULE_COLLECTION,
    AGENT_POOL,
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    BACKEND_POOL,
    BASTION,
    DIAGNOSTIC_SETTING,
    FIREWALL_POLICY,
    HOSTS,
    HUB_CONNECTION,
    HUB_ROUTE_TABLE,
    IP_GROUP,
    JIT_POLICY,
    LOAD_BALANCER,
    LOCK,
    MANAGED_CLUSTER,
    NAT_GATEWAY,
    NAT_RULE,
    NETWORK_GROUP,
    NETWORK_MANAGER,
    NIC,
    NSG,
    PEERING,
    POLICY_EXEMPTION,
    PRIVATE_DNS_LINK,
    PRIVATE_DNS_ZONE,
    PRIVATE_LINK_CONNECTION,
    PRIVATE_LINK_SERVICE,
    PUBLIC_IP,
    RESOURCE_GROUP,
    ROLE_ASSIGNMENT,
    ROUTE,
    ROUTE_TABLE,
    ROUTING_INTENT,
    RULE_COLLECTION_GROUP,
    SCALE_SET,
    SCALE_SET_MACHINE,
    SECURITY_RULE,
    STATIC_MEMBER,
    SUBNET,
    SUBSCRIPTION,
    TAGS,
    VIRTUAL_HUB,
    VIRTUAL_MACHINE,
    VIRTUAL_NETWORK_GATEWAY,
    VNET,
)
from remediation.messages import Message, about
from remediation.model import ResourceChange
from remediation.resource_id import ResourceId

type Meaning = Literal["judge", "judge and expand", "expand", "sweep"]
type On = Literal["itself", "parent", "itself and parent", "its network manager", "what it stands on"]

# What a write or delete of a type means: look at a resource, at whomever it touches, at all of its scope; and
# which resource that is: the changed one, the one it is a child of, or the one it is an extension of. Every
# type that a rule judges is looked at; one that none judges yet is read and passes.
MEANINGS: Mapping[str, tuple[Meaning, On]] = {
    NSG: ("judge", "itself"),
    SECURITY_RULE: ("judge", "parent"),
    BASTION: ("judge", "itself"),
    PUBLIC_IP: ("judge", "itself"),
    VIRTUAL_MACHINE: ("judge", "itself"),
    VNET: ("judge and expand", "itself"),
    SUBNET: ("judge and expand", "itself and parent"),
    PEERING: ("expand", "parent"),
    LOAD_BALANCER: ("judge and expand", "itself"),
    NAT_RULE: ("judge and expand", "parent"),
    NIC: ("expand", "itself"),
    BACKEND_POOL: ("judge and expand", "parent"),
    AZURE_FIREWALL: ("judge and expand", "itself"),
    FIREWALL_POLICY: ("expand", "itself"),
    RULE_COLLECTION_GROUP: ("judge and expand", "itself"),
    IP_GROUP: ("expand", "itself"),
    APPLICATION_GATEWAY: ("judge and expand", "itself"),
    PRIVATE_LINK_SERVICE: ("judge and expand", "itself"),
    PRIVATE_LINK_CONNECTION: ("judge and expand", "parent"),
    SCALE_SET: ("judge and expand", "itself"),
    SCALE_SET_MACHINE: ("judge and expand", "parent"),
    MANAGED_CLUSTER: ("judge and expand", "itself"),
    AGENT_POOL: ("judge and expand", "parent"),
    NETWORK_MANAGER: ("expand", "itself"),
    NETWORK_GROUP: ("expand", "its network manager"),
    STATIC_MEMBER: ("expand", "its network manager"),
    ADMIN_CONFIGURATION: ("expand", "its network manager"),
    ADMIN_RULE_COLLECTION: ("expand", "its network manager"),
    ADMIN_RULE: ("expand", "its network manager"),
    ROUTE_TABLE: ("judge and expand", "itself"),
    ROUTE: ("judge and expand", "parent"),
    NAT_GATEWAY: ("expand", "itself"),
    VIRTUAL_NETWORK_GATEWAY: ("expand", "itself"),
    VIRTUAL_HUB: ("expand", "itself"),
    HUB_CONNECTION: ("expand", "itself"),
    HUB_ROUTE_TABLE: ("expand", "parent"),
    ROUTING_INTENT: ("expand", "parent"),
    PRIVATE_DNS_ZONE: ("expand", "itself"),
    PRIVATE_DNS_LINK: ("expand", "itself"),
    JIT_POLICY: ("expand", "itself"),
    DIAGNOSTIC_SETTING: ("judge", "what it stands on"),
    TAGS: ("judge", "what it stands on"),
    LOCK: ("judge", "what it stands on"),
    POLICY_EXEMPTION: ("judge", "what it stands on"),
    ROLE_ASSIGNMENT: ("judge", "what it stands on"),
    RESOURCE_GROUP: ("sweep", "itself"),
    SUBSCRIPTION: ("sweep", "itself"),
}
# What can be done to a resource besides writing and deleting it, where that matters: links and sessions of a
# Bastion host; and that a network manager's rules take effect, which no write of them does.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    BASTION: (
        "createShareableLinks",
        "getShareableLinks",
        "deleteShareableLinks",
        "getActiveSessions",
        "disconnectActiveSessions",
    ),
    NETWORK_MANAGER: ("commit",),
}
# Just-in-time policies lie below a location; both spellings of their type occur.
_ALIASES = {"microsoft.security/locations/jitnetworkaccesspolicies": JIT_POLICY}


@dataclass(frozen=True, slots=True)
class Route:
    """Where a change leads: a target, an expansion, both, a sweep, or nowhere."""

    target: ResourceId | None = None
    expand: ResourceId | None = None
    sweep: ResourceId | None = None

    def work(self) -> Iterator[dict[str, str]]:
        """Each piece of work as the field and id of its message."""
        for field, resource in (("target", self.target), ("expand", self.expand), ("sweep", self.sweep)):
            if resource is not None:
                yield {field: resource.text}

    def messages(self, change: ResourceChange, received: datetime | None = None) -> tuple[Message, ...]:
        return tuple(about(change, received, **work) for work in self.work())


NOWHERE = Route()


def route(change: ResourceChange) -> Route:
    """The work a change means. Most actions change nothing that we judge; `ACTIONS` has those that do."""
    if change.kind == "action" and change.target.type not in ACTIONS:
        return NOWHERE
    return route_id(change.target)


def route_id(resource: ResourceId) -> Route:
    """The same for an id: used for events, replays and expansions alike."""
    meaning = MEANINGS.get(_ALIASES.get(resource.type, resource.type))
    if meaning is None:
        return NOWHERE
    what, on = meaning
    if on == "what it stands on":
        return _standing_on(resource)
    if on == "its network manager":
        return Route(expand=resource.up_to(NETWORK_MANAGER))
    about_whom = resource if on == "itself" else resource.parent
    if what == "sweep":
        return Route(sweep=about_whom)
    if what == "judge":
        return Route(target=about_whom)
    touching = resource if on == "itself and parent" else about_whom
    return Route(target=about_whom, expand=touching) if what == "judge and expand" else Route(expand=touching)


def operations() -> frozenset[str]:
    """Every ARM operation whose event means work, in lower case: what event subscriptions filter for.

    A subscription itself is no subject of a write; it is there for what stands on one.
    """
    named = {target: spelled for spelled, target in _ALIASES.items()}
    changed = (named.get(kind, kind) for kind in MEANINGS if kind != SUBSCRIPTION)
    changes = {f"{kind}/{verb}" for kind in changed for verb in ("write", "delete")}
    acted = {f"{kind}/{action.lower()}/action" for kind, actions in ACTIONS.items() for action in actions}
    return frozenset(changes | acted)


def _standing_on(resource: ResourceId) -> Route:
    """What an extension means to the resource it stands on, or to the whole scope where it stands on one.

    A diagnostic setting of what no rule judges means something only where it was declared: it is a target
    itself. So is one of a subscription, which exports its own log and says nothing of what lies below.
    """
    host = resource.extended
    if resource.type == DIAGNOSTIC_SETTING and (host is None or host.type not in HOSTS):
        return Route(target=resource)
    on = host or _scope_of(resource)
    return NOWHERE if on is None or _is_extension(on) else route_id(on)


def _is_extension(resource: ResourceId) -> bool:
    meaning = MEANINGS.get(resource.type)
    return meaning is not None and meaning[1] == "what it stands on"


def _scope_of(resource: ResourceId) -> ResourceId | None:
    """The resource group or subscription an extension id names directly."""
    scope = resource.text[: resource.key.index("/providers/")]
    return ResourceId.parse(scope) if scope else None
