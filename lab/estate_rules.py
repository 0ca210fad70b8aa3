"""Security rules of the estate: what Bastion needs, and what keeps workloads behind it."""

from typing import Any

type Rule = dict[str, Any]

BASTION_FLOWS = (
    # priority, direction, source, destination, ports, protocol, name
    (120, "Inbound", "Internet", "*", ["443"], "Tcp", "AllowHttpsInbound"),
    (130, "Inbound", "GatewayManager", "*", ["443"], "Tcp", "AllowGatewayManagerInbound"),
    (140, "Inbound", "AzureLoadBalancer", "*", ["443"], "Tcp", "AllowAzureLoadBalancerInbound"),
    (
        150,
        "Inbound",
        "VirtualNetwork",
        "VirtualNetwork",
        ["8080", "5701"],
        "*",
        "AllowBastionHostCommunication",
    ),
    (100, "Outbound", "*", "VirtualNetwork", ["22", "3389"], "*", "AllowSshRdpOutbound"),
    (110, "Outbound", "*", "AzureCloud", ["443"], "Tcp", "AllowAzureCloudOutbound"),
    (120, "Outbound", "VirtualNetwork", "VirtualNetwork", ["8080", "5701"], "*", "AllowBastionCommunication"),
    (130, "Outbound", "*", "Internet", ["80"], "*", "AllowHttpOutbound"),
)


def rule(
    name: str, priority: int, access: str, ports: list[str], *, source: str | list[str],
    direction: str = "Inbound", destination: str = "*", protocol: str = "Tcp", description: str = "",
) -> Rule:  # fmt: skip
    """A rule as a client sends it: singular fields for one value, plural ones for several."""
    properties: dict[str, Any] = {
        "protocol": protocol,
        "sourcePortRange": "*",
        "access": access,
        "priority": priority,
        "direction": direction,
        "destinationAddressPrefix": destination,
        **_one_or_more("destinationPortRange", ports),
        **_one_or_more("sourceAddressPrefix", source),
    }
    if description:
        properties["description"] = description
    return {"name": name, "properties": properties}


def _one_or_more(singular: str, value: str | list[str]) -> dict[str, Any]:
    if isinstance(value, str):
        return {singular: value}
    if len(value) == 1:
        return {singular: value[0]}
    return {f"{singular}es" if singular.endswith("x") else f"{singular}s": list(value)}


def bastion_rules() -> list[Rule]:
    """Every flow that Azure wants to see on AzureBastionSubnet."""
    return [
        rule(
            name,
            priority,
            "Allow",
            ports,
            source=source,
            direction=direction,
            destination=to,
            protocol=protocol,
        )
        for priority, direction, source, to, ports, protocol, name in BASTION_FLOWS
    ]


def workload_rules(bastion_prefix: str, *, public: list[str] | None = None, tag: str = "") -> list[Rule]:
    """Management from Bastion only; `public` ports from the internet; the rest as the default rules say."""
    rules = [
        rule("allow-bastion-mgmt", 300, "Allow", ["22", "3389"], source=bastion_prefix,
             description="SSH and RDP through Azure Bastion"),
        rule("deny-other-mgmt", 400, "Deny", ["22", "3389"], source="*", protocol="*",
             description="Nobody else, the virtual network included"),
    ]  # fmt: skip
    if public:
        rules.append(
            rule(
                "allow-web", 200, "Allow", public, source=tag or "Internet", description="Public web traffic"
            )
        )
    return rules
