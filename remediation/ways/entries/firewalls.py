"""Azure Firewall: a DNAT rule translates a public address and port to a machine's.

The machine then sees an address of AzureFirewallSubnet, or of the hub (Azure Firewall, NAT behaviours). What
a rule leads to may be the front of an internal load balancer too: then it leads to the members of its pools.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from remediation.kinds import AZURE_FIREWALL, VNET
from remediation.model import Resource, Unread
from remediation.resource_id import ResourceId
from remediation.rule import ids_at, values_at
from remediation.ways.entries.unlisted import unlisted
from remediation.ways.firewall.doors import Door, Doors, by_address, doors_of
from remediation.ways.fronts.inner_fronts import InnerFront, composed, inner_fronts
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.networks.joined import Disputed, Joined, joined, joined_to_hub, place_in
from remediation.ways.networks.occupied import in_subnet_of, taken_by_another
from remediation.ways.networks.subnets import ANY_PRIVATE, of_family, prefixes_seen
from remediation.ways.way import Hop, Kind

_KIND: Kind = "fw-dnat"
_HOP = "firewall"
_SUBNETS = "properties.ipConfigurations[].properties.subnet.id"
_HOW = "export firewalls, their policies, rule collection groups and IP groups"


def leads(target: Target, around: Landscape) -> Iterator[Lead]:
    """The translations of every firewall whose packets come to the target's network."""
    yield from unlisted(_KIND, AZURE_FIREWALL, target, around)
    behind = [front for front in inner_fronts(target, around) if front.address]
    for firewall in around.all_of(AZURE_FIREWALL, target.network).resources:
        found = doors_of(firewall, around)
        if found.doors or found.doubts:
            yield from _through(firewall, found, behind, target, around)


def _through(
    firewall: Resource, found: Doors, behind: list[InnerFront], target: Target, around: Landscape
) -> Iterator[Lead]:
    reached = list(_reached(firewall, found, behind, target, around))
    if not reached and not found.doubts:
        return
    way = _joined(firewall, target, around)
    if way is False:
        return
    unjoined, apart = (way, isinstance(way, Disputed)) if isinstance(way, str) else ("", False)
    seen_as, unseen = _seen_as(firewall, target, around)
    hops = (Hop(_HOP, firewall.id),)
    unread = Lead(_KIND, firewall.id, None, target.family, seen_as=seen_as, apart=apart, through=hops)
    for reason in found.doubts:
        yield replace(unread, doubt=f"{reason}; {_HOW}")
    for lead in reached:
        yield replace(lead, doubt=lead.doubt or unjoined or unseen, seen_as=seen_as, apart=apart)


def _reached(
    firewall: Resource, found: Doors, behind: list[InnerFront], target: Target, around: Landscape
) -> Iterator[Lead]:
    """The leads to a target, its network aside: by its address, by a balancer's front, by a name."""
    doors = around.once(("doors by address", firewall.id.key), partial(by_address, found.doors))
    if target.address is None:
        yield from _to_somewhere(firewall, doors, target, around)
    for door in doors.get(target.address or "", ()) if target.address else ():
        yield _lead(firewall, door, target)
    for front in behind:
        for door in doors.get(front.address, ()):
            yield from _past_a_balancer(firewall, door, front, target)
    for door in doors.get("", ()):
        what = door.rule.fqdn or door.rule.address or "a rule without a translated address"
        yield _lead(
            firewall, door, target, f"rule {door.rule.name} translates to {what}, which may be this machine"
        )


def _to_somewhere(
    firewall: Resource, doors: Mapping[str, tuple[Door, ...]], target: Target, around: Landscape
) -> Iterator[Lead]:
    """Translations into the subnet of a target whose own address no document shows."""
    for address, each in doors.items():
        if (
            address
            and in_subnet_of(target, address, around)
            and not taken_by_another(target, address, around)
        ):
            why = f"rule {{}} translates to {address}; the address of {target.machine.name} is not known"
            for door in each:
                yield _lead(firewall, door, target, why.format(door.rule.name))


def _past_a_balancer(firewall: Resource, door: Door, front: InnerFront, target: Target) -> Iterator[Lead]:
    translation = composed(door.translation, front.translation)
    hop = Hop("load balancer", front.balancer, front.rule)
    if front.translation is None:
        lead = _lead(
            firewall, door, target, f"the ports of {front.rule} of {front.balancer.name} cannot be read"
        )
        yield replace(lead, through=(*lead.through, hop))
    elif translation is not None:
        lead = _lead(firewall, door, target)
        floating = "its balancer keeps the front's address as destination" if front.floating else ""
        yield replace(
            lead, translation=translation, through=(*lead.through, hop), doubt=lead.doubt or floating
        )


def _lead(firewall: Resource, door: Door, target: Target, doubt: str = "") -> Lead:
    rule = door.rule
    public = () if door.front.id == firewall.id else (Hop("public IP", door.front.id),)
    doubtful = f"rule {rule.name} of {rule.holder.name}: {door.doubt}; {_HOW}" if door.doubt else doubt
    return Lead(
        kind=_KIND,
        entry=firewall.id,
        address=door.front.text,
        family=target.family,
        translation=door.translation,
        sources=door.sources,
        unsure=door.unsure,
        sku="standard",
        doubt=doubtful,
        why=door.why,
        through=(*public, Hop(_HOP, firewall.id, f"{rule.collection}/{rule.name}")),
    )


def _joined(firewall: Resource, target: Target, around: Landscape) -> Joined:
    hub = next(ids_at(firewall.body, "properties.virtualHub.id"), None)
    if hub is not None:
        return joined_to_hub(hub, target.network, around)
    return joined(place_in(ids_at(firewall.body, _SUBNETS), around), target, around)


def network_of(firewall: Resource) -> ResourceId | None:
    """The network a firewall stands in; None for one of a hub, or where the document does not say."""
    subnets = ids_at(firewall.body, _SUBNETS)
    return next((found for subnet in subnets if (found := subnet.up_to(VNET)) is not None), None)


def _seen_as(firewall: Resource, target: Target, around: Landscape) -> tuple[tuple[str, ...], str]:
    """The prefixes from which a firewall sends, and why they are not known."""
    hub = next(ids_at(firewall.body, "properties.virtualHub.id"), None)
    if hub is None:
        return prefixes_seen(ids_at(firewall.body, _SUBNETS), target.family, around)
    document = around.get(hub)
    if isinstance(document, Resource):
        prefixes = of_family(map(str, values_at(document.body, "properties.addressPrefix")), target.family)
        if prefixes:
            return prefixes, ""
    reason = document.reason if isinstance(document, Unread) else "it does not say its address prefix"
    return ANY_PRIVATE[target.family], f"from which addresses hub {hub.name} sends is not known: {reason}"
