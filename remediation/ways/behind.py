"""The ways to the machines behind one network security group, all of which pass it.

What is known around the group comes from its Surroundings. Where not every interface behind it was read, no
way is certain not to be there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from remediation.landing_zone.routing.tables import default_route_in, default_route_of
from remediation.landing_zone.surroundings import Surroundings
from remediation.model import Listing, Resource, Unread, View
from remediation.nsg import Context
from remediation.nsg.spaces.addresses import FAMILIES, PUBLIC, ranges_of
from remediation.nsg.spaces.sets import intersect, subtract
from remediation.resource_id import ResourceId
from remediation.ways.crossing.admin_rules import Wall
from remediation.ways.crossing.guards import guard_of
from remediation.ways.crossing.passing import Passing
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.leads import leads_to
from remediation.ways.targets import targets_of
from remediation.ways.way import Way

type Service = tuple[int, str]

NO_PATH = "nothing behind it has a public path today"
NO_MACHINE = "no interface behind it belongs to a machine"


@dataclass(frozen=True, slots=True)
class Instead:
    """A view in which one document is another one: what would be after a write, say."""

    view: View
    document: Resource

    def get(self, resource: ResourceId) -> Resource | Unread | None:
        return self.document if resource == self.document.id else self.view.get(resource)

    def listed(self, kind: str, scope: ResourceId | str) -> Sequence[Resource] | Unread:
        key = Listing(kind, scope if isinstance(scope, str) else scope.text).key
        found = self.view.listed(*key)
        if isinstance(found, Unread) or self.document.id.type != key[0]:
            return found
        return tuple(self.document if one.id == self.document.id else one for one in found)


@dataclass(frozen=True)  # no slots: the cached properties below live in the instance's dict
class Behind:
    """The machines behind a group, with what leads to them.

    `group` is the document that is judged: the one that was read, or what it would be after a change, where
    `before` is the same without the change: what leads to machines is the same.
    """

    around: Surroundings
    group: Resource
    approved: tuple[str, ...] = ()
    before: "Behind | None" = field(default=None, repr=False)
    _ways: dict[tuple[Service, ...], tuple[Way, ...]] = field(default_factory=dict, repr=False)

    def after(self, group: Resource) -> "Behind":
        """The same machines behind another document of the group."""
        return Behind(self.around, group, self.approved, before=self)

    @cached_property
    def landscape(self) -> Landscape:
        view = self.around.snapshot
        return Landscape(view if self.group is view.subject else Instead(view, self.group))

    @cached_property
    def targets(self) -> tuple[Target, ...] | None:
        """Where ways through the group lead; None where not every interface behind it was read."""
        if self.around.nics is None:
            return None
        return tuple(target for nic in self.around.nics for target in targets_of(nic) if self._passes(target))

    def _passes(self, target: Target) -> bool:
        """Whether the group stands before an ip configuration, by its interface or its subnet."""
        nics = {identity.key for identity in self.around.nic_ids}
        subnets = {identity.key for identity in self.around.subnet_ids}
        at_nic = target.nic is not None and target.nic.id.key in nics
        return at_nic or (target.subnet is not None and target.subnet.key in subnets)

    @cached_property
    def leads(self) -> tuple[tuple[Target, Lead], ...]:
        """Everything that leads to a machine behind the group."""
        if self.before is not None:
            return self.before.leads
        targets = self.targets or ()
        return tuple((target, lead) for target in targets for lead in leads_to(target, self.landscape))

    def ways(self, services: Iterable[Service]) -> tuple[Way, ...]:
        """Every way through the group to some services."""
        wanted = tuple(services)
        if wanted not in self._ways:
            passing = Passing(self.landscape, self.approved)
            judged = (
                passing.way(lead, target, port, protocol)
                for target, lead in self.leads
                for port, protocol in wanted
            )
            self._ways[wanted] = tuple(way for way in judged if way is not None)
        return self._ways[wanted]

    def reach(self, services: Iterable[Service]) -> "Reach":
        """Whether anybody arrives at some services through the group."""
        if self.targets is None:
            return Reach(unknown=self._unread)
        ways = self.ways(services)
        unread = any(self._wall(target).unread for target in self.targets)
        unknown = next((way.reason for way in ways if way.verdict == "unknown"), "")
        return Reach(
            tuple(way for way in ways if way.verdict == "open"), unknown, self._why_nobody(ways), unread
        )

    def let_in_anyway(self, services: Iterable[Service]) -> ResourceId | None:
        """An admin rule that lets, or may let, the internet in to some services whatever a group says."""
        wanted = tuple(services)
        for target in self.targets or ():
            space = subtract(intersect(PUBLIC, FAMILIES[target.family]), ranges_of(*self.approved))
            for port, protocol in wanted:
                ruling = self._wall(target).ruling(space, target.address, port, protocol)
                if ruling.may_be_always:
                    hop = ruling.by("alwaysallow")
                    return None if hop is None else hop.id
        return None

    def _wall(self, target: Target) -> Wall:
        return guard_of(target, self.landscape).wall

    @property
    def _unread(self) -> str:
        return "not every interface it is attached to was read"

    def _why_nobody(self, ways: Sequence[Way]) -> str:
        if self.around.nics and not self.targets:
            return NO_MACHINE
        reasons = dict.fromkeys(way.reason for way in ways if way.reason)
        return "; ".join(list(reasons)[:2]) or NO_PATH

    @cached_property
    def fronts(self) -> tuple[str, ...]:
        """Public addresses that packets keep as their destination on their way to a machine (floating IP)."""
        kept = (lead.address for _, lead in self.leads if lead.floating and lead.address)
        return tuple(dict.fromkeys(kept))

    @cached_property
    def internet_inside(self) -> str | None:
        """Why the internet may come in as VirtualNetwork: a default route where callers keep their address.

        None where nobody does. Behind a firewall, without a public path, that is the normal hub-and-spoke.
        """
        around = self.around
        if around.subnets is None:
            return "not every subnet it is attached to could be read"
        if self.targets is None:
            unread = self._unread if around.nic_ids else None
            return default_route_in(around.subnets, around.snapshot) or unread
        direct = (target for target, lead in self.leads if not lead.seen_as and lead.stop is None)
        held = (default_route_of(target.configuration, self.landscape, target.family) for target in direct)
        return next((why for why in held if why is not None), None)

    @cached_property
    def from_internet(self) -> Context:
        """What is known around the group, for asking who comes in from the internet."""
        known = self.around.known
        attached = None if known.attached is None else (*known.attached, *self.fronts)
        return replace(known, attached=attached, default_route=self.internet_inside is not None)


@dataclass(frozen=True, slots=True)
class Reach:
    """Who arrives: `open` ways; `unknown` says why there may be others; `nobody` why there is none.

    `walls_unread` says that admin rules, which come before every group, were not looked at.
    """

    open: tuple[Way, ...] = ()
    unknown: str = ""
    nobody: str = ""
    walls_unread: bool = False

    @property
    def latent(self) -> str:
        """Why nobody arrives today, where that is proven; "" elsewhere."""
        return "" if self.open or self.unknown else self.nobody
