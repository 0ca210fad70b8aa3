"""The routes that hold for a network interface, in the shape of the SDK and of public outputs [?].

A route table's route takes the place of a system route of the same prefix, which is shown as Invalid then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.documents.store import child
from lab.arm.facts.system_routes import DROPPED, EVERYWHERE

if TYPE_CHECKING:
    from lab.arm.documents.store import Record, Store
    from lab.arm.documents.tree import Document


def effective_routes(store: Store, nic_id: str) -> Document:
    """The routes of the network, its peers, the platform, and of the subnet's route table."""
    subnet = subnet_of(store, nic_id)
    network = store.get(ids.root(subnet["id"])) if subnet else None
    table = store.get(((subnet or {}).get("properties", {}).get("routeTable") or {}).get("id", ""))
    users = [_user_route(each) for each in table.doc["properties"].get("routes", ())] if table else []
    taken = {prefix for each in users for prefix in each["addressPrefix"]}
    kept = not (table and table.doc["properties"].get("disableBgpRoutePropagation"))
    system = [_system_route(hop, prefix, taken) for hop, prefix in _system(network)]
    shown = [*system, *users]
    return {"value": [{"disableBgpRoutePropagation": not kept} | each for each in shown]}


def _system(network: Record | None) -> list[tuple[str, str]]:
    space = prefixes(network.doc) if network else []
    peers = [
        prefix
        for each in (network.doc["properties"].get("virtualNetworkPeerings", ()) if network else ())
        if each["properties"].get("peeringState") == "Connected"
        for prefix in (each["properties"].get("remoteAddressSpace") or {}).get("addressPrefixes") or ()
    ]
    own = [*space, *peers]
    return [
        *(("VnetLocal", each) for each in space),
        *(("VNetPeering", each) for each in peers),
        ("Internet", EVERYWHERE),
        *(("None", each) for each in DROPPED if each not in own),
    ]


def _system_route(hop_type: str, prefix: str, taken: set[str]) -> Document:
    state = "Invalid" if prefix in taken else "Active"
    return {"source": "Default", "state": state, "addressPrefix": [prefix], "nextHopType": hop_type,
            "nextHopIpAddress": []}  # fmt: skip


def _user_route(route: Document) -> Document:
    told = route["properties"]
    hop = told.get("nextHopIpAddress")
    return {
        "name": route["name"],
        "source": "User",
        "state": "Active",
        "addressPrefix": [told["addressPrefix"]],
        "nextHopType": told.get("nextHopType"),
        "nextHopIpAddress": [hop] if hop else [],
    }


def prefixes(network: Document) -> list[str]:
    """The address space of a network."""
    return list((network["properties"].get("addressSpace") or {}).get("addressPrefixes") or ())


def subnet_of(store: Store, nic_id: str) -> Document | None:
    """The subnet of an interface's primary configuration."""
    nic = store.get(nic_id)
    configurations = nic.doc["properties"].get("ipConfigurations", ()) if nic else ()
    subnet_id = next(
        (each["properties"]["subnet"]["id"] for each in configurations if each["properties"].get("subnet")),
        "",
    )
    record = store.get(ids.root(subnet_id)) if subnet_id else None
    return child(record.doc, "subnets", ids.parse(subnet_id).name) if record else None
