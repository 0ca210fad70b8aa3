"""A person's word for one repair: which guards it lifts, and for exactly what.

Whoever applies a proposal takes the team's threshold and observe mode upon themselves, and gives the consent
that a rule may ask for. Nothing else is theirs to lift: locks, what others left alone, whose resource it is,
the budget and a stop hold a repair back whoever asks. The word is for what was shown: where the look finds
anything else, it is for nothing.
"""

from dataclasses import dataclass, field

from remediation.model import Finding, Guard, Write
from remediation.model.fitting import LONGEST_MESSAGE, MORE, step_digest
from remediation.model.records import FindingRecord, name_of

LIFTED = frozenset({Guard.OBSERVING, Guard.BELOW_THRESHOLD, Guard.NEEDS_CONSENT, Guard.DECLARED})
"""Guards that a person's word lifts. Observing is none of them while somebody has stopped all writing; what
is put back against a template is undone by whoever deploys next."""


@dataclass(slots=True)
class Consent:
    """The word of one person (`by`, as records name an actor) for the repair of the finding that was `shown`.

    `begun` once a write was sent under it: what is left of the repair then counts as shown.
    """

    shown: FindingRecord
    by: dict[str, str]
    begun: bool = field(default=False)

    def is_for(self, finding: Finding) -> bool:
        """Whether a finding is the one that was shown, or what is left of it after a write of ours."""
        if name_of(finding.rule, finding.resource.text) != self.shown.name or finding.fix is None:
            return False
        return self._is_rest(finding.fix.writes) if self.begun else self.is_as_shown(finding)

    def is_as_shown(self, finding: Finding) -> bool:
        """Whether a finding says the same as what was shown, and would write the same."""
        packet = {} if finding.witness is None else finding.witness.to_json()
        writes = finding.fix.writes if finding.fix else ()
        return (
            finding.severity.text == self.shown.severity
            and _is_told(finding.message, self.shown)
            and packet == dict(self.shown.witness)
            and _are_told(writes, self.shown)
        )

    def _is_rest(self, writes: tuple[Write, ...]) -> bool:
        """A step that follows may be worded by the one before it; it is on what was shown all the same."""
        fix = self.shown.fix
        known = {str(one.get("id", "")).lower() for one in fix.writes} if fix else set()
        digests = set(fix.rest) if fix else set()
        return all(write.id.key in known or step_digest(write.to_json()) in digests for write in writes)


def _is_told(message: str, shown: FindingRecord) -> bool:
    if not shown.cut:
        return message == shown.message
    kept = LONGEST_MESSAGE - 100  # one that was shortened ends in a mark
    return message[:kept] == shown.message[:kept]


def _are_told(writes: tuple[Write, ...], shown: FindingRecord) -> bool:
    """Whether these are the writes that were shown; of what was too large to keep, by their digests."""
    fix = shown.fix
    if fix is None or not fix.writes:
        return not writes and fix is None
    digests = [step_digest(write.to_json()) for write in writes]
    told = [*(step_digest(write) for write in fix.writes), *fix.rest]
    if told[-1].startswith(MORE):
        return digests[: len(told) - 1] == told[:-1]
    return digests == told
