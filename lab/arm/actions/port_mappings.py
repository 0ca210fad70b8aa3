"""Which ports in front of a load balancer lead to one member of a pool: the SDK's shape, the values [?]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.documents.store import child

if TYPE_CHECKING:
    from lab.arm.documents.store import Store
    from lab.arm.documents.tree import Document


def port_mappings(store: Store, pool_id: str, sent: Document) -> Document:
    """The ports of each rule with a range: the first for the first address of the pool, and so on."""
    record = store.get(ids.root(pool_id))
    view = store.view(record) if record else {}
    pool = child(view, "backendAddressPools", ids.parse(pool_id).name) or {}
    addresses = pool.get("properties", {}).get("loadBalancerBackendAddresses") or ()
    at = next((index for index, each in enumerate(addresses) if _is_meant(each, sent)), None)
    rules = view.get("properties", {}).get("inboundNatRules", ()) if at is not None else ()
    return {
        "inboundNatRulePortMappings": [_mapping(each, at or 0) for each in rules if _leads(each, pool_id)]
    }


def _is_meant(address: Document, sent: Document) -> bool:
    told = address.get("properties") or {}
    configuration = (told.get("networkInterfaceIPConfiguration") or {}).get("id", "")
    wanted = (sent.get("ipConfiguration") or {}).get("id", "")
    by_id = bool(wanted) and configuration.lower() == wanted.lower()
    return by_id or (told.get("ipAddress") is not None and told.get("ipAddress") == sent.get("ipAddress"))


def _leads(rule: Document, pool_id: str) -> bool:
    target = (rule["properties"].get("backendAddressPool") or {}).get("id", "")
    return str(target).lower() == pool_id.lower()


def _mapping(rule: Document, at: int) -> Document:
    told = rule["properties"]
    return {
        "inboundNatRuleName": rule["name"],
        "protocol": told.get("protocol"),
        "frontendPort": int(told.get("frontendPortRangeStart") or 0) + at,
        "backendPort": told.get("backendPort"),
    }
