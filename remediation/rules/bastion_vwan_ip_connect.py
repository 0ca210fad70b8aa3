"""Rule bastion-vwan-ip-connect."""

from collections.abc import Iterator, Sequence
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import (
    in_its_network,
    is_on,
    network_id,
    offers,
    rewritten,
    sku_of,
    switched_on,
)
from remediation.landing_zone.facts import BASTION_SWITCHES
from remediation.landing_zone.joining.virtual_wan import HUBS, Attachment, attachments
from remediation.model import Applicability, Fix, NoFix, Resource, Severity, Snapshot, Violation, Write
from remediation.rule import Verdict, rule

SWITCH = "enableIpConnect"


def _lacks_it(bastion: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return not (is_on(bastion, SWITCH) and offers(bastion, SWITCH))


@rule(
    "bastion-vwan-ip-connect",
    title="Bastion cannot reach machines behind Virtual WAN",
    applies_to=(BASTION,),
    severity=Severity.MEDIUM,
    because={
        Severity.MEDIUM: "Machines behind the hub cannot be reached over it; those of its own network can.",
        Severity.INFO: "By the baseline each host serves its own network only, where it is not needed.",
    },
    guidance=("C9",),
    applicability=Applicability.UNSAFE,
    closer=(*in_its_network(), *HUBS),
    suspects=_lacks_it,
)
def vwan_ip_connect(subject: Resource, snapshot: Snapshot, baseline: Baseline) -> Iterator[Verdict]:
    """A Bastion host stands in a network of a Virtual WAN, without IP-based connection.

    What it finds: the host's network is connected to a Virtual WAN hub, and its SKU is not Standard or
    Premium or enableIpConnect is not on.
    Severity: medium; info where the baseline's vwanPattern is per-spoke, since each host then serves its own
    network only.
    Why: a hub is no peering. Through it, Bastion reaches machines of other networks by address alone.
    Fix: where the SKU suffices, turn enableIpConnect on; the whole document is written back with nothing
    else changed.
    Fix safety: UNSAFE. It takes about ten minutes, and whether live sessions survive is unconfirmed: see who
    is on the host first (getActiveSessions). It can be turned off again. A SKU too low is only reported.
    Unknown: when hubs or their connections cannot be read, or only Virtual WAN's own peering shows that there
    is one; when the SKU is in no table or the switch is neither true nor false.
    References: C9; Azure Bastion and Virtual WAN; Azure Bastion, IP-based connection.
    """
    if not _lacks_it(subject, snapshot, baseline):
        return
    found = attachments(network_id(subject), snapshot)
    if found:
        sku, switch = sku_of(subject), switched_on(subject, SWITCH)
        yield _violation(subject, sku, found, baseline, switch=switch)


def _violation(
    bastion: Resource, sku: str, found: Sequence[Attachment], baseline: Baseline, *, switch: bool
) -> Violation:
    pattern = baseline.bastion.vwan_pattern
    evidence: dict[str, Any] = {
        "sku": sku,
        SWITCH: switch,
        "hubConnections": [each.connection.id.text for each in found],
        "vwanPattern": pattern,
        "blastRadius": "everybody with a session on this host",
    }
    suffices = sku in BASTION_SWITCHES[SWITCH]
    lacks = f"SKU {sku}, which has no IP-based connection" if not suffices else "IP-based connection off"
    message = f"{bastion.id.name} is behind Virtual WAN hub {found[0].hub_id.name} with {lacks}"
    severity = Severity.INFO if pattern == "per-spoke" else Severity.MEDIUM
    if not suffices:
        return Violation(message, evidence, severity, NoFix(f"SKU {sku} does not offer {SWITCH}"))
    by_hand = commands.set_property(bastion.id, f"properties.{SWITCH}", "true")
    return Violation(message, evidence, severity, _fix(bastion), (by_hand,))


def _fix(bastion: Resource) -> Fix:
    properties = rewritten(bastion)[0]["properties"]
    before, after = rewritten(bastion, properties={**properties, SWITCH: True})
    return Fix(
        title="Turn IP-based connection on",
        applicability=Applicability.UNSAFE,
        writes=(Write("PUT", bastion.id, after, if_match=bastion.etag),),
        inverse=(Write("PUT", bastion.id, before),),
        before={bastion.id.key: before},
        proof=f"Only properties.{SWITCH} differs between what was read and what is written.",
        tolerances=("It takes about ten minutes; live sessions may end.",),
    )
