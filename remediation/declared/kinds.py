"""What of which resources is compared with its declaration, and what only the server sets of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from remediation.kinds import (
    BACKEND_POOL,
    BASTION,
    DIAGNOSTIC_SETTING,
    LOAD_BALANCER,
    NAT_RULE,
    NIC,
    NSG,
    PUBLIC_IP,
    ROUTE,
    ROUTE_TABLE,
    RULE_COLLECTION_GROUP,
    SECURITY_RULE,
    SUBNET,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one type is compared.

    word      what people call one
    only      the members of ``properties`` that are compared; empty: all that are declared
    skipped   members of ``properties`` that only the server sets, or that say who points to the resource
    fronts    members of children in a whole list that are declared empty where nothing is said of them: an
              address that nobody declared is a way in
    """

    word: str
    only: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    fronts: frozenset[str] = frozenset()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


KINDS: Mapping[str, Kind] = {
    NSG: Kind(
        "network security group",
        skipped=_names("defaultSecurityRules networkInterfaces subnets flowLogs"),
    ),
    BASTION: Kind("Bastion host", skipped=_names("dnsName")),
    PUBLIC_IP: Kind(
        "public IP address",
        skipped=_names(
            "ipAddress ipConfiguration natGateway servicePublicIPAddress linkedPublicIPAddress migrationPhase"
        ),
    ),
    DIAGNOSTIC_SETTING: Kind("diagnostic setting"),
    LOAD_BALANCER: Kind("load balancer"),
    SUBNET: Kind("subnet", only=_names("networkSecurityGroup routeTable")),
    ROUTE_TABLE: Kind("route table", skipped=_names("subnets")),
    RULE_COLLECTION_GROUP: Kind("rule collection group", skipped=_names("size")),
    NIC: Kind(
        "network interface",
        only=_names("networkSecurityGroup ipConfigurations enableIPForwarding"),
        fronts=_names("publicIPAddress"),
    ),
}  # fmt: skip
"""Every type that is compared, by its lower-cased name; a network's subnets are compared one by one."""

CHILDREN: Mapping[str, str] = {
    SECURITY_RULE: "securityRules",
    ROUTE: "routes",
    NAT_RULE: "inboundNatRules",
    BACKEND_POOL: "backendAddressPools",
    **{
        f"{LOAD_BALANCER}/{name.lower()}": name
        for name in (
            *("frontendIPConfigurations", "loadBalancingRules", "probes"),
            *("inboundNatPools", "outboundRules"),
        )
    },
}  # fmt: skip
"""Types of children that may be declared by themselves: the array of their parent that holds them."""

SERVERS = _names(
    "etag provisioningState resourceGuid systemData apiVersion macAddress virtualMachine privateEndpoint"
    " hostedWorkloads allowPort25Out backendIPConfigurations backendIPConfiguration nicType"
    " vnetEncryptionSupported defaultOutboundConnectivityEnabled ipv6Rule retentionPolicy timeGrain"
    " privateLinkConnectionProperties fqdn size resourceGroup"
)
"""Members that the server sets, or gives back whatever it was told, wherever they stand."""

NAMING = _names("id name type etag category categoryGroup properties")
"""Members of a child that say which one it is."""

BACK: Mapping[str, frozenset[str]] = {
    "frontendIPConfigurations": _names("inboundNatRules inboundNatPools loadBalancingRules outboundRules"),
    "backendAddressPools": _names("inboundNatRules loadBalancingRules outboundRule outboundRules"),
    "probes": _names("loadBalancingRules"),
}
"""Members of children that say who points to them, by the array the children stand in."""

DEFAULTS: Mapping[str, frozenset[str]] = {
    "idleTimeoutInMinutes": frozenset({"4"}),
    "publicIPAddressVersion": frozenset({"ipv4"}),
    "privateIPAddressVersion": frozenset({"ipv4"}),
    "privateIPAllocationMethod": frozenset({"dynamic"}),
    "publicIPAllocationMethod": frozenset({"dynamic"}),
    "tier": frozenset({"regional"}),
    "protectionMode": frozenset({"virtualnetworkinherited"}),
    "loadDistribution": frozenset({"default"}),
    "scaleUnits": frozenset({"2"}),
    "probeThreshold": frozenset({"1"}),
    "noHealthyBackendsBehavior": frozenset({"allprobeddown"}),
    "logAnalyticsDestinationType": frozenset({"azurediagnostics", "dedicated"}),
    "deleteOption": frozenset({"detach"}),
    "primary": frozenset({"true"}),
}
"""Values (lower case) that ARM means where a member is absent."""
