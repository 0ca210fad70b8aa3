"""A Private Link service: who may connect to it unasked, and what stands behind it."""

from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at

ANYBODY = "*"


def fronts_of(service: Resource) -> frozenset[str]:
    """Keys of the load balancer fronts that a service stands on."""
    path = "properties.loadBalancerFrontendIpConfigurations[].id"
    return frozenset(one.key for one in ids_at(service.body, path))


def destination_of(service: Resource) -> str:
    """The address that a service leads to without a load balancer; "" where it has none."""
    return str(next(values_at(service.body, "properties.destinationIPAddress"), ""))


def subnets_of(service: Resource) -> tuple[ResourceId, ...]:
    """The subnets whose addresses stand for the callers (Private Link service, NAT IP)."""
    return tuple(ids_at(service.body, "properties.ipConfigurations[].properties.subnet.id"))


def asks_first(service: Resource) -> str:
    """Why nobody connects without a person's consent; "" where any subscription is approved by itself.

    Who is approved by itself has to see the service too (Private Link service, visibility and auto-approval).
    """
    if ANYBODY not in _named(service, "autoApproval"):
        return "each connection has to be approved, but for named subscriptions"
    seen = service.properties("visibility")
    if seen is not None and ANYBODY not in _named(service, "visibility"):
        return "only named subscriptions can ask for a connection"
    return ""


def _named(service: Resource, list_name: str) -> frozenset[str]:
    return frozenset(map(str, values_at(service.body, f"properties.{list_name}.subscriptions[]")))
