"""Which work a change means, by its id alone: no ARM call, no baseline, no setting.

A change of a judged resource (or of its child or extension) names the target directly. A change of a
neighbour becomes one Expand: `reconcile` finds out whom it touches, from what it refers to now and from
what earlier judgements read. Changes of whole scopes become a sweep of that scope. What stands in no table
(deployments, virtual machines, our own storage) means nothing to us.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from remediation.kinds import (
    BASTION,
    DIAGNOSTIC_SETTING,
    HUB_CONNECTION,
    LOAD_BALANCER,
    LOCK,
    NAT_GATEWAY,
    NAT_RULE,
    NIC,
    NSG,
    PEERING,
    PUBLIC_IP,
    RESOURCE_GROUP,
    ROUTE,
    ROUTE_TABLE,
    SECURITY_RULE,
    SUBNET,
    SUBSCRIPTION,
    TAGS,
    VIRTUAL_HUB,
    VNET,
)
from remediation.messages import Message, about
from remediation.model import ResourceChange, ResourceId

type Meaning = Literal["target", "parent", "expand", "expand-parent", "extended", "sweep"]

# What a write or delete of a type means: look at the resource itself, at its parent, at whomever it touches,
# at the resource it stands on, or at everything in its scope.
MEANINGS: Mapping[str, Meaning] = {
    NSG: "target",
    BASTION: "target",
    PUBLIC_IP: "target",
    SECURITY_RULE: "parent",
    DIAGNOSTIC_SETTING: "extended",
    TAGS: "extended",
    LOCK: "extended",
    NIC: "expand",
    VNET: "expand",
    SUBNET: "expand",
    PEERING: "expand-parent",
    LOAD_BALANCER: "expand",
    NAT_RULE: "expand-parent",
    ROUTE_TABLE: "expand",
    ROUTE: "expand-parent",
    NAT_GATEWAY: "expand",
    VIRTUAL_HUB: "expand",
    HUB_CONNECTION: "expand",
    RESOURCE_GROUP: "sweep",
    SUBSCRIPTION: "sweep",
}
TARGET_TYPES = frozenset(kind for kind, meaning in MEANINGS.items() if meaning == "target")


@dataclass(frozen=True, slots=True)
class Route:
    """Where a change leads: exactly one of the three, or nothing."""

    target: ResourceId | None = None
    expand: ResourceId | None = None
    sweep: ResourceId | None = None

    def messages(self, change: ResourceChange) -> tuple[Message, ...]:
        if self.target is not None:
            return (about(change, target=self.target.text),)
        if self.expand is not None:
            return (about(change, expand=self.expand.text),)
        if self.sweep is not None:
            return (about(change, sweep=self.sweep.text),)
        return ()


NOWHERE = Route()


def route(change: ResourceChange) -> Route:
    """The work a change means. Actions change nothing we judge, except those of a Bastion host."""
    if change.kind == "action" and change.target.type != BASTION:
        return NOWHERE
    return route_id(change.target)


def route_id(resource: ResourceId) -> Route:
    """The same for an id: used for events, replays and sweeps alike."""
    match MEANINGS.get(resource.type):
        case "target":
            return Route(target=resource)
        case "parent":
            return Route(target=resource.parent)
        case "expand":
            return Route(expand=resource)
        case "expand-parent":
            return Route(expand=resource.parent)
        case "sweep":
            return Route(sweep=resource)
        case "extended":
            return _extended(resource)
        case _:
            return NOWHERE


def _extended(resource: ResourceId) -> Route:
    """What an extension stands on; a lock or tag on a scope without a type of its own has no target there."""
    on = resource.extended or _scope_of(resource)
    return NOWHERE if on is None or MEANINGS.get(on.type) == "extended" else route_id(on)


def _scope_of(resource: ResourceId) -> ResourceId | None:
    """The resource group or subscription an extension id names directly."""
    scope = resource.text[: resource.key.index("/providers/")]
    return ResourceId.parse(scope) if scope else None
