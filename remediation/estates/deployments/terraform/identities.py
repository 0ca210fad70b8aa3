"""The ids that resources of a plan have or will get, composed as azurerm composes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from remediation.estates.deployments.terraform.instances import Instance, Plan
from remediation.estates.deployments.terraform.references import all_meant, meant

_NETWORK = "Microsoft.Network"
# Types in a resource group: the last part of their ids, and the attribute that names the parent in between.
_IN_GROUP: Mapping[str, tuple[str, ...]] = {
    "azurerm_virtual_network": ("virtualNetworks", "name"),
    "azurerm_subnet": ("virtualNetworks", "virtual_network_name", "subnets", "name"),
    "azurerm_virtual_network_peering": (
        *("virtualNetworks", "virtual_network_name"), *("virtualNetworkPeerings", "name"),
    ),
    "azurerm_network_security_group": ("networkSecurityGroups", "name"),
    "azurerm_network_security_rule": (
        *("networkSecurityGroups", "network_security_group_name"), *("securityRules", "name"),
    ),
    "azurerm_application_security_group": ("applicationSecurityGroups", "name"),
    "azurerm_network_interface": ("networkInterfaces", "name"),
    "azurerm_public_ip": ("publicIPAddresses", "name"),
    "azurerm_nat_gateway": ("natGateways", "name"),
    "azurerm_bastion_host": ("bastionHosts", "name"),
    "azurerm_lb": ("loadBalancers", "name"),
    "azurerm_firewall": ("azureFirewalls", "name"),
    "azurerm_firewall_policy": ("firewallPolicies", "name"),
    "azurerm_ip_group": ("ipGroups", "name"),
    "azurerm_route_table": ("routeTables", "name"),
    "azurerm_route": ("routeTables", "route_table_name", "routes", "name"),
}  # fmt: skip
_MACHINES = (
    "azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine",
)  # fmt: skip
_SCALE_SETS = (
    "azurerm_linux_virtual_machine_scale_set", "azurerm_windows_virtual_machine_scale_set",
    "azurerm_orchestrated_virtual_machine_scale_set",
)  # fmt: skip
# Types below another resource whose id is an attribute: the attribute, its type, the segment.
_BELOW: Mapping[str, tuple[str, str, str]] = {
    "azurerm_lb_backend_address_pool": ("loadbalancer_id", "azurerm_lb", "backendAddressPools"),
    "azurerm_lb_rule": ("loadbalancer_id", "azurerm_lb", "loadBalancingRules"),
    "azurerm_lb_nat_rule": ("loadbalancer_id", "azurerm_lb", "inboundNatRules"),
    "azurerm_lb_nat_pool": ("loadbalancer_id", "azurerm_lb", "inboundNatPools"),
    "azurerm_lb_probe": ("loadbalancer_id", "azurerm_lb", "probes"),
    "azurerm_lb_outbound_rule": ("loadbalancer_id", "azurerm_lb", "outboundRules"),
    "azurerm_firewall_policy_rule_collection_group": (
        *("firewall_policy_id", "azurerm_firewall_policy", "ruleCollectionGroups"),
    ),
}  # fmt: skip
# Attributes that name another resource, and the type of that.
_NAMED: Mapping[str, tuple[str, ...]] = {
    "resource_group_name": ("azurerm_resource_group",),
    "virtual_network_name": ("azurerm_virtual_network",),
    "network_security_group_name": ("azurerm_network_security_group",),
    "route_table_name": ("azurerm_route_table",),
    "azure_firewall_name": ("azurerm_firewall",),
}
_UNFIT = str.maketrans({"/": "|", '"': "'", "?": ".", "#": ".", "%": ".", "<": "(", ">": ")", "\\": "|"})


class Identities:
    """Ids by instance. `made_up` has the address of every id in which something is not known yet."""

    def __init__(self, plan: Plan, subscription: str) -> None:
        self._plan = plan
        self._subscription = subscription
        self._known: dict[str, str | None] = {}
        self.made_up: dict[str, str] = {}

    def of(self, instance: Instance) -> str | None:
        """The id of an instance: as it is, else as it will be; None for a type that has none of its own."""
        if instance.address not in self._known:
            self._known[instance.address] = None  # for one that asks for itself
            found = self._known[instance.address] = self._identity(instance)
            if found is not None and "[" in found:
                self.made_up[found.lower()] = instance.address
        return self._known[instance.address]

    def _identity(self, instance: Instance) -> str | None:
        for values in (instance.after, instance.before):
            told = (values or {}).get("id")
            if isinstance(told, str) and told.startswith("/"):
                return _real(instance, told)
        return self._composed(instance)

    def _composed(self, instance: Instance) -> str | None:
        kind = instance.type
        if kind == "azurerm_resource_group":
            return f"/subscriptions/{self._subscription}/resourceGroups/{self._segment(instance, 'name')}"
        if kind in _IN_GROUP:
            parts = _IN_GROUP[kind]
            named = [self._segment(instance, part) if at % 2 else part for at, part in enumerate(parts)]
            return f"{self._group(instance)}/providers/{_NETWORK}/{'/'.join(named)}"
        for types, segment in ((_MACHINES, "virtualMachines"), (_SCALE_SETS, "virtualMachineScaleSets")):
            if kind in types:
                name = self._segment(instance, "name")
                return f"{self._group(instance)}/providers/Microsoft.Compute/{segment}/{name}"
        if kind in _BELOW:
            attribute, above, segment = _BELOW[kind]
            parent = self.attribute(instance, attribute, (above,))
            return f"{parent}/{segment}/{self._segment(instance, 'name')}" if parent else None
        return self._extension(instance)

    def _extension(self, instance: Instance) -> str | None:
        name = self._segment(instance, "name")
        if instance.type == "azurerm_monitor_diagnostic_setting":
            target = self.attribute(instance, "target_resource_id", ())
            return f"{target}/providers/Microsoft.Insights/diagnosticSettings/{name}" if target else None
        kind = str((instance.after or {}).get("type", "")).partition("@")[0]
        if instance.type == "azapi_resource" and "/" in kind:
            parent = self.attribute(instance, "parent_id", ())
            namespace, _, rest = kind.partition("/")
            above = "/" in rest
            inside = f"/{rest.rpartition('/')[2]}" if above else f"/providers/{namespace}/{rest}"
            return f"{parent}{inside}/{name}" if parent else None
        return None

    def _group(self, instance: Instance) -> str:
        name = self._segment(instance, "resource_group_name")
        return f"/subscriptions/{self._subscription}/resourceGroups/{name}"

    def in_group(self, instance: Instance, kind: str, attribute: str) -> str:
        """The id of a network resource in an instance's group, by an attribute that names it."""
        return f"{self._group(instance)}/providers/{_NETWORK}/{kind}/{self._segment(instance, attribute)}"

    def _segment(self, instance: Instance, attribute: str) -> str:
        value = (instance.after or instance.before or {}).get(attribute)
        if isinstance(value, str) and value:
            return value
        expression, kinds = instance.expressions.get(attribute), _NAMED.get(attribute, ())
        named = meant(self._plan, expression, instance.module, instance.key, kinds) if kinds else None
        if named is not None:
            return self._segment(named, "name")
        return f"[{instance.address}.{attribute}]".translate(_UNFIT)

    def attribute(self, instance: Instance, name: str, kinds: Sequence[str]) -> str | None:
        """The id that an attribute holds or will hold; any type where none is named."""
        value = (instance.after or instance.before or {}).get(name)
        if isinstance(value, str) and value:
            return value
        found = self.of_expression(instance.expressions.get(name), instance, kinds)
        return found[0] if len(found) == 1 else None

    def of_expression(self, expression: Any, instance: Instance, kinds: Sequence[str]) -> list[str]:
        """The ids of what an expression means: one, or all of a list."""
        wanted = kinds or tuple({one.type for one in self._plan.instances})
        one = meant(self._plan, expression, instance.module, instance.key, wanted)
        every = [one] if one is not None else all_meant(
            self._plan, expression, instance.module, instance.key, wanted
        )  # fmt: skip
        return [identity for each in every if (identity := self.of(each))]


def _real(instance: Instance, told: str) -> str | None:
    """An id of ARM; Terraform's own ids of associations and of diagnostic settings are none."""
    if instance.type == "azurerm_monitor_diagnostic_setting" and "|" in told:
        target, _, name = told.partition("|")
        return f"{target}/providers/Microsoft.Insights/diagnosticSettings/{name}"
    return None if "|" in told else told


def subscription_of(plan: Plan, fallback: str) -> str:
    """The subscription a plan is for: what its provider says, else that of any id in it."""
    for told in plan.subscriptions():
        return told.lower()
    for instance in plan.instances:
        for values in (instance.before, instance.after):
            told_id = (values or {}).get("id")
            if isinstance(told_id, str) and told_id.lower().startswith("/subscriptions/"):
                return told_id.split("/")[2].lower()
    return fallback
