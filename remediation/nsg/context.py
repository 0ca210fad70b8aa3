"""What is known around an NSG. Without any of it the answers hold for the NSG alone.

Every fact a public document leaves open is a field here with a labelled default, so that a deployment
which knows better can say so and no code changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from remediation.nsg.spaces.addresses import EVERY_ADDRESS, LOAD_BALANCER, PUBLIC, V4_SPACE, ranges_of
from remediation.nsg.spaces.sets import EMPTY, Ranges, intersect, subtract, union

INTERNET = "internet"
VIRTUAL_NETWORK = "virtualnetwork"
AZURE_LOAD_BALANCER = "azureloadbalancer"


@dataclass(frozen=True)  # no slots: the cached properties below live in the instance's dict
class Context:
    """Facts about the surroundings of an NSG. Addresses are texts: an address, a prefix or a range `a-b`.

    attached         prefixes behind the NSG; None = not known, so that every address counts as possible
    asg_members      ASG id -> addresses of its members; None = not known; an id that is absent has none
    default_route    VirtualNetwork may hold 0.0.0.0/0 (a route table, gateway or hub of an attached subnet)
    virtual_network  prefixes known to lie inside VirtualNetwork, for questions about private sources
    tag_prefixes     tag -> prefixes, supplied by the operator
    private_ranges   public-looking ranges which the operator owns and uses privately
    internet_ipv6    the tag Internet covers IPv6 (unconfirmed); False makes that half unknown
    public_vnet      the VNet is known to use public ranges, so that an ASG as a source may be public
    public_ip_sku    SKU of the public IP in front: it alone decides where there is no NSG at either level
    approved         sources that may reach management ports: breadth and repairs leave them out, while an
                     exposure and a flow tell of them like of any other
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

    @cached_property
    def public(self) -> Ranges:
        """The public address space, without what is used privately here or is part of the network."""
        private = (*self.private_ranges, *self.virtual_network)
        return subtract(PUBLIC, ranges_of(*private)) if private else PUBLIC

    @cached_property
    def not_public(self) -> Ranges:
        return subtract(EVERY_ADDRESS, self.public)

    @cached_property
    def approved_ranges(self) -> Ranges:
        return ranges_of(*self.approved)

    @cached_property
    def attached_ranges(self) -> Ranges:
        """Every address that a destination behind the NSG may have."""
        return EVERY_ADDRESS if self.attached is None else ranges_of(*self.attached)

    @cached_property
    def members(self) -> Mapping[str, Ranges] | None:
        if self.asg_members is None:
            return None
        return {group.lower(): ranges_of(*texts) for group, texts in self.asg_members.items()}

    @cached_property
    def supplied(self) -> Mapping[str, Ranges]:
        return {tag.lower(): ranges_of(*texts) for tag, texts in self.tag_prefixes.items()}

    def tag(self, name: str) -> tuple[Ranges, Ranges]:
        """Addresses of a tag on the far side of the NSG: those certainly in it, those possibly in it."""
        lowered = name.lower()
        supplied = self.supplied.get(lowered)
        if supplied is not None:
            return supplied, supplied
        if lowered == INTERNET:
            sure = self.public if self.internet_ipv6 else intersect(self.public, V4_SPACE)
            return sure, self.public
        if lowered == VIRTUAL_NETWORK:
            return self._virtual_network
        if lowered == AZURE_LOAD_BALANCER:
            return LOAD_BALANCER, LOAD_BALANCER
        return EMPTY, EVERY_ADDRESS

    def local_tag(self, name: str) -> tuple[Ranges, Ranges]:
        """The same on the near side, where VirtualNetwork is everything behind the NSG."""
        if name.lower() == VIRTUAL_NETWORK and VIRTUAL_NETWORK not in self.supplied:
            return EVERY_ADDRESS, EVERY_ADDRESS
        return self.tag(name)

    def group(self, identity: str) -> tuple[Ranges, Ranges]:
        """Addresses of an ASG's members: certain and possible."""
        if self.members is not None:
            found = self.members.get(identity, EMPTY)
            return found, found
        return EMPTY, EVERY_ADDRESS if self.public_vnet else self.not_public

    @cached_property
    def _virtual_network(self) -> tuple[Ranges, Ranges]:
        known = ranges_of(*self.virtual_network)
        # The host address is in the tag (service tags overview): probes come from it.
        return union(known, LOAD_BALANCER), EVERY_ADDRESS if self.default_route else self.not_public


NSG_ALONE = Context()
