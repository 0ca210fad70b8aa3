"""Azure Firewall: firewalls, policies with their rule collection groups, and IP groups.

[?] Shapes and defaults are those of the SDK and the REST documentation; nobody has recorded them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm.documents.tree import Document, present
from lab.arm.errors import ArmError, bad_request
from lab.arm.kinds.base import (
    Kind,
    Patch,
    Put,
    World,
    in_use,
    named_children,
    others,
    reference,
    sub_put,
    top,
)
from lab.arm.kinds.nic import private_address

if TYPE_CHECKING:
    from lab.arm.documents.store import Record

FIREWALL = "Microsoft.Network/azureFirewalls"
POLICY = "Microsoft.Network/firewallPolicies"
GROUP = f"{POLICY}/ruleCollectionGroups"
IP_GROUP = "Microsoft.Network/ipGroups"
COLLECTIONS = ("applicationRuleCollections", "natRuleCollections", "networkRuleCollections")
PRIORITIES = range(100, 65001)
KEYS = "name id etag type location zones tags properties identity"


def _configuration(put: Put, item: Document, used: set[str]) -> Document:
    """An ip configuration; the segment of its id is not the name of its member."""
    own = sub_put(put, "ipConfigurations", item)
    address = private_address(own, used)
    used.add(address or "")
    properties = present(
        provisioningState="Succeeded",
        privateIPAddress=address,
        publicIPAddress=reference(own.sent.get("publicIPAddress")),
        subnet=reference(own.sent.get("subnet")),
    )
    return {
        "name": own.name,
        "id": f"{put.id}/azureFirewallIpConfigurations/{own.name}",
        "etag": "",
        "type": f"{FIREWALL}/azureFirewallIpConfigurations",
        "properties": properties,
    }


def _collections(put: Put, member: str) -> list[Document]:
    puts = [sub_put(put, member, item) for item in named_children(put, member)]
    return [
        {"name": each.name, "id": each.id, "etag": "", "properties": {"provisioningState": "Succeeded"}
         | others(each.sent, {"provisioningState"})}
        for each in puts
    ]  # fmt: skip


def firewall_shape(put: Put) -> Document:
    sent, used = put.sent, set[str]()
    made = [_configuration(put, item, used) for item in named_children(put, "ipConfigurations")]
    treated = {"provisioningState", "ipConfigurations", "sku", "threatIntelMode", *COLLECTIONS}
    properties = {
        "provisioningState": "Succeeded",
        "sku": {"name": "AZFW_VNet", "tier": "Standard"} | (sent.get("sku") or {}),
        "threatIntelMode": sent.get("threatIntelMode", "Alert"),
        "additionalProperties": {},
        "ipConfigurations": made,
        **{member: _collections(put, member) for member in COLLECTIONS},
        **others(sent, treated),
    }
    return top(put, KEYS, properties=properties)


def check_firewall(_: Put, doc: Document) -> None:
    """[?] Rules stand in the firewall or in a policy, not in both."""
    properties = doc["properties"]
    if properties.get("firewallPolicy") and any(properties[member] for member in COLLECTIONS):
        raise bad_request(
            "Azure Firewall cannot hold rule collections beside a firewall policy.",
            "AzureFirewallRuleCollectionsNotAllowedWithPolicy",
        )


def policy_shape(put: Put) -> Document:
    sent = put.sent
    treated = {"provisioningState", "sku", "threatIntelMode", *POLICY_LISTS}
    properties = {
        "provisioningState": "Succeeded",
        "sku": {"tier": "Standard"} | (sent.get("sku") or {}),
        "threatIntelMode": sent.get("threatIntelMode", "Alert"),
        **{member: [] for member in POLICY_LISTS},
        **others(sent, treated),
    }
    return top(put, KEYS, properties=properties)


POLICY_LISTS = ("childPolicies", "ruleCollectionGroups", "firewalls")


def check_delete_policy(_: World, record: Record, view: Document) -> None:
    told = view["properties"]
    used = [each["id"] for member in ("firewalls", "childPolicies") for each in told.get(member) or ()]
    if used:
        raise in_use("InUseFirewallPolicyCannotBeDeleted", "Firewall policy", record.doc["id"], used)


def group_shape(put: Put) -> Document:
    properties = {
        "provisioningState": "Succeeded",
        "ruleCollections": [],
        **others(put.sent, {"provisioningState", "size"}),
    }
    return top(put, "name id etag type properties", properties=properties)


def check_group(_: Put, doc: Document) -> None:
    priority = doc["properties"].get("priority")
    if not isinstance(priority, int) or priority not in PRIORITIES:
        raise bad_request(
            f"The priority of rule collection group {doc['name']} must be from 100 to 65000.",
            "FirewallPolicyRuleCollectionGroupInvalidPriority",
        )


def ip_group_shape(put: Put) -> Document:
    properties = {
        "provisioningState": "Succeeded",
        "ipAddresses": put.sent.get("ipAddresses") or [],
        "firewalls": [],
        "firewallPolicies": [],
    }
    return top(put, KEYS, properties=properties)


def check_delete_ip_group(_: World, record: Record, view: Document) -> None:
    """The code for policies is reported by users, that for firewalls is made after it [?]."""
    for member, of, whom in (
        ("firewallPolicies", "FirewallPolicy", "firewall policies"),
        ("firewalls", "Firewall", "firewalls"),
    ):
        if view["properties"].get(member):
            text = (
                f"IpGroups '{record.doc['id']}' cannot be deleted since there are {whom} using this resource."
            )
            raise ArmError(400, f"IpGroupsHas{of}References", text)


FIREWALL_KIND = Kind(FIREWALL, firewall_shape, check=check_firewall, patch=Patch.LONG)
POLICY_KIND = Kind(POLICY, policy_shape, check_delete=check_delete_policy, patch=Patch.TAGS)
GROUP_KIND = Kind(GROUP, group_shape, check=check_group)
IP_GROUP_KIND = Kind(IP_GROUP, ip_group_shape, check_delete=check_delete_ip_group, patch=Patch.TAGS)
