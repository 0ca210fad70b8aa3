"""What estate files hold, sorted out: whole documents, flawed ones, and what is known to be missing.

Elements are brought into ARM's shape, children that stand alone (subnets, peerings, rules) go into their
parents, and back references that are missing are made.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remediation.arm_lists import INHERITED
from remediation.errors import InvalidResourceId
from remediation.estates.door.flaws import flaw, half
from remediation.estates.door.normal import by_name, identity_of, normal
from remediation.estates.files import EstateFile, whereabouts
from remediation.estates.links import link
from remediation.kinds import (
    DIAGNOSTIC_SETTING,
    FIREWALL_POLICY,
    INLINE_CHILDREN,
    LOAD_BALANCER,
    PRIVATE_DNS_LINK,
    SUBNET,
    VNET,
    canonical,
)
from remediation.model import Resource
from remediation.resource_id import ResourceId

type Document = dict[str, Any]

EVERYTHING = "*"

FOLDED: Mapping[str, str] = {
    **INLINE_CHILDREN,
    **{
        f"{LOAD_BALANCER}/{field.lower()}": field
        for field in (
            *("backendAddressPools", "frontendIPConfigurations", "inboundNatPools", "loadBalancingRules"),
            *("outboundRules", "probes"),
        )
    },
}
"""Child types whose parent's document holds them, whichever of the two stands in the input."""
# Members of a child that Azure makes, and that no template has.
_RUNNING = frozenset({
    "ipConfigurations", "ipConfigurationProfiles", "serviceAssociationLinks", "resourceNavigationLinks",
    "privateEndpoints", "peeringState", "peeringSyncLevel", "remoteAddressSpace",
    "remoteVirtualNetworkAddressSpace", "backendIPConfiguration", "backendIPConfigurations",
    "resourceGuid", "provisioningState",
})  # fmt: skip


