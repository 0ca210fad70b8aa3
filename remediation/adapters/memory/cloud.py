"""ARM in memory: the same contract as the real one, for tests, for the dry run and for judging a file.

It keeps documents, not behaviour: a PUT replaces, a child's write shows in its parent, versions move on and
are compared, locks hold, operations may take a number of polls. What Azure checks beyond that (policies,
permissions, quotas) is injected by wrapping this cloud in another.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence

from remediation.adapters.memory.documents import (
    NSG,
    SECURITY_RULE,
    Document,
    Documents,
    cased,
    complete,
    holds,
    keep_the_servers_part,
    named,
    refuse_bad_rules,
)
from remediation.arm_lists import parent_type, stands_on
from remediation.errors import ConflictError, PermanentError
from remediation.kinds import ADMIN_RULE, EFFECTIVE_ADMIN_RULE, INLINE_CHILDREN, LOCK, VNET, canonical
from remediation.landing_zone.admin_rules import may_govern
from remediation.model import Json, Listing, Resource, Write, copied, dig
from remediation.ports import Operation, Progress
from remediation.resource_id import ResourceId


class MemoryCloud:
    """A Cloud that holds ARM documents. Every answer is a copy.

    `polls` says how often an operation of a type (lower case; "" for all others) is still running when
    asked; by default everything is done at once. `reads` and `writes` hold what was asked, in order.
    """

    def __init__(self, *documents: Json | Resource, polls: Mapping[str, int] | None = None) -> None:
        self.reads: list[ResourceId | Listing] = []
        self.writes: list[Write] = []
        self._polls = dict(polls or {})
        self._documents: dict[str, Document] = {}
        self._operations: dict[str, _Running] = {}
        self._versions = 0
        self._lock = threading.RLock()
        self.seed(*documents)

    @property
    def resources(self) -> dict[ResourceId, Resource]:
        """Everything there is now; children that their parent's document holds are found in it."""
        with self._lock:
            found = [Resource.of(copied(document)) for document in self._documents.values()]
        return {resource.id: resource for resource in found}

    def seed(self, *documents: Json | Resource) -> None:
        """Put documents there as they are, unrecorded, replacing those with the same id."""
        bodies = [document.body if isinstance(document, Resource) else document for document in documents]
        with self._lock:
            for body in bodies:
                self._documents[ResourceId.parse(body.get("id")).key] = copied(dict(body))
            for body in bodies:
                self._fold(ResourceId.parse(body["id"]))

    def remove(self, resource: ResourceId) -> None:
        """Take a resource and everything under it away, unrecorded."""
        with self._lock:
            self._drop(resource)

    def get(self, resource: ResourceId) -> Resource | None:
        with self._lock:
            self.reads.append(resource)
            found = self._find(resource)
            return None if found is None else Resource(resource, copied(found))

    def list(self, listing: Listing) -> Sequence[Resource]:
        kind, scope = canonical(listing.type), listing.scope.lower().rstrip("/")
        with self._lock:
            self.reads.append(listing)
            if kind == EFFECTIVE_ADMIN_RULE:
                return self._effective(scope)
            found = (Resource.of(body) for body in self._all(kind))
            return [Resource(one.id, copied(one.body)) for one in found if stands_on(one.id, scope)]

    def write(self, write: Write) -> Operation:
        with self._lock:
            gone = write.method == "DELETE" and self._find(write.id) is None
            if not gone:
                self._check_version(write)
                self._check_locks(write)
                self._apply(write)
            self.writes.append(write)
            return Operation() if gone else self._start(write)

    def poll(self, url: str) -> Progress:
        with self._lock:
            operation = self._operations.get(url)
            if operation is None:
                return Progress("succeeded")
            if operation.superseded:
                return Progress("cancelled", "Canceled", "Operation was canceled.")
            if operation.polls > 0:
                operation.polls -= 1
                return Progress("running", retry_after=1.0)
            self._finish(operation.root)
            return Progress("succeeded")

    def _find(self, resource: ResourceId) -> Document | None:
        own = self._documents.get(resource.key)
        if own is not None:
            return own
        siblings = self._siblings(resource)
        matches = (child for child in siblings or () if named(child, resource.name))
        found = next(matches, None)
        if found is not None and "id" not in found:
            found["id"] = resource.text
        return found

    def _siblings(self, resource: ResourceId) -> Documents | None:
        """The array in the parent's document that holds a child, made when missing; None without a parent."""
        field, parent = INLINE_CHILDREN.get(resource.type), resource.parent
        document = self._documents.get(parent.key) if field and parent else None
        if field is None or document is None:
            return None
        children: Documents = document.setdefault("properties", {}).setdefault(field, [])
        return children

    def _all(self, kind: str) -> Iterable[Document]:
        """Every document of a type, those that stand in their parents included."""
        field, above = INLINE_CHILDREN.get(kind), parent_type(kind)
        for document in list(self._documents.values()):
            resource = ResourceId.parse(document["id"])
            if canonical(resource.type) == kind:
                yield document
            elif field and resource.type == above:
                segment = kind.rpartition("/")[2]
                for child in dig(document, "properties", field) or ():
                    yield {"id": f"{document['id']}/{cased(segment, field)}/{child.get('name')}"} | child

    def _effective(self, scope: str) -> Sequence[Resource]:
        """The admin rules that may govern the networks on or under a scope, committed or not."""
        rules = [Resource.of(copied(body)) for body in self._all(ADMIN_RULE)]
        networks = [ResourceId.parse(body["id"]) for body in self._all(VNET)]

        def manager(identity: ResourceId) -> Resource | None:
            body = self._documents.get(identity.key)
            return None if body is None else Resource.of(body)

        return [
            rule
            for network in networks
            if f"{network.key}/".startswith(f"{scope}/")
            for rule in may_govern(rules, network, manager)
        ]

    def _fold(self, resource: ResourceId) -> None:
        """Move a child that was given by itself into its parent, where ARM shows it too."""
        siblings = self._siblings(resource)
        if siblings is None:
            return
        document = self._documents.pop(resource.key)
        if not any(named(child, resource.name) for child in siblings):
            siblings.append(document)

    def _check_version(self, write: Write) -> None:
        current = self._find(write.id)
        etag = None if current is None else current.get("etag")
        if write.if_match is not None and write.if_match not in {"*", etag}:
            raise ConflictError(f"{write.id.text} has another version by now", code="PreconditionFailed")

    def _check_locks(self, write: Write) -> None:
        lock = next((lock for lock in self._all(LOCK) if holds(lock, write)), None)
        if lock is not None:
            raise PermanentError(f"{write.id.text} is locked by {lock['id']}", code="ScopeLocked")

    def _apply(self, write: Write) -> None:
        if write.method == "PUT":
            self._put(write.id, copied(dict(write.body or {})))
        else:
            self._drop(write.id)

    def _put(self, resource: ResourceId, body: Document) -> None:
        body |= {"id": resource.text, "name": resource.name}
        siblings = self._siblings(resource)
        if siblings is None and resource.type in INLINE_CHILDREN:
            raise PermanentError(f"the parent of {resource.text} was not found", code="ResourceNotFound")
        before = self._find(resource)
        if resource.type == NSG:
            keep_the_servers_part(body, before)
            refuse_bad_rules(body["properties"]["securityRules"])
        if resource.type == SECURITY_RULE:
            refuse_bad_rules([*(rule for rule in siblings or () if rule is not before), body])
        if siblings is None:
            self._documents[resource.key] = body
        elif before is None:
            siblings.append(body)
        else:
            siblings[siblings.index(before)] = body

    def _drop(self, resource: ResourceId) -> None:
        siblings = self._siblings(resource)
        if siblings is not None:
            siblings[:] = [child for child in siblings if not named(child, resource.name)]
        for key in [key for key in self._documents if f"{key}/".startswith(f"{resource.key}/")]:
            del self._documents[key]

    def _start(self, write: Write) -> Operation:
        """A new version of the family, and the operation that leads to it, if any."""
        if not write.id.type.startswith("microsoft.network/"):
            return Operation()
        root = write.id.parent if write.id.type in INLINE_CHILDREN else None
        root = root or write.id
        polls = self._polls.get(write.id.type, self._polls.get("", 0))
        self._stamp(root, "Updating" if polls else "Succeeded", only=write.id)
        if not polls:
            return Operation()
        for running in self._operations.values():
            running.superseded |= running.root == root and running.unfinished
        url = f"memory://operations/{len(self._operations) + 1}"
        self._operations[url] = _Running(root, polls)
        return Operation(url, retry_after=1.0)

    def _finish(self, root: ResourceId) -> None:
        if dig(self._documents.get(root.key), "properties", "provisioningState") == "Updating":
            self._stamp(root, "Succeeded")

    def _stamp(self, root: ResourceId, state: str, only: ResourceId | None = None) -> None:
        """Give a resource and its children, which share it, the next version, and those written a state."""
        self._versions += 1
        etag = f'W/"00000000-0000-0000-0000-{self._versions:012d}"'
        document = self._documents.get(root.key)
        if document is None:
            return
        document.setdefault("properties", {})["provisioningState"] = state
        document["etag"] = etag
        for kind, field in INLINE_CHILDREN.items():
            if parent_type(kind) != root.type:
                continue
            for child in dig(document, "properties", field) or ():
                complete(child, f"{root.text}/{cased(kind.rpartition('/')[2], field)}", etag)
                if only is None or only == root or named(child, only.name):
                    child.setdefault("properties", {})["provisioningState"] = state


class _Running:
    """An operation that ARM accepted, and how many polls it still takes."""

    def __init__(self, root: ResourceId, polls: int) -> None:
        self.root = root
        self.polls = polls
        self.superseded = False

    @property
    def unfinished(self) -> bool:
        return self.polls > 0
