"""Documents of one input made declarations: one for each resource that is compared, its children in it.

Where a child stands both in its parent's list and by itself the one by itself counts, as it is deployed last.
Two documents of one resource that say different things of the same property contradict each other: then
nothing is taken in.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remediation.declared.declaration import Declaration, Declared, Document, Source
from remediation.declared.forms import is_expression, name_of
from remediation.declared.kinds import CHILDREN, KINDS
from remediation.declared.merging import contradictions, joined, properties_of, refuse
from remediation.errors import InvalidResourceId
from remediation.estates.door.normal import identity_of, normal
from remediation.kinds import VNET
from remediation.resource_id import ResourceId

type Where = Callable[[str], Source]
"""Where a resource stands, by its id."""


@dataclass(slots=True)
class _Draft:
    """One resource while its parts come in."""

    id: ResourceId
    source: Source
    document: Document = field(default_factory=dict)
    itself: bool = False
    inline: bool = False
    parts: dict[str, dict[str, tuple[Document, Source]]] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)

    def declaration(self) -> Declaration:
        document = {**self.document, "id": self.id.text, "name": self.id.name}
        properties = {**properties_of(document)}
        alone, children = set(self.alone), dict[str, Source]()
        for array, found in self.parts.items():
            inline = properties.get(array)
            held = inline if isinstance(inline, list) else []
            if not isinstance(inline, list):
                alone.add(array.lower())
            others = [one for one in held if not (isinstance(one, Mapping) and name_of(one).lower() in found)]
            properties[array] = [*others, *(child for child, _ in found.values())]
            children |= {f"{array.lower()}/{name}": source for name, (_, source) in found.items()}
        document["properties"] = properties
        return Declaration(self.id, document, self.source, frozenset(alone), self.itself, children)


class Gathering:
    """Takes documents in, in any order, and gives what they declare; raises InputError for contradictions."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._drafts: dict[str, _Draft] = {}
        self._left_out: Counter[str] = Counter()
        self._unplaced: list[str] = []

    def take(self, document: Mapping[str, Any], source: Source | None = None) -> None:
        """One resource: what is compared of it, and of what it holds."""
        text = identity_of(document)
        if isinstance(text, str) and text.lower().startswith("subscriptions/"):
            text = f"/{text}"  # ARM leaves the slash out of some settings' ids
        try:
            identity = ResourceId.parse(text)
        except InvalidResourceId:
            self._unplaced.append(str(text))
            return
        if "[" in identity.text and any(map(is_expression, identity.text.split("/"))):
            self._unplaced.append(identity.text)
            return
        kind = identity.type
        if kind not in CHILDREN and kind not in KINDS and kind != VNET:
            self._left_out[kind] += 1
            return
        told = normal(dict(document), kind)
        source = source or self._where(identity.text)
        if kind in CHILDREN:
            self._child(identity, told, source)
        elif kind == VNET:
            self._subnets(identity, told, source)
        else:
            self._put(identity, told, source)

    def refer(self, identity: str, path: Sequence[str], target: str, *, many: bool, source: Source) -> None:
        """A reference of a resource that was declared by itself: a subnet's group, a pool of an interface."""
        try:
            own = ResourceId.parse(identity)
        except InvalidResourceId:
            self._unplaced.append(identity)
            return
        if own.type not in KINDS:
            return
        draft = self._draft(own, source)
        holder = draft.document.setdefault("properties", {})
        for array, name in zip(path[:-1:2], path[1:-1:2], strict=True):
            holder = _element(holder, array, name, draft.alone, itself=draft.itself)
        member = path[-1]
        if not many:
            holder[member] = {"id": target}
            return
        held = holder.get(member)
        holder[member] = [*(held if isinstance(held, list) else []), {"id": target}]
        draft.alone.add("/".join(path).lower())

    def declared(self) -> Declared:
        found = {key: draft.declaration() for key, draft in self._drafts.items()}
        return Declared(found, self._left_out, tuple(dict.fromkeys(self._unplaced)))

    def _draft(self, identity: ResourceId, source: Source) -> _Draft:
        return self._drafts.setdefault(identity.key, _Draft(identity, source))

    def _put(self, identity: ResourceId, document: Document, source: Source, *, inline: bool = False) -> None:
        """The resource's own document; one that stood in its parent's counts where there is no other."""
        draft = self._draft(identity, source)
        if draft.itself and inline and not draft.inline:
            return
        if draft.itself and draft.inline == inline:
            before = Declaration(identity, draft.document, draft.source)
            refuse(contradictions(before, Declaration(identity, document, source)), identity, source, source)
        draft.document = joined(draft.document, document) if draft.document else document
        draft.source, draft.itself, draft.inline = source, True, inline

    def _child(self, identity: ResourceId, document: Document, source: Source) -> None:
        parent = identity.parent
        assert parent is not None  # every type in CHILDREN is one of a child
        found = self._draft(parent, source).parts.setdefault(CHILDREN[identity.type], {})
        name = identity.name.lower()
        before = found.get(name)
        child = {**document, "id": identity.text, "name": identity.name}
        if before is not None:
            holders = [
                Declaration(parent, {"properties": {CHILDREN[identity.type]: [one]}}, source)
                for one in (before[0], child)
            ]
            refuse(contradictions(*holders), identity, before[1], source)
        found[name] = child, source

    def _subnets(self, network: ResourceId, document: Document, source: Source) -> None:
        subnets = properties_of(document).get("subnets")
        for subnet in subnets if isinstance(subnets, list) else ():
            name = name_of(subnet) if isinstance(subnet, Mapping) else ""
            if name and not is_expression(name):
                self._put(network.child("subnets", name), dict(subnet), source, inline=True)


def _element(holder: Document, array: str, name: str, alone: set[str], *, itself: bool) -> Document:
    """The properties of one element of a list, made where there is none: then it speaks for itself."""
    elements = holder.setdefault(array, [])
    for element in elements:
        if name == "*" or name_of(element).lower() == name.lower():
            return element.setdefault("properties", {})  # type: ignore[no-any-return]
    made: Document = {"name": name, "properties": {}}
    elements.append(made)
    if not itself:
        alone.add(array.lower())
    return made["properties"]  # type: ignore[no-any-return]
