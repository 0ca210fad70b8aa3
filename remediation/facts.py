"""Facts of the platform as data: what changes between versions of the documentation changes here.

Sources: Azure Bastion SKU comparison, network security group and Bastion NSG documentation. A SKU, tag or
name that is in no table is unknown, never a violation.
"""

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

# Log categories and groups that carry Bastion's audit log.
BASTION_LOG_CATEGORIES = frozenset({"bastionauditlogs"})
BASTION_LOG_GROUPS = frozenset({"alllogs", "audit"})
MOST_DIAGNOSTIC_SETTINGS = 5


def bastion_sku(name: object) -> str | None:
    """The SKU's canonical name; None when it is in no table."""
    if name is None:
        return SKU_WHEN_ABSENT
    known = {sku.lower(): sku for sku in BASTION_SKUS}
    return known.get(name.lower()) if isinstance(name, str) else None
