"""The security rules that hold for a network interface, in the shape of the SDK and of public outputs [?]."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.actions.effective_routes import prefixes, subnet_of
from lab.arm.documents.tree import present
from lab.arm.facts.system_routes import BALANCER, EVERYWHERE, HOST, PRIVATE

if TYPE_CHECKING:
    from lab.arm.documents.store import Store
    from lab.arm.documents.tree import Document

ALL_PORTS = "0-65535"
type Tags = dict[str, list[str]]  # tag in lower case -> the prefixes it stands for here


def effective_rules(store: Store, nic_id: str) -> Document:
    """The rules of the groups on the interface and on its subnet."""
    nic, subnet = store.get(nic_id), subnet_of(store, nic_id)
    tags = _tags(store, subnet)
    found = []
    for kind, holder in (("networkInterface", nic.doc if nic else None), ("subnet", subnet)):
        group_id = ((holder or {}).get("properties", {}).get("networkSecurityGroup") or {}).get("id", "")
        group = store.get(group_id)
        if holder and group:
            found.append(
                {
                    "networkSecurityGroup": {"id": group.doc["id"]},
                    "association": {kind: {"id": holder["id"]}},
                    "effectiveSecurityRules": _rules(group.doc, tags),
                }
            )
    return {"value": found}


def _tags(store: Store, subnet: Document | None) -> Tags:
    network = store.get(ids.root(subnet["id"])) if subnet else None
    peers = network.doc["properties"].get("virtualNetworkPeerings", ()) if network else ()
    space = prefixes(network.doc) if network else []
    for each in peers:
        space += (each["properties"].get("remoteAddressSpace") or {}).get("addressPrefixes") or ()
    return {
        "virtualnetwork": [*space, HOST],
        "azureloadbalancer": list(BALANCER),
        "internet": _public(space),
    }


def _public(space: list[str]) -> list[str]:
    """What is neither private nor the network's own."""
    rest = [ipaddress.IPv4Network(EVERYWHERE)]
    for taken in (ipaddress.ip_network(each, strict=False) for each in (*PRIVATE, *space)):
        if isinstance(taken, ipaddress.IPv4Network):
            rest = [part for each in rest for part in _without(each, taken)]
    return [str(each) for each in sorted(rest, key=lambda each: (each.prefixlen, each))]


def _without(network: ipaddress.IPv4Network, taken: ipaddress.IPv4Network) -> list[ipaddress.IPv4Network]:
    if not network.overlaps(taken):
        return [network]
    return list(network.address_exclude(taken)) if taken.subnet_of(network) else []


def _rules(group: Document, tags: Tags) -> list[Document]:
    members = ("securityRules", "defaultSecurityRules")
    return [
        _rule(f"{member}/{each['name']}", each["properties"], tags)
        for member in members
        for each in group["properties"].get(member, ())
    ]


def _rule(name: str, rule: Document, tags: Tags) -> Document:
    shown: Document = {"name": name, "protocol": "All" if rule["protocol"] == "*" else rule["protocol"]}
    ports = {side: _ports_of(rule, side) for side in ("source", "destination")}
    addresses = {side: _addresses_of(rule, side) for side in ("source", "destination")}
    shown |= {f"{side}PortRange": values[0] for side, values in ports.items() if values}
    shown |= {f"{side}PortRanges": values for side, values in ports.items()}
    shown |= {f"{side}AddressPrefix": values[0] for side, values in addresses.items() if values}
    shown |= {f"{side}AddressPrefixes": values for side, values in addresses.items()}
    expanded = {side: _expanded(values, tags) for side, values in addresses.items()}
    shown |= present(
        expandedSourceAddressPrefix=expanded["source"],
        expandedDestinationAddressPrefix=expanded["destination"],
    )
    return shown | {key: rule[key] for key in ("access", "priority", "direction")}


def _ports_of(rule: Document, side: str) -> list[str]:
    values = [rule.get(f"{side}PortRange"), *rule.get(f"{side}PortRanges", ())]
    return [_ports(str(each)) for each in values if each]


def _addresses_of(rule: Document, side: str) -> list[str]:
    """`*` is shown as everything, a lone address as a range of one."""
    values = [rule.get(f"{side}AddressPrefix"), *rule.get(f"{side}AddressPrefixes", ())]
    return [_address(str(each)) for each in values if each]


def _address(text: str) -> str:
    if text == "*":
        return EVERYWHERE
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        return text


def _expanded(values: list[str], tags: Tags) -> list[str] | None:
    known = [tags[each.lower()] for each in values if each.lower() in tags]
    return [prefix for each in known for prefix in each] or None


def _ports(text: str) -> str:
    if text == "*":
        return ALL_PORTS
    return text if "-" in text else f"{text}-{text}"
