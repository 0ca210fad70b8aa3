"""A hub and a spoke with one machine, as short as what a test is about; and a view of such documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from remediation.kinds import HUB_CONNECTION, NIC, SCALE_SET_NIC
from remediation.model import Resource, Unread
from remediation.resource_id import ResourceId
from remediation.ways.landscape import Landscape
from remediation.ways.lead import Lead, Target
from remediation.ways.targets import targets_of

type Document = dict[str, Any]

AT = "/subscriptions/11111111-2222-3333-4444-555555555555"
GROUP = f"{AT}/resourceGroups/rg"
NET = f"{GROUP}/providers/Microsoft.Network"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
SPOKE, HUB = f"{NET}/virtualNetworks/spoke", f"{NET}/virtualNetworks/hub"
APPS = f"{SPOKE}/subnets/apps"
FIREWALLS = f"{HUB}/subnets/AzureFirewallSubnet"
PUBLIC = "20.40.60.80"


@dataclass(frozen=True)
class View:
    """Documents by id and by list. What is not there was not exported; `unread` types cannot be listed."""

    documents: tuple[Document, ...]
    unread: frozenset[str] = frozenset()

    def get(self, resource: ResourceId) -> Resource | Unread | None:
        for found in self._all():
            if found.id == resource:
                return found
        return Unread(f"{resource.text} is not in the estate")

    def listed(self, kind: str, scope: ResourceId | str) -> Sequence[Resource] | Unread:
        if kind in self.unread:
            return Unread(f"{kind} was not listed")
        below = (scope if isinstance(scope, str) else scope.text).lower()
        everywhere = kind == HUB_CONNECTION
        return [
            one for one in self._all() if one.id.type == kind and (everywhere or one.id.key.startswith(below))
        ]

    def _all(self) -> Iterator[Resource]:
        for document in self.documents:
            yield Resource.of(document)
            for child in document.get("properties", {}).get("subnets", ()):
                yield Resource.of(child)


def around(*documents: Document, unread: frozenset[str] = frozenset()) -> Landscape:
    return Landscape(View(documents, unread))


def named(identity: str, properties: Document, **more: Any) -> Document:
    return {"id": identity, "name": identity.rpartition("/")[2], "properties": properties, **more}


def reference(identity: str) -> Document:
    return {"id": identity}


def a_subnet(identity: str, prefix: str, **properties: Any) -> Document:
    return named(identity, {"addressPrefix": prefix, **properties})


def a_peering(to: str, **properties: Any) -> Document:
    return named(
        f"{SPOKE}/virtualNetworkPeerings/to-{to.rpartition('/')[2]}",
        {
            "peeringState": "Connected",
            "allowVirtualNetworkAccess": True,
            "remoteVirtualNetwork": reference(to),
            **properties,
        },
    )


def a_network(identity: str, *subnets: Document, peerings: Sequence[Document] = ()) -> Document:
    return named(identity, {"subnets": list(subnets), "virtualNetworkPeerings": list(peerings)})


def a_spoke(*peerings: Document) -> Document:
    return a_network(SPOKE, a_subnet(APPS, "10.1.0.0/24"), peerings=peerings)


def a_hub(*peerings: Document) -> Document:
    return a_network(HUB, a_subnet(FIREWALLS, "10.9.0.0/26"), peerings=peerings)


def an_address(name: str, text: str | None = PUBLIC, **properties: Any) -> Document:
    told = {} if text is None else {"ipAddress": text}
    return named(f"{NET}/publicIPAddresses/{name}", {**told, **properties}, sku={"name": "Standard"})


def a_nic(
    name: str = "vm",
    address: str | None = "10.1.0.4",
    *,
    subnet: str = APPS,
    machine: bool = True,
    forwarding: bool = False,
    **configuration: Any,
) -> Document:
    identity = f"{NET}/networkInterfaces/{name}"
    told = {} if address is None else {"privateIPAddress": address}
    properties: Document = {
        "enableIPForwarding": forwarding,
        "ipConfigurations": [
            named(f"{identity}/ipConfigurations/c", {**told, "subnet": reference(subnet), **configuration})
        ],
    }
    if machine:
        properties["virtualMachine"] = reference(f"{COMPUTE}/virtualMachines/{name}")
    return named(identity, properties)


def target_of(nic: Document) -> Target:
    """The first ip configuration of a machine's interface."""
    document = Resource.of(nic)
    assert document.id.type in {NIC, SCALE_SET_NIC}
    return next(targets_of(document))


def doubts(leads: Sequence[Lead]) -> list[str]:
    return [lead.doubt for lead in leads]