@dataclass(slots=True)
class Contents:
    """All files together; every mapping is by lower-cased id, type or (type, scope).

    `partial` are parents of which only children were exported. `only` are the types of the input where each
    file is the list of one type, which shows nothing of any other; empty where the input is an estate.
    `incomplete` says of types why their lists are not complete ("*": all types), `listed` names types that
    are complete even when none is there, `unread` and `refused` are lists and ids that a live scan could not
    read, `everywhere` is what is inherited from above subscriptions, `effective` the admin rules that ARM
    said govern a network.
    """

    documents: dict[str, Resource] = field(default_factory=dict)
    flaws: dict[str, tuple[ResourceId, str]] = field(default_factory=dict)
    partial: dict[str, Resource] = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    gone: set[str] = field(default_factory=set)
    incomplete: dict[str, str] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    unread: dict[tuple[str, str], str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    everywhere: list[tuple[str, Document]] = field(default_factory=list)
    effective: dict[str, tuple[Resource, ...]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def of_type(self, kind: str) -> Iterator[Resource]:
        """The whole documents of a type (lower case)."""
        return (resource for resource in self.documents.values() if resource.id.type == kind)

    def parent(self, key: str) -> Resource | None:
        """A document that may hold children, whole or partial."""
        return self.documents.get(key) or self.partial.get(key)


def sort_out(files: Iterable[EstateFile]) -> Contents:
    """Everything the files hold; what cannot be used becomes a warning."""
    contents = Contents()
    several, shown = False, set[str]()
    for file in files:
        kinds = {
            kind for where, element in whereabouts(file) if (kind := _take(contents, file, where, element))
        }
        if file.cut:
            _note_cut(contents, file, kinds)
        _take_facts(contents, file.facts)
        several = several or bool(file.facts) or file.declared or len(kinds) != 1
        shown |= kinds
    if not several:
        contents.only = frozenset(map(canonical, shown))
    _lift(contents)
    for resource in list(contents.documents.values()):
        if resource.id.type in FOLDED:
            _fold(contents, resource)
    _add_zones(contents)
    _link(contents)
    return contents


def _take(contents: Contents, file: EstateFile, where: str, element: Any) -> str | None:
    """Take one element in; returns its type where it can be told."""
    if not isinstance(element, dict):
        contents.warnings.append(f"{where}: not a resource but {type(element).__name__}; left out")
        return None
    try:
        identity = _place(element)
    except InvalidResourceId as error:
        return _without_place(contents, where, element, str(error))
    document = _own(normal(element, identity.type), identity)
    if file.declared and document.get("properties") is None:
        document = {**document, "properties": {}}
    problem = flaw(document, identity.type) or (None if file.declared else half(document, identity.type))
    if problem is None:
        _put(contents, where, Resource(identity, document))
    elif identity.key not in contents.documents:
        contents.warnings.append(f"{where}: {identity.text}: {problem}")
        contents.flaws.setdefault(identity.key, (identity, f"{where}: {problem}"))
    return identity.type


def _place(element: Document) -> ResourceId:
    """The id of an element. ARM leaves the leading slash out of some settings' ids; they stand there too."""
    text = identity_of(element)
    if isinstance(text, str) and _is_setting(text) and text.lower().startswith("subscriptions/"):
        text = f"/{text}"
    return ResourceId.parse(text)


def _own(document: Document, identity: ResourceId) -> Document:
    """The document under its own id and name; templates name a child after its parent as well."""
    own = {"id": identity.text, "name": identity.name}
    if document.get("id") == own["id"] and "/" not in str(document.get("name") or ""):
        return document
    return {**document, **own}


def _is_setting(text: str) -> bool:
    return f"/providers/{DIAGNOSTIC_SETTING}/" in f"/{text.lower()}"


def _without_place(contents: Contents, where: str, element: Document, problem: str) -> str | None:
    """An element whose id is none of a subscription's: inherited from above, or unusable."""
    kind, name = str(by_name(element, "type") or "").lower(), by_name(element, "name")
    text = identity_of(element)
    if isinstance(text, str) and _is_setting(text) and text.lower().lstrip("/").startswith("providers/"):
        return None  # a management group's: no resource's, and nothing that is missing
    if isinstance(text, str) and text.lower().startswith("/providers/"):
        inherited = next((known for known in INHERITED if f"/{known}/" in text.lower()), None)
        if inherited is not None:
            name = name or text.rpartition("/")[2]
            contents.everywhere.append((inherited, {**normal(element, inherited), "name": name}))
        return inherited
    contents.warnings.append(f"{where}: {problem}; left out")
    if kind:
        contents.incomplete.setdefault(canonical(kind), f"{where} is one and cannot be read")
    return kind or None


def _put(contents: Contents, where: str, resource: Resource) -> None:
    key = resource.id.key
    before = contents.documents.get(key)
    if before is not None and _facts(before) != _facts(resource):
        contents.warnings.append(
            f"{where}: {resource.id.text} is there twice and differs; the last one is judged"
        )
    contents.documents[key] = resource
    contents.flaws.pop(key, None)


def _facts(resource: Resource) -> tuple[Any, ...]:
    return resource.properties(), resource.at("sku"), dict(resource.tags)


def _note_cut(contents: Contents, file: EstateFile, kinds: set[str]) -> None:
    """One page of one type leaves that type incomplete; of a mixture, nobody knows what is missing."""
    reason = f"{file.path} is incomplete: {file.cut}"
    contents.warnings.append(reason)
    only = kinds.pop() if len(kinds) == 1 else EVERYTHING
    contents.incomplete.setdefault(canonical(only), reason)


def _take_facts(contents: Contents, facts: Mapping[str, Any]) -> None:
    """What our own export knows besides: which types it listed, what is gone, what was refused."""
    listed, gone, unread = (_list(facts.get(key)) for key in ("listed", "gone", "unread"))
    contents.listed.update(canonical(str(kind)) for kind in listed)
    contents.gone.update(str(identity).lower() for identity in gone)
    for item in unread:
        if not isinstance(item, Mapping):
            continue
        if "type" in item:
            where = canonical(str(item["type"])), str(item.get("scope", "")).lower()
            contents.unread[where] = str(item.get("reason", ""))
        else:
            contents.refused[str(item.get("id")).lower()] = str(item.get("reason", ""))
    effective = facts.get("effectiveAdminRules")
    for network, rules in (effective if isinstance(effective, Mapping) else {}).items():
        contents.effective[str(network).lower()] = tuple(Resource.of(rule) for rule in _list(rules))


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _lift(contents: Contents) -> None:
    """Let rule collection groups that a policy was written with stand beside it, as ARM has them."""
    for policy in list(contents.of_type(FIREWALL_POLICY)):
        for item in _list(policy.properties("ruleCollectionGroups")):
            name = name_of(item) if isinstance(item, Mapping) and item.get("properties") else ""
            if name:
                own = policy.id.child("ruleCollectionGroups", name)
                item.setdefault("id", own.text)
                contents.documents.setdefault(own.key, Resource(own, dict(item)))


def _fold(contents: Contents, child: Resource) -> None:
    """Move a child that stands alone into its parent, or into a partial one where the parent is missing."""
    parent = child.id.parent
    if parent is None:
        return
    holder = contents.parent(parent.key)
    if holder is None:
        document: Document = {"id": parent.text, "name": parent.name, "properties": {}}
        holder = contents.partial[parent.key] = Resource(parent, document)
    field = FOLDED[child.id.type]
    properties = holder.body["properties"]
    siblings = properties.get(field)
    if not isinstance(siblings, list):
        siblings = properties[field] = []
    del contents.documents[child.id.key]
    for index, sibling in enumerate(siblings):
        if isinstance(sibling, Mapping) and name_of(sibling).lower() == child.id.name.lower():
            siblings[index] = _later(sibling, child.body)
            return
    siblings.append(child.body)


def _later(sibling: Mapping[str, Any], child: Mapping[str, Any]) -> Document:
    """A child that stands alone was deployed last; what only the running parent shows of it stays."""
    before, now = sibling.get("properties"), child.get("properties")
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return dict(child)
    kept = {key: value for key, value in before.items() if key in _RUNNING and key not in now}
    return {**child, "properties": {**kept, **now}}


def _add_zones(contents: Contents) -> None:
    """A link proves that its zone is there; exports of links alone are common, and its name is in the id."""
    for resource in list(contents.documents.values()):
        zone = resource.id.parent if resource.id.type == PRIVATE_DNS_LINK else None
        if zone is not None and zone.key not in contents.documents:
            stub: Document = {"id": zone.text, "name": zone.name, "properties": {}}
            contents.documents[zone.key] = Resource(zone, stub)


def name_of(child: Mapping[str, Any]) -> str:
    """A child's name, from its id where it has none."""
    return str(child.get("name") or str(child.get("id") or "").rpartition("/")[2])


def children(parent: Resource, kind: str) -> dict[str, Resource]:
    """The children of a type (lower case) that a document holds, by lower-cased name."""
    field = INLINE_CHILDREN[kind]
    found: dict[str, Resource] = {}
    for item in _list(parent.properties(field)):
        name = name_of(item) if isinstance(item, Mapping) else ""
        try:
            identity = parent.id.child(field, name)
        except InvalidResourceId:
            continue
        if item.get("id") is None:
            item["id"] = identity.text
        found[name.lower()] = Resource(identity, item)
    return found


def _link(contents: Contents) -> None:
    """Make the back references that are missing, subnets being resources of their own here."""
    known: dict[tuple[str, str], dict[str, Resource]] = {}

    def parts(parent: Resource, kind: str) -> dict[str, Resource]:
        where = parent.id.key, kind
        if where not in known:
            known[where] = children(parent, kind)
        return known[where]

    def find(identity: ResourceId) -> Resource | None:
        if identity.type not in INLINE_CHILDREN:
            return contents.documents.get(identity.key)
        holder = None if identity.parent is None else contents.parent(identity.parent.key)
        return None if holder is None else parts(holder, identity.type).get(identity.name.lower())

    parents = (*contents.documents.values(), *contents.partial.values())
    networks = [resource for resource in parents if resource.id.type == VNET]
    subnets = [subnet for network in networks for subnet in parts(network, SUBNET).values()]
    link([*contents.documents.values(), *subnets], find)
