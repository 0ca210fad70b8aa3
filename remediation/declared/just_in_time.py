"""Rules of just-in-time access in a group whose list was declared: nobody's drift while a request backs them.

Defender for Cloud writes an allow rule for each request and takes it back, and keeps a deny for when there is
none. An allow rule with such a name and no live request is a person's; a deny can only close.
"""

from collections.abc import Sequence
from dataclasses import replace

from remediation.declared.difference import Difference
from remediation.declared.rule import DECLARED_DRIFT
from remediation.landing_zone.jit import POLICIES, JustInTime
from remediation.landing_zone.surroundings import ATTACHED, Surroundings
from remediation.model import Resource, Snapshot
from remediation.nsg import is_jit_name
from remediation.ways.needs import THROUGH_GROUP

ASKING = replace(DECLARED_DRIFT, needs=(*ATTACHED, *THROUGH_GROUP, POLICIES))
"""The rule with what has to be read to know whose a rule of such a name is."""


def is_asked(differences: Sequence[Difference]) -> bool:
    """Whether anything differs that just-in-time access may have made."""
    return any(_rule_of(one) for one in differences)


def without_requests(
    live: Resource, differences: Sequence[Difference], snapshot: Snapshot
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """The differences that are people's, and why others may be.

    `snapshot` holds what `ASKING` reads. A rule of which nobody can tell whether a request backs it is left
    out of the differences, with the reason.
    """
    access = JustInTime(Surroundings.of(live, snapshot))
    backed = {name.lower() for name in access.live}
    doubtful = {backing.rule.name.lower(): backing.why for backing in access.doubtful}
    kept = [one for one in differences if not _is_theirs(one, backed | doubtful.keys())]
    reasons = [doubtful[name] for one in differences if (name := _rule_of(one)) in doubtful]
    return tuple(kept), tuple(dict.fromkeys(reasons))


def _rule_of(difference: Difference) -> str:
    """The lower-cased name of an undeclared rule that is named as just-in-time access names its own."""
    parts = difference.parts
    is_rule = len(parts) == 2 and parts[0] == "securityRules" and difference.declared is None
    return parts[1].lower() if is_rule and is_jit_name(parts[1]) else ""


def _is_theirs(difference: Difference, names: set[str]) -> bool:
    name = _rule_of(difference)
    if not name:
        return False
    denies = isinstance(difference.live, dict) and str(difference.live.get("access")).lower() == "deny"
    return denies or name in names
