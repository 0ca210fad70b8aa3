"""What a lab's Azure consists of: its documents, its operations and its settings. Nothing here answers.

Verbs take an `Arm` and change it, all inside one call, so that nothing has to be locked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.arm import errors, ids
from lab.arm.changes import Change, Changes, ChangeStatus
from lab.arm.clock import Clock
from lab.arm.documents.store import Store
from lab.arm.ids import GROUPS
from lab.arm.kinds.base import World
from lab.arm.kinds.resource_group import group_document
from lab.arm.settings import Settings
from lab.arm.state.activity_log import ActivityLog
from lab.arm.state.authorization import Authorization
from lab.arm.state.faults import Faults
from lab.arm.state.log import Log
from lab.arm.state.operations import Operations
from lab.arm.state.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lab.arm.calls import Call
    from lab.arm.documents.tree import Document


class Arm:
    """A small Azure: resources, operations, events, buckets, faults, a log and a clock."""

    def __init__(self, clock: Clock | None = None, settings: Settings | None = None) -> None:
        self.clock = clock or Clock()
        self.settings = settings or Settings()
        self.store = Store()
        self.world = World(self.store, self.clock, self.settings)
        self.operations = Operations(self.clock)
        self.changes = Changes()
        self.faults = Faults()
        self.log = Log()
        self.activity = ActivityLog(self.clock, self.settings)
        self.throttle = Throttle(self.clock, self.settings)
        self.authorization = Authorization(self.settings, self.store)
        self.shareable_links: dict[str, list[Document]] = {}
        self.power: dict[str, str] = {}  # of machines that were stopped, by key
        self.lab_routes: dict[tuple[str, str], Callable[[Any], Any]] = {}
        self.changes.subscribe(self.activity.note)

    def settle(self) -> int:
        """End every operation that is due by the clock; returns how many ended."""
        return self.operations.settle()

    def advance(self, seconds: float) -> float:
        """Move the clock and end what is due then; returns the new time."""
        now = self.clock.advance(seconds)
        self.operations.settle()
        return now

    def seed(self, documents: Iterable[Document]) -> int:
        """Store documents as a GET would return them; their groups come into being with them."""
        count = 0
        for count, document in enumerate(documents, start=1):
            if not document.get("id"):
                raise ValueError(f"seed {count} is no resource: it has no id")
            self._seed_group(document)
            self.store.seed(with_defaults(document))
        return count

    def _seed_group(self, document: Document) -> None:
        path = ids.parse(document["id"])
        group_id = f"/subscriptions/{path.subscription}/resourceGroups/{path.group}"
        if path.group and path.type != GROUPS and self.store.get(group_id) is None:
            self.store.put(group_document(group_id, path.group, document.get("location") or "westeurope"))

    def unseed(self, resource_ids: Iterable[str]) -> None:
        """Take documents away without an operation or an event, as if they had never been."""
        for each in resource_ids:
            self.store.remove(each)

    def reset(self) -> None:
        """Forget resources, operations, faults and logs; clock and settings stay."""
        self.store = self.authorization.store = Store()
        self.world = World(self.store, self.clock, self.settings)
        self.shareable_links.clear()
        self.power.clear()
        for each in (self.operations, self.faults, self.log, self.activity):
            each.clear()
        self.throttle.reset()

    def subscriptions(self) -> list[str]:
        """Those in which anything ever stood, and those the settings name."""
        named = {each.lower(): each for each in self.settings.subscriptions}
        return sorted((named | self.store.subscriptions).values())

    def knows(self, subscription: str) -> bool:
        key = subscription.lower()
        return key in self.store.subscriptions or key in map(str.lower, self.settings.subscriptions)

    def group_name(self, path: ids.ArmPath) -> str:
        """The group as first created; 404 if there is none."""
        if not path.group:
            return ""
        record = self.store.get(f"/subscriptions/{path.subscription}/resourceGroups/{path.group}")
        if record is None:
            raise errors.group_not_found(path.group)
        return str(record.doc["name"])

    def publish(
        self,
        call: Call,
        operation_name: str,
        status: ChangeStatus = "Succeeded",
        *,
        created: bool = False,
        code: str = "",
    ) -> None:
        """Tell the listeners that the change a request asked for has ended."""
        self.changes.publish(
            Change(
                operation_name=operation_name,
                resource_id=_resource_of(call),
                caller=call.caller,
                method=call.method,
                url=f"https://management.azure.com{call.raw_path}?api-version={call.api_version}",
                status=status,
                time=self.clock.now(),
                correlation_id=call.correlation_id,
                client_request_id=call.headers.get("x-ms-client-request-id", call.correlation_id),
                user_agent=call.user_agent,
                created=created,
                code=code,
            )
        )


def _resource_of(call: Call) -> str:
    """The resource an event is about: for an action, what it was done to."""
    return call.path.text.rpartition("/")[0] if call.method == "POST" else call.path.text


def with_defaults(document: Document) -> Document:
    """A seeded document with what its id says about it, where it does not say so itself."""
    path = ids.parse(document["id"])
    return {"name": path.name, "type": path.type, "properties": {}} | document
