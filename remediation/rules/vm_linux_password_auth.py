"""Rule vm-linux-password-auth."""

from collections.abc import Iterator

from remediation.baseline import Baseline
from remediation.kinds import VIRTUAL_MACHINE
from remediation.landing_zone.machines import system_of
from remediation.model import Resource, Severity, Snapshot, Violation
from remediation.rule import Doubt, Verdict, rule


@rule(
    "vm-linux-password-auth",
    title="Linux machine accepts passwords over SSH",
    applies_to=(VIRTUAL_MACHINE,),
    severity=Severity.INFO,
    because={
        Severity.INFO: "What the machine is set to by now ARM does not show; this is a hint.",
    },
    guidance=("R11",),
)
def password_authentication(subject: Resource, _snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A Linux virtual machine was made with password authentication.

    What it finds: disablePasswordAuthentication of the machine's Linux configuration is not true.
    Why: the guidance keeps private keys in Key Vault for each session; a password is shared, guessed and
    typed into the wrong window. What the machine itself is set to by now ARM does not show.
    Fix: none is applied. The setting is fixed when a machine is made; changing it usually means a rebuild
    (unconfirmed), or a change of sshd's configuration inside the machine.
    Fix safety: ALERT. Whoever signs in with a password would be locked out.
    Unknown: when the document has no osProfile (a machine made from a finished disk) or names no system.
    References: R11; Azure Bastion, SSH with a private key from Key Vault.
    """
    system = system_of(subject)
    if system == "windows":
        return
    if not subject.properties("osProfile"):
        yield Doubt(f"{subject.id.name} has no osProfile, which would say how people sign in")
        return
    if system is None:
        yield Doubt(f"whether {subject.id.name} runs Linux or Windows is not known")
        return
    disabled = subject.properties("osProfile", "linuxConfiguration", "disablePasswordAuthentication")
    if disabled is not True:
        evidence = {"disablePasswordAuthentication": disabled}
        yield Violation(f"{subject.id.name} accepts passwords over SSH", evidence)
