"""Rule nsg-jit-any-source."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import NSG
from remediation.landing_zone.jit import POLICIES, JustInTime
from remediation.landing_zone.machines import interfaces_behind
from remediation.landing_zone.surroundings import Surroundings, without_rules
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Doubt, Verdict, rule


def _suspicious(nsg: Resource, snapshot: Snapshot, _baseline: Baseline) -> bool:
    return any(POLICIES.ids(nsg, snapshot))


@rule(
    "nsg-jit-any-source",
    title="Just-in-time access for everybody",
    applies_to=(NSG,),
    severity=Severity.LOW,
    guidance=("C3",),
    closer=(POLICIES, *interfaces_behind()),
    suspects=_suspicious,
    refuses=without_rules,
)
def any_source(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A live just-in-time request opens its port to any source.

    What it finds: a just-in-time rule with a live request that names no address but everybody.
    Why: for hours the port is open to the whole internet, where the requester's own address would do.
    Fix: none is applied. The requester asks again with one address.
    Fix safety: ALERT. Just-in-time rules are never written by us.
    Unknown: when the policies or the machines behind the group cannot be read.
    References: C3; just-in-time machine access.
    """
    backings = JustInTime(Surroundings(subject, snapshot)).backings
    wide = [backing for backing in backings if any(grant.anybody for grant in backing.grants)]
    if wide:
        grants = [grant for backing in wide for grant in backing.grants if grant.anybody]
        evidence = {
            "rules": [backing.rule.name for backing in wide],
            "requests": [{"virtualMachineId": grant.machine, "port": grant.port} for grant in grants],
        }
        ports = ", ".join(str(port) for port in sorted({grant.port for grant in grants}))
        yield Violation(f"just-in-time access opens port {ports} to any source", evidence)
        return
    yield from (Doubt(backing.why) for backing in backings if backing.live is None)
