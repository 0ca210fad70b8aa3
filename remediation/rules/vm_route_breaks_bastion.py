"""Rule vm-route-breaks-bastion."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import ROUTE_TABLE, VNET
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import hosts_in
from remediation.landing_zone.bastion.network_machines import NICS, machines_in, places_in
from remediation.landing_zone.bastion.reach import Hosts, Standing, place_of
from remediation.landing_zone.joining.carrying import Place
from remediation.landing_zone.joining.peering import peerings
from remediation.landing_zone.owners import owner_of
from remediation.landing_zone.routing.way_back import Return, Route, routes_in, way_back_by
from remediation.landing_zone.subnets import is_bastion_subnet, subnet_prefixes, subnets_of
from remediation.model import Resource, Severity, Snapshot, UndecidedError, Violation
from remediation.nsg.spaces.addresses import V4_SPACE, cidrs
from remediation.nsg.spaces.sets import Ranges
from remediation.resource_id import ResourceId
from remediation.rule import Chosen, Doubts, Follow, Group, Verdict, ids_at, rule, without_properties

_SUBNETS = "properties.subnets[].id"
MOST_SHOWN = 20


def _suspicious(table: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    """Whether any route could decide about more than the default route does, for any subnet."""
    routes = routes_in(table)
    return any(ids_at(table.body, _SUBNETS)) and any(not route.default for route in routes)


def _peers_that_matter(network: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    """The peers of a network without a host, where any route decides about answers to one of them.

    A host in the machine's own network is the one people use: then no peer is worth reading.
    """
    if hosts_in(network) or not _may_matter(routes_in(snapshot.subject), network, snapshot):
        return ()
    return [remote for remote, _ in _peers(network)]


def _may_matter(routes: Sequence[Route], network: Resource, snapshot: Snapshot) -> bool:
    """Whether routes turn away answers to any address of any peer, wherever in it a host may stand."""
    places = (Place(remote, None, ranges or V4_SPACE) for remote, ranges in _peers(network))
    return any(way_back_by(routes, network, place, snapshot).fate != "back" for place in places)


def _peers(network: Resource) -> Iterator[tuple[ResourceId, Ranges | None]]:
    """The networks on the other side of peerings, with the addresses that these know."""
    for one in peerings(network):
        if one.remote is not None and not one.leads_to_hub:
            yield one.remote, one.remote_ranges


def _if_broken(table: Resource, snapshot: Snapshot) -> Iterable[ResourceId]:
    """The table itself where some subnet's answers go astray: then its machines are worth reading."""
    return (table.id,) if any(_astray(table, snapshot, Doubts())) else ()


