"""ARM documents as short as what they are about: `an_nsg(allow_ssh_from="*")`.

Everything lies in resource group rg-web or rg-hub of one subscription; what a test does not mention is as
ARM returns it for a resource that is compliant.
"""

from datetime import UTC, datetime
from typing import Any

from remediation.baseline import Action, Baseline
from remediation.model import Actor, Resource, ResourceChange
from remediation.resource_id import ResourceId
from remediation.rules import registry

type Document = dict[str, Any]

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
FOREIGN = "99999999-2222-3333-4444-555555555555"
AT = f"/subscriptions/{SUBSCRIPTION}"
WEB = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Network"
HUB = f"{AT}/resourceGroups/rg-hub/providers/Microsoft.Network"
WORKSPACE = f"{AT}/resourceGroups/rg-hub/providers/Microsoft.OperationalInsights/workspaces/central"

NSG_ID = ResourceId.parse(f"{WEB}/networkSecurityGroups/web")
VNET_ID = ResourceId.parse(f"{WEB}/virtualNetworks/spoke")
SUBNET_ID = VNET_ID.child("subnets", "web")
NIC_ID = ResourceId.parse(f"{WEB}/networkInterfaces/vm1-nic")
VM_ID = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm1"
PIP_ID = ResourceId.parse(f"{WEB}/publicIPAddresses/vm1-ip")
BASTION_ID = ResourceId.parse(f"{HUB}/bastionHosts/bas-hub")
SETTING_TYPE = "Microsoft.Insights/diagnosticSettings"

SETTLED = {"provisioningState": "Succeeded"}


def a_rule(name: str = "allow-web", priority: int = 300, etag: str = 'W/"1"', **properties: Any) -> Document:
    """An inbound security rule that lets TCP 443 in from anywhere, unless told otherwise."""
    return {
        "name": name,
        "id": f"{NSG_ID}/securityRules/{name}",
        "etag": etag,
        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "properties": {
            **SETTLED,
            "protocol": "Tcp",
            "sourcePortRange": "*",
            "destinationPortRange": "443",
            "sourceAddressPrefix": "*",
            "destinationAddressPrefix": "*",
            "access": "Allow",
            "priority": priority,
            "direction": "Inbound",
            "sourcePortRanges": [],
            "destinationPortRanges": [],
            "sourceAddressPrefixes": [],
            "destinationAddressPrefixes": [],
            **properties,
        },
    }


def ports(*numbers: str) -> Document:
    """The two properties of a rule that name its ports, for several of them."""
    return {"destinationPortRange": None, "destinationPortRanges": list(numbers)}


def an_nsg(
    *rules: Document,
    allow_ssh_from: str | None = None,
    tags: dict[str, str] | None = None,
    identity: ResourceId = NSG_ID,
    subnets: tuple[ResourceId, ...] = (SUBNET_ID,),
    state: str = "Succeeded",
) -> Document:
    """An NSG on one subnet; `allow_ssh_from` adds a rule for port 22 to the given ones."""
    every = list(rules)
    if allow_ssh_from is not None:
        every.append(a_rule("allow-ssh", destinationPortRange="22", sourceAddressPrefix=allow_ssh_from))
    return {
        "name": identity.name,
        "id": identity.text,
        "etag": 'W/"1"',
        "type": "Microsoft.Network/networkSecurityGroups",
        "location": "westeurope",
        "tags": tags or {},
        "properties": {
            "provisioningState": state,
            "securityRules": every,
            "defaultSecurityRules": [],
            "subnets": [{"id": subnet.text} for subnet in subnets],
        },
    }


def a_subnet(
    identity: ResourceId = SUBNET_ID,
    *,
    nsg: ResourceId | None = NSG_ID,
    nics: tuple[ResourceId, ...] = (NIC_ID,),
) -> Document:
    properties: Document = {
        **SETTLED,
        "addressPrefix": "10.1.0.0/24",
        "ipConfigurations": [{"id": f"{nic}/ipConfigurations/ipconfig1"} for nic in nics],
    }
    if nsg is not None:
        properties["networkSecurityGroup"] = {"id": nsg.text}
    return {"name": identity.name, "id": identity.text, "etag": 'W/"1"', "properties": properties}


def a_vnet(*subnets: Document, identity: ResourceId = VNET_ID) -> Document:
    return {
        "name": identity.name,
        "id": identity.text,
        "etag": 'W/"1"',
        "location": "westeurope",
        "properties": {
            **SETTLED,
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]},
            "subnets": list(subnets),
        },
    }


def a_nic(
    identity: ResourceId = NIC_ID,
    *,
    public_ip: ResourceId | None = None,
    nsg: ResourceId | None = None,
    machine: str | None = VM_ID,
    forwarding: bool = False,
) -> Document:
    configuration: Document = {
        "privateIPAddress": "10.1.0.4",
        "subnet": {"id": SUBNET_ID.text},
    }
    if public_ip is not None:
        configuration["publicIPAddress"] = {"id": public_ip.text}
    properties: Document = {
        **SETTLED,
        "enableIPForwarding": forwarding,
        "ipConfigurations": [
            {"name": "ipconfig1", "id": f"{identity}/ipConfigurations/ipconfig1", "properties": configuration}
        ],
    }
    if nsg is not None:
        properties["networkSecurityGroup"] = {"id": nsg.text}
    if machine is not None:
        properties["virtualMachine"] = {"id": machine}
    return {
        "name": identity.name,
        "id": identity.text,
        "etag": 'W/"1"',
        "location": "westeurope",
        "properties": properties,
    }


