"""Network security groups and their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm.documents.store import without_child
from lab.arm.documents.tree import Document, present
from lab.arm.errors import ArmError
from lab.arm.kinds.base import (
    Kind,
    Patch,
    Pending,
    Put,
    World,
    named_children,
    new_guid,
    reference_list,
    sub_put,
    top,
)
from lab.arm.refusals.bastion_flows import check_attached
from lab.arm.refusals.rule_checks import PLURALS, check_rules

if TYPE_CHECKING:
    from lab.arm.documents.store import Record

NSG = "Microsoft.Network/networkSecurityGroups"
RULE = NSG + "/securityRules"
# name, priority, direction, access, source, destination, description
DEFAULT_RULES = (
    ("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork",
     "Allow inbound traffic from all VMs in VNET"),
    ("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*",
     "Allow inbound traffic from azure load balancer"),
    ("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*", "Deny all inbound traffic"),
    ("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork",
     "Allow outbound traffic from all VMs to all VMs in VNET"),
    ("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet",
     "Allow outbound traffic from all VMs to Internet"),
    ("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*", "Deny all outbound traffic"),
)  # fmt: skip


def rule_shape(put: Put) -> Document:
    """A rule: plural members always there, singular ones only if sent."""
    sent = put.sent
    properties = present(
        provisioningState="Succeeded",
        description=sent.get("description"),
        protocol=sent.get("protocol"),
        sourcePortRange=sent.get("sourcePortRange"),
        destinationPortRange=sent.get("destinationPortRange"),
        sourceAddressPrefix=sent.get("sourceAddressPrefix"),
        destinationAddressPrefix=sent.get("destinationAddressPrefix"),
        access=sent.get("access"),
        priority=sent.get("priority"),
        direction=sent.get("direction"),
        **{plural: sent.get(plural) or [] for plural in PLURALS},
        sourceApplicationSecurityGroups=reference_list(sent.get("sourceApplicationSecurityGroups")),
        destinationApplicationSecurityGroups=reference_list(sent.get("destinationApplicationSecurityGroups")),
    )
    return top(put, "name id etag type properties", properties=properties)


def default_rules(nsg_id: str) -> list[Document]:
    """The six rules every group has; what a client sends for them is ignored."""
    return [
        {
            "name": name,
            "id": f"{nsg_id}/defaultSecurityRules/{name}",
            "etag": "",
            "type": NSG + "/defaultSecurityRules",
            "properties": {
                "provisioningState": "Succeeded",
                "description": description,
                "protocol": "*",
                "sourcePortRange": "*",
                "destinationPortRange": "*",
                "sourceAddressPrefix": source,
                "destinationAddressPrefix": destination,
                "access": access,
                "priority": priority,
                "direction": direction,
                **{plural: [] for plural in PLURALS},
            },
        }
        for name, priority, direction, access, source, destination, description in DEFAULT_RULES
    ]


def nsg_shape(put: Put) -> Document:
    properties = present(
        provisioningState="Succeeded",
        resourceGuid=put.kept("resourceGuid", new_guid),
        flushConnection=put.sent.get("flushConnection"),
        securityRules=[
            rule_shape(sub_put(put, "securityRules", item)) for item in named_children(put, "securityRules")
        ],
        defaultSecurityRules=default_rules(put.id),
    )
    return top(put, "name id etag type location tags properties", properties=properties)


def _comparable(rules: list[Document]) -> dict[str, Document]:
    return {
        rule["name"].lower(): {
            key: value for key, value in rule["properties"].items() if key != "provisioningState"
        }
        for rule in rules
    }


def nsg_pending(put: Put, doc: Document) -> Pending:
    """A PUT that changes no rule says Succeeded at once, as recorded."""
    same = _comparable(put.before.get("securityRules", [])) == _comparable(doc["properties"]["securityRules"])
    return Pending.SETTLED if put.existing is not None and same else Pending.UPDATING


def check_nsg(put: Put, doc: Document) -> None:
    check_rules(doc)
    check_attached(put.world.store, doc, put.world.settings)


def check_delete(_: World, record: Record, view: Document) -> None:
    properties = view["properties"]
    used = [each["id"] for key in ("networkInterfaces", "subnets") for each in properties.get(key, ())]
    if used:
        raise ArmError(
            400,
            "InUseNetworkSecurityGroupCannotBeDeleted",
            f"Network security group {record.doc['id']} cannot be deleted because it is in use by the "
            "following "
            f"resources: {', '.join(used)}. In order to delete the Network security group, remove the "
            "association "
            "with the resource(s). To learn how to do this, see aka.ms/deletensg.",
        )


def check_delete_rule(world: World, record: Record, view: Document) -> None:
    check_attached(world.store, without_child(record.doc, "securityRules", view["name"]), world.settings)


NSG_KIND = Kind(
    NSG,
    nsg_shape,
    pending=nsg_pending,
    check=check_nsg,
    check_delete=check_delete,
    patch=Patch.TAGS,
    supersedes=True,
)
RULE_KIND = Kind(RULE, rule_shape, check_delete=check_delete_rule, supersedes=True)
