"""Rule bastion-sku-tier."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import rewritten, sku_of
from remediation.model import Applicability, Fix, Resource, Severity, Snapshot, Violation, Write
from remediation.rule import Doubt, Verdict, rule

SEVERITIES = {"Developer": Severity.HIGH, "Basic": Severity.MEDIUM}


@rule(
    "bastion-sku-tier",
    title="Bastion SKU below what the environment needs",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    because={
        Severity.HIGH: "Developer is shared with strangers and made for trying out: it may be taken when "
        "somebody has to get in.",
        Severity.MEDIUM: "Basic works, but neither grows nor connects by address; nobody is let in or "
        "locked out by it today.",
        Severity.INFO: "The SKU is one that the environment does not list.",
    },
    guidance=("R1", "R7"),
    applicability=Applicability.UNSAFE,
    by_environment=True,
)
def bastion_sku_tier(subject: Resource, _snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A Bastion host has a SKU that its environment does not allow.

    What it finds: the SKU is not among the baseline's allowedSkus of the host's environment (Standard and
    Premium for production unless the baseline says otherwise; Basic can be allowed there per scope).
    Why: Developer is a shared pool without peering or scale; Basic has neither scaling nor IP-based
    connection. Production access should not depend on either.
    Fix: raise Basic to Standard; the whole document is written back with nothing else changed.
    Fix safety: UNSAFE. There is no way back (no downgrade), it takes about ten minutes and costs more.
    Every other pair of SKUs is only reported: Developer first needs a subnet and an address of its own.
    Unknown: when the baseline names environments and none is the host's, or its SKU is in no table. Where the
    baseline names no environment at all, the rule says nothing.
    References: R1, R7; Azure Bastion SKU comparison.
    """
    sku = sku_of(subject)
    environment = baseline.environment_of(subject)
    if environment is None:
        yield Doubt("its environment is not known: no environments entry matches and there is no default")
        return
    allowed = baseline.bastion.allowed_skus.get(environment)
    if allowed is None or sku.lower() in {name.lower() for name in allowed}:
        return
    evidence = {"sku": sku, "environment": environment, "allowedSkus": list(allowed)}
    message = f"{subject.id.name} has SKU {sku}; {environment} allows {', '.join(allowed)}"
    fix = _upgrade(subject) if sku == "Basic" and "standard" in {name.lower() for name in allowed} else None
    by_hand = (commands.set_property(subject.id, "sku.name", "Standard"),) if fix else ()
    yield Violation(message, evidence, SEVERITIES.get(sku, Severity.INFO), fix, by_hand)


def _upgrade(bastion: Resource) -> Fix:
    before, after = rewritten(bastion, sku={**(bastion.at("sku") or {}), "name": "Standard"})
    return Fix(
        title="Raise the SKU from Basic to Standard",
        applicability=Applicability.UNSAFE,
        writes=(Write("PUT", bastion.id, after, if_match=bastion.etag),),
        before={bastion.id.key: before},
        proof="Only sku.name differs between what was read and what is written.",
        tolerances=("It cannot be taken back: a SKU is never lowered.", "It takes about ten minutes."),
    )
