"""The record of what is in force as the baseline that a worker judges by."""

from dataclasses import replace

from remediation import baseline
from remediation.baseline import NOTHING, Baseline
from remediation.declared.rule import DECLARED_DRIFT
from remediation.errors import ConfigurationError, Mistake
from remediation.ledger.decided.in_force import NO_BASELINE, InForce
from remediation.ledger.decided.texts import Texts
from remediation.ports import Ledger
from remediation.rules import registry

UNKNOWN = "unreadable"
"""The hash of a baseline that stands in for what nobody can read."""


def kept_text(ledger: Ledger, in_force: InForce) -> Baseline:
    """The baseline from the text that the ledger keeps, without a stop.

    Raises ConfigurationError where it is missing or this release cannot read it, and UnreadableError where
    the record is damaged.
    """
    if in_force.hash == NO_BASELINE:
        return NOTHING
    kept = Texts(ledger).get(in_force.hash)
    if kept is None:
        kind = f"the text of the one in force ({in_force.hash}) is not in the ledger"
        raise ConfigurationError(Mistake.at("baseline", kind))
    found = baseline.read(
        kept.text, name=kept.source or "baseline", known_rules=[*registry(), DECLARED_DRIFT.id]
    )
    return replace(found, hash=in_force.hash)


def with_stop(in_force: InForce, standard: Baseline) -> Baseline:
    """The baseline with the stop laid over it, if there is one, and with whether any file declares."""
    if in_force.files:
        declared = replace(standard.declared, files=True)
        standard = replace(standard, declared=declared, hash=in_force.effective_hash)
    if in_force.stop is None:
        return standard
    return replace(standard, mode="observe", hash=in_force.effective_hash, stopped=in_force.stop.text)


def held_back(standard: Baseline, why: str) -> Baseline:
    """A baseline that only proposes, because nobody can tell what is in force."""
    return replace(standard, mode="observe", hash=UNKNOWN, stopped=why)
