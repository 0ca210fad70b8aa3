"""What holds for a network interface: its effective routes and security rules.

Shapes are the SDK's; the values follow from the lab's own resources [?: no recording shows one].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.documents.store import child
from lab.arm.documents.tree import present

if TYPE_CHECKING:
    from lab.arm.documents.store import Store
    from lab.arm.documents.tree import Document

NIC = "microsoft.network/networkinterfaces"
# Ranges the platform routes nowhere unless a network or a route table says otherwise (documented).
DROPPED = ("10.0.0.0/8", "127.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
EVERYWHERE, ALL_PORTS = "0.0.0.0/0", "0-65535"


def effective_routes(store: Store, nic_id: str) -> Document:
    """The routes of the network, of the platform, and of the subnet's route table."""
    subnet = _subnet(store, nic_id)
    record = store.get(ids.root(subnet["id"])) if subnet else None
    space = record.doc["properties"].get("addressSpace", {}).get("addressPrefixes", []) if record else []
    routes = [_route("Default", "VnetLocal", each) for each in space]
    routes.append(_route("Default", "Internet", EVERYWHERE))
    routes += [_route("Default", "None", each) for each in DROPPED if each not in space]
    table = store.get(((subnet or {}).get("properties", {}).get("routeTable") or {}).get("id", ""))
    for each in table.doc["properties"].get("routes", ()) if table else ():
        told = each["properties"]
        hop = told.get("nextHopIpAddress", "")
        routes.append(
            {"name": each["name"]} | _route("User", told.get("nextHopType"), told["addressPrefix"], hop)
        )
    return {"value": routes}


def _route(source: str, hop_type: str, prefix: str, hop: str = "") -> Document:
    return {
        "disableBgpRoutePropagation": False,
        "source": source,
        "state": "Active",
        "addressPrefix": [prefix],
        "nextHopType": hop_type,
        "nextHopIpAddress": [hop] if hop else [],
    }


def effective_rules(store: Store, nic_id: str) -> Document:
    """The rules of the groups on the interface and on its subnet."""
    nic, subnet = store.get(nic_id), _subnet(store, nic_id)
    found = []
    for kind, holder in (("networkInterface", nic.doc if nic else None), ("subnet", subnet)):
        group_id = ((holder or {}).get("properties", {}).get("networkSecurityGroup") or {}).get("id", "")
        group = store.get(group_id)
        if holder and group:
            found.append(
                {
                    "networkSecurityGroup": {"id": group.doc["id"]},
                    "association": {kind: {"id": holder["id"]}},
                    "effectiveSecurityRules": _rules(group.doc),
                }
            )
    return {"value": found}


def _rules(group: Document) -> list[Document]:
    members = ("securityRules", "defaultSecurityRules")
    return [
        _rule(f"{member}/{each['name']}", each["properties"])
        for member in members
        for each in group["properties"].get(member, ())
    ]


def _rule(name: str, rule: Document) -> Document:
    def ranges(side: str) -> list[str]:
        values = [rule.get(f"{side}PortRange"), *rule.get(f"{side}PortRanges", ())]
        return [_ports(str(each)) for each in values if each]

    def addresses(side: str) -> list[str]:
        values = [rule.get(f"{side}AddressPrefix"), *rule.get(f"{side}AddressPrefixes", ())]
        return [EVERYWHERE if each == "*" else str(each) for each in values if each]

    sides = {
        f"{side}{member}": values
        for side in ("source", "destination")
        for member, values in (("PortRanges", ranges(side)), ("AddressPrefixes", addresses(side)))
    }
    singles = {key[:-2] if key.endswith("es") and "Prefix" in key else key[:-1]: values[0]
               for key, values in sides.items() if values}  # fmt: skip
    protocol = "All" if rule["protocol"] == "*" else rule["protocol"]
    rest = {key: rule[key] for key in ("access", "priority", "direction")}
    return present(name=name, protocol=protocol, **singles, **sides, **rest)


def _ports(text: str) -> str:
    if text == "*":
        return ALL_PORTS
    return text if "-" in text else f"{text}-{text}"


def _subnet(store: Store, nic_id: str) -> Document | None:
    """The subnet of an interface's primary configuration."""
    nic = store.get(nic_id)
    configurations = nic.doc["properties"].get("ipConfigurations", ()) if nic else ()
    subnet_id = next(
        (each["properties"]["subnet"]["id"] for each in configurations if each["properties"].get("subnet")),
        "",
    )
    record = store.get(ids.root(subnet_id)) if subnet_id else None
    return child(record.doc, "subnets", ids.parse(subnet_id).name) if record else None
