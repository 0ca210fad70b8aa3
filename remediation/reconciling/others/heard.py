"""Who changed a target since our last complete look, by the events that were kept of it.

For a finding that a look came upon by way of something else: a tag, a sweep, a replay. An event counts where
it leaves no choice: one principal alone has changed the target since that look, well after it. Otherwise
nobody is named.
"""

from datetime import datetime, timedelta

from remediation.findings import deed_of
from remediation.ledger.inbox import Inbox
from remediation.ledger.targets.record import TargetRecord
from remediation.messages import digest_of
from remediation.model.ascribing import MARGIN
from remediation.model.deeds import NOBODY, Deed
from remediation.ports import Ledger
from remediation.resource_id import ResourceId

LONGEST = timedelta(days=1)
"""What was last seen longer ago is not looked up: each day is a list of the ledger."""
MOST = 2000
"""Events of a day in the target's shard; where there are more nobody can tell cheaply."""


class Heard:
    """Reads the inbox; `judge` names today's baseline and rules."""

    def __init__(self, ledger: Ledger, judge: tuple[str, str]) -> None:
        self._inbox = Inbox(ledger)
        self._judge = judge

    def opener(self, record: TargetRecord, now: datetime, rule: str, resource: str) -> Deed:
        """The change that has opened a rule's finding about a resource, not there at the last complete look.

        Of several by one principal only that principal is told, since any of them may be it.
        """
        mark = record.mark
        if mark is None or (mark.baseline_hash, mark.rules_hash) != self._judge or now - mark.seen > LONGEST:
            return NOBODY
        target = ResourceId.parse(record.id)
        kept = self._inbox.of(target, mark.seen - MARGIN, now + MARGIN, most=MOST)
        deeds = [deed_of(message) for message, received in kept or () if received > mark.seen]
        deeds = [deed for deed in deeds if deed.may_open(rule, resource)]
        makers = {digest_of(deed.actor) for deed in deeds}
        early = [deed for deed in deeds if deed.event_time is None or deed.event_time <= mark.seen + MARGIN]
        if len(makers) != 1 or makers == {""} or early:
            return NOBODY
        return deeds[0] if len(deeds) == 1 else Deed(actor=deeds[0].actor)