@rule(
    "vm-route-breaks-bastion",
    title="Route turns a machine's answers away from Bastion",
    applies_to=(ROUTE_TABLE,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "The answers of some machines are dropped: people are locked out of them, and "
        "nobody is let in.",
        Severity.LOW: "The answers go to an appliance, which may keep no state and let them pass.",
    },
    guidance=("C6", "R5"),
    closer=(
        Follow(_SUBNETS, to=VNET, then=(Chosen(_peers_that_matter),)),
        Chosen(_if_broken, then=(NICS, Group())),
    ),
    suspects=_suspicious,
    refuses=without_properties,
)
def route_breaks_bastion(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A route of a machine's subnet sends its answers to Bastion somewhere else.

    What it finds: a subnet with virtual machines whose route table has a route to AzureBastionSubnet that is
    at least as close as the platform's own, by address space or peering: a longer prefix, or the same one.
    A default route is not, nor any other that is broader. The host is the one in the machine's own network,
    else any in a peered network; where several could serve, the answers to all of them must go astray.
    Severity: medium where answers are dropped (next hop None, or Internet); low where they are sent to an
    appliance, which sees half of each session and drops it unless it keeps no state.
    Why: Bastion's packets arrive over the peering and the answers do not: sessions hang until they time out,
    while groups and peerings all look right.
    Fix: none is applied. Bastion needs answers that go straight back: take the route away, or let it name
    narrower prefixes that leave AzureBastionSubnet out. The command that deletes it is printed.
    Fix safety: ALERT. Whatever else the route leads somewhere takes the platform's way then.
    Unknown: when a network, a peered network or the list of network interfaces cannot be read, when a route
    cannot be read, or when answers go to a gateway, which may send them back or not.
    References: C6, R5; virtual network traffic routing; Bastion and virtual network peering.
    """
    if not _suspicious(subject, snapshot, _baseline):
        return
    doubts = Doubts()
    broken: list[_Broken] = []
    for network, found in groupby(_astray(subject, snapshot, doubts), key=lambda one: one.network):
        with doubts.noted():
            broken += _with_machines(network, list(found), snapshot)
    if broken:
        yield _violation(subject, broken, snapshot)
    else:
        yield from doubts


@dataclass(frozen=True, slots=True)
class _Broken:
    """A subnet whose answers go astray, the nearest host that waits for them, and its machines' NICs."""

    subnet: Resource
    network: Resource
    host: Standing
    answers: Return
    nics: tuple[ResourceId, ...] = ()


def _astray(table: Resource, snapshot: Snapshot, doubts: Doubts) -> Iterator[_Broken]:
    """The subnets of a table whose answers to every host that serves them go astray."""
    hosts, routes = Hosts(snapshot, across_wan=False, pool=False), routes_in(table)
    for network, subnet in _served(table, snapshot, doubts):
        place = place_of(network.id, subnet.id.name, *subnet_prefixes(subnet))
        unsure = Doubts()
        reaching = hosts.reaching(place, unsure).hosts
        own = [host for host in reaching if host.over == "network"]
        if not own and not _may_matter(routes, network, snapshot):
            continue
        found = [
            _Broken(subnet, network, host, way_back_by(routes, network, host.place, snapshot))
            for host in own or reaching
        ]
        if any(each.answers.fate == "back" for each in found):
            continue
        if not own:
            doubts.extend(unsure)  # there may be another host, whom they reach
        unclear = [each for each in found if each.answers.fate == "unknown"]
        for each in unclear:
            names = ", ".join(route.name for route in each.answers.routes)
            doubts.add(f"whether answers to {each.host.host.name} come back by route {names} cannot be told")
        if found and not unclear and (own or not unsure):
            yield found[0]


def _served(table: Resource, snapshot: Snapshot, doubts: Doubts) -> Iterator[tuple[Resource, Resource]]:
    """The subnets of the table in which machines may be, each after its network, as far as was read."""
    wanted = {subnet.key: subnet.up_to(VNET) for subnet in ids_at(table.body, _SUBNETS)}
    for identity in dict.fromkeys(network for network in wanted.values() if network is not None):
        with doubts.noted():
            network = snapshot.existing(identity, "network")
            for subnet in subnets_of(network):
                if subnet.id.key in wanted and not is_bastion_subnet(subnet):
                    yield network, subnet


def _with_machines(network: Resource, found: Sequence[_Broken], snapshot: Snapshot) -> Iterator[_Broken]:
    """Those of some subnets of a network in which machines are, with their NICs."""
    machines = machines_in(network, snapshot)
    inside: dict[str, list[ResourceId]] = {}
    for nic, places in places_in(network, machines.nics, snapshot).items():
        for place in places:
            inside.setdefault(str(place.subnet).lower(), []).append(nic)
    with_some = [replace(one, nics=tuple(inside.get(one.subnet.id.name.lower(), ()))) for one in found]
    yield from (one for one in with_some if one.nics)
    if machines.doubt and not all(one.nics for one in with_some):
        raise UndecidedError(machines.doubt)


# In words ------------------------------------------------------------------------------------------


def _violation(table: Resource, broken: list[_Broken], snapshot: Snapshot) -> Violation:
    dropped = [one for one in broken if one.answers.fate == "dropped"]
    worst = dropped or broken
    routes = list(dict.fromkeys(route for one in broken for route in one.answers.routes))
    evidence: dict[str, Any] = {
        "subnets": [one.subnet.id.text for one in broken][:MOST_SHOWN],
        "machines": sum(len(one.nics) for one in broken),
        "networkInterfaces": [nic.text for one in broken for nic in one.nics][:MOST_SHOWN],
        "bastions": sorted({one.host.host.text for one in broken}),
        "bastionPrefixes": sorted({prefix for one in broken for prefix in one.host.prefixes}),
        "affectedPrefixes": sorted({text for one in broken for text in cidrs(one.answers.ranges)}),
        "routes": [_shown(route) for route in routes],
        "blastRadius": "all traffic of these subnets that the routes lead somewhere",
    }
    severity = Severity.MEDIUM if dropped else Severity.LOW
    message = f"{table.id.name} {_what_happens(worst)}"
    owner = owner_of(table, snapshot)
    if owner is not None:
        return Violation(message, evidence, severity, owner.no_fix)
    return Violation(message, evidence, severity, commands=tuple(_delete(table, route) for route in routes))


def _what_happens(worst: list[_Broken]) -> str:
    """What becomes of the answers, of whom, to where, and by which route."""
    first = worst[0]
    names = list(dict.fromkeys(one.subnet.id.name for one in worst))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    where = f"subnet{'s' if len(names) > 1 else ''} {', '.join(names[:3])}{more}"
    to = f"{'part of ' if first.answers.part else ''}Bastion's {', '.join(first.host.prefixes)}"
    route = first.answers.routes[0]
    by = f"(route {route.name} to {route.prefix})"
    if first.answers.fate == "dropped":
        return f"drops what machines in {where} answer to {to} {by}"
    appliance = f"appliance {route.to}" if route.to else "an appliance"
    return f"sends what machines in {where} answer to {to} to {appliance}, which sees half a session {by}"


def _shown(route: Route) -> Mapping[str, str]:
    return {"name": route.name, "addressPrefix": route.prefix, "nextHopType": route.hop, "nextHop": route.to}


def _delete(table: Resource, route: Route) -> str:
    return commands.words(
        "az network route-table route delete",
        "--resource-group", table.id.resource_group,
        "--route-table-name", table.id.name,
        "--name", route.name,
        "--subscription", table.id.subscription,
    )  # fmt: skip
