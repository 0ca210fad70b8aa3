"""Rule bastion-session-recording-off."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone.bastion.host import sku_of, switched_on
from remediation.landing_zone.facts import BASTION_SWITCHES
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Verdict, rule

SWITCH = "enableSessionRecording"
CONFIGURATION = "sessionRecordingConfiguration"
CONTAINER = "blobContainerUri"


@rule(
    "bastion-session-recording-off",
    title="Bastion sessions are not recorded",
    applies_to=(BASTION,),
    severity=Severity.INFO,
    because={
        Severity.INFO: "Whether people are recorded is a decision; this is no fault.",
    },
    guidance=("C5",),
    on_by_default=False,
)
def session_recording_off(subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A Premium Bastion host could record its sessions and does not.

    What it finds: the SKU offers session recording (Premium) and enableSessionRecording is not on.
    Why: Premium is mostly paid for its recordings. Off by default, because recording people is a decision.
    Fix: none is applied. Turn enableSessionRecording on and give the host a storage container; a container
    that sessionRecordingConfiguration names already is in the evidence.
    Fix safety: ALERT. Graphical sessions are recorded from then on; storage costs.
    Unknown: when the SKU is in no table, or the switch is neither true nor false.
    References: C5; Azure Bastion, session recording.
    """
    sku = sku_of(subject)
    if sku in BASTION_SWITCHES[SWITCH] and not switched_on(subject, SWITCH):
        container = subject.properties(CONFIGURATION, CONTAINER)
        evidence = {"sku": sku, SWITCH: False, CONTAINER: container}
        yield Violation(f"{subject.id.name} is {sku} and records no sessions", evidence)
