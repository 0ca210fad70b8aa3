"""What is known around an NSG. Without any of it the answers hold for the NSG alone.

Every fact a public document leaves open is a field here with a labelled default, so that a deployment
which knows better can say so and no code changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from remediation.nsg.spaces.addresses import (
    EVERY_ADDRESS,
    FAMILIES,
    LOAD_BALANCER,
    PUBLIC,
    V4_SPACE,
    V6_SPACE,
    Family,
    families_of,
    parse_addresses,
    ranges_of,
)
from remediation.nsg.spaces.sets import EMPTY, Ranges, from_pairs, intersect, subtract, union

INTERNET = "internet"
VIRTUAL_NETWORK = "virtualnetwork"
AZURE_LOAD_BALANCER = "azureloadbalancer"

# Tags of the platform's own services (DNS, metadata, licences), which answer at addresses inside a network.
_PLATFORM_TAGS = "azureplatform"

_FIRST_RESERVED = 4  # Virtual network overview: Azure keeps the first four addresses and the last of a subnet
_SMALLEST_SUBNET = 8


@dataclass(frozen=True)  # no slots: the cached properties below live in the instance's dict
class Context:
    """Facts about the surroundings of an NSG. Addresses are texts: an address, a prefix or a range `a-b`.

    attached         prefixes of subnets and addresses of NICs behind the NSG; None = not known, so that
                     every address counts as possible
    families         the families in which anything behind the NSG has an address
    machines         addresses of all machines behind the NSG, for witnesses; None = not all are known
    asg_members      ASG id -> addresses of its members; None = not known; an id that is absent has none
    default_route    VirtualNetwork may hold 0.0.0.0/0 (a route table, gateway or hub of an attached subnet)
    routes           prefixes that user routes certainly make part of VirtualNetwork, 0.0.0.0/0 included
    virtual_network  prefixes known to lie inside VirtualNetwork, for questions about private sources
    tag_prefixes     tag -> prefixes, supplied by the operator
    private_ranges   public-looking ranges which the operator owns and uses privately
    internet_ipv6    the tag Internet covers IPv6 (unconfirmed); False makes that half unknown
    public_vnet      the VNet is known to use public ranges, so that an ASG as a source may be public
    public_ip_sku    SKU of the public IP in front: it alone decides where there is no NSG at either level
    approved         sources that may reach management ports: breadth and repairs leave them out, while an
                     exposure and a flow tell of them like of any other
    floating         packets have a front's public address as their destination (floating IP); whether the
                     near side of VirtualNetwork and ASGs hold it is not documented
    """

    attached: tuple[str, ...] | None = None
    asg_members: Mapping[str, tuple[str, ...]] | None = None
    default_route: bool = False
    virtual_network: tuple[str, ...] = ()
    tag_prefixes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    private_ranges: tuple[str, ...] = ()
    internet_ipv6: bool = True
    public_vnet: bool = False
    public_ip_sku: str | None = None
    approved: tuple[str, ...] = ()
    families: tuple[Family, ...] = tuple(FAMILIES)
    machines: tuple[str, ...] | None = None
    routes: tuple[str, ...] = ()
    floating: bool = False

    @cached_property
    def public(self) -> Ranges:
        """The public address space, without what is used privately here or is part of the network."""
        private = (*self.private_ranges, *self.virtual_network)
        return _public_without(private) if private else PUBLIC

    @cached_property
    def public_callers(self) -> Ranges:
        """The public space of the families in which anything behind the NSG can have an address."""
        local = self.attached_ranges
        v4, v6 = families_of(local) if local else (False, False)
        if v4 and v6:
            return self.public
        return intersect(self.public, V4_SPACE if v4 else V6_SPACE if v6 else EMPTY)

    @cached_property
    def not_public(self) -> Ranges:
        return _beside(self.public)

    @cached_property
    def approved_ranges(self) -> Ranges:
        return ranges_of(*self.approved)

    @cached_property
    def attached_ranges(self) -> Ranges:
        """Every address that a destination behind the NSG may have."""
        if len(self.families) == len(FAMILIES):
            return self._attached
        return intersect(self._attached, union(*(FAMILIES[family] for family in self.families)))

    @cached_property
    def machine_ranges(self) -> Ranges:
        """Addresses of machines behind the NSG; empty where not all of them are known."""
        return intersect(self.attached_ranges, ranges_of(*self.machines or ()))

    @cached_property
    def _attached(self) -> Ranges:
        if self.attached is None:
            return EVERY_ADDRESS
        return _behind(self.attached)

    @cached_property
    def members(self) -> Mapping[str, Ranges] | None:
        if self.asg_members is None:
            return None
        return {group.lower(): ranges_of(*texts) for group, texts in self.asg_members.items()}

    @cached_property
    def supplied(self) -> Mapping[str, Ranges]:
        return {tag.lower(): ranges_of(*texts) for tag, texts in self.tag_prefixes.items()}

    def tag(self, name: str) -> tuple[Ranges, Ranges]:
        """Addresses of a tag on the far side of the NSG: those certainly in it, and others that may be."""
        lowered = name.lower()
        supplied = self.supplied.get(lowered)
        if supplied is not None:
            return supplied, EMPTY
        if lowered == INTERNET:
            if self.internet_ipv6:
                return self.public, EMPTY
            return intersect(self.public, V4_SPACE), intersect(self.public, V6_SPACE)
        if lowered == VIRTUAL_NETWORK:
            return self._virtual_network
        if lowered == AZURE_LOAD_BALANCER:
            return LOAD_BALANCER, EMPTY
        # Service tags are public ranges: none of them lies inside a network.
        return EMPTY, EVERY_ADDRESS if lowered.startswith(_PLATFORM_TAGS) else self.public

    def local_tag(self, name: str) -> tuple[Ranges, Ranges]:
        """The same on the near side, where VirtualNetwork is everything behind the NSG."""
        if name.lower() == VIRTUAL_NETWORK and VIRTUAL_NETWORK not in self.supplied:
            return (EMPTY, EVERY_ADDRESS) if self.floating else (EVERY_ADDRESS, EMPTY)
        return self.tag(name)

    def group(self, identity: str) -> tuple[Ranges, Ranges]:
        """Addresses of an ASG's members: those certainly, and others possibly."""
        if self.members is not None:
            return self.members.get(identity, EMPTY), EMPTY
        return EMPTY, EVERY_ADDRESS if self.public_vnet else self.not_public

    def local_group(self, identity: str) -> tuple[Ranges, Ranges]:
        """The same on the near side, where a front's address may stand for that of a member."""
        return (EMPTY, EVERY_ADDRESS) if self.floating else self.group(identity)

    @property
    def plain_defaults(self) -> bool:
        """Whether no public source matches a default rule but the last, which denies everything."""
        return not (self.default_route or self.routes or self.tag_prefixes)

    @cached_property
    def _virtual_network(self) -> tuple[Ranges, Ranges]:
        """The host's virtual address belongs to it, beside the network's own and what routes add."""
        known = _inside((*self.virtual_network, *self.routes))
        return known, _others(EVERY_ADDRESS if self.default_route else self.not_public, known)


