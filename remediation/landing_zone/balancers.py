"""What load balancers forward, and whether a way through one begins at a public address."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.kinds import NAT_RULE
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at

# The arrays of a load balancer whose elements forward; its outbound rules let nothing in.
NAT_RULES, NAT_POOLS, RULES = "inboundNatRules", "inboundNatPools", "loadBalancingRules"
_POOLS = ("properties.backendAddressPool.id", "properties.backendAddressPools[].id")


def forwarders(balancer: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Everything that forwards, each with the name of its array."""
    for kind in (NAT_RULES, NAT_POOLS, RULES):
        for one in values_at(balancer.body, f"properties.{kind}[]"):
            if isinstance(one, Mapping):
                yield kind, one


def is_public(balancer: Resource, forwarder: Mapping[str, Any]) -> bool | None:
    """Whether a forwarder's frontend is public; None when that cannot be read."""
    wanted = next(ids_at(forwarder, "properties.frontendIPConfiguration.id"), None)
    for frontend in values_at(balancer.body, "properties.frontendIPConfigurations[]"):
        if wanted is not None and wanted in _ids(balancer, "frontendIPConfigurations", frontend):
            return _public_frontend(frontend)
    return None


def may_lead_in(balancer: Resource, to: ResourceId) -> bool:
    """Whether a public frontend leads, or may lead, to one of its pools or NAT rules."""
    if not isinstance(balancer.properties(), Mapping):
        return True
    leading = [one for kind, one in forwarders(balancer) if _leads(balancer, kind, one, to)]
    if not leading:
        return to.type == NAT_RULE  # not in the document; a pool that nothing names is reached by nobody
    return any(is_public(balancer, one) is not False for one in leading)


def _leads(balancer: Resource, kind: str, forwarder: Mapping[str, Any], to: ResourceId) -> bool:
    """Whether a forwarder leads to a pool or is the NAT rule; NAT pools name nobody and may lead anywhere."""
    named = {identity for path in _POOLS for identity in ids_at(forwarder, path)}
    return kind == NAT_POOLS or to in named | _ids(balancer, kind, forwarder)


def _ids(balancer: Resource, array: str, part: Any) -> set[ResourceId]:
    """The id of a part of a load balancer, and the one it has by its name in documents without ids."""
    name = next(values_at(part, "name"), None)
    by_name = [balancer.id.child(array, name)] if isinstance(name, str) and name else []
    return {*ids_at(part, "id"), *by_name}


def _public_frontend(frontend: Any) -> bool | None:
    for public in ("publicIPAddress", "publicIPPrefix"):
        if any(ids_at(frontend, f"properties.{public}.id")):
            return True
    private = [*ids_at(frontend, "properties.subnet.id"), *values_at(frontend, "properties.privateIPAddress")]
    return False if private else None
