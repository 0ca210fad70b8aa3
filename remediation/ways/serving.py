"""The Bastion hosts that reach a machine, and over what: the way in that ought to be open.

A host reaches a machine when a peering or a hub carries its packets there and the routes of the machine's
subnet bring the answers back. Groups are not asked about: they are judged like those on any other way.
"""

from remediation.landing_zone.bastion.host import sku_of
from remediation.landing_zone.bastion.reach import Hosts, Standing, place_of
from remediation.landing_zone.routing.way_back import Return, way_back
from remediation.landing_zone.subnets import subnets_of
from remediation.model import Resource, UndecidedError, View
from remediation.resource_id import ResourceId
from remediation.rule import Doubts
from remediation.ways.lead import Target
from remediation.ways.report import Serving

type Answer = tuple[tuple[Serving, ...], tuple[str, ...]]
"""Hosts that reach a machine, the nearest first, and in words why there may be others."""


def serving(target: Target, view: View) -> Answer:
    """The hosts that reach one target. Whoever asks about many asks `Bastions`."""
    return Bastions(view).serving(target)


class Bastions:
    """Answers for many targets of one view; hosts, subnets and routes are read once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._hosts = Hosts(view)
        self._subnets: dict[ResourceId, dict[ResourceId, Resource]] = {}
        self._ways_back: dict[tuple[ResourceId, Standing], Return | str] = {}

    def serving(self, target: Target) -> Answer:
        """The hosts that reach a target. Bastion knows IPv4 alone: in another family there is none."""
        if target.family != "ipv4" or target.network is None:
            return (), ()
        doubts = Doubts()
        subnet = None if target.subnet is None else target.subnet.name
        place = place_of(target.network, subnet, target.address or "")
        reaching = self._hosts.reaching(place, doubts).hosts
        found = tuple(self._shown(host) for host in reaching if self._answered(target, host, doubts))
        return found, tuple(doubts.reasons)

    def _answered(self, target: Target, host: Standing, doubts: Doubts) -> bool:
        """Whether the answers to a host come back to it, for all of its addresses.

        A Developer host comes from the platform's own address, which no route touches.
        """
        if host.over == "developer":
            return True
        way = self._way_back(target, host)
        if isinstance(way, str):
            doubts.add(way)
            return False
        if way.fate != "back" and (way.part or way.fate != "dropped"):
            names = ", ".join(route.name for route in way.routes)
            doubts.add(f"whether answers to {host.host.name} come back by route {names} cannot be told")
        return way.fate == "back"

    def _way_back(self, target: Target, host: Standing) -> Return | str:
        """What becomes of answers to a host; in words why that is not known."""
        network = None if target.network is None else self._view.get(target.network)
        if target.subnet is None or not isinstance(network, Resource):
            return f"the subnet of {target.machine.name} is not known"
        key = target.subnet, host
        if key not in self._ways_back:
            self._ways_back[key] = self._routed(target.subnet, network, host)
        return self._ways_back[key]

    def _routed(self, identity: ResourceId, network: Resource, host: Standing) -> Return | str:
        if network.id not in self._subnets:
            self._subnets[network.id] = {subnet.id: subnet for subnet in subnets_of(network)}
        subnet = self._subnets[network.id].get(identity)
        if subnet is None:
            return f"subnet {identity.name} is not in the document of {network.id.name}"
        try:
            return way_back(subnet, network, host.place, self._view)
        except UndecidedError as error:
            return error.reason

    def _shown(self, host: Standing) -> Serving:
        """A host as the report has it; its SKU is "" where it was not read or is none we know."""
        document = self._view.get(host.host)
        try:
            sku = sku_of(document) if isinstance(document, Resource) else ""
        except UndecidedError:
            sku = ""
        return Serving(host.host, sku, host.over)
