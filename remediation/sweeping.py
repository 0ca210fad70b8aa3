"""The safety net: put every target of a scope on the queue, whatever events told or failed to tell.

Targets come from lists by type of the whole subscription, and from the findings we remember, so that a
finding on a resource that has vanished is closed.
"""

from remediation.ledger.findings_book import FindingsBook
from remediation.messages import Message
from remediation.model import Listing, ResourceId
from remediation.policy import Policy
from remediation.ports import Cloud, Ledger, Queue
from remediation.rules import judged_types


class Sweeper:
    """Finds targets; judging them is left to the queue."""

    def __init__(self, cloud: Cloud, ledger: Ledger, queue: Queue, policy: Policy) -> None:
        self._cloud = cloud
        self._book = FindingsBook(ledger)
        self._queue = queue
        self._policy = policy

    def sweep(self, scope: ResourceId, message: Message) -> int:
        """Queue every target in a subscription or resource group; returns how many."""
        targets = self._listed(scope) | self._remembered(scope)
        for target in targets.values():
            self._queue.send(
                Message(
                    target=target.text,
                    reason="sweep",
                    force=True,
                    replay_id=message.replay_id,
                    actor=message.actor,
                    operation=message.operation,
                    event_time=message.event_time,
                    correlation_id=message.correlation_id,
                )
            )
        return len(targets)

    def _listed(self, scope: ResourceId) -> dict[str, ResourceId]:
        subscription = f"/subscriptions/{scope.subscription}"
        found: dict[str, ResourceId] = {}
        for kind in sorted(judged_types()):
            for resource in self._cloud.list(Listing(kind, subscription)):
                if _within(resource.id, scope):
                    found[resource.id.key] = resource.id
        return found

    def _remembered(self, scope: ResourceId) -> dict[str, ResourceId]:
        targets = [ResourceId.parse(findings.target) for findings in self._book.all()]
        return {target.key: target for target in targets if _within(target, scope)}


def _within(resource: ResourceId, scope: ResourceId) -> bool:
    return resource.key.startswith(scope.key + "/")
