"""How the handling of a message ends: which ending a look has, and the line that tells it in the log."""

import logging

from remediation.findings import Look
from remediation.messages import Message
from remediation.model import Ending, Outcome

log = logging.getLogger("bastion_guard.reconcile")


def ending_of(look: Look) -> Ending:
    """What a look comes to; what people have to act on counts before what was repaired."""
    if look.gone:
        return Ending.GONE
    if look.plan.alerts or look.plan.proposals:
        return Ending.OPEN
    if look.unknowns:
        return Ending.UNKNOWN
    return Ending.REPAIRED if look.repaired else Ending.COMPLIANT


def log_outcome(message: Message, outcome: Outcome) -> None:
    """One line for each message that was handled."""
    facts = {
        "ending": outcome.word,
        "target": outcome.target,
        "detail": outcome.detail,
        "reason": message.reason,
        "attempt": message.attempt,
        "event_id": message.event_id,
        "correlation_id": message.correlation_id,
        "findings": [finding.rule for finding in outcome.findings],
    }
    level = logging.WARNING if outcome.ending in {Ending.GAVE_UP, Ending.REFUSED} else logging.INFO
    log.log(level, "reconcile.done", extra=facts)
