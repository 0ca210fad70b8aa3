"""Which Virtual WAN hubs a network is connected to, and what their routing does to it.

A connection is a child of the hub (`hubVirtualNetworkConnections`) and names the network; the network's own
document shows it, if at all, as a peering that Virtual WAN made. ARM lists hubs for the network's own
subscription, files those of all; a network that such a peering leads out of is not known, rather than not
connected.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from remediation.kinds import HUB_CONNECTION, ROUTING_INTENT, VIRTUAL_HUB
from remediation.landing_zone.peering import peerings
from remediation.model import Resource, Snapshot, UndecidedError
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
    """A network's connection to one hub, among the hubs listed for `subscription`."""

    connection: Resource
    subscription: str

    @property
    def hub_id(self) -> ResourceId:
        hub = self.connection.id.up_to(VIRTUAL_HUB)
        assert hub is not None, "a connection is a child of its hub"
        return hub

    def hub(self, snapshot: Snapshot) -> Resource:
        """The hub's document; raises UndecidedError where it was not read."""
        hubs = snapshot.need_list(VIRTUAL_HUB, self.subscription)
        found = next((each for each in hubs if each.id == self.hub_id), None)
        if found is None:
            raise UndecidedError(f"hub {self.hub_id.text} could not be read")
        return found

    def takes_default_route(self) -> bool:
        """Whether the connection takes the hub's default route (`enableInternetSecurity`; unconfirmed)."""
        value = self.connection.properties("enableInternetSecurity")
        if isinstance(value, bool):
            return value
        raise UndecidedError(f"connection {self.connection.id.name} does not say enableInternetSecurity")


def attachments(network: ResourceId | None, snapshot: Snapshot) -> tuple[Attachment, ...]:
    """The connections of a network, None standing for a network that is not known.

    Raises UndecidedError where none is known but there may be one.
    """
    subject = snapshot.subject.id
    subscription = f"/subscriptions/{(network or subject).subscription}"
    connections = snapshot.need_list(HUB_CONNECTION, subscription)
    found = [Attachment(one, subscription) for one in connections if network in set(remotes(one))]
    if not found:
        snapshot.need_list(VIRTUAL_HUB, subscription)
        if network is not None:
            _refuse_elsewhere(network, snapshot)
        elif connections:
            raise UndecidedError(f"{subject.name} does not say in which network it stands")
    return tuple(found)


def remotes(connection: Resource) -> Iterator[ResourceId]:
    """The network a connection leads to."""
    return ids_at(connection.body, "properties.remoteVirtualNetwork.id")


def _refuse_elsewhere(network: ResourceId, snapshot: Snapshot) -> None:
    """A peering that Virtual WAN made shows a connection whose hub lies where we do not look."""
    document = snapshot.get(network)
    if isinstance(document, Resource) and any(peering.leads_to_hub for peering in peerings(document)):
        raise UndecidedError(f"{network.name} is connected to a Virtual WAN hub outside its own subscription")


def wan_of(hub: Resource) -> ResourceId | None:
    """The Virtual WAN a hub belongs to."""
    return next(ids_at(hub.body, "properties.virtualWan.id"), None)


def secures_internet(attachment: Attachment, snapshot: Snapshot) -> bool:
    """Whether a hub sends the internet traffic of its networks through a firewall.

    Routing intent decides where there is one: only a policy for Internet makes a default route. Without,
    the hub's firewall or security partner does. Raises UndecidedError where hub or intent was not read.
    """
    hub = attachment.hub(snapshot)
    intents = snapshot.need_list(ROUTING_INTENT, attachment.hub_id)
    if intents:
        path = "properties.routingPolicies[].destinations[]"
        return any(str(each).lower() == "internet" for one in intents for each in values_at(one.body, path))
    guards = ("azureFirewall", "securityPartnerProvider")
    return any(hub.properties(guard, "id") for guard in guards)


def static_default_route(attachment: Attachment, snapshot: Snapshot) -> str:
    """The id of the hub's route table that holds a default route for this connection; "" for none.

    Raises UndecidedError where a table or the hub was not read.
    """
    for identity in ids_at(attachment.connection.body, _TABLE):
        table = snapshot.need(identity)
        if table is not None and _has_default_route(table):
            return identity.text
    hub = attachment.hub(snapshot)
    own = "properties.routeTable.routes[].addressPrefixes[]"  # the hub's table of older API versions
    return attachment.hub_id.text if _names_default(values_at(hub.body, own)) else ""


def _has_default_route(table: Resource) -> bool:
    return _names_default(values_at(table.body, "properties.routes[].destinations[]"))


def _names_default(prefixes: Iterator[object]) -> bool:
    return any(str(prefix) in _DEFAULT_ROUTES for prefix in prefixes)