# Many contexts are made for one group, and for its neighbours, that differ in a field or two: what the same
# prefixes come to is kept, of the last few.


@lru_cache(maxsize=128)
def _public_without(private: tuple[str, ...]) -> Ranges:
    return subtract(PUBLIC, ranges_of(*private))


@lru_cache(maxsize=128)
def _beside(public: Ranges) -> Ranges:
    return subtract(EVERY_ADDRESS, public)


@lru_cache(maxsize=128)
def _inside(prefixes: tuple[str, ...]) -> Ranges:
    return union(ranges_of(*prefixes), LOAD_BALANCER)


@lru_cache(maxsize=128)
def _others(possible: Ranges, known: Ranges) -> Ranges:
    return subtract(possible, known)


@lru_cache(maxsize=128)
def _behind(attached: tuple[str, ...]) -> Ranges:
    return subtract(ranges_of(*attached), _reserved(attached))


def _reserved(attached: tuple[str, ...]) -> Ranges:
    """What Azure keeps for itself of each attached subnet."""
    kept: list[tuple[int, int]] = []
    for text in attached:
        pair = parse_addresses(text.strip())
        if pair is not None and "/" in text and pair[1] - pair[0] >= _SMALLEST_SUBNET:
            kept += ((pair[0], pair[0] + _FIRST_RESERVED), (pair[1] - 1, pair[1]))
    return from_pairs(kept)


NSG_ALONE = Context()