def a_public_ip(identity: ResourceId = PIP_ID, *, attached_to: str | None = None) -> Document:
    """A public IP; `attached_to` is the id of the ip configuration that holds it."""
    properties: Document = {**SETTLED, "ipAddress": "20.33.7.9", "publicIPAllocationMethod": "Static"}
    if attached_to is not None:
        properties["ipConfiguration"] = {"id": attached_to}
    return {
        "name": identity.name,
        "id": identity.text,
        "etag": 'W/"1"',
        "location": "westeurope",
        "sku": {"name": "Standard"},
        "properties": properties,
    }


def a_bastion(
    sku: str | None = "Standard", *, tags: dict[str, str] | None = None, state: str = "Succeeded"
) -> Document:
    document: Document = {
        "name": BASTION_ID.name,
        "id": BASTION_ID.text,
        "etag": 'W/"1"',
        "type": "Microsoft.Network/bastionHosts",
        "location": "westeurope",
        "tags": {"environment": "prod"} if tags is None else tags,
        "properties": {
            "provisioningState": state,
            "scaleUnits": 2,
            "dnsName": "bst-1.bastion.azure.com",
            "ipConfigurations": [{"name": "cfg", "properties": {"notKnownToUs": {"kept": True}, **SETTLED}}],
        },
    }
    return document if sku is None else document | {"sku": {"name": sku}}


def a_setting(
    name: str = "setByPolicy-LogAnalytics",
    *,
    workspace: str | None = WORKSPACE,
    logs: list[Document] | None = None,
    on: ResourceId = BASTION_ID,
    **properties: Any,
) -> Document:
    """A diagnostic setting that sends all logs to the central workspace, unless told otherwise."""
    enabled = [{"categoryGroup": "audit", "enabled": False}, {"categoryGroup": "allLogs", "enabled": True}]
    return {
        "id": f"{on}/providers/{SETTING_TYPE}/{name}",
        "name": name,
        "type": SETTING_TYPE,
        "properties": {
            "workspaceId": workspace,
            "logs": enabled if logs is None else logs,
            "metrics": [],
            "storageAccountId": None,
            **properties,
        },
    }


def a_group(name: str = "rg-web", managed_by: str | None = None) -> Document:
    return {
        "id": f"{AT}/resourceGroups/{name}",
        "name": name,
        "location": "westeurope",
        "managedBy": managed_by,
        "properties": {**SETTLED},
    }


def a_lock(on: str, level: str = "ReadOnly", name: str = "keep") -> Document:
    return {
        "id": f"{on}/providers/Microsoft.Authorization/locks/{name}",
        "name": name,
        "properties": {"level": level},
    }


def a_spoke(*, public_ip: bool = False) -> tuple[Document, ...]:
    """What lies behind the NSG `web`: its VNet with the subnet, a machine's NIC, the group."""
    nic = a_nic(public_ip=PIP_ID if public_ip else None)
    spoke: tuple[Document, ...] = (a_vnet(a_subnet()), nic, a_group(), a_group("rg-hub"))
    if not public_ip:
        return spoke
    return (*spoke, a_public_ip(attached_to=f"{NIC_ID}/ipConfigurations/ipconfig1"))


RULES_IN_PLAY = frozenset({
    "nsg-mgmt-open-to-internet", "bastion-diagnostics", "bastion-sku-tier", "pip-attached-to-vm-nic",
})  # fmt: skip
"""The rules that stories about the pipeline live on: two kinds of repair, an offer, an alert."""


def a_baseline(rules: dict[str, Action] | None = None, **changes: Any) -> Baseline:
    """A baseline in enforce mode that knows its workspace and takes everything for production.

    Rules that are not in play are off, so that a new one changes no story.
    """
    facts = {
        "mode": "enforce",
        "default_environment": "production",
        "central_workspace_id": WORKSPACE,
        "hash": "today",
    }
    others = {rule: Action.OFF for rule in registry() if rule not in RULES_IN_PLAY}
    return Baseline(**{**facts, **changes}, rules={**others, **(rules or {})})


def acting(**actions: str) -> dict[str, Action]:
    """Rules' actions by id, written with underscores: acting(bastion_sku_tier="fix")."""
    return {rule.replace("_", "-"): Action(action) for rule, action in actions.items()}


def a_change(
    target: ResourceId = NSG_ID,
    *,
    event_id: str = "event-1",
    at: datetime | None = datetime(2026, 1, 1, tzinfo=UTC),
    kind: Any = "write",
    by: str = "alice@contoso.example",
) -> ResourceChange:
    return ResourceChange(
        target=target,
        operation=f"{target.type}/{kind}",
        kind=kind,
        status="success",
        event_id=event_id,
        event_time=at,
        correlation_id="correlation-1",
        actor=Actor(name=by),
    )


def an_event(
    target: str = NSG_ID.text, *, event_id: str = "event-1", time: str = "2026-01-01T00:00:00Z"
) -> Document:
    """An event in the Event Grid schema, with what Azure always sends."""
    return {
        "id": event_id,
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "subject": target,
        "eventTime": time,
        "data": {"resourceUri": target, "operationName": "Microsoft.Network/networkSecurityGroups/write"},
    }


def resource(document: Document) -> Resource:
    return Resource.of(document)
