"""Rule nsg-jit-rule-without-request."""

from collections.abc import Iterator
from datetime import timedelta

from remediation.baseline import Baseline
from remediation.kinds import NSG
from remediation.landing_zone import commands
from remediation.landing_zone.jit import POLICIES, Backing, JustInTime
from remediation.landing_zone.machines import interfaces_behind
from remediation.landing_zone.surroundings import Surroundings, without_rules
from remediation.model import Resource, Severity, Snapshot, Violation, Write
from remediation.rule import Doubt, Group, Verdict, rule

# Just-in-time access writes its rule and its request apart, and takes the rule back some minutes late.
SECOND_LOOK = timedelta(minutes=15)


def _suspicious(nsg: Resource, snapshot: Snapshot, _baseline: Baseline) -> bool:
    return any(POLICIES.ids(nsg, snapshot))


@rule(
    "nsg-jit-rule-without-request",
    title="Just-in-time rule without a request",
    applies_to=(NSG,),
    severity=Severity.HIGH,
    because={
        Severity.HIGH: "Its name is one that people and tools trust, and no live request stands behind it.",
    },
    guidance=("C3", "R14"),
    closer=(POLICIES, *interfaces_behind(), Group()),
    suspects=_suspicious,
    refuses=without_rules,
)
def rule_without_request(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A rule is named as if just-in-time access had written it, and no live request stands behind it.

    What it finds: an allow rule with the name of a just-in-time rule whose ports and destination no live
    request covers: one that outlived its request, was widened by hand, or was given that name by somebody.
    Why: such a name is trusted by people and by tools; it is the place to hide an opening.
    Fix: none is applied. A person asks who wrote the rule and removes it; people are told when a second look
    after fifteen minutes still finds it, a scan tells at once.
    Fix safety: ALERT. Just-in-time rules are never written by us.
    Unknown: when the policies or the machines behind the group cannot be read.
    References: C3, R14; just-in-time machine access.
    """
    backings = JustInTime(Surroundings.of(subject, snapshot)).backings
    orphans = [backing for backing in backings if backing.live is False]
    if orphans:
        yield _violation(subject, orphans)
        return
    yield from (Doubt(backing.why) for backing in backings[:1] if backing.live is None)


def _violation(nsg: Resource, orphans: list[Backing]) -> Violation:
    names = [backing.rule.name for backing in orphans]
    evidence = {
        "rules": [
            {
                "name": backing.rule.name,
                "priority": backing.rule.priority,
                "properties": dict(backing.rule.properties),
            }
            for backing in orphans
        ]
    }
    deletes = [Write("DELETE", nsg.id.child("securityRules", name)) for name in names]
    return Violation(
        f"no live just-in-time request covers {', '.join(names)} of {nsg.id.name}",
        evidence,
        commands=tuple(commands.for_write(delete) for delete in deletes),
        confirm_after=SECOND_LOOK,
    )
