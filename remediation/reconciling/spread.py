"""Spreads a message: work that only queues other work.

A neighbour that changed is expanded into the targets that refer to it or have read it; a scope is swept. A
target that was looked at may be a neighbour of others, so they are told as well.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from remediation.intake.expansion import expand
from remediation.ledger.reverse_index import ReverseIndex
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.policy import Policy
from remediation.ports import Ports
from remediation.reconciling.handing_on import Later
from remediation.reconciling.sweeping import Sweeper
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald

# A look for one of these reasons was asked for by another look, which has told everybody already.
TELLS_NOBODY = frozenset({"neighbour", "sweep", "baseline", "second look"})


class Spreader:
    """Queues a look at every target that a change or a sweep concerns."""

    def __init__(
        self,
        ports: Ports,
        policy: Policy,
        reverse_index: ReverseIndex,
        sweeper: Sweeper,
        later: Later,
        herald: Herald,
    ) -> None:
        self._cloud = ports.cloud
        self._queue = ports.queue
        self._clock = ports.clock
        self._policy = policy
        self._reverse_index = reverse_index
        self._sweeper = sweeper
        self._later = later
        self._herald = herald

    def spread(self, message: Message, resource: ResourceId) -> Outcome:
        """Expand a neighbour or sweep a scope; a good end resolves what an earlier one gave up on."""
        later = self._later.wait_with_everybody(message, resource, "")
        if later is not None:
            return later
        if message.expand is not None:
            outcome = self._expand(message, resource)
        else:
            count = self._sweeper.sweep(resource, message)
            outcome = Outcome(Ending.EXPANDED, resource.text, f"{count} targets queued")
        records = self._herald.record_reached(resource, message)
        self._herald.announce(resource, records.values(), message.replay_id)
        return outcome

    def tell_dependents(self, message: Message, target: ResourceId) -> None:
        """A target that changed may be a neighbour of others; they look too, but tell nobody further."""
        if message.reason in TELLS_NOBODY:
            return
        self._reverse_index.changed(target, self._clock.now())
        for reader in self._reverse_index.of(target, self._policy.fan_out):
            if reader != target:
                self._queue.send(msgspec.structs.replace(message, target=reader.text, reason="neighbour"))

    def note_reads(
        self,
        message: Message,
        target: ResourceId,
        before: Iterable[str],
        now: Sequence[str],
        looked_at: datetime,
    ) -> None:
        """Note what a judgement read (id keys): `before` the last time, `now` this time.

        Who changed since `looked_at` did not find the target among its readers yet: it is looked at again.
        """
        fresh = self._reverse_index.note(target, before, now)
        if self._reverse_index.changed_since(fresh, looked_at):
            self._queue.send(message.again("look again"))

    def _expand(self, message: Message, neighbour: ResourceId) -> Outcome:
        self._reverse_index.changed(neighbour, self._clock.now())
        touched = expand(self._cloud, self._reverse_index, neighbour, self._policy.fan_out)
        if touched.overflow:
            scope = f"/subscriptions/{neighbour.subscription}"
            self._queue.send(msgspec.structs.replace(message, expand=None, sweep=scope, reason="fan-out"))
            return Outcome(Ending.EXPANDED, neighbour.text, "touches too many to name: a sweep is queued")
        for target in touched.targets:
            work = msgspec.structs.replace(
                message, expand=None, target=target.text, reason="neighbour", force=True
            )
            self._queue.send(work)
        return Outcome(Ending.EXPANDED, neighbour.text, f"{len(touched.targets)} targets queued")
