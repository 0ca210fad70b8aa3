"""Facts of the platform as data: what changes between versions of the documentation changes here.

Sources: Azure Bastion SKU comparison, network security group and Bastion NSG documentation. A SKU, tag or
name that is in no table is unknown, never a violation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

# The name space of what templates make of texts: guid(a, b) is that of "a-b" in it. Not documented; the tests
# hold it against the Bicep compiler.
GUID_NAMESPACE = UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")

# SKUs in rising order; a Bastion document without `sku` comes from before SKUs existed and is Basic.
BASTION_SKUS: tuple[str, ...] = ("Developer", "Basic", "Standard", "Premium")
SKU_WHEN_ABSENT = "Basic"

# Subnets whose NSG, if they may have one at all, belongs to a managed service.
SPECIAL_SUBNETS = frozenset({
    "azurebastionsubnet",
    "gatewaysubnet",
    "azurefirewallsubnet",
    "azurefirewallmanagementsubnet",
    "routeserversubnet",
})  # fmt: skip

# Services that write their resources again after everybody, by the type of what a group's `managedBy` names,
# and through what such a resource is changed.
_AKS = "the AKS cluster: its service manifests and its own settings"
_SERVICE_FABRIC = "the Service Fabric managed cluster"
KEEPERS: Mapping[str, str] = {
    "microsoft.containerservice/managedclusters": _AKS,
    "microsoft.databricks/workspaces": "the Databricks workspace",
    "microsoft.solutions/applications": "the managed application",
    "microsoft.network/networkmanagers": "the virtual network manager",
    "microsoft.servicefabric/managedclusters": _SERVICE_FABRIC,
    "microsoft.app/managedenvironments": "the Container Apps environment",
    "microsoft.machinelearningservices/workspaces": "the machine learning workspace",
}
# Beginnings (lower case) of the names of resource groups that belong to a managed Kubernetes or Service
# Fabric cluster; a node group may have any other name. SFC_ is unconfirmed.
KEEPER_GROUPS: Mapping[str, str] = {"mc_": _AKS, "sfc_": _SERVICE_FABRIC}
# Beginnings (lower case) of tags that a service puts on what it keeps: AKS itself, its cloud controller (on
# load balancers' addresses; cloud-provider-azure), Databricks.
KEEPER_TAGS: Mapping[str, str] = {
    "aks-managed-": _AKS,
    "k8s-azure-": _AKS,
    "databricks-environment": "the Databricks workspace",
}
# Words in a tag `managedBy` that name infrastructure as code, which holds a write back but is no service.
CODE_TOOLS = frozenset({
    "terraform", "opentofu", "tofu", "terragrunt", "bicep", "arm", "pulumi", "ansible", "azd", "iac", "code",
})  # fmt: skip

# Log categories by type, and the category groups (lower case) that carry them.
BASTION_LOG_CATEGORIES = ("BastionAuditLogs",)
BASTION_LOG_GROUPS = frozenset({"alllogs", "audit"})
NSG_LOG_CATEGORIES = ("NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter")
PUBLIC_IP_LOG_CATEGORIES = (
    "DDoSProtectionNotifications",
    "DDoSMitigationFlowLogs",
    "DDoSMitigationReports",
)
ALL_LOGS = frozenset({"alllogs"})
MOST_DIAGNOSTIC_SETTINGS = 5

# The name of the environment whose needs the guidance speaks of, as the baseline names it (lower case).
PRODUCTION = "production"

# Switches of a Bastion document and the SKUs that offer them. Older tables deny Developer Kerberos.
BASTION_SWITCHES: Mapping[str, frozenset[str]] = {
    "enableTunneling": frozenset({"Standard", "Premium"}),
    "enableIpConnect": frozenset({"Standard", "Premium"}),
    "enableShareableLink": frozenset({"Standard", "Premium"}),
    "enableFileCopy": frozenset({"Standard", "Premium"}),
    "disableCopyPaste": frozenset({"Standard", "Premium"}),
    "enableKerberos": frozenset({"Developer", "Basic", "Standard", "Premium"}),
    "enableSessionRecording": frozenset({"Premium"}),
    "enablePrivateOnlyBastion": frozenset({"Premium"}),
}
# Fewest and most scale units by SKU; Developer is a shared pool, where the number means nothing.
SCALE_UNITS: Mapping[str, tuple[int, int]] = {"Basic": (2, 2), "Standard": (2, 50), "Premium": (2, 50)}

# The subnet of a Bastion host: its name, the longest prefix, and since when a /27 is too small.
BASTION_SUBNET = "azurebastionsubnet"
LONGEST_BASTION_PREFIX = 26
SMALLER_BASTION_SUBNETS_UNTIL = datetime(2021, 11, 2, tzinfo=UTC)

# SKUs of public IP addresses: whether Bastion takes them. That it takes StandardV2 is our inference: an
# address that is attached to a host was taken.
PUBLIC_IP_SKUS: Mapping[str, bool] = {"basic": False, "standard": True, "standardv2": True}
PUBLIC_IP_SKU_WHEN_ABSENT = "Basic"

# Private DNS zones that hide names Bastion itself must resolve (Azure Bastion FAQ).
ZONES_BASTION_NEEDS = frozenset({
    "management.azure.com",
    "azure.com",
    "core.windows.net",
    "blob.core.windows.net",
    "vault.azure.net",
    "vaultcore.windows.net",
})  # fmt: skip
ZONES_WORTH_A_NOTE = frozenset({"privatelink.azure.com"})

# Built-in roles that let their holder read hosts, networks, machines and NICs; any other is not known.
READING_ROLES: Mapping[str, str] = {
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
}


def bastion_sku(name: object) -> str | None:
    """The SKU's canonical name; None when it is in no table."""
    if name is None:
        return SKU_WHEN_ABSENT
    known = {sku.lower(): sku for sku in BASTION_SKUS}
    return known.get(name.lower()) if isinstance(name, str) else None


