"""An appliance of somebody's own: a machine that forwards packets, and that the internet can reach.

What it translates stands in its own configuration, which ARM does not know. So it may lead to every machine
of its network and of those joined with it; without a public front of its own it leads nobody in. Nodes of an
AKS cluster forward for their pods and are none.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from remediation.kinds import LOAD_BALANCER, NIC, SCALE_SET, SCALE_SET_NIC
from remediation.landing_zone.machines import addresses_of
from remediation.model import Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at
from remediation.ways.entries.public_addresses import text_of
from remediation.ways.entries.unlisted import unlisted
from remediation.ways.fronts.inner_fronts import inner_fronts
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.networks.joined import Joined, joined, place_of
from remediation.ways.networks.subnets import ANY_PRIVATE, of_family
from remediation.ways.targets import owner_of_nic, targets_of
from remediation.ways.way import Hop, Kind

_KIND: Kind = "nva"
_PUBLIC = "properties.ipConfigurations[].properties.publicIPAddress.id"
_BALANCED = (
    "properties.ipConfigurations[].properties.loadBalancerBackendAddressPools[].id",
    "properties.ipConfigurations[].properties.loadBalancerInboundNatRules[].id",
)
_AKS_GROUP, _AKS_TAG = "mc_", "aks-managed-"


def leads(target: Target, around: Landscape) -> Iterator[Lead]:
    """Every appliance with a public front from which a target's network can be reached."""
    yield from unlisted(_KIND, NIC, target, around)
    for kind in (NIC, SCALE_SET_NIC):
        for appliances in around.indexes(kind, target.network, _appliances):
            for appliance in appliances:
                if appliance.machine != target.machine and target.network is not None:
                    key = "appliance", appliance.machine.key, target.network.key, target.family
                    yield from around.once(key, partial(_all_from, appliance, target, around))


@dataclass(frozen=True, slots=True)
class _Appliance:
    """A machine of which an interface forwards packets, with all of its interfaces."""

    machine: ResourceId
    nics: tuple[Resource, ...] = field(default=(), compare=False)


def _appliances(nics: Sequence[Resource]) -> tuple[_Appliance, ...]:
    """The appliances among the interfaces of a list."""
    by_machine: dict[ResourceId, list[Resource]] = defaultdict(list)
    forwarding: dict[ResourceId, None] = {}
    for nic in nics:
        machine = owner_of_nic(nic)
        if machine is not None:
            by_machine[machine].append(nic)
            if nic.properties("enableIPForwarding") is True:
                forwarding[machine] = None
    return tuple(_Appliance(machine, tuple(by_machine[machine])) for machine in forwarding)


def _all_from(appliance: _Appliance, target: Target, around: Landscape) -> tuple[Lead, ...]:
    """The leads of an appliance to a target, which are the same for all of its network and family."""
    return tuple(_from(appliance, target, around))


def _from(appliance: _Appliance, target: Target, around: Landscape) -> Iterator[Lead]:
    fronts = around.once(("fronts of", appliance.machine.key), lambda: tuple(_fronts(appliance, around)))
    if not fronts or _is_a_node(appliance, around):
        return
    way = _joined(appliance, target, around)
    if way is False:
        return
    front = fronts[0]
    reached = f"appliance {appliance.machine.name} forwards packets and can be reached at {front.id.name}"
    doubt = f"{reached}; what it translates is not in ARM"
    if isinstance(way, str):
        doubt = f"{doubt}, and {way}"
    lead = Lead(
        kind=_KIND,
        entry=appliance.machine,
        address=front.address,
        family=target.family,
        sku="standard",
        doubt=f"{doubt}: look into the appliance's own configuration",
        through=(Hop(front.hop, front.id), Hop("appliance", appliance.machine)),
    )
    # It may put its own address in, or leave the caller's.
    own = of_family((one for nic in appliance.nics for one in addresses_of(nic)), target.family)
    yield replace(lead, seen_as=own or ANY_PRIVATE[target.family])
    yield lead


@dataclass(frozen=True, slots=True)
class _Front:
    hop: str
    id: ResourceId
    address: str | None = None


def _fronts(appliance: _Appliance, around: Landscape) -> Iterator[_Front]:
    """Where an appliance can be reached, or may be: its own addresses, and public load balancers."""
    for nic in appliance.nics:
        for identity in ids_at(nic.body, _PUBLIC):
            address = around.get(identity)
            if address is not None:
                text = text_of(address) if isinstance(address, Resource) else None
                yield _Front("public IP", identity, text)
        for own in targets_of(nic):
            for front in inner_fronts(own, around):
                if front.public is not False:
                    yield _Front("load balancer", front.balancer)
        for path in _BALANCED:
            for part in ids_at(nic.body, path):
                balancer = part.up_to(LOAD_BALANCER)
                if balancer is not None and not isinstance(around.get(balancer), Resource):
                    yield _Front("load balancer", balancer)


def _joined(appliance: _Appliance, target: Target, around: Landscape) -> Joined:
    """Whether a target's network is joined with one in which the appliance stands."""
    answers = [joined(place_of(own), target, around) for own in _standing(appliance) if own.network]
    if True in answers:
        return True
    return next((answer for answer in answers if isinstance(answer, str)), False)


def _standing(appliance: _Appliance) -> Iterator[Target]:
    return (own for nic in appliance.nics for own in targets_of(nic))


def _is_a_node(appliance: _Appliance, around: Landscape) -> bool:
    """Whether AKS keeps a machine, by its resource group or by a tag of its scale set."""
    if appliance.machine.resource_group.lower().startswith(_AKS_GROUP):
        return True
    scale_set = appliance.machine.up_to(SCALE_SET)
    document = None if scale_set is None else around.get(scale_set)
    return isinstance(document, Resource) and any(tag.startswith(_AKS_TAG) for tag in document.tags)
