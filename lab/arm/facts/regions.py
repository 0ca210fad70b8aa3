"""The regions of the public cloud a subscription is offered, as the vendor's documents list them."""

from __future__ import annotations

from lab.arm.facts.endpoints import PAIRS

# name -> how it is shown, its geography, whether it has availability zones
REGIONS: dict[str, tuple[str, str, bool]] = {
    "eastus": ("East US", "US", True),
    "eastus2": ("East US 2", "US", True),
    "centralus": ("Central US", "US", True),
    "northcentralus": ("North Central US", "US", False),
    "southcentralus": ("South Central US", "US", True),
    "westcentralus": ("West Central US", "US", False),
    "westus": ("West US", "US", False),
    "westus2": ("West US 2", "US", True),
    "westus3": ("West US 3", "US", True),
    "canadacentral": ("Canada Central", "Canada", True),
    "canadaeast": ("Canada East", "Canada", False),
    "brazilsouth": ("Brazil South", "Brazil", True),
    "northeurope": ("North Europe", "Europe", True),
    "westeurope": ("West Europe", "Europe", True),
    "uksouth": ("UK South", "UK", True),
    "ukwest": ("UK West", "UK", False),
    "francecentral": ("France Central", "Europe", True),
    "germanywestcentral": ("Germany West Central", "Europe", True),
    "norwayeast": ("Norway East", "Europe", True),
    "polandcentral": ("Poland Central", "Europe", True),
    "italynorth": ("Italy North", "Europe", True),
    "spaincentral": ("Spain Central", "Europe", True),
    "swedencentral": ("Sweden Central", "Europe", True),
    "switzerlandnorth": ("Switzerland North", "Europe", True),
    "uaenorth": ("UAE North", "UAE", True),
    "qatarcentral": ("Qatar Central", "Middle East", True),
    "israelcentral": ("Israel Central", "Middle East", True),
    "southafricanorth": ("South Africa North", "South Africa", True),
    "eastasia": ("East Asia", "Asia Pacific", True),
    "southeastasia": ("Southeast Asia", "Asia Pacific", True),
    "japaneast": ("Japan East", "Japan", True),
    "japanwest": ("Japan West", "Japan", False),
    "koreacentral": ("Korea Central", "Korea", True),
    "koreasouth": ("Korea South", "Korea", False),
    "australiaeast": ("Australia East", "Australia", True),
    "australiasoutheast": ("Australia Southeast", "Australia", False),
    "centralindia": ("Central India", "India", True),
    "southindia": ("South India", "India", False),
}


def paired(name: str) -> str | None:
    """The region another one is paired with; those with zones and without a pair have none."""
    return PAIRS.get(name)
