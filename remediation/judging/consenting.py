"""A person's word for one repair: which guards it lifts, and for exactly what.

Whoever applies a proposal takes the team's threshold and observe mode upon themselves, and gives the consent
that a rule may ask for. Nothing else is theirs to lift: locks, what others left alone, whose resource it is,
the budget and a stop hold a repair back whoever asks. The word is for what was shown: where the look finds
anything else, it is for nothing.
"""

from remediation.model import Guard

LIFTED = frozenset({Guard.OBSERVING, Guard.BELOW_THRESHOLD, Guard.NEEDS_CONSENT})
"""Guards that a person's word lifts. Observing is none of them while somebody has stopped all writing."""
