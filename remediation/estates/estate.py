"""An estate from files as the reading half of a Cloud: what a scan needs is answered from documents.

The estate is closed (design section 6): what is derived from it as a list is complete as given, and absent
means empty. An id that something refers to and that is absent was not exported: reading it fails, which
makes what depends on it unknown. Types that were not exported at all are named in `open_world`.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from remediation.arm_lists import INHERITED, is_broad, parent_type
from remediation.errors import PermanentError
from remediation.estates.contents import EVERYTHING, children, sort_out
from remediation.estates.door.flaws import flaw
from remediation.estates.files import EstateFile
from remediation.estates.lacking import Lacking
from remediation.estates.leads import NOT_EXPORTED, governing, missing
from remediation.estates.scanning import Subject
from remediation.kinds import (
    ADMIN_RULE,
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    BASTION,
    DIAGNOSTIC_SETTING,
    EFFECTIVE_ADMIN_RULE,
    FIREWALL_POLICY,
    HUB_CONNECTION,
    INLINE_CHILDREN,
    IP_GROUP,
    LOAD_BALANCER,
    NIC,
    NSG,
    POLICY_EXEMPTION,
    PRIVATE_DNS_ZONE,
    PRIVATE_LINK_SERVICE,
    ROLE_ASSIGNMENT,
    RULE_COLLECTION_GROUP,
    SCALE_SET,
    SUBNET,
    SUBSCRIPTION,
    VIRTUAL_HUB,
    VNET,
    canonical,
)
from remediation.landing_zone.subnets import is_bastion_subnet
from remediation.model import Documents, Listing, Resource
from remediation.resource_id import ResourceId
from remediation.rule import ids_at

# Types that are seldom exported: none of them there means that nobody asked for them.
_SELDOM = frozenset({ROLE_ASSIGNMENT, POLICY_EXEMPTION})
# What the list of another type does not show, and whose absence would be a finding.
_BESIDE = frozenset({DIAGNOSTIC_SETTING, BASTION})
_NETWORK_MANAGER = "microsoft.network/networkmanagers/"
# What a network may be connected to, linked to or governed by in any subscription, and what leads into it or
# stands in it. ARM lists it by subscription; an estate knows all of it, and a subscription's list would hide
# half of a landing zone: the firewall of the hub leads to machines of the spokes.
_SHARED = frozenset({
    VIRTUAL_HUB, HUB_CONNECTION, PRIVATE_DNS_ZONE, ADMIN_RULE, AZURE_FIREWALL, FIREWALL_POLICY,
    RULE_COLLECTION_GROUP, IP_GROUP, APPLICATION_GATEWAY, LOAD_BALANCER, PRIVATE_LINK_SERVICE, SCALE_SET, NIC,
})  # fmt: skip


class Estate:
    """Answers reads from files.

    `warnings` are lines about elements that could not be used, `lacking` notes what was asked for in vain,
    `open_world` are types of which the files do not hold everything.
    """

    def __init__(self, files: Iterable[EstateFile], open_world: Iterable[str] = ()) -> None:
        self._contents = sort_out(files)
        self.open_world = tuple(open_world)
        self.warnings: Sequence[str] = self._contents.warnings
        for kind in self.open_world:
            self._contents.incomplete[canonical(kind)] = "--open-world says that it was not exported"
        self.lacking = Lacking()
        self._by_type = _shelves(self._contents.documents.values())
        self._children: dict[tuple[str, str], dict[str, Resource]] = {}
        self._lists: dict[tuple[str, str], Documents] = {}

    def subjects(self, kinds: Iterable[str]) -> Iterator[Subject]:
        """Every resource of the types (lower case), with those that cannot be judged, or only in part."""
        wanted = frozenset(kinds)
        contents = self._contents
        for kind in sorted(wanted):
            for resource in self._by_type.get(kind, ()):
                yield Subject(resource)
        for resource in contents.partial.values():
            if resource.id.type in wanted and resource.id.key not in contents.flaws:
                yield Subject(resource, partial=True)
        for identity, reason in contents.flaws.values():
            yield Subject(Resource(identity, {"id": identity.text}), flaw=reason)
        if NSG in wanted:
            yield from self._missing_groups()

    def _missing_groups(self) -> Iterator[Subject]:
        """The NSG of an AzureBastionSubnet that was not exported: the subnet is here, so it is asked for."""
        contents = self._contents
        found: dict[str, ResourceId] = {}
        for network in self._by_type.get(VNET, ()):
            for subnet in self._children_of(network, SUBNET).values():
                if is_bastion_subnet(subnet):
                    found |= {
                        nsg.key: nsg for nsg in ids_at(subnet.body, "properties.networkSecurityGroup.id")
                    }
        for key, identity in found.items():
            if key not in contents.documents and key not in contents.flaws and key not in contents.gone:
                reason = contents.refused.get(key, "it is not in the estate")
                yield Subject(Resource(identity, {"id": identity.text}), flaw=reason)

    def get(self, resource: ResourceId) -> Resource | None:
        """A document; PermanentError for one that was not exported or cannot be used."""
        contents = self._contents
        found = contents.documents.get(resource.key) or self._child(resource)
        if found is not None:
            problem = flaw(dict(found.body), resource.type) or self._unknown_members(found)
            if problem:
                raise PermanentError(problem)
            return found
        if resource.key in contents.flaws:
            raise PermanentError(contents.flaws[resource.key][1])
        if resource.key in contents.refused:
            raise PermanentError(contents.refused[resource.key])
        if resource.key in contents.gone:
            return None
        self.lacking.resource(resource)
        raise PermanentError("it is not in the estate")

    @property
    def subscriptions(self) -> frozenset[str]:
        """The subscriptions of which it holds anything."""
        every = (*self._contents.documents.values(), *self._contents.partial.values())
        return frozenset(resource.id.subscription for resource in every)

    def document(self, resource: ResourceId) -> Resource | None:
        """What stands in the files under an id, whatever else of it is not known; None for nothing."""
        return self._contents.documents.get(resource.key) or self._child(resource)

    def absence(self, resource: ResourceId) -> str:
        """Why a resource that it does not hold may be there all the same; "" where it is gone for certain."""
        contents, kind = self._contents, canonical(resource.type)
        known = contents.flaws.get(resource.key)
        reason = known[1] if known else contents.refused.get(resource.key, "")
        if reason or resource.key in contents.gone:
            return reason
        if resource.key in contents.partial:
            return "only children of it are in the input and not the resource itself"
        if resource.type in INLINE_CHILDREN and resource.parent is not None:
            return "" if resource.parent.key in contents.documents else self.absence(resource.parent)
        if resource.subscription not in self.subscriptions:
            return "its subscription is not in the estate"
        if contents.only and kind not in contents.only:
            return f"the input lists {_spoken(contents.only)} alone"
        return self._unlisted(kind, resource)

    def _unlisted(self, kind: str, resource: ResourceId) -> str:
        above = resource.parent or resource.extended
        scope = f"/subscriptions/{resource.subscription}" if above is None else above.text
        try:
            self.list(Listing(kind, scope))
        except PermanentError as error:
            return str(error)
        return ""

    def list(self, listing: Listing) -> Sequence[Resource]:
        """What the estate holds of a type on or under a scope; PermanentError where that is not all."""
        kind, scope = canonical(listing.type), listing.scope.lower().rstrip("/")
        found = self._lists.get((kind, scope))
        if found is None:
            found = self._lists[kind, scope] = self._complete(kind, ResourceId.parse(listing.scope))
        return found

    def _complete(self, kind: str, scope: ResourceId) -> Documents:
        if kind == EFFECTIVE_ADMIN_RULE and scope.type == VNET:
            return Documents.of(governing(self._contents, scope, tuple(self._by_type.get(ADMIN_RULE, ()))))
        self._refuse_incomplete(kind, scope.key)
        found = Documents.of(self._listed(kind, scope))
        reason = missing(self._contents, kind, scope, found)
        if reason:
            raise PermanentError(reason)
        return found

    def _unknown_members(self, subnet: Resource) -> str:
        """Why a subnet that shows no members may have some all the same: interfaces were not exported."""
        if subnet.id.type != SUBNET or subnet.properties("ipConfigurations"):
            return ""
        incomplete = self._contents.incomplete
        reason = incomplete.get(NIC) or incomplete.get(EVERYTHING)
        return f"what lies in it is not known: network interfaces: {reason}" if reason else ""

    def _refuse_incomplete(self, kind: str, scope: str) -> None:
        contents = self._contents
        reason = contents.incomplete.get(kind) or contents.incomplete.get(EVERYTHING)
        if reason is None and _is_seldom(kind) and not self._has(kind):
            reason = NOT_EXPORTED
        if reason is None and self._is_of_others(kind):
            self.lacking.type(kind)
            reason = f"the input lists {_spoken(contents.only)} alone"
        for at in (scope, "/".join(scope.split("/")[:3])):
            reason = reason or contents.unread.get((kind, at))
        # NICs of another subscription say nothing of this one's, where most are asked for.
        within = "/" if kind in _SHARED - {NIC} else f"{scope}/"
        for identity, problem in contents.flaws.values():
            if reason is None and canonical(identity.type) == kind and identity.key.startswith(within):
                reason = f"{identity.text} is one and cannot be read: {problem}"
        if reason is not None:
            raise PermanentError(reason)

    def _is_of_others(self, kind: str) -> bool:
        """Whether the input is lists of single types, and this is none of them."""
        only = self._contents.only
        return bool(only) and kind in _BESIDE and kind not in only and not self._has(kind)

    def _has(self, kind: str) -> bool:
        contents = self._contents
        there = kind in self._by_type or kind in contents.listed
        return there or any(known == kind for known, _ in contents.everywhere)

    def _listed(self, kind: str, scope: ResourceId) -> Iterator[Resource]:
        if kind in INLINE_CHILDREN:
            yield from self._listed_in_parents(kind, scope)
            return
        if kind == DIAGNOSTIC_SETTING:
            yield from self._under(kind, f"{scope.key}/providers/{kind}/")
            return
        if kind in _SHARED and scope.type == SUBSCRIPTION:
            yield from self._by_type.get(kind, ())
            return
        if kind in INHERITED:
            parts = scope.key.split("/")
            for length in range(3, len(parts)):
                yield from self._under(kind, f"{'/'.join(parts[:length])}/providers/{kind}/")
            for known, document in self._contents.everywhere:
                if known == kind:
                    yield Resource(scope.extension(kind, document["name"]), document)
        yield from self._under(kind, f"{scope.key}/")

    def _under(self, kind: str, prefix: str) -> Sequence[Resource]:
        shelf = self._by_type.get(kind)
        return () if shelf is None else shelf.under(prefix)

    def _listed_in_parents(self, kind: str, scope: ResourceId) -> Iterator[Resource]:
        above, contents = str(parent_type(kind)), self._contents
        if not is_broad(scope):
            parent = contents.documents.get(scope.key)
            if parent is None:
                raise PermanentError(f"{scope.text} is not in the estate")
            yield from self._children_of(parent, kind).values()
            return
        partial = (one for one in contents.partial.values() if one.id.type == above)
        for parent in (*self._under(above, f"{scope.key}/"), *partial):
            if parent.id.key.startswith(f"{scope.key}/"):
                yield from self._children_of(parent, kind).values()

    def _child(self, resource: ResourceId) -> Resource | None:
        parent = resource.parent if resource.type in INLINE_CHILDREN else None
        holder = None if parent is None else self._contents.parent(parent.key)
        if holder is None:
            return None
        return self._children_of(holder, resource.type).get(resource.name.lower())

    def _children_of(self, parent: Resource, kind: str) -> dict[str, Resource]:
        where = parent.id.key, kind
        if where not in self._children:
            self._children[where] = children(parent, kind)
        return self._children[where]


class _Shelf:
    """The resources of one type, found by the beginning of their ids."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._resources = sorted(resources, key=_key)
        self._keys = [resource.id.key for resource in self._resources]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._resources)

    def under(self, prefix: str) -> Sequence[Resource]:
        """The resources whose id starts with `prefix`, in the order of their ids."""
        start, end = bisect_left(self._keys, prefix), bisect_left(self._keys, prefix + _LAST)
        return self._resources[start:end]


_LAST = chr(0x10FFFF)


def _key(resource: Resource) -> str:
    return resource.id.key


def _shelves(resources: Iterable[Resource]) -> dict[str, _Shelf]:
    by_type: dict[str, list[Resource]] = {}
    for resource in resources:
        by_type.setdefault(canonical(resource.id.type), []).append(resource)
    return {kind: _Shelf(found) for kind, found in by_type.items()}


def _spoken(kinds: Iterable[str]) -> str:
    """Types as people call them: the last part of their names."""
    return " and ".join(sorted(kind.rpartition("/")[2] for kind in kinds))


def _is_seldom(kind: str) -> bool:
    return kind in _SELDOM or kind.startswith(_NETWORK_MANAGER)
