"""Spreads a message: what a change means for others goes to the neighbourhood lane.

A neighbour that changed, and a scope that is to be swept, wait as marks for the next round of their
subscription. A target that was looked at may be a neighbour of others, so it leaves a mark as well.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from remediation.intake.routing import route_id
from remediation.kinds import BY_WORD_ALONE
from remediation.ledger.reverse_index import ReverseIndex
from remediation.messages import Message
from remediation.model import Ending, Outcome
from remediation.ports import Ports
from remediation.reconciling.declaring.eye import Eye
from remediation.reconciling.handing_on import Later
from remediation.reconciling.rounds.collecting import Collector
from remediation.reconciling.rounds.rounds import Rounds
from remediation.resource_id import ResourceId
from remediation.telling.announcing import Herald

# A look for one of these reasons was asked for by another look, which has told everybody already.
TELLS_NOBODY = frozenset({"neighbour", "sweep", "baseline", "second look"})


class Spreader:
    """Passes to the neighbourhood lane what a change or a sweep means for others."""

    def __init__(
        self,
        ports: Ports,
        reverse_index: ReverseIndex,
        collector: Collector,
        rounds: Rounds,
        later: Later,
        herald: Herald,
        eye: Eye | None = None,
    ) -> None:
        self._eye = eye
        self._queue = ports.queue
        self._clock = ports.clock
        self._reverse_index = reverse_index
        self._collector = collector
        self._rounds = rounds
        self._later = later
        self._herald = herald

    def spread(self, message: Message, resource: ResourceId) -> Outcome:
        """Keep a neighbour or a scope for the next round, or run one.

        A good end resolves what an earlier one gave up on.
        """
        if message.round is None:
            self._hear(message, resource)
            outcome = self._collector.collect(message, resource)
        else:
            later = self._later.wait_with_everybody(message, resource, "")
            if later is not None:
                return later
            outcome = self._rounds.run(message, resource)
        if outcome.ending is Ending.EXPANDED:
            records = self._herald.record_reached(resource, message)
            self._herald.announce(resource, records.values(), message.replay_id)
        return outcome

    def _hear(self, message: Message, resource: ResourceId) -> None:
        """Note who wrote a neighbour that may have been declared: of two marks of it the later is kept."""
        if self._eye is not None and message.expand is not None and resource.type in BY_WORD_ALONE:
            self._eye.hear(message, resource, self._clock.now(), None)

    def compare(self, message: Message, target: ResourceId) -> None:
        """Have the next round compare the version of a target with the one that its last look saw.

        That look may have been given an older version than the one of a change that an event tells of late.
        """
        late = msgspec.structs.replace(message, reason="late event", attempt=0, force=True)
        self._collector.compare(late, target)

    def tell_dependents(self, message: Message, target: ResourceId) -> None:
        """A target that changed may be a neighbour of others; they look too, but tell nobody further.

        What routing expands anyway has told them by a message of its own.
        """
        if message.reason in TELLS_NOBODY or route_id(target).expand is not None:
            return
        self._reverse_index.changed(target, self._clock.now())
        if any(reader != target for reader in self._reverse_index.of(target, 1)):
            self._collector.collect(msgspec.structs.replace(message, target=None, expand=target.text), target)

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
