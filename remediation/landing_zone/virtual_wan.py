"""Which Virtual WAN hubs a network is connected to, and what their routing does to it.

A connection is a child of the hub (`hubVirtualNetworkConnections`) and names the network; the network's own
document shows it, if at all, as a peering that Virtual WAN made. ARM lists hubs for the network's own
subscription, files those of all; a network that such a peering leads out of is not known, rather than not
connected.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.kinds import HUB_CONNECTION, ROUTING_INTENT, VIRTUAL_HUB
from remediation.landing_zone.peering import peerings
from remediation.model import Resource, Snapshot, Unread
from remediation.resource_id import ResourceId
from remediation.rule import Follow, Listed, Need, ids_at, values_at

_TABLE = "properties.routingConfiguration.associatedRouteTable.id"
_DEFAULT_ROUTES = frozenset({"0.0.0.0/0", "::/0"})

HUBS: tuple[Need, ...] = (Listed(VIRTUAL_HUB, "subscription"), Listed(HUB_CONNECTION, "subscription"))
ROUTING: tuple[Need, ...] = (
    Listed(VIRTUAL_HUB, "subscription", then=(Listed(ROUTING_INTENT),)),
    Listed(HUB_CONNECTION, "subscription", then=(Follow(_TABLE),)),
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A network's connection to one hub, whose document may not be known."""

    connection: Resource
    hub_id: ResourceId
    hub: Resource | Unread

    @property
    def default_route(self) -> bool | Unread:
        """Whether the connection takes the hub's default route (`enableInternetSecurity`; unconfirmed)."""
        value = self.connection.properties("enableInternetSecurity")
        if isinstance(value, bool):
            return value
        return Unread(f"connection {self.connection.id.name} does not say enableInternetSecurity")


@dataclass(frozen=True, slots=True)
class Attachments:
    """The hubs a network is known to be connected to; `doubt` says why there may be others."""

    found: tuple[Attachment, ...] = ()
    doubt: str | None = None


def attachments(network: ResourceId | None, snapshot: Snapshot) -> Attachments:
    """The connections of a network, None standing for a network that is not known."""
    subscription = snapshot.subject.id.subscription if network is None else network.subscription
    hubs = snapshot.listed(VIRTUAL_HUB, f"/subscriptions/{subscription}")
    connections = snapshot.listed(HUB_CONNECTION, f"/subscriptions/{subscription}")
    if isinstance(connections, Unread):
        return Attachments(doubt=connections.reason)
    found = [_attached(one, hubs) for one in connections if network in set(remotes(one))]
    if found:
        return Attachments(tuple(found))
    if isinstance(hubs, Unread):
        return Attachments(doubt=hubs.reason)
    if network is None:
        unnamed = f"{snapshot.subject.id.name} does not say in which network it stands"
        return Attachments(doubt=unnamed if connections else None)
    return Attachments(doubt=_elsewhere(network, snapshot))


def _attached(connection: Resource, hubs: Sequence[Resource] | Unread) -> Attachment:
    hub = connection.id.up_to(VIRTUAL_HUB)
    assert hub is not None, "a connection is a child of its hub"
    if isinstance(hubs, Unread):
        return Attachment(connection, hub, hubs)
    document = next((each for each in hubs if each.id == hub), None)
    return Attachment(connection, hub, document or Unread(f"hub {hub.text} could not be read"))


def remotes(connection: Resource) -> Iterator[ResourceId]:
    """The network a connection leads to."""
    return ids_at(connection.body, "properties.remoteVirtualNetwork.id")


def _elsewhere(network: ResourceId, snapshot: Snapshot) -> str | None:
    document = snapshot.get(network)
    if isinstance(document, Resource) and any(peering.leads_to_hub for peering in peerings(document)):
        return f"{network.name} is connected to a Virtual WAN hub outside its own subscription"
    return None


def wan_of(hub: Resource) -> ResourceId | None:
    """The Virtual WAN a hub belongs to."""
    return next(ids_at(hub.body, "properties.virtualWan.id"), None)


def secures_internet(attachment: Attachment, snapshot: Snapshot) -> bool | Unread:
    """Whether a hub sends the internet traffic of its networks through a firewall.

    Routing intent decides where there is one: only a policy for Internet makes a default route. Without,
    the hub's firewall or security partner does.
    """
    if isinstance(attachment.hub, Unread):
        return attachment.hub
    intents = snapshot.listed(ROUTING_INTENT, attachment.hub_id)
    if isinstance(intents, Unread):
        return intents
    if intents:
        path = "properties.routingPolicies[].destinations[]"
        return any(str(each).lower() == "internet" for one in intents for each in values_at(one.body, path))
    guards = ("azureFirewall", "securityPartnerProvider")
    return any(attachment.hub.properties(guard, "id") for guard in guards)


def static_default_route(attachment: Attachment, snapshot: Snapshot) -> str | Unread | None:
    """The route table of the hub that holds a default route for this connection, if any."""
    for identity in ids_at(attachment.connection.body, _TABLE):
        table = snapshot.get(identity)
        if isinstance(table, Unread):
            return table
        if table is not None and _has_default_route(table):
            return identity.text
    if isinstance(attachment.hub, Unread):
        return attachment.hub
    own = "properties.routeTable.routes[].addressPrefixes[]"  # the hub's table of older API versions
    return attachment.hub_id.text if _names_default(values_at(attachment.hub.body, own)) else None


def _has_default_route(table: Resource) -> bool:
    return _names_default(values_at(table.body, "properties.routes[].destinations[]"))


def _names_default(prefixes: Iterator[object]) -> bool:
    return any(str(prefix) in _DEFAULT_ROUTES for prefix in prefixes)
