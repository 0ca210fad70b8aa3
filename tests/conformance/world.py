"""What a session found already there, told from the session alone and seeded into the lab.

A resource the session never made is seeded from its first GET (or the list it first appears in); one
that is only deleted, written over or referred to becomes a stub. What requests outside the recording
did in between shows as a new etag without a write, or as a holder that came or went: it is followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lab.arm import ids
from lab.arm.documents.references import declared
from lab.arm.documents.store import INLINE
from lab.arm.kinds.resource_group import group_document
from tests.conformance.effective import ACTIONS, told_by
from tests.conformance.shown import Document, ids_in, resources_in, version_of

if TYPE_CHECKING:
    from tests.conformance.recordings import Interaction, Session

type Send = Callable[[str, str, Any], Any]  # method, name under /_lab, body
type Look = Callable[[str], Document | None]  # a resource as the lab shows it now

N = "microsoft.network/"
ID = re.compile(r"/subscriptions/[^\s,']+?(?=[.,]?(?:\s|$))")
SUBNET_IN_USE = re.compile(r"Subnet (\S+) is in use by")
# What shows the holders of a resource that is in use.
HELD = {
    N + "publicipaddresses": "ipConfiguration",
    N + "networkinterfaces": "virtualMachine",
    N + "virtualnetworks/subnets": "ipConfigurations",
    N + "networksecuritygroups": "networkInterfaces",
}
HELD_BY = {(N + "networksecuritygroups", N + "virtualnetworks/subnets"): "subnets"}
PEERING = N + "virtualnetworks/virtualnetworkpeerings"
SCOPED = ("microsoft.insights/", "microsoft.authorization/", "microsoft.resources/")


class Surroundings:
    """What the lab must hold before each request of a session."""

    def __init__(self, session: Session, lab: Send, look: Look, translate: Callable[[Any], Any]) -> None:
        self._session = session
        self._lab = lab
        self._look = look
        self._translate = translate
        self._seeded: dict[str, Document] = {}
        self._stubs: set[str] = set()
        self.own: set[str] = set()  # keys of what the session wrote or deleted
        self._made: set[str] = set()  # keys of what it wrote
        self._shown: dict[str, Document] = {}  # what the recording last showed, by key
        self._quiet: set[str] = set()  # keys not written near since their etag was seen
        self._gap = False

    def before(self, index: int) -> None:
        """Seed what this request needs to find."""
        interaction = self._session.interactions[index]
        self._gap = self._gap or self._session.gap_before(index)
        path = interaction.arm_path
        if interaction.is_poll or not path.well_formed:
            return
        self._group(path)
        self._parents(interaction)
        for document in resources_in(interaction):
            self._found(document)
        self._written_over(interaction)
        self._peered(interaction)
        self._refused_for(interaction)
        self._acted_on(interaction)
        self._removed_elsewhere(interaction)

    def after(self, index: int) -> None:
        """Remember what this request did and showed."""
        interaction = self._session.interactions[index]
        path = interaction.arm_path
        if interaction.method in {"PUT", "PATCH", "DELETE"} and interaction.succeeded:
            self.own.add(path.key)
            if interaction.method != "DELETE":
                self._made.add(path.key)
            self._quiet = {
                key for key in self._quiet if ids.parse(key).type == ids.GROUPS and key != path.key
            }
        for document in resources_in(interaction):
            self._shown[ids.parse(document["id"]).key] = document
            self._quiet.add(ids.parse(document["id"]).key)

    def _known(self, key: str) -> bool:
        return key in self.own or (key in self._seeded and key not in self._stubs)

    def _vague(self, key: str) -> bool:
        """Whether nothing ever told what a resource refers to: never shown, never put."""
        return key not in self._made and (key not in self._seeded or key in self._stubs)

    def _seed(self, document: Document, *, stub: bool = False) -> None:
        key = ids.parse(document["id"]).key
        self._seeded[key] = document
        (self._stubs.add if stub else self._stubs.discard)(key)
        self._lab("POST", "seed", [document])

    def _group(self, path: ids.ArmPath) -> None:
        group_id = f"/subscriptions/{path.subscription}/resourceGroups/{path.group}"
        if path.group and group_id.lower() not in self._seeded and group_id.lower() not in self.own:
            first = next(
                (each for each in self._session.interactions if each.arm_path.group == path.group), None
            )
            missing = (
                first
                and isinstance(first.body, dict)
                and "ResourceGroupNotFound" in str(first.body.get("error"))
            )
            if not missing:
                self._seed(group_document(group_id, path.group, self._session.location), stub=True)

    def _parents(self, interaction: Interaction) -> None:
        """The resource a child or a setting stands on, if the answer implies that it is there."""
        path = interaction.arm_path
        child_missing = interaction.error.get("code") == "NotFound" and len(path.names) > 1
        if not interaction.succeeded and not child_missing:
            return
        if path.kind.startswith(SCOPED):
            self._stub(path.scope)
        elif len(path.names) > 1 or (path.names and not path.complete):
            self._stub(path.parent if path.complete else path.text.rpartition("/")[0])

    def _stub(self, resource_id: str) -> None:
        path = ids.parse(resource_id)
        if (
            path.key in self.own
            or path.key in self._seeded
            or not path.names
            or path.kind == ids.GROUPS.lower()
        ):
            return
        if path.kind in INLINE:
            self._child({"name": path.name, "id": path.text, "etag": "", "properties": {}})
            return
        properties: Document = {"provisioningState": "Succeeded"}
        for member in ("subnets", "securityRules"):
            children = self._referred_children(path, member)
            if children or INLINE.get(f"{path.kind}/{member.lower()}"):
                properties[member] = children
        stub = {"id": path.text, "name": path.name, "type": path.type, "etag": "", "properties": properties}
        self._seed(stub | {"location": self._location_of(path)}, stub=True)

    def _location_of(self, path: ids.ArmPath) -> str:
        """Where a resource is: as any answer of the session about it says, else where the session is."""
        for each in self._session.interactions:
            shown = each.body.get("location") if isinstance(each.body, dict) else None
            if shown and each.arm_path.key == path.key:
                return str(shown)
        return self._session.location

    def _referred_children(self, path: ids.ArmPath, member: str) -> list[Document]:
        """Children of a stub that seeded resources refer to."""
        prefix = f"{path.key}/{member.lower()}/"
        found = {each.lower(): each for document in self._seeded.values() for each in ids_in(document)}
        return [
            {
                "name": ids.parse(each).name,
                "id": each,
                "etag": "",
                "properties": {"provisioningState": "Succeeded"},
            }
            for key, each in found.items()
            if key.startswith(prefix) and ids.parse(each).kind in INLINE
        ]

    def _child(self, document: Document) -> None:
        """A child is seeded inside its parent."""
        path = ids.parse(document["id"])
        self._stub(path.parent)
        parent = self._look(path.parent)
        if parent is None:
            return
        member = INLINE[path.kind]
        kept = [
            each for each in parent["properties"].get(member, []) if each["name"].lower() != path.name.lower()
        ]
        self._seed(parent | {"properties": parent["properties"] | {member: [*kept, document]}}, stub=True)
        self._seeded[path.key] = document

    def _found(self, document: Document) -> None:
        key = ids.parse(document["id"]).key
        path = ids.parse(key)
        elsewhere = key in self._quiet and version_of(self._shown[key]) != version_of(document)
        if not self._known(key) and not (path.kind in INLINE and self._known(ids.parse(path.parent).key)):
            (self._child if path.kind in INLINE else self._seed)(document)
        elif elsewhere and path.kind not in INLINE:
            self._seed(self._translate(document))
        else:
            self._follow_holders(document)

    def _written_over(self, interaction: Interaction) -> None:
        path, implies = interaction.arm_path, {"PUT": {200}, "PATCH": {200, 202}, "DELETE": {200, 202, 400}}
        if interaction.status not in implies.get(interaction.method, set()):
            return
        if path.key in self.own or path.key in self._seeded or path.kind == ids.GROUPS.lower():
            return
        if path.kind.startswith(SCOPED):
            self._scoped(interaction)
        elif isinstance(interaction.body, dict) and "properties" in interaction.body:
            (self._child if path.kind in INLINE else self._seed)(interaction.body)
        else:
            self._stub(path.text)

    def _scoped(self, interaction: Interaction) -> None:
        """A setting, lock or assignment that was there: as the answer shows it, or the least there can be."""
        path = interaction.arm_path
        always_200 = path.kind.startswith("microsoft.insights/") and interaction.method == "PUT"
        if always_200 or not path.complete or path.kind == "microsoft.resources/tags":
            return
        least = {
            "id": path.text,
            "name": path.name,
            "type": path.type,
            "properties": {"level": "CanNotDelete"},
        }
        self._seed(
            interaction.body if isinstance(interaction.body, dict) and "id" in interaction.body else least
        )

    def _peered(self, interaction: Interaction) -> None:
        """The networks a peering tells of, where the session never shows them."""
        body = interaction.body
        if interaction.arm_path.kind != PEERING or not isinstance(body, dict):
            return
        for document in (body, *(body.get("value") or ())):
            said = document.get("properties") or {}
            remote = (said.get("remoteVirtualNetwork") or {}).get("id", "")
            space = said.get("remoteVirtualNetworkAddressSpace") or said.get("remoteAddressSpace")
            self._network(remote, space, said.get("remoteSubnetNames"))
            near = ids.root(interaction.path)
            self._network(near, said.get("localVirtualNetworkAddressSpace"), said.get("localSubnetNames"))

    def _network(self, network_id: str, space: Document | None, names: list[str] | None) -> None:
        if not network_id or not space or self._known(network_id.lower()):
            return
        self._stub(network_id)
        stub = self._look(network_id)
        if stub is None:
            return
        prefixes = space["addressPrefixes"]
        told: Document = {"addressSpace": {"addressPrefixes": prefixes}}
        if names:
            told["subnets"] = [
                {
                    "name": name,
                    "id": f"{stub['id']}/subnets/{name}",
                    "etag": "",
                    "properties": {"addressPrefix": prefix},
                }
                for name, prefix in zip(names, prefixes, strict=False)
            ]
        self._seed(stub | {"properties": stub["properties"] | told}, stub=True)

    def _refused_for(self, interaction: Interaction) -> None:
        """A refusal names what is in the way, or shows that the caller may not: let it be so."""
        path, text = interaction.arm_path, str(interaction.error.get("message", ""))
        if interaction.error.get("code") == "AuthorizationFailed":
            fault = {
                "match": {"method": interaction.method, "path": path.text},
                "effect": {"preset": "forbidden"},
            }
            self._lab("POST", "faults", fault | {"count": 1})
        if interaction.method != "DELETE" or interaction.status != 400:
            return
        target = path.text
        named = SUBNET_IN_USE.match(text)
        if named and path.kind.endswith("/virtualnetworks"):
            target = f"{path.text}/subnets/{named[1]}"
            self._child({"name": named[1], "id": target, "etag": "", "properties": {}})
        for holder in dict.fromkeys(ID.findall(text)):
            member = HELD_BY.get(
                (ids.node_type(target), ids.node_type(holder)), HELD.get(ids.node_type(target))
            )
            if member and holder.lower() != target.lower() and self._vague(ids.root(holder)):
                self._lab("POST", "references", [{"target": target, "member": member, "holder": holder}])

    def _acted_on(self, interaction: Interaction) -> None:
        """The interface whose effective rules or routes are asked for, where the session never made it."""
        path = interaction.path.lower().rstrip("/")
        if interaction.method != "POST" or not path.endswith(ACTIONS):
            return
        nic = interaction.path.rstrip("/").rpartition("/")[0]
        end = self._session.end_of(interaction.operation_id)
        result = interaction.body if interaction.status == 200 else end.body if end else None
        if not isinstance(result, dict) or self._known(nic.lower()):
            return
        for document in told_by(nic, result, self._session.location):
            if not self._known(ids.parse(document["id"]).key):
                self._seed(document, stub=True)

    def _foreign(self, holder: str) -> bool:
        """Whether no request of the session ever wrote the resource a holder belongs to."""
        root = ids.root(holder)
        return all(
            ids.root(each.path) != root or each.method not in {"PUT", "PATCH", "DELETE"} or each.is_poll
            for each in self._session.interactions
        )

    def _follow_holders(self, document: Document) -> None:
        """Holders the session never wrote come and go as the answer shows."""
        shown = {(each.target.lower(), each.member, each.holder.lower()): each for each in declared(document)}
        now = self._look(document["id"])
        held = {
            (each.target.lower(), each.member, each.holder.lower()): each
            for each in declared(now or document)
        }
        for key, each in shown.items():
            if key not in held and self._foreign(each.holder):
                self._lab(
                    "POST",
                    "references",
                    [{"target": each.target, "member": each.member, "holder": each.holder}],
                )
        gone = [
            ids.root(each.holder)
            for key, each in held.items()
            if key not in shown and self._foreign(each.holder)
        ]
        if gone and self._gap:
            self._lab("DELETE", "seed", gone)

    def _removed_elsewhere(self, interaction: Interaction) -> None:
        """What is deleted without complaint had lost the holders the session does not know."""
        if interaction.method != "DELETE" or not interaction.succeeded or not self._gap:
            return
        now = self._look(interaction.path)
        gone = [ids.root(each.holder) for each in declared(now) if self._foreign(each.holder)] if now else []
        if gone:
            self._lab("DELETE", "seed", gone)
