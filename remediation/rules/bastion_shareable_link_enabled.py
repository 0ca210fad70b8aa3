"""Rule bastion-shareable-link-enabled."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import switched_on
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Verdict, rule


@rule(
    "bastion-shareable-link-enabled",
    title="Bastion hands out shareable links",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "Who has a link arrives at a sign-in page without being known; the machine still "
        "asks for a password or key.",
    },
    guidance=("C5",),
)
def shareable_links(subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A Bastion host lets people in by link, without a sign-in to Azure.

    What it finds: enableShareableLink is on.
    Why: who has the link reaches the machine's own sign-in; neither Entra ID nor role assignments are asked.
    A team that hands out such links on purpose turns the rule off in its baseline.
    Fix: none is applied; the command that turns the links off is printed for a person to run.
    Fix safety: ALERT. Everybody who works by link loses access at once.
    Unknown: when the switch is neither true nor false.
    References: C5; Azure Bastion, shareable links.
    """
    if switched_on(subject, "enableShareableLink"):
        evidence = {"enableShareableLink": True, "blastRadius": "everybody who works by link"}
        by_hand = commands.set_property(subject.id, "properties.enableShareableLink", "false")
        message = f"{subject.id.name} hands out links that need no sign-in to Azure"
        yield Violation(message, evidence, commands=(by_hand,))
