"""Rule bastion-sku-feature-mismatch."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediation.baseline import Baseline
from remediation.kinds import BASTION
from remediation.landing_zone import commands
from remediation.landing_zone.bastion.host import (
    PUBLIC_IPS,
    in_its_network,
    is_on,
    network_id,
    sku_of,
    switched_on,
)
from remediation.landing_zone.facts import BASTION_SWITCHES, SCALE_UNITS
from remediation.landing_zone.joining.virtual_wan import HUBS, attachments
from remediation.model import Resource, Severity, Snapshot, UndecidedError, Violation
from remediation.rule import Doubt, Doubts, Verdict, ids_at, rule


def _denied(bastion: Resource, sku: str) -> list[str]:
    """The switches that are on although the SKU does not offer them."""
    return [name for name, offered in BASTION_SWITCHES.items() if sku not in offered and is_on(bastion, name)]


def _asks_for_ip_connect(bastion: Resource, _snapshot: Snapshot, _baseline: Baseline) -> bool:
    return "enableIpConnect" in _denied(bastion, sku_of(bastion))


@rule(
    "bastion-sku-feature-mismatch",
    title="Bastion features its SKU does not have",
    applies_to=(BASTION,),
    severity=Severity.LOW,
    because={
        Severity.HIGH: "The configuration relies on the feature that is missing.",
        Severity.LOW: "Nothing in the configuration is known to rely on the feature that is missing.",
    },
    guidance=("C5",),
    closer=(*in_its_network(), *HUBS),
    suspects=_asks_for_ip_connect,
)
def sku_feature_mismatch(subject: Resource, snapshot: Snapshot, _baseline: Baseline) -> Iterator[Verdict]:
    """A Bastion host is set up for features that its SKU does not offer.

    What it finds: a switch that is on and that the SKU's column of the table denies, or a number of scale
    units that the SKU does not have (Basic has exactly 2).
    Severity: high when the missing feature is relied on, as far as the configuration shows it: IP-based
    connection in a network that is connected to a Virtual WAN hub, or a private-only host without a public
    address. Else low.
    Why: somebody believes in a feature that is not there: sessions that are not recorded, a host that is
    not private, machines behind a hub that cannot be reached.
    Fix: none is applied. Either raise the SKU or turn the switch off; the commands for that are printed.
    Fix safety: ALERT. A higher SKU costs more and cannot be lowered again.
    Unknown: when the SKU or a switch that is on is in no table, or a switch is neither true nor false.
    References: C5; Azure Bastion SKU comparison.
    """
    sku = sku_of(subject)
    denied = _denied(subject, sku)
    doubts = Doubts()
    units = doubts.ask(_scale_units, subject, sku)
    if denied or units is not None:
        yield _violation(subject, snapshot, sku, denied, units)
        return
    for name in BASTION_SWITCHES:
        doubts.ask(switched_on, subject, name)
    yield from doubts
    yield from (Doubt(f"whether SKU {sku} offers {name} is in no table") for name in _unlisted(subject))


def _unlisted(bastion: Resource) -> list[str]:
    """Switches that are on and that the table does not know: features younger than it."""
    properties = bastion.properties()
    known = properties if isinstance(properties, Mapping) else {}
    switches = (name for name in known if name.startswith(("enable", "disable")))
    return [name for name in switches if known[name] is True and name not in BASTION_SWITCHES]


def _scale_units(bastion: Resource, sku: str) -> int | None:
    """A number of scale units that the SKU does not have; None when it has it or none is named."""
    units = bastion.properties("scaleUnits")
    if units is None or sku not in SCALE_UNITS:
        return None
    if isinstance(units, bool) or not isinstance(units, int):
        raise UndecidedError(f"scaleUnits of {bastion.id.name} is {units!r}, not a number")
    fewest, most = SCALE_UNITS[sku]
    return None if fewest <= units <= most else units


def _violation(
    bastion: Resource, snapshot: Snapshot, sku: str, denied: list[str], units: int | None
) -> Violation:
    relied_on = list(_relied_on(bastion, snapshot, denied))
    evidence: dict[str, Any] = {
        "sku": sku,
        "features": denied,
        "offeredBy": {name: sorted(BASTION_SWITCHES[name]) for name in denied},
        "reliedOn": relied_on,
    }
    wrong = list(denied)
    if units is not None:
        evidence["scaleUnits"] = units
        wrong.append(f"{units} scale units")
    message = f"{bastion.id.name} is set up for {', '.join(wrong)}, which SKU {sku} does not offer"
    severity = Severity.HIGH if relied_on else Severity.LOW
    off = [commands.set_property(bastion.id, f"properties.{name}", "false") for name in denied]
    return Violation(message, evidence, severity, commands=tuple(off))


def _relied_on(bastion: Resource, snapshot: Snapshot, denied: list[str]) -> Iterator[str]:
    if "enableIpConnect" in denied and _behind_a_hub(bastion, snapshot):
        yield "enableIpConnect"
    if "enablePrivateOnlyBastion" in denied and not any(ids_at(bastion.body, PUBLIC_IPS)):
        yield "enablePrivateOnlyBastion"


def _behind_a_hub(bastion: Resource, snapshot: Snapshot) -> bool:
    """Whether its network certainly is connected to a Virtual WAN hub."""
    return bool(Doubts().ask(attachments, network_id(bastion), snapshot))
