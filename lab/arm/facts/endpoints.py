"""From which regions a service is reached through a subnet's service end point (the vendor's documents)."""

from __future__ import annotations

# Storage end points reach the paired region too.
PAIRS = {
    "eastus": "westus", "westus": "eastus", "eastus2": "centralus", "centralus": "eastus2",
    "westus2": "westcentralus", "westcentralus": "westus2", "westus3": "eastus",
    "northcentralus": "southcentralus", "southcentralus": "northcentralus", "brazilsouth": "southcentralus",
    "canadacentral": "canadaeast", "canadaeast": "canadacentral",
    "northeurope": "westeurope", "westeurope": "northeurope", "uksouth": "ukwest", "ukwest": "uksouth",
    "francecentral": "francesouth", "francesouth": "francecentral",
    "germanywestcentral": "germanynorth", "germanynorth": "germanywestcentral",
    "norwayeast": "norwaywest", "norwaywest": "norwayeast",
    "switzerlandnorth": "switzerlandwest", "switzerlandwest": "switzerlandnorth",
    "swedencentral": "swedensouth", "swedensouth": "swedencentral",
    "uaenorth": "uaecentral", "uaecentral": "uaenorth",
    "southafricanorth": "southafricawest", "southafricawest": "southafricanorth",
    "eastasia": "southeastasia", "southeastasia": "eastasia",
    "japaneast": "japanwest", "japanwest": "japaneast",
    "koreacentral": "koreasouth", "koreasouth": "koreacentral",
    "australiaeast": "australiasoutheast", "australiasoutheast": "australiaeast",
    "centralindia": "southindia", "southindia": "centralindia",
    "eastus2euap": "centraluseuap", "centraluseuap": "eastus2euap",
}  # fmt: skip


# Regions whose pair is elsewhere are reached from that pair as well.
ALSO = {"eastus": ("westus3",)}


def reached_from(location: str, service: str) -> list[str]:
    """Storage: the network's region and its pair; SQL: the network's region; all others everywhere."""
    if service.lower() == "microsoft.storage":
        return [location, *([PAIRS[location]] if location in PAIRS else []), *ALSO.get(location, ())]
    return [location] if service.lower() == "microsoft.sql" else ["*"]
