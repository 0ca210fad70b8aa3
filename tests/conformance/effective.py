"""What an effective rule or route tells of resources the session never shows: groups, subnets, networks.

An interface is often made by a template together with its machine, outside the recording. What holds for
it then says what must be there.
"""

from __future__ import annotations

from typing import Any

from lab.arm import ids

type Document = dict[str, Any]

ACTIONS = ("/effectivenetworksecuritygroups", "/effectiveroutetable")
WHOLE = {"0-65535": "*", "0.0.0.0/0": "*", "All": "*"}
SIDES = ("sourcePortRange", "destinationPortRange", "sourceAddressPrefix", "destinationAddressPrefix")


def told_by(nic_id: str, result: Document, location: str) -> list[Document]:
    """The documents a result of one of the actions speaks of, groups first, the interface last."""
    items = result.get("value") or []
    groups = [each for each in items if "networkSecurityGroup" in each]
    space = [
        prefix
        for each in items
        if each.get("nextHopType") == "VnetLocal"
        for prefix in each.get("addressPrefix") or ()
    ]
    return [
        *(_group(each, location) for each in groups),
        *_connected(nic_id, groups, space or ["10.0.0.0/16"], location),
    ]


def _document(resource_id: str, location: str, properties: Document) -> Document:
    path = ids.parse(resource_id)
    return {"id": path.text, "name": path.name, "type": path.type, "etag": "", "location": location,
            "properties": {"provisioningState": "Succeeded"} | properties}  # fmt: skip


def _group(item: Document, location: str) -> Document:
    group_id = item["networkSecurityGroup"]["id"]
    rules: dict[str, list[Document]] = {"securityRules": [], "defaultSecurityRules": []}
    for each in item.get("effectiveSecurityRules") or ():
        member, _, name = each["name"].partition("/")
        if member in rules:
            rules[member].append(_rule(f"{group_id}/{member}/{name}", each))
    return _document(group_id, location, dict(rules))


def _rule(rule_id: str, shown: Document) -> Document:
    properties = {key: shown[key] for key in ("access", "priority", "direction")}
    properties["protocol"] = WHOLE.get(shown["protocol"], shown["protocol"])
    for side in SIDES:
        plural = side + ("s" if side.endswith("Range") else "es")
        values = [_configured(each) for each in shown.get(plural) or [shown.get(side)] if each]
        properties |= {side: values[0], plural: []} if len(values) == 1 else {plural: values}
    return {"id": rule_id, "name": rule_id.rpartition("/")[2], "etag": "", "properties": properties}


def _configured(value: str) -> str:
    low, _, high = value.partition("-")
    return WHOLE.get(value, low if low == high else value)


def _connected(nic_id: str, groups: list[Document], space: list[str], location: str) -> list[Document]:
    """The interface, its subnet and network, each with the group that is associated with it."""
    held: dict[str, tuple[str, str]] = {}
    for each in groups:
        for kind, holder in (each.get("association") or {}).items():
            if holder and kind in {"subnet", "networkInterface"}:
                held[kind] = (holder["id"], each["networkSecurityGroup"]["id"])
    group = ids.parse(nic_id)
    network = f"/subscriptions/{group.subscription}/resourceGroups/{group.group}/providers/Microsoft.Network"
    subnet_id, on_subnet = held.get(
        "subnet", (f"{network}/virtualNetworks/{group.name}-net/subnets/here", "")
    )
    subnet = {"id": subnet_id, "name": ids.parse(subnet_id).name, "etag": "",
              "properties": {"addressPrefix": space[0]} | _reference(on_subnet)}  # fmt: skip
    configuration = {"name": "here", "id": f"{nic_id}/ipConfigurations/here", "etag": "",
                     "properties": {"subnet": {"id": subnet_id}, "primary": True}}  # fmt: skip
    vnet = {"addressSpace": {"addressPrefixes": space}, "subnets": [subnet], "virtualNetworkPeerings": []}
    nic = {"ipConfigurations": [configuration]} | _reference(held.get("networkInterface", ("", ""))[1])
    return [_document(ids.root(subnet_id), location, vnet), _document(nic_id, location, nic)]


def _reference(group_id: str) -> Document:
    return {"networkSecurityGroup": {"id": group_id}} if group_id else {}
