"""What stands before a target: the group of its subnet, that of its interface, and its network's admin rules.

What was not read is noted and leaves the rest to decide: where one group is known to keep everybody out, it
does not matter what the other one says.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from remediation.kinds import NSG
from remediation.landing_zone.machines import memberships
from remediation.landing_zone.routing.tables import default_route_of
from remediation.model import Resource, Unread
from remediation.nsg import Context, Nsg, parse
from remediation.nsg.rule import Direction
from remediation.nsg.spaces.addresses import parse_addresses
from remediation.resource_id import ResourceId
from remediation.rule import ids_at
from remediation.ways.crossing.admin_rules import Wall, wall_of
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Target
from remediation.ways.way import Hop

SUBNET_GROUP, NIC_GROUP = "subnet group", "interface group"


@dataclass(frozen=True, slots=True)
class Group:
    """A group on the way. `edges` are where its inbound rules cut local addresses, `asgs` those they name."""

    id: ResourceId
    kind: str
    nsg: Nsg
    edges: tuple[int, ...]
    asgs: frozenset[str]

    def hop(self, rule: str = "") -> Hop:
        return Hop(self.kind, self.id, rule)


@dataclass(frozen=True, slots=True)
class Guard:
    """The groups and admin rules before a target.

    context   what the engine may take for granted of the target
    doubts    what of it could not be read; `whole` says that nothing is missing
    route     why the internet may come in as VirtualNetwork, "" where nobody does
    """

    groups: tuple[Group, ...]
    wall: Wall
    context: Context
    doubts: tuple[str, ...] = ()
    route: str = ""
    key: tuple[object, ...] = field(default=(), repr=False)

    @property
    def whole(self) -> bool:
        return not self.doubts

    @property
    def levels(self) -> list[Nsg]:
        return [group.nsg for group in self.groups]

    @property
    def names_addresses(self) -> bool:
        """Whether a rule of a group is for certain local addresses only."""
        return any(group.edges or group.asgs for group in self.groups)


def guard_of(target: Target, around: Landscape) -> Guard:
    """What stands before a target, as far as it was read; worked out once."""
    return around.once(("guard", target.id.key), partial(_guard, target, around))


def _guard(target: Target, around: Landscape) -> Guard:
    doubts: list[str] = []
    groups = [
        group
        for kind, identity in _group_ids(target, around, doubts)
        if (group := _read(kind, identity, around, doubts)) is not None
    ]
    route = default_route_of(target.configuration, around, target.family) if target.subnet else None
    context = Context(
        attached=None if target.address is None else (target.address,),
        asg_members=None if target.address is None else memberships(target.configuration),
        default_route=route is not None,
        families=(target.family,),
    )
    wall = around.once(("wall", target.network), partial(wall_of, target.network, around))
    return Guard(tuple(groups), wall, context, tuple(doubts), route or "", _key(groups, target, context))


def _group_ids(target: Target, around: Landscape, doubts: list[str]) -> Iterator[tuple[str, ResourceId]]:
    subnet = None if target.subnet is None else around.get(target.subnet)
    if isinstance(subnet, Resource):
        for identity in ids_at(subnet.body, "properties.networkSecurityGroup.id"):
            yield SUBNET_GROUP, identity
    elif isinstance(subnet, Unread):
        doubts.append(f"its subnet is not known: {subnet.reason}")
    else:
        doubts.append("in which subnet it lies is not known")
    if target.nic is not None:
        for identity in ids_at(target.nic.body, "properties.networkSecurityGroup.id"):
            yield NIC_GROUP, identity
    elif target.group is not None:
        yield NIC_GROUP, target.group
    doubts.extend(filter(None, [target.doubt]))


def _read(kind: str, identity: ResourceId, around: Landscape, doubts: list[str]) -> Group | None:
    found = around.get(identity)
    if isinstance(found, Unread):
        doubts.append(f"group {identity.name} is not known: {found.reason}")
        return None
    if found is None or found.id.type != NSG:
        doubts.append(f"group {identity.name} is not known: it is not there")
        return None
    read = around.once(("group", kind, identity.key), partial(_parsed, kind, found))
    if not read.nsg.understood:
        doubts.append(f"group {identity.name} cannot be judged: it came without its rules")
        return None
    return read


def _parsed(kind: str, document: Resource) -> Group:
    nsg = parse(document.body)
    edges: set[int] = set()
    asgs: set[str] = set()
    for rule in nsg.custom:
        if rule.direction is not Direction.OUTBOUND:
            edges.update(rule.destination.known)
            asgs.update(group.lower() for group in rule.destination.groups)
    return Group(document.id, kind, nsg, tuple(sorted(edges)), frozenset(asgs))


def _key(groups: list[Group], target: Target, context: Context) -> tuple[object, ...]:
    """What the answer of the groups can depend on: addresses that no rule tells apart share it."""
    address = None if target.address is None else parse_addresses(target.address)
    cells = [None if address is None else bisect_right(group.edges, address[0]) for group in groups]
    named = {asg for group in groups for asg in group.asgs}
    members = None if context.asg_members is None else frozenset(named & context.asg_members.keys())
    ids = tuple((group.kind, group.id.key) for group in groups)
    return ids, tuple(cells), members, context.default_route, target.family
