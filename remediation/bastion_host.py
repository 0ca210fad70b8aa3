"""What a Bastion host's document says: its SKU, its switches, its network, and how it is written back.

Whatever a document leaves open comes back as Unread with the reason, so that a rule can only turn it into a
doubt and never take it for compliant.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from remediation.facts import bastion_sku
from remediation.kinds import BASTION, VNET
from remediation.model import Json, Resource, ResourceId, Snapshot, Unread
from remediation.rule import Follow, Need, ids_at

SUBNETS = "properties.ipConfigurations[].properties.subnet.id"
PUBLIC_IPS = "properties.ipConfigurations[].properties.publicIPAddress.id"
DEVELOPERS_NETWORK = "properties.virtualNetwork.id"
_READ_ONLY = frozenset({"etag", "provisioningState"})


def in_its_network(*then: Need) -> tuple[Need, ...]:
    """Read the network a host stands in, or the one a Developer host serves, then go on from there."""
    return Follow(SUBNETS, to=VNET, then=then), Follow(DEVELOPERS_NETWORK, then=then)


def sku_of(bastion: Resource) -> str | Unread:
    """The SKU's canonical name; an old document without one is Basic, a name in no table is unknown."""
    sku = bastion.at("sku")
    known = bastion_sku(bastion.at("sku", "name")) if sku is None or isinstance(sku, Mapping) else None
    return known or Unread(f"SKU {bastion.at('sku', 'name') or sku!r} is not one we know")


def switched_on(bastion: Resource, name: str) -> bool | Unread:
    """One of the host's switches. ARM shows only those that were sent: absent means off."""
    properties = bastion.properties()
    if not isinstance(properties, Mapping):
        return Unread(f"{bastion.id.name} came without its properties")
    value = properties.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    return Unread(f"{name} of {bastion.id.name} is {value!r}, neither true nor false")


def network_id(bastion: Resource) -> ResourceId | None:
    """The network a host stands in or, for Developer, serves; None when the document names none."""
    for subnet in ids_at(bastion.body, SUBNETS):
        network = subnet.up_to(VNET)
        if network is not None:
            return network
    return next(ids_at(bastion.body, DEVELOPERS_NETWORK), None)


def network_of(bastion: Resource, snapshot: Snapshot) -> Resource | Unread:
    """The document of the host's network."""
    identity = network_id(bastion)
    if identity is None:
        return Unread(f"{bastion.id.name} does not say in which network it stands")
    return snapshot.get(identity) or Unread(f"network {identity.text} does not exist")


def hosts_in(network: Resource, listed: Iterable[Resource] = ()) -> tuple[ResourceId, ...]:
    """Dedicated hosts with an address in a network, and those of `listed` that stand in it or serve it."""
    members = ids_at(network.body, "properties.subnets[].properties.ipConfigurations[].id")
    inside = [host for member in members if (host := member.up_to(BASTION)) is not None]
    inside += [host.id for host in listed if network_id(host) == network.id]
    return tuple(dict.fromkeys(inside))


def rewritten(bastion: Resource, **changes: Any) -> tuple[Json, Json]:
    """The whole document before and after a change of some top-level parts, both as a PUT takes them.

    A Bastion PUT replaces everything, so every property that was read goes back, known to us or not.
    """
    before = _writable(bastion.body)
    return before, {**before, **changes}


def _writable(value: Any) -> Any:
    """Everything but the versions and states the server keeps."""
    if isinstance(value, Mapping):
        return {key: _writable(item) for key, item in value.items() if key not in _READ_ONLY}
    return [_writable(item) for item in value] if isinstance(value, list) else value
