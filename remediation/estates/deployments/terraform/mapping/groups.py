"""Network security groups and their rules as ARM documents."""

from collections.abc import Mapping
from typing import Any

from remediation.estates.deployments.prediction import Document
from remediation.estates.deployments.terraform.blocks import Block, properties

_ASG = "azurerm_application_security_group"


def group(block: Block) -> Document:
    """Its inline rules; rules of their own stand beside it, also where the state shows them in it."""
    if block.is_unknown("security_rule") and block.is_written("security_rule"):
        return {"properties": {"securityRules": block.text("security_rule")}}
    known = block.values.get("security_rule")
    if not isinstance(known, list):
        return {"properties": {}}
    rules = [{"name": one.get("name"), **rule(one)} for one in block.blocks("security_rule")]
    return {"properties": {"securityRules": rules}}


def rule(block: Block) -> Document:
    return {
        "properties": properties(
            access=block.get("access"),
            direction=block.get("direction"),
            priority=block.get("priority"),
            protocol=block.get("protocol"),
            description=block.get("description"),
            **_side(block, "source"),
            **_side(block, "destination"),
        )
    }


def _side(block: Block, side: str) -> Mapping[str, Any]:
    """Addresses and ports of one side, singular, plural and by application security group."""
    groups = block.refs(f"{side}_application_security_group_ids", _ASG)
    return {
        f"{side}AddressPrefix": block.get(f"{side}_address_prefix"),
        f"{side}AddressPrefixes": _several(block, f"{side}_address_prefixes"),
        f"{side}PortRange": block.get(f"{side}_port_range"),
        f"{side}PortRanges": _several(block, f"{side}_port_ranges"),
        f"{side}ApplicationSecurityGroups": groups,
    }


def _several(block: Block, name: str) -> list[Any] | None:
    told = block.get(name)
    return None if told in (None, []) else told if isinstance(told, list) else [told]
