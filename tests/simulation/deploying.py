"""A pipeline among the people: the log that knows it, and what must hold of every write beside it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from remediation.intake.fetching.port import LogPage
from remediation.messages import utc
from remediation.model import Resource, Write
from remediation.nsg import difference, parse
from remediation.reconciling.writing import same
from remediation.resource_id import ResourceId
from tests.simulation.azure import Change
from tests.simulation.laws import NOBODY_SAW, Laws, target_of
from tests.simulation.scheduler import Task


class Log:
    """ARM's own record, which knows of a change at once."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._records: list[dict[str, Any]] = []

    def note(self, event: Mapping[str, Any], change: Change) -> None:
        verb = "write" if change.write.method == "PUT" else "delete"
        self._records.append(
            {
                "eventDataId": event["id"],
                "eventTimestamp": event["eventTime"],
                "operationName": f"{change.write.id.type}/{verb}",
                "resourceId": change.write.id.text,
                "status": "Succeeded",
                "category": "Administrative",
                "claims": event["data"]["claims"],
            }
        )

    def pages(self, subscription: str, since: datetime, until: datetime | None) -> Iterator[LogPage]:
        records = [
            one
            for one in reversed(self._records)
            if since <= utc(datetime.fromisoformat(one["eventTimestamp"])) and until is None
        ]
        yield LogPage(records, self._now())


class DeployedLaws(Laws):
    """Never against a deployer, and nothing is let in by itself."""

    def before(self, task: Task, write: Write) -> bool:
        return True

    def after(self, task: Task, change: Change, proven: bool) -> None:
        if _lets_in(change):
            self.witness.broken.append(f"{change.by}: {change.write.id.text} lets more in, by itself")
        looked = self.witness.reads.get((task, target_of(change.write)), NOBODY_SAW)
        word = self.azure.deployed.get(change.root.key)
        if word is None or not _is_against(word, change):
            return
        if word.number > looked.number or looked.stale:
            self.witness.counts["in the gap between read and write: a deployment"] += 1
        else:
            self.witness.broken.append(f"{change.by}: {change.write.id.text} was as the pipeline left it")


def _lets_in(change: Change) -> bool:
    before, after = (
        parse({} if one is None else dict(one.body)) for one in (change.root_before, change.root_after)
    )
    return bool(difference(before, after, portless=False).added)


def _is_against(word: Change, change: Change) -> bool:
    """Whether what is written over is what the pipeline left of it."""
    left = _rule(word.root_after, change.write.id)
    return same(left, None if change.before is None else change.before.body)


def _rule(group: Resource | None, rule: ResourceId) -> Mapping[str, Any] | None:
    rules = () if group is None else group.body["properties"].get("securityRules", ())
    return next((one for one in rules if one["name"].lower() == rule.name.lower()), None)