@dataclass(frozen=True, slots=True)
class BastionFlow:
    """Traffic that an NSG of AzureBastionSubnet must let through. `priority` is customary, not mandated.

    `name` is the one the documentation gives its rule. Source: "Working with NSG access and Azure Bastion".
    `protocol` is the documented one; TCP is enough for Bastion to work, as Microsoft's own templates have it.
    Azure insists on an explicit rule for each that is `checked`.
    """

    name: str
    direction: Literal["Inbound", "Outbound"]
    priority: int
    source: str
    destination: str
    ports: tuple[int, ...]
    protocol: str
    purpose: str
    checked: bool = True


# In place of Internet the first may name the public ranges the operator's people come from; what a
# private-only host needs instead is unconfirmed and taken to be the same from VirtualNetwork.
BASTION_USERS = BastionFlow(
    "AllowHttpsInbound", "Inbound", 120, "Internet", "*", (443,), "Tcp", "people who connect"
)
_BETWEEN = ("VirtualNetwork", "VirtualNetwork", (8080, 5701), "*", "traffic between its instances")
BASTION_FLOWS: tuple[BastionFlow, ...] = (
    BASTION_USERS,
    BastionFlow("AllowGatewayManagerInbound", "Inbound", 130, "GatewayManager", "*", (443,), "Tcp", "set-up"),
    BastionFlow(
        "AllowAzureLoadBalancerInbound", "Inbound", 140, "AzureLoadBalancer", "*", (443,), "Tcp", "probes"
    ),
    BastionFlow("AllowBastionHostCommunication", "Inbound", 150, *_BETWEEN),
    BastionFlow("AllowSshRdpOutbound", "Outbound", 120, "*", "VirtualNetwork", (22, 3389), "*", "targets"),
    BastionFlow("AllowAzureCloudOutbound", "Outbound", 130, "*", "AzureCloud", (443,), "Tcp", "logging"),
    BastionFlow("AllowBastionCommunication", "Outbound", 140, *_BETWEEN),
    BastionFlow("AllowHttpOutbound", "Outbound", 150, "*", "Internet", (80,), "*", "certificates"),
)  # fmt: skip

# Where enableKerberos is on. Source: "Configure Bastion for Kerberos authentication".
BASTION_KERBEROS = BastionFlow(
    "AllowKerberosOutbound", "Outbound", 160, "*", "VirtualNetwork", (53, 88, 389, 464, 636), "*",
    "Kerberos: domain controllers", checked=False,
)  # fmt: skip
# From where a host of SKU Developer comes to its machines. Source: Bastion Developer quickstart.
DEVELOPERS_SOURCE = "168.63.129.16"

# Service tags whose addresses any customer of Azure can send from, with whatever stands behind a dot
# (AzureCloud.westeurope): AzureCloud, everybody's machines, and AzureConnectors, the outbound calls of
# managed connectors (service tags overview; that any customer may use those is inferred). Control planes such
# as ApiManagement and AzureDatabricks are not: customers do not send from them.
MULTI_TENANT_TAGS = frozenset({"azurecloud", "azureconnectors"})


def is_multi_tenant(tag: str) -> bool:
    """Whether other customers' resources send from a service tag, regional ones included."""
    return tag.lower().partition(".")[0] in MULTI_TENANT_TAGS
