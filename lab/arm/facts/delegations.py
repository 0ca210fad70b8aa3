"""Services a subnet can be delegated to, with the actions each is given (from the vendor's documents)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.arm.documents.tree import Document

SUBNETS = "Microsoft.Network/virtualNetworks/subnets/"
ANY = (SUBNETS + "action",)
JOIN = (SUBNETS + "join/action",)
INTERFACES = ("Microsoft.Network/networkinterfaces/*", SUBNETS + "join/action")
POLICIES = (
    SUBNETS + "join/action",
    SUBNETS + "prepareNetworkPolicies/action",
    SUBNETS + "unprepareNetworkPolicies/action",
)
SERVICES: dict[str, tuple[str, ...]] = {
    "Microsoft.Web/serverFarms": ANY,
    "Microsoft.ContainerInstance/containerGroups": ANY,
    "Microsoft.Netapp/volumes": INTERFACES,
    "Microsoft.HardwareSecurityModules/dedicatedHSMs": INTERFACES,
    "Microsoft.Logic/integrationServiceEnvironments": ANY,
    "Microsoft.Batch/batchAccounts": ANY,
    "Microsoft.Sql/managedInstances": POLICIES,
    "Microsoft.Databricks/workspaces": POLICIES,
    "Microsoft.DBforPostgreSQL/flexibleServers": JOIN,
    "Microsoft.DBforMySQL/flexibleServers": JOIN,
    "Microsoft.App/environments": JOIN,
    "Microsoft.Network/dnsResolvers": JOIN,
}


def actions_of(service: str) -> list[str]:
    """The actions a delegation to `service` shows; a service not listed is taken to join."""
    known = {name.lower(): actions for name, actions in SERVICES.items()}
    return list(known.get(service.lower(), JOIN))


def available(scope: str) -> list[Document]:
    """The catalogue as a location lists it; `scope` is the path the ids stand under."""
    return [
        {
            "name": service.replace("/", "."),
            "id": f"{scope}/providers/Microsoft.Network/availableDelegations/{service.replace('/', '.')}",
            "type": "Microsoft.Network/availableDelegations",
            "serviceName": service,
            "actions": list(actions),
        }
        for service, actions in SERVICES.items()
    ]
