"""What differences of anything but a group do: by the ways in of both estates."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from remediation.declared.difference import Difference, Effect
from remediation.declared.effects.worlds import Changed
from remediation.declared.forms import is_silent
from remediation.kinds import BASTION, DIAGNOSTIC_SETTING
from remediation.resource_id import ResourceId

# Members that nobody's way depends on.
_INERT = frozenset({
    "tags", "description", "idletimeoutinminutes", "domainnamelabel", "fqdn", "dnssettings", "zones", "tier",
    "loaddistribution", "enabletcpreset", "probes", "intervalinseconds", "numberofprobes", "probethreshold",
    "requestpath", "disablecopypaste", "scaleunits", "enablesessionrecording",
    "ddossettings", "iptags", "publicipallocationmethod", "reversefqdn", "primary",
})  # fmt: skip
BREAKS = frozenset({
    "bastion-subnet-nsg-required-flows", "bastion-subnet-route-table", "bastion-forced-tunnel",
    "bastion-public-ip", "vm-nsg-blocks-bastion", "vm-route-breaks-bastion",
})  # fmt: skip
"""Rules whose findings say that people's own way is broken."""
LOG = "bastion-diagnostics"
_PORT = "port"
_LOGS = frozenset({"logs", "metrics", "workspaceid", "storageaccountid", "eventhubauthorizationruleid"})


def is_inert(difference: Difference, kind: str) -> bool:
    """Whether a difference is of a property that no way in depends on."""
    if kind == DIAGNOSTIC_SETTING:
        return True
    parts = [part.lower() for part in difference.parts]
    if not parts or parts[0] in _INERT:
        return bool(parts)
    is_child = isinstance(difference.declared, dict) or isinstance(difference.live, dict)
    return not is_child and parts[-1] in _INERT  # a rule may have any name, that of such a property too


def effect_of(changed: Changed) -> Effect:
    """What a resource that is no group does; one that breaks people's way over Bastion closes that."""
    if changed.opened:
        return "opens"
    if changed.unclear:
        return "unknown"
    broken = any(one.rule in BREAKS for one in changed.brought)
    return "closes" if changed.closed or changed.cut_off or broken else "none"


def ends_log(identity: ResourceId, differences: Iterable[Difference]) -> bool:
    """Whether the log of a Bastion host loses anything: a category, its destination, all of it."""
    target = identity.extended
    if identity.type != DIAGNOSTIC_SETTING or target is None or target.type != BASTION:
        return False
    return any(
        (not one.path or one.parts[0].lower() in _LOGS) and not is_silent(one.declared) for one in differences
    )


def ports_in(differences: Iterable[Difference]) -> frozenset[int]:
    """Ports that differences speak of: beside those of people, the ones whose ways are asked for."""
    found: set[int] = set()
    for one in differences:
        for value in (one.declared, one.live):
            found.update(_ports(value, _PORT in one.path.lower()))
    return frozenset(found)


def _ports(value: Any, named: bool) -> Iterator[int]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _ports(inner, _PORT in str(key).lower())
    elif isinstance(value, list):
        for inner in value:
            yield from _ports(inner, named)
    elif named and isinstance(value, int | str) and str(value).isdecimal() and 0 < int(value) < 65536:
        yield int(value)
