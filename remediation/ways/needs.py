"""What has to be read so that the ways to a machine are known, as needs that rules declare.

Lists answer for a whole subscription in one read; they are asked of the subscription of the machine's network
and of those of its peers, where a firewall or a balancer may stand.
"""

from remediation.kinds import (
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    EFFECTIVE_ADMIN_RULE,
    FIREWALL_POLICY,
    HUB_CONNECTION,
    IP_GROUP,
    LOAD_BALANCER,
    NIC,
    NSG,
    PRIVATE_LINK_SERVICE,
    PUBLIC_IP,
    RULE_COLLECTION_GROUP,
    SCALE_SET_NIC,
    SUBNET,
    VNET,
)
from remediation.landing_zone.joining.peering import peers
from remediation.landing_zone.routing.tables import ROUTES_OF
from remediation.rule import Above, Follow, Group, Listed, Need

_IN_NIC = "properties.ipConfigurations[].properties"
POLICY_OF: tuple[Need, ...] = (
    Follow("properties.firewallPolicy.id", to=FIREWALL_POLICY, then=(Listed(RULE_COLLECTION_GROUP),)),
)

# Of a balancer: the prefixes out of which its fronts have addresses, which tell of which family they are.
PREFIXES: tuple[Need, ...] = (Follow("properties.frontendIPConfigurations[].properties.publicIPPrefix.id"),)

# What may lead into a network from a subscription.
FRONTS: tuple[Need, ...] = (
    Listed(LOAD_BALANCER, "subscription"),
    Listed(PUBLIC_IP, "subscription"),
    Listed(NIC, "subscription"),
    Listed(APPLICATION_GATEWAY, "subscription"),
    Listed(PRIVATE_LINK_SERVICE, "subscription"),
    Listed(IP_GROUP, "subscription"),
    Listed(AZURE_FIREWALL, "subscription", then=POLICY_OF),
)

# Of a network: its admin rules, and whatever may lead into it.
INTO_NETWORK: tuple[Need, ...] = (
    Listed(EFFECTIVE_ADMIN_RULE),
    Listed(HUB_CONNECTION, "subscription"),
    *FRONTS,
    peers(*FRONTS),
)

# Of a subnet: its group and routes, and its network.
_OF_SUBNET: tuple[Need, ...] = (
    Follow("properties.networkSecurityGroup.id", to=NSG),
    ROUTES_OF,
    Above(VNET, then=INTO_NETWORK),
)

# Of an interface: what stands before it, whatever leads there.
GUARDS_OF_NIC: tuple[Need, ...] = (
    Follow("properties.networkSecurityGroup.id", to=NSG),
    Follow(
        f"{_IN_NIC}.subnet.id",
        to=SUBNET,
        then=(
            Follow("properties.networkSecurityGroup.id", to=NSG),
            ROUTES_OF,
            Above(VNET, then=(Listed(EFFECTIVE_ADMIN_RULE),)),
        ),
    ),
)

# Of an interface: everything on the way to it.
TO_NIC: tuple[Need, ...] = (
    Follow(f"{_IN_NIC}.publicIPAddress.id"),
    Follow(f"{_IN_NIC}.loadBalancerBackendAddressPools[].id", to=LOAD_BALANCER, then=PREFIXES),
    Follow(f"{_IN_NIC}.loadBalancerInboundNatRules[].id", to=LOAD_BALANCER, then=PREFIXES),
    Follow("properties.networkSecurityGroup.id", to=NSG),
    Follow(f"{_IN_NIC}.subnet.id", to=SUBNET, then=_OF_SUBNET),
)

# Of a group: every interface behind it, with the ways to each, and the resource group for its owner.
_IN_SUBNET = "properties.ipConfigurations[].id"
THROUGH_GROUP: tuple[Need, ...] = (
    Follow("properties.networkInterfaces[].id", then=TO_NIC),
    Follow(
        "properties.subnets[].id",
        then=(Follow(_IN_SUBNET, then=TO_NIC, to=NIC), Follow(_IN_SUBNET, then=TO_NIC, to=SCALE_SET_NIC)),
    ),
    Group(),
)
