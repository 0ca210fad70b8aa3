"""The rule `declared-drift`, which is asked with a declaration in hand and so stands in no registry."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.declared.kinds import KINDS
from remediation.model import Resource, Severity, Snapshot
from remediation.rule import Rule, Verdict

DOCUMENTATION = """A resource is not what the team's own files declare.

What it finds: one finding for each resource that differs from a Bicep snapshot, a Terraform state or an
export given with `--declared`, and in a running app from what a deployer left or `declare` gave it. One that
is gone is one. Only declared properties are compared, by what ARM means by them. Each difference says
what it does: opens, closes, none, unknown.
Severity: as the exposure rules have it where a management port is opened, high where anything else is opened
to the internet or Bastion or its log is broken, medium where something else opens or closes or may, low where
nobody's way depends on it.
Why: what was changed by hand is undone by the next deployment, or stays and nobody knows of it.
Fix: put back what is declared, or declare what is there. A running app puts back by itself what is proven
only to close, rule by rule, and diagnostic settings; the rest it proposes with its effect. A scan offers no
write.
"""


def _asked_elsewhere(_: Resource, __: Snapshot, ___: Baseline) -> Iterator[Verdict]:
    """Nothing: without a declaration there is nothing to say."""
    return iter(())


DECLARED_DRIFT = Rule(
    "declared-drift",
    title="Not as declared",
    severity=Severity.MEDIUM,
    because={
        Severity.CRITICAL: "It lets somebody from the internet in to a port where people sign in.",
        Severity.HIGH: "It opens something to the internet, or breaks people's way over Bastion or its log.",
        Severity.MEDIUM: "Something opens or closes, or may; as far as is known not to "
        "the internet at large.",
        Severity.LOW: "Nobody's way to a machine depends on what differs, nor Bastion's log.",
    },
    applies_to=tuple(KINDS),
    guidance=(),
    check=_asked_elsewhere,
    documentation=DOCUMENTATION,
)
