"""What a Bastion host's document says: its SKU, its switches, its network, and how it is written back.

Whatever a document leaves open is raised as UndecidedError with the reason, so that a rule can only turn it
into a doubt and never take it for compliant. `is_developer` and `is_on` ask for what is certain alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from remediation.kinds import BASTION, VNET
from remediation.landing_zone.facts import BASTION_SWITCHES, bastion_sku
from remediation.landing_zone.rewriting import as_put
from remediation.model import Json, Resource, Snapshot, UndecidedError
from remediation.resource_id import ResourceId
from remediation.rule import Follow, Need, ids_at, values_at

SUBNETS = "properties.ipConfigurations[].properties.subnet.id"
PUBLIC_IPS = "properties.ipConfigurations[].properties.publicIPAddress.id"
DEVELOPERS_NETWORK = "properties.virtualNetwork.id"
MEMBERS = "properties.subnets[].properties.ipConfigurations[].id"


def in_its_network(*then: Need) -> tuple[Need, ...]:
    """Read the network a host stands in, or the one a Developer host serves, then go on from there."""
    return Follow(SUBNETS, to=VNET, then=then), Follow(DEVELOPERS_NETWORK, then=then)


def sku_of(bastion: Resource) -> str:
    """The SKU's canonical name; an old document without one is Basic. Raises UndecidedError for any other."""
    known = _known_sku(bastion)
    if known is None:
        raise UndecidedError(f"SKU {bastion.at('sku', 'name') or bastion.at('sku')!r} is not one we know")
    return known


def _known_sku(bastion: Resource) -> str | None:
    sku, name = bastion.at("sku"), bastion.at("sku", "name")
    return bastion_sku(name) if sku is None or isinstance(name, str) else None


def is_developer(bastion: Resource) -> bool:
    """Whether it certainly is of SKU Developer, which stands outside its network."""
    return _known_sku(bastion) == "Developer"


def offers(bastion: Resource, switch: str) -> bool:
    """Whether its SKU certainly offers what a switch turns on."""
    return _known_sku(bastion) in BASTION_SWITCHES[switch]


def switched_on(bastion: Resource, name: str) -> bool:
    """One of the host's switches. ARM shows only those that were sent: absent means off.

    Raises UndecidedError where the document does not say.
    """
    properties = bastion.properties()
    if not isinstance(properties, Mapping):
        raise UndecidedError(f"{bastion.id.name} came without its properties")
    value = properties.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise UndecidedError(f"{name} of {bastion.id.name} is {value!r}, neither true nor false")


def is_on(bastion: Resource, name: str) -> bool:
    """Whether one of its switches certainly is on."""
    return bastion.properties(name) is True


def network_id(bastion: Resource) -> ResourceId | None:
    """The network a host stands in or, for Developer, serves; None when the document names none."""
    for subnet in ids_at(bastion.body, SUBNETS):
        network = subnet.up_to(VNET)
        if network is not None:
            return network
    return next(ids_at(bastion.body, DEVELOPERS_NETWORK), None)


def network_of(bastion: Resource, snapshot: Snapshot) -> Resource:
    """The document of the host's network; raises UndecidedError where it is not known."""
    identity = network_id(bastion)
    if identity is None:
        raise UndecidedError(f"{bastion.id.name} does not say in which network it stands")
    return snapshot.existing(identity, "network")


def hosts_in(network: Resource) -> tuple[ResourceId, ...]:
    """Dedicated hosts (Basic or higher) with an address in a network, by the members its subnets name."""
    # Most members are NICs: looking at the text first spares taking thousands of ids apart.
    texts = (text for text in values_at(network.body, MEMBERS) if "/bastionhosts/" in str(text).lower())
    hosts = (identity.up_to(BASTION) for text in texts for identity in ids_at({"id": text}, "id"))
    return tuple(dict.fromkeys(host for host in hosts if host is not None))


def developers_for(network: Resource, hosts: Iterable[Resource]) -> tuple[ResourceId, ...]:
    """Those of some hosts that serve a network from the shared pool: no address shows them there."""
    return tuple(host.id for host in hosts if _serves(host) == network.id.key)


def _serves(host: Resource) -> str:
    return str(host.properties("virtualNetwork", "id") or "").lower().rstrip("/")


def rewritten(bastion: Resource, **changes: Any) -> tuple[Json, Json]:
    """The whole document before and after a change of some top-level parts, both as a PUT takes them.

    A Bastion PUT replaces everything, so every property that was read goes back, known to us or not.
    """
    before = as_put(bastion.body)
    return before, {**before, **changes}
