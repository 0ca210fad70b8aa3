"""Every resource the lab holds: one document per top-level resource, children inside, as ARM shows them.

Children that Azure shows inside their parent (rules, subnets, peerings, pools) live in the parent's
document and nowhere else, so that parent and child cannot disagree. Answers are encoded once and
kept until something in them changes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from lab.arm import ids
from lab.arm.documents.etags import new_etag
from lab.arm.documents.references import ReferenceIndex, declared, decorated, outgoing, undecorated
from lab.arm.documents.tree import Reference, stamped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.arm.documents.tree import Document

# Children that live inside their parent's document, and under which member.
INLINE: dict[str, str] = {
    f"microsoft.network/{parent}/{member}".lower(): member
    for parent, members in {
        "networkSecurityGroups": ("securityRules", "defaultSecurityRules"),
        "virtualNetworks": ("subnets", "virtualNetworkPeerings"),
        "loadBalancers": (
            "frontendIPConfigurations", "backendAddressPools", "inboundNatRules", "loadBalancingRules",
            "probes", "outboundRules",
        ),
        "networkInterfaces": ("ipConfigurations", "tapConfigurations"),
        "routeTables": ("routes",),
        "serviceEndpointPolicies": ("serviceEndpointPolicyDefinitions",),
    }.items()
    for member in members
}  # fmt: skip


@dataclass(slots=True)
class Record:
    """A stored document and what was made of it. `doc` is replaced, never edited."""

    key: str
    kind: str
    subscription: str
    group: str
    doc: Document
    previous: Document | None = None
    view: Document | None = None
    body: bytes | None = None


class Store:
    """Documents by id, without case."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._by_kind: defaultdict[str, dict[str, Record]] = defaultdict(dict)
        self.links = ReferenceIndex()
        self.subscriptions: dict[str, str] = {}  # in which anything ever stood: key -> as first spelt

    def __len__(self) -> int:
        return len(self._records)

    def get(self, resource_id: str) -> Record | None:
        return self._records.get(resource_id.lower())

    def under(self, prefix: str) -> list[Record]:
        """Everything whose id lies below `prefix`."""
        start = prefix.lower() + "/"
        return [record for key, record in self._records.items() if key.startswith(start)]

    def of_kind(self, kind: str) -> Iterator[Record]:
        """All documents of one type (lower case), ordered by id as lists are."""
        held = self._by_kind.get(kind, {})
        return (held[key] for key in sorted(held))

    def put(self, doc: Document) -> Record:
        """Store a document under its own id, replacing what was there.

        What it refers to, or no longer does, looks different then and gets another etag [?].
        """
        record, seen = self._kept(doc)
        self._restamp(seen - {record.key})
        return record

    def _kept(self, doc: Document) -> tuple[Record, set[str]]:
        """The record of a document now stored, and the keys of others that look different for it."""
        path = ids.parse(doc["id"])
        record = self._records.get(path.key)
        if path.subscription:
            self.subscriptions.setdefault(path.subscription.lower(), path.subscription)
        if record is None:
            record = Record(path.key, path.kind, path.subscription.lower(), path.group.lower(), doc)
            self._records[path.key] = self._by_kind[path.kind][path.key] = record
        else:
            record.previous, record.doc = record.doc, doc
        changed = self.links.replace(record.key, outgoing(doc))
        self._look_again(changed | {record.key})
        return record, changed

    def seed(self, doc: Document) -> Record:
        """Store a document as a GET returned it; its back references hold, their holders known or not."""
        seen = declared(doc)
        record, _ = self._kept(undecorated(doc))
        for each in seen:
            owner = ids.root(each.holder)
            if owner not in self._records:
                self._look_again(self.links.add(owner, [each]))
        return record

    def refer(self, target: str, member: str, holder: str) -> None:
        """Note that a resource the lab does not hold refers to one that it may hold."""
        self._look_again(self.links.add(ids.root(holder), [Reference(target, member, holder)]))

    def remove(self, resource_id: str) -> None:
        key = resource_id.lower()
        record = self._records.pop(key, None)
        if record is not None:
            del self._by_kind[record.kind][key]
        changed = self.links.replace(key, [])
        self._look_again(changed)
        self._restamp(changed)

    def _restamp(self, keys: set[str]) -> None:
        for key in keys:
            record = self._records.get(key)
            if record is not None and record.doc.get("etag"):
                record.doc = stamped(record.doc, new_etag())
                self._look_again({key})

    def view(self, record: Record) -> Document:
        """The document with its back references, as a GET shows it."""
        if record.view is None:
            incoming = self.links.incoming(record.key)
            record.view = decorated(record.doc, incoming) if incoming else record.doc
        return record.view

    def body(self, record: Record) -> bytes:
        if record.body is None:
            record.body = msgspec.json.encode(self.view(record))
        return record.body

    def _look_again(self, keys: set[str]) -> None:
        for key in keys:
            record = self._records.get(key)
            if record is not None:
                record.view = record.body = None


def child(view: Document, member: str, name: str) -> Document | None:
    """The child of that name (without case) in a parent's document."""
    wanted = name.lower()
    children = view.get("properties", {}).get(member, ())
    return next((item for item in children if item.get("name", "").lower() == wanted), None)


def with_child(parent: Document, member: str, item: Document) -> Document:
    """The parent with the child in it, in the place of the one of that name or at the end."""
    children = list(parent["properties"].get(member, ()))
    name = item["name"].lower()
    at = next((i for i, each in enumerate(children) if each["name"].lower() == name), len(children))
    children[at : at + 1] = [item]
    return parent | {"properties": parent["properties"] | {member: children}}


def without_child(parent: Document, member: str, name: str) -> Document:
    kept = [each for each in parent["properties"].get(member, ()) if each["name"].lower() != name.lower()]
    return parent | {"properties": parent["properties"] | {member: kept}}
