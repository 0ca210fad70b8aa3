"""Notes where a repair of ours had been made already when we came to write it; see `telling.second_guard`."""

import logging
from collections.abc import Callable

from remediation.errors import BastionGuardError
from remediation.ledger.targets import beaten
from remediation.ledger.targets.beaten import Beaten
from remediation.model import Finding, Json, Write
from remediation.ports import Clock, Ledger
from remediation.reconciling.writing import holds
from remediation.resource_id import ResourceId

log = logging.getLogger("bastion_guard.reconcile")


class AheadOfUs:
    """Compares what is there now with what we were about to write."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def note(self, target: str, finding: Finding, wanted: Write, now: Callable[[], Json | None]) -> None:
        """Note it if the document says exactly what our write was to say. Noting stops nothing."""
        try:
            if holds(now(), wanted.body):
                log.info("repair.was_made", extra={"target": target, "rule": finding.rule})
                beaten.note(
                    self._ledger, Beaten(self._clock.now(), ResourceId.parse(target).text, finding.rule)
                )
        except BastionGuardError as error:
            log.warning("repair.unnoted", extra={"target": target, "reason": str(error)})
