"""What is known around an NSG: the subnets and NICs it is attached to, and what lies in them.

Read from a snapshot. What was not read stays unknown: the answers then hold for the NSG alone, and nothing
may be written, because an unread subnet may be one that must never be touched.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from remediation.kinds import API_MANAGEMENT, NIC, SCALE_SET_NIC
from remediation.landing_zone.facts import SPECIAL_SUBNETS
from remediation.landing_zone.owners import owner_of
from remediation.landing_zone.routing.tables import ROUTES_OF, default_route_in
from remediation.landing_zone.subnets import subnet_prefixes
from remediation.model import Resource, Snapshot
from remediation.nsg import Context, Nsg, parse
from remediation.nsg.spaces.addresses import FAMILIES, Family, parse_addresses, ranges_of
from remediation.nsg.spaces.sets import intersect
from remediation.resource_id import ResourceId
from remediation.rule import Follow, ids_at, values_at

# The first look: the subnets with their route tables, which decide what the tag VirtualNetwork holds.
ATTACHED = (Follow("properties.subnets[].id", then=(ROUTES_OF,)),)

# Owners of ip configurations that are no virtual machine's: nothing in them answers SSH or RDP for a VM.
_NOT_A_VM = frozenset({
    "microsoft.network/bastionhosts",
    "microsoft.network/loadbalancers",
    "microsoft.network/virtualnetworkgateways",
    "microsoft.network/azurefirewalls",
    "microsoft.network/applicationgateways",
})  # fmt: skip


def without_rules(nsg: Resource) -> str | None:
    """Refuses a group that came without its rules, as a mere reference does."""
    if parse(nsg.body).understood:
        return None
    return f"{nsg.id.name} cannot be judged: it came without its rules"


@dataclass(frozen=True)  # no slots: the cached properties below live in the instance's dict
class Surroundings:
    """The attachments of an NSG as far as they were read."""

    nsg: Resource
    snapshot: Snapshot

    @classmethod
    def of(cls, nsg: Resource, snapshot: Snapshot) -> "Surroundings":
        """Those of a group in a snapshot, the same ones for every rule that asks."""
        return snapshot.once((cls, id(nsg)), lambda: cls(nsg, snapshot.apart()))  # it holds on to the group

    @cached_property
    def subnet_ids(self) -> tuple[ResourceId, ...]:
        return tuple(ids_at(self.nsg.body, "properties.subnets[].id"))

    @cached_property
    def nic_ids(self) -> tuple[ResourceId, ...]:
        return tuple(ids_at(self.nsg.body, "properties.networkInterfaces[].id"))

    @cached_property
    def subnets(self) -> tuple[Resource, ...] | None:
        """All attached subnets; None when one of them was not read."""
        return _all_read(self.snapshot, self.subnet_ids)

    @property
    def empty(self) -> bool:
        """Whether certainly nothing is behind the group: no NIC, and nothing with an address in a subnet."""
        if self.nic_ids or self.subnets is None:
            return False
        return not any(subnet.properties("ipConfigurations") for subnet in self.subnets)

    @cached_property
    def nics(self) -> tuple[Resource, ...] | None:
        """All NICs behind the NSG, attached or in its subnets; None when that is not known."""
        if self.subnets is None:
            return None
        ids: dict[str, ResourceId] = {identity.key: identity for identity in self.nic_ids}
        for subnet in self.subnets:
            for identity in ids_at(subnet.body, "properties.ipConfigurations[].id"):
                nic = identity.up_to(NIC) or identity.up_to(SCALE_SET_NIC)
                if nic is not None:
                    ids[nic.key] = nic
                elif not any(identity.up_to(kind) for kind in _NOT_A_VM):
                    return None
        return _all_read(self.snapshot, tuple(ids.values()))

    @cached_property
    def known(self) -> Context:
        """What the NSG engine may take for granted. No source is approved in it: who honours those adds them.

        An exposure tells of approved sources like of any other, and so does a flow.
        """
        return Context(
            attached=self._attached(),
            asg_members=self._asg_members(),
            default_route=self.default_route,
            families=self._families(),
            machines=self._addresses_of(nic for nic in self.nics or () if nic.properties("virtualMachine")),
        )

    @cached_property
    def parsed(self) -> Nsg:
        """The group as the engine reads it."""
        return parse(self.nsg.body)

    def _attached(self) -> tuple[str, ...] | None:
        """Prefixes and addresses behind the NSG; None where not all are known or there are none."""
        if self.subnets is None or (self.nic_ids and self.nics is None):
            return None
        prefixes = [prefix for subnet in self.subnets for prefix in subnet_prefixes(subnet)]
        wanted = {identity.key for identity in self.nic_ids}
        for nic in self.nics or ():
            if nic.id.key in wanted:
                prefixes += _addresses(nic)
        known = readable(prefixes)
        return known if known and len(known) == len(prefixes) else None

    def _families(self) -> tuple[Family, ...]:
        """The families in which anything behind the NSG has an address; both where that is not known."""
        known = self._addresses_of(self.nics or ())
        held = ranges_of(*known or ())
        return tuple(name for name, space in FAMILIES.items() if known is None or intersect(held, space))

    def _addresses_of(self, nics: Iterable[Resource]) -> tuple[str, ...] | None:
        """The addresses of some NICs; None where there are none or one of them is not known."""
        configured = [list(_addresses(nic)) for nic in nics]
        known = readable(address for addresses in configured for address in addresses)
        return known if known and len(known) == sum(map(len, configured)) else None

    def _asg_members(self) -> dict[str, tuple[str, ...]] | None:
        """ASG id (lower case) -> addresses of its members behind this NSG; None where not known."""
        if self.nics is None or not (self.subnet_ids or self.nic_ids):
            return None
        members: dict[str, list[str]] = {}
        for nic in self.nics:
            for configuration in values_at(nic.body, "properties.ipConfigurations[].properties"):
                for group in ids_at(configuration, "applicationSecurityGroups[].id"):
                    members.setdefault(group.key, []).append(str(configuration.get("privateIPAddress")))
        known = {key: readable(addresses) for key, addresses in members.items()}
        return known if all(len(known[key]) == len(members[key]) for key in known) else None

    @cached_property
    def default_route(self) -> bool:
        """Whether VirtualNetwork may hold a default route: one is known, or a route table was not read."""
        return self.subnets is None or default_route_in(self.subnets, self.snapshot) is not None

    def untouchable(self) -> str | None:
        """Why this NSG must never be tightened by us, or None (the specification's list of owners)."""
        for identity in self.subnet_ids:
            if identity.name.lower() in SPECIAL_SUBNETS:
                return f"it is attached to {identity.name}"
        if self.subnets is None:
            return "not every subnet it is attached to could be read"
        for subnet in self.subnets:
            reason = _managed(subnet)
            if reason is not None:
                return f"subnet {subnet.id.name} {reason}"
        owner = owner_of(self.nsg, self.snapshot)
        return None if owner is None else owner.why


def readable(texts: Iterable[str]) -> tuple[str, ...]:
    """Those of some texts that are an address, a prefix or a range."""
    return tuple(text for text in texts if parse_addresses(text.strip()) is not None)


def _addresses(nic: Resource) -> Iterator[str]:
    """The address of each configuration; the text None, which is no address, where it has none yet."""
    for configuration in values_at(nic.body, "properties.ipConfigurations[].properties"):
        yield str(configuration.get("privateIPAddress") if isinstance(configuration, dict) else None)


def _all_read(snapshot: Snapshot, ids: Sequence[ResourceId]) -> tuple[Resource, ...] | None:
    """The documents of all ids; one that is gone counts as not there, one that is unread spoils all."""
    read = [snapshot.get(identity) for identity in ids]
    found = tuple(one for one in read if isinstance(one, Resource))
    return found if len(found) + read.count(None) == len(ids) else None


def _managed(subnet: Resource) -> str | None:
    delegations = list(values_at(subnet.body, "properties.delegations[].properties.serviceName"))
    if delegations or subnet.properties("delegations"):
        return f"is delegated to {delegations[0] if delegations else 'a service'}, which changes it"
    if subnet.properties("networkIntentPolicies"):
        return "is kept by a network intent policy, so it is changed through the service that made that"
    if subnet.properties("serviceAssociationLinks") or subnet.properties("resourceNavigationLinks"):
        return "is linked to a service, through which it is changed"
    gateways = ids_at(subnet.body, "properties.applicationGatewayIPConfigurations[].id")
    owners = list(ids_at(subnet.body, "properties.ipConfigurations[].id"))
    if any(gateways) or any(owner.up_to("microsoft.network/applicationgateways") for owner in owners):
        return "holds an application gateway"
    if any(owner.up_to(API_MANAGEMENT) for owner in owners):
        return "holds API Management"
    return None
