"""What providers offer: their types with the api-versions that clients commonly ask for.

The versions are documented ones, not all there are: the lab takes any.
"""

from __future__ import annotations

NETWORK_VERSIONS = (
    "2026-03-01", "2025-05-01", "2025-03-01", "2025-01-01", "2024-10-01", "2024-07-01", "2024-05-01",
    "2024-03-01", "2024-01-01", "2023-11-01", "2023-09-01", "2023-06-01", "2022-07-01", "2021-08-01",
    "2020-11-01", "2020-05-01", "2018-08-01",
)  # fmt: skip
# namespace -> its api-versions, newest first, and its types beside those that the lab's own tables name
OFFERED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Microsoft.Network": (
        NETWORK_VERSIONS,
        ("virtualNetworks/subnets", "virtualNetworks/virtualNetworkPeerings",
         "networkSecurityGroups/securityRules", "routeTables/routes", "locations", "locations/operations",
         "locations/operationResults"),
    ),
    "Microsoft.Compute": (
        ("2025-04-01", "2024-11-01", "2024-07-01", "2024-03-01", "2023-09-01", "2022-11-01"),
        ("virtualMachines", "virtualMachines/extensions", "virtualMachineScaleSets",
         "virtualMachineScaleSets/virtualMachines", "disks", "availabilitySets"),
    ),
    "Microsoft.Resources": (
        ("2025-04-01", "2024-11-01", "2022-12-01", "2022-09-01", "2021-04-01", "2020-06-01"),
        ("subscriptions", "resourceGroups", "subscriptions/resourceGroups", "resources", "tags", "providers",
         "deployments"),
    ),
    "Microsoft.Authorization": (
        ("2022-04-01", "2020-05-01", "2018-07-01", "2016-09-01", "2015-07-01"),
        ("roleAssignments", "roleDefinitions", "locks", "policyAssignments", "policyExemptions"),
    ),
    "Microsoft.Insights": (
        ("2021-05-01-preview", "2017-05-01-preview", "2016-09-01", "2015-04-01"),
        ("diagnosticSettings", "diagnosticSettingsCategories", "eventtypes", "activityLogAlerts"),
    ),
    "Microsoft.OperationalInsights": (("2023-09-01", "2022-10-01", "2021-06-01"), ("workspaces",)),
    "Microsoft.Storage": (("2024-01-01", "2023-05-01", "2022-09-01"), ("storageAccounts",)),
    "Microsoft.EventHub": (("2024-01-01", "2022-10-01-preview", "2021-11-01"), ("namespaces",)),
    "Microsoft.EventGrid": (("2025-02-15", "2022-06-15"), ("topics", "systemTopics", "eventSubscriptions")),
    "Microsoft.Security": (("2020-01-01",), ("locations/jitNetworkAccessPolicies", "pricings")),
    "Microsoft.ManagedIdentity": (("2023-01-31", "2018-11-30"), ("userAssignedIdentities",)),
    "Microsoft.ContainerService": (("2025-05-01", "2024-09-01"), ("managedClusters",)),
}  # fmt: skip
NOWHERE = frozenset({"Microsoft.Authorization", "Microsoft.Resources", "Microsoft.Insights"})


def offered(namespace: str) -> str | None:
    """A namespace in its canonical spelling; None for one that nobody registers here."""
    return next((each for each in OFFERED if each.lower() == namespace.lower()), None)
