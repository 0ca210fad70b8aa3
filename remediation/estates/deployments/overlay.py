"""A change laid over what is there: the documents before and after it.

ARM puts whole resources: what a template leaves out of one is gone, except for what only the server knows,
and for the subnets and peerings of a network that is written without any. Children that stand alone are
written into their parents last. What pointed to a resource that no longer points back is forgotten.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remediation.errors import InvalidResourceId
from remediation.estates.contents import FOLDED
from remediation.estates.deployments.addressing import give_addresses
from remediation.estates.deployments.answers import answer
from remediation.estates.deployments.documents import (
    Document,
    Documents,
    child_in,
    elements,
    name_of,
    parent_of,
)
from remediation.estates.deployments.patching import patch_in
from remediation.estates.deployments.placeholders import put_ids
from remediation.estates.deployments.prediction import Prediction
from remediation.estates.deployments.settling import settle
from remediation.estates.deployments.templates.functions.ids import Target
from remediation.estates.door.normal import normal
from remediation.estates.files import EstateFile
from remediation.kinds import VNET
from remediation.model import copied
from remediation.resource_id import ResourceId

# What only the server writes, in any document: kept from the one that was there.
_SERVERS = frozenset({
    "provisioningState", "resourceGuid", "ipAddress", "ipConfiguration", "defaultSecurityRules",
    "virtualMachine", "networkInterfaces", "peeringState", "peeringSyncLevel", "remoteAddressSpace",
    "vmId", "macAddress",
    "remoteVirtualNetworkAddressSpace", "dnsName", "privateIPAddress", "ipConfigurations",
    "backendIPConfigurations", "backendIPConfiguration", "serviceAssociationLinks", "resourceNavigationLinks",
    "instanceView", "nodeResourceGroup", "hubIPAddresses",
})  # fmt: skip
# What a resource of these types keeps when it is written without it.
_KEPT = {VNET: ("subnets", "virtualNetworkPeerings")}
# Members that say who points to a resource.
_BACK = (
    "subnets", "networkInterfaces", "ipConfigurations", "ipConfiguration", "backendIPConfigurations",
    "backendIPConfiguration", "natGateway", "virtualMachine", "firewalls", "azureFirewall",
)  # fmt: skip
_HOLDERS = ("subnets", "backendAddressPools", "inboundNatRules")


@dataclass(slots=True)
class Laid:
    """Documents before and after, as estate files. `changed` are lower-cased ids the change is about."""

    before: list[EstateFile]
    after: list[EstateFile]
    changed: set[str] = field(default_factory=set)
    unread: dict[str, str] = field(default_factory=dict)


def lay(files: Sequence[EstateFile], prediction: Prediction, target: Target) -> Laid:
    """Lay a prediction over the files of an estate, which stay as they are. Raises TooMuchError."""
    there = Documents()
    places: dict[str, int] = {}
    for number, file in enumerate(files):
        for document in _usable(file):
            there.put(copied(document))
            places[_key(document)] = number
    known = {_key(document) for document in there}
    for document in sorted(prediction.before, key=lambda one: str(one.get("id")).count("/")):
        _write(there, copied(_normal(document)), replace=False)
    for patch in prediction.earlier:
        if patch.id.lower() not in known:
            patch_in(there, patch)
    before = _files(files, there, places, "before the change")
    after = Documents(copied(one) for one in there)
    unread = dict(prediction.unread)
    changed = _change(after, prediction, target, unread)
    facts = {"unread": [{"id": identity, "reason": reason} for identity, reason in unread.items()]}
    laid = _files(files, after, places, "the change", facts)
    return Laid(before, laid, changed, unread)


def _usable(file: EstateFile) -> Iterator[Document]:
    for element in file.elements:
        if isinstance(element, dict) and isinstance(element.get("id"), str):
            yield _normal(element)


def _normal(element: Document) -> Document:
    try:
        return normal(element, ResourceId.parse(element.get("id")).type)
    except InvalidResourceId:
        return element


def _files(
    files: Sequence[EstateFile],
    documents: Documents,
    places: Mapping[str, int],
    name: str,
    facts: Mapping[str, Any] | None = None,
) -> list[EstateFile]:
    """The documents as the files they came from, so that what those say of themselves holds."""
    parts: list[list[Any]] = [[] for _ in (*files, None)]
    for document in documents:
        parts[places.get(_key(document), len(files))].append(copied(document))
    for number, file in enumerate(files):
        parts[number] += [one for one in file.elements if not _has_id(one)]
    old = [
        EstateFile(file.path, parts[number], file.cut, file.facts, file.declared)
        for number, file in enumerate(files)
    ]
    return [*old, EstateFile(name, parts[-1], "", facts or {}, declared=True)]


def _has_id(element: Any) -> bool:
    return isinstance(element, dict) and isinstance(element.get("id"), str)


def _key(document: Document) -> str:
    return str(document.get("id")).lower().rstrip("/")


def _change(after: Documents, prediction: Prediction, target: Target, unread: dict[str, str]) -> set[str]:
    """Make the change in the documents; the lower-cased ids it is about."""
    removed = [*prediction.removed, *_left_out(after, prediction)]
    for identity in removed:
        _remove(after, identity)
    for identity, reason in prediction.doubtful.items():
        if parent_of(identity) is None:
            after.take(identity)
            unread[identity] = reason
    new = [copied(_normal(document)) for document in prediction.resources]
    new.sort(key=lambda document: str(document.get("id")).count("/"))
    for document in new:
        _write(after, document, replace=True, kept=prediction.kept)
    for identity in removed:
        if parent_of(identity) is not None:
            _remove(after, identity)  # once more: its parent may have been written with it
    for identity, reason in prediction.doubtful.items():
        if parent_of(identity) is not None:
            _doubt_child(after, identity, reason, unread)
    patched = {patch.id.lower() for patch in prediction.patches if patch_in(after, patch)}
    answer(new, after.find, target)
    changed = {_key(document) for document in new} | {one.lower() for one in removed} | patched
    patches = [one for key in patched if (one := after.find(key)) is not None]
    put_ids([*new, *patches], unread)
    settle(new, after)
    give_addresses(new, after)
    _forget(after, changed)
    return changed


def _left_out(after: Documents, prediction: Prediction) -> Iterator[str]:
    """What a complete deployment deletes: everything else of its group."""
    kept = [str(document.get("id")).lower() for document in prediction.resources]
    kept += [one.lower() for one in prediction.doubtful]
    for scope in prediction.complete:
        for key in after.below(scope):
            if not any(key == one or key.startswith(f"{one}/") or one.startswith(f"{key}/") for one in kept):
                yield key


def _remove(after: Documents, identity: str) -> None:
    after.take(identity)
    for key in after.below(identity):
        after.take(key)
    place = parent_of(identity)
    holder = None if place is None else after.get(place[0])
    if holder is None or place is None:
        return
    found = child_in(holder, place[1], place[2])
    if found is not None:
        holder["properties"][place[1]] = [one for one in holder["properties"][place[1]] if one is not found]


def _doubt_child(after: Documents, identity: str, reason: str, unread: dict[str, str]) -> None:
    """A child that may or may not come: it may be anything, and its parent cannot be judged without it."""
    place = parent_of(identity)
    if place is None or after.get(place[0]) is None:
        unread[identity] = reason
        return
    name = identity.rpartition("/")[2]
    _write(after, {"id": identity, "name": name, "properties": reason}, replace=True)


def _write(
    after: Documents, document: Document, *, replace: bool, kept: Collection[str] = frozenset()
) -> None:
    """Put a document where it belongs: a child into its parent, if that is there."""
    identity = str(document.get("id"))
    place = parent_of(identity)
    holder = None if place is None else after.get(place[0])
    if holder is None or place is None:
        there = after.get(identity)
        if there is None or replace:
            _carry(there, document, everything=_key(document) in kept)
            after.put(document)
        return
    properties = holder.setdefault("properties", {})
    if not isinstance(properties, dict):
        return
    siblings = properties.setdefault(place[1], [])
    if not isinstance(siblings, list):
        siblings = properties[place[1]] = []
    own = next((at for at, one in enumerate(siblings) if _is_named(one, place[2])), None)
    if own is None:
        siblings.append(document)
    elif replace:
        _carry(siblings[own], document, everything=_key(document) in kept)
        siblings[own] = document


def _is_named(sibling: Any, name: str) -> bool:
    return isinstance(sibling, dict) and name_of(sibling) == name.lower()


def _carry(there: Document | None, document: Document, *, everything: bool = False) -> None:
    """What the server knows of the resource that was there, and what ARM keeps of it, or all that was."""
    old, new = (there or {}).get("properties"), document.get("properties")
    if not isinstance(old, dict) or not (new is None or isinstance(new, dict)):
        return
    properties = document.setdefault("properties", {})
    kind = _type_of(document)
    for key in old if everything else _KEPT.get(kind, ()):
        if key not in properties and key in old:
            properties[key] = old[key]
    for key, value in old.items():
        if key in _SERVERS and key not in properties and not (key == "ipConfigurations" and _own_parts(kind)):
            properties[key] = value
        elif isinstance(value, list) and isinstance(properties.get(key), list):
            _carry_parts(value, properties[key])


def _own_parts(kind: str) -> bool:
    """Whether a type has ip configurations of its own: in a subnet they are those of others."""
    return not kind.endswith("/subnets")


def _carry_parts(old: Iterable[Any], new: Iterable[Any]) -> None:
    named = {name_of(one): one for one in old if isinstance(one, dict) and (one.get("name") or one.get("id"))}
    for one in new:
        if isinstance(one, dict) and one.get("name"):
            _carry(named.get(name_of(one)), one)


def _type_of(document: Document) -> str:
    try:
        return ResourceId.parse(document.get("id")).type
    except InvalidResourceId:
        return str(document.get("type") or "").lower()


def _forget(after: Documents, changed: set[str]) -> None:
    """Take out who points to a resource, where the one that did was changed: what holds is made anew."""
    for document in after:
        kind = _type_of(document)
        if kind != VNET:
            _forget_in(document, kind, changed)
        for array in _HOLDERS:
            for part in elements(document, array) if (kind, array) in _PARTS else ():
                _forget_in(part, f"{kind}/{array}".lower(), changed)


_PARTS = {(kind.rpartition("/")[0], array) for kind, array in FOLDED.items() if array in _HOLDERS}


def _forget_in(document: Document, kind: str, changed: set[str]) -> None:
    properties = document.get("properties")
    if not isinstance(properties, dict):
        return
    for member in _BACK:
        value = properties.get(member)
        if member == "ipConfigurations" and _own_parts(kind):
            continue
        if isinstance(value, list):
            properties[member] = [one for one in value if not _points(one, changed)]
        elif value is not None and _points(value, changed):
            del properties[member]


def _points(reference: Any, changed: set[str]) -> bool:
    """Whether a reference is to a resource of these, or to a part of one."""
    text = reference.get("id") if isinstance(reference, dict) else None
    if not isinstance(text, str):
        return False
    key = text.lower()
    parts = key.split("/")
    return any("/".join(parts[:length]) in changed for length in range(9, len(parts) + 1))
