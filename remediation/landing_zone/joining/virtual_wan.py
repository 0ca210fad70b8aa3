"""Which Virtual WAN hubs a network is connected to, and what their routing does to it.

A connection is a child of the hub (`hubVirtualNetworkConnections`) and names the network; the network's own
document shows it, if at all, as a peering that Virtual WAN made. ARM lists hubs for the network's own
subscription, files those of all; a network that such a peering leads out of is not known, rather than not
connected.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from remediation.kinds import HUB_CONNECTION, ROUTING_INTENT, VIRTUAL_HUB
from remediation.landing_zone.joining.peering import peerings
from remediation.landing_zone.joining.views import existing, need_list
from remediation.model import Resource, Snapshot, UndecidedError, View
from remediation.nsg.spaces.addresses import V4_SPACE, V6_SPACE, parse_addresses
from remediation.nsg.spaces.sets import covers, from_pairs
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Listed, Need, ids_at, values_at

_TABLE = "properties.routingConfiguration.associatedRouteTable.id"


def tables_of(connection: Resource, _so_far: object = None) -> Iterable[ResourceId]:
    """The hub's route table that a connection is associated with; where it names none, the default one."""
    named = list(ids_at(connection.body, _TABLE))
    hub = connection.id.up_to(VIRTUAL_HUB)
    return named if named or hub is None else [hub.child("hubRouteTables", "defaultRouteTable")]


HUBS: tuple[Need, ...] = (Listed(VIRTUAL_HUB, "subscription"), Listed(HUB_CONNECTION, "subscription"))
ROUTING: tuple[Need, ...] = (
    Listed(VIRTUAL_HUB, "subscription", then=(Listed(ROUTING_INTENT),)),
    Listed(HUB_CONNECTION, "subscription", then=(Chosen(tables_of),)),
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

    def hub(self, view: View) -> Resource:
        """The hub's document; raises UndecidedError where it was not read."""
        hubs = need_list(view, VIRTUAL_HUB, self.subscription)
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
    """The connections of the subject's network, None standing for one that is not known.

    Raises UndecidedError where none is known but there may be one.
    """
    if network is not None:
        return connections_of(network, snapshot)
    subject = snapshot.subject.id
    subscription = f"/subscriptions/{subject.subscription}"
    snapshot.need_list(VIRTUAL_HUB, subscription)
    if snapshot.need_list(HUB_CONNECTION, subscription):
        raise UndecidedError(f"{subject.name} does not say in which network it stands")
    return ()


def connections_of(network: ResourceId, view: View) -> tuple[Attachment, ...]:
    """The connections of a network; raises UndecidedError where none is known but there may be one."""
    subscription = f"/subscriptions/{network.subscription}"
    connections = need_list(view, HUB_CONNECTION, subscription)
    found = [Attachment(one, subscription) for one in connections if network in set(remotes(one))]
    if not found:
        need_list(view, VIRTUAL_HUB, subscription)
        _refuse_elsewhere(network, view)
    return tuple(found)


def remotes(connection: Resource) -> Iterator[ResourceId]:
    """The network a connection leads to."""
    return ids_at(connection.body, "properties.remoteVirtualNetwork.id")


def _refuse_elsewhere(network: ResourceId, view: View) -> None:
    """A peering that Virtual WAN made shows a connection whose hub lies where we do not look."""
    document = view.get(network)
    if isinstance(document, Resource) and any(peering.leads_to_hub for peering in peerings(document)):
        raise UndecidedError(f"{network.name} is connected to a Virtual WAN hub outside its own subscription")


def wan_of(hub: Resource) -> ResourceId | None:
    """The Virtual WAN a hub belongs to."""
    return next(ids_at(hub.body, "properties.virtualWan.id"), None)


def secures_internet(attachment: Attachment, view: View) -> bool:
    """Whether a hub sends the internet traffic of a connected network through a firewall.

    Routing intent decides where there is one: only a policy for Internet makes a default route. Without, the
    firewall or security partner in the hub is sent what the route table of the connection says: alone it
    gives nobody a default route (about virtual hub routing). Raises UndecidedError where hub, intent or
    table was not read.
    """
    hub = attachment.hub(view)
    intents = need_list(view, ROUTING_INTENT, attachment.hub_id)
    if intents:
        path = "properties.routingPolicies[].destinations[]"
        return any(str(each).lower() == "internet" for one in intents for each in values_at(one.body, path))
    guards = ("azureFirewall", "securityPartnerProvider")
    return any(hub.properties(guard, "id") for guard in guards) and bool(
        static_default_route(attachment, view)
    )


def static_default_route(attachment: Attachment, view: View) -> str:
    """The id of the hub's route table that holds a default route for this connection; "" for none.

    That is the table the connection is associated with, or in older API versions the hub's own. Both halves
    of all addresses make a default route too. Raises UndecidedError where a table or the hub was not read.
    """
    hub = attachment.hub(view)
    if _hold_default(values_at(hub.body, "properties.routeTable.routes[].addressPrefixes[]")):
        return attachment.hub_id.text
    named = any(ids_at(attachment.connection.body, _TABLE))
    if not named and isinstance(hub.properties("routeTable"), Mapping):
        return ""
    for identity in tables_of(attachment.connection):
        table = existing(view, identity, "hub route table")
        if not isinstance(table.properties("routes"), list):
            raise UndecidedError(f"hub route table {identity.name} came without its routes")
        if _hold_default(values_at(table.body, "properties.routes[].destinations[]")):
            return identity.text
    return ""


def _hold_default(prefixes: Iterable[object]) -> bool:
    """Whether some prefixes hold all addresses of a family together."""
    pairs = [parse_addresses(prefix.strip()) for prefix in prefixes if isinstance(prefix, str)]
    held = from_pairs(pair for pair in pairs if pair is not None)
    return any(covers(held, space) for space in (V4_SPACE, V6_SPACE))
