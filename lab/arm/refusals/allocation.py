"""Addresses a request may not have: another resource holds them, or they are not the subnet's.

The codes and texts are those users report. A holder counts only while the lab holds it.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from lab.arm import ids
from lab.arm.documents.addresses import occupied
from lab.arm.documents.store import Store, child
from lab.arm.errors import ArmError
from lab.arm.refusals.ranges import known_networks, prefixes_of

if TYPE_CHECKING:
    from lab.arm.documents.tree import Document


def check_addresses(store: Store, holders: list[Document], before: list[Document]) -> None:
    """Judge what IP configurations or frontends (`holders`) ask for and did not have `before`."""
    held = {each["id"].lower(): each["properties"] for each in before}
    for each in holders:
        had = held.get(each["id"].lower(), {})
        if each["properties"].get("publicIPAddress") != had.get("publicIPAddress"):
            _check_public(store, each)
        if each["properties"].get("privateIPAddress") != had.get("privateIPAddress"):
            _check_private(store, each)


def _other(store: Store, holder: Document, found: str) -> bool:
    """Whether a holder is of another resource: within one, addresses may change places."""
    return ids.root(found) != ids.root(holder["id"]) and store.get(ids.root(found)) is not None


def _check_public(store: Store, holder: Document) -> None:
    address = (holder["properties"].get("publicIPAddress") or {}).get("id")
    for found in store.links.holders(address, "ipConfiguration") if address else ():
        if _other(store, holder, found):
            raise ArmError(
                400,
                "PublicIPAddressInUse",
                f"Resource {holder['id']} is referencing public IP address {address} that is already "
                f"allocated to resource {found}.",
            )


def _check_private(store: Store, holder: Document) -> None:
    address = holder["properties"].get("privateIPAddress")
    subnet_id = (holder["properties"].get("subnet") or {}).get("id")
    static = holder["properties"].get("privateIPAllocationMethod") == "Static"
    if not static or not address or not subnet_id:
        return
    found = occupied(store, subnet_id).get(address)
    if found and _other(store, holder, found):
        raise ArmError(
            400,
            "PrivateIPAddressIsAllocated",
            f"IP configuration {holder['id']} is using the private IP address {address} which is already "
            f"allocated to resource {found}.",
        )
    record = store.get(ids.root(subnet_id))
    subnet = child(record.doc, "subnets", ids.parse(subnet_id).name) if record else None
    prefixes = prefixes_of(subnet) if subnet else []
    wanted = ipaddress.ip_address(address)
    if prefixes and not any(wanted in each for each in known_networks(prefixes)):  # [?] code and text
        raise ArmError(
            400,
            "PrivateIPAddressNotInSubnet",
            f"Private static IP address {address} does not belong to the range of subnet prefix "
            f"{', '.join(prefixes)}.",
        )
