"""What a scan asked an estate for and did not find: said once by type, with what to run to have it.

A file that lacks the networks makes every group of rules "not known" in its own words; the one cause behind
all of them, and the way to mend it, is said here.
"""

from collections.abc import Iterator, Mapping

from remediation.errors import PermanentError
from remediation.kinds import (
    BASTION,
    DIAGNOSTIC_SETTING,
    LOAD_BALANCER,
    NIC,
    NSG,
    PUBLIC_IP,
    RESOURCE_GROUP,
    ROUTE_TABLE,
    SUBNET,
    SUBSCRIPTION,
    VIRTUAL_MACHINE,
    VNET,
    api_version,
)
from remediation.resource_id import ResourceId

_COMMANDS: Mapping[str, str] = {
    NSG: "az network nsg list",
    VNET: "az network vnet list",
    SUBNET: "az network vnet list",
    NIC: "az network nic list",
    PUBLIC_IP: "az network public-ip list",
    LOAD_BALANCER: "az network lb list",
    ROUTE_TABLE: "az network route-table list",
    VIRTUAL_MACHINE: "az vm list",
    RESOURCE_GROUP: "az group list",
    SUBSCRIPTION: "az account list",
    DIAGNOSTIC_SETTING: "az monitor diagnostic-settings list --resource ID",
}
_NAMES = {
    VNET: "virtualNetworks",
    BASTION: "bastionHosts",
    NSG: "networkSecurityGroups",
    NIC: "networkInterfaces",
    PUBLIC_IP: "publicIPAddresses",
    LOAD_BALANCER: "loadBalancers",
    VIRTUAL_MACHINE: "virtualMachines",
    RESOURCE_GROUP: "resourceGroups",
    DIAGNOSTIC_SETTING: "diagnosticSettings",
}
_MOST = 8


class Lacking:
    """Notes what was asked for and is not there."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, ResourceId]] = {}
        self._types: dict[str, None] = {}

    def resource(self, identity: ResourceId) -> None:
        kind = VNET if identity.type == SUBNET else identity.type
        one = identity.up_to(VNET) or identity
        self._ids.setdefault(kind, {})[one.key] = one

    def type(self, kind: str) -> None:
        self._types[kind] = None

    def told(self) -> Iterator[str]:
        """One line on everything that is missing, and one on how to have it; none where nothing is."""
        kinds = sorted({*self._ids, *self._types})
        if not kinds:
            return
        named = [_counted(kind, len(self._ids.get(kind, ()))) for kind in kinds[:_MOST]]
        more = f" and {len(kinds) - _MOST} more types" if len(kinds) > _MOST else ""
        yield f"not in the input, so that what rests on it is not known: {', '.join(named)}{more}"
        every = (one for ids in self._ids.values() for one in ids.values())
        subscription = next((one.subscription for one in every), "ID")
        commands = dict.fromkeys(_command(kind, subscription) for kind in kinds[:_MOST])
        yield f"to have all of it: export --subscription {subscription} -o estate.json"
        yield f"or add to --estate what these print: {'; '.join(commands)}"


def _counted(kind: str, count: int) -> str:
    name = _NAMES.get(kind, kind.partition("/")[2] or kind)
    return f"{count:,} of {name}" if count else f"any of {name}"


def _command(kind: str, subscription: str) -> str:
    known = _COMMANDS.get(kind)
    if known is not None:
        return (
            known if kind in {SUBSCRIPTION, DIAGNOSTIC_SETTING} else f"{known} --subscription {subscription}"
        )
    return _by_rest(kind, subscription)


def _by_rest(kind: str, subscription: str) -> str:
    """Groups of commands that are extensions of the CLI are not asked for: every type can be read so."""
    try:
        version = api_version(kind)
    except PermanentError:  # a type that we do not read ourselves
        version = "VERSION"
    top = "/".join(kind.split("/")[:2])
    url = f"https://management.azure.com/subscriptions/{subscription}/providers/{top}?api-version={version}"
    return f"az rest --method get --url '{url}'"
