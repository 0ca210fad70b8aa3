"""Members that the REST documentation gives to types nobody has recorded. [?] All of it is unconfirmed.

Each entry holds what ARM is documented to add or default on a PUT, as GET then returns it; what was sent
always wins. Source: the network, compute, private DNS and security resource provider specifications.
"""

from __future__ import annotations

from typing import Any

N = "microsoft.network/"

DOCUMENTED: dict[str, dict[str, Any]] = {
    N + "virtualhubs": {
        "virtualHubRouteTableV2s": [],
        "sku": "Standard",
        "routingState": "Provisioned",
        "virtualRouterAsn": 65515,
        "virtualRouterIps": [],
        "allowBranchToBranchTraffic": False,
        "hubRoutingPreference": "ExpressRoute",
    },
    N + "virtualhubs/hubvirtualnetworkconnections": {
        "allowHubToRemoteVnetTransit": True,
        "allowRemoteVnetToUseHubVnetGateways": True,
        "enableInternetSecurity": False,
        "connectivityStatus": "Connected",
        "connectedResourceGuid": "",
    },
    N + "virtualhubs/hubroutetables": {"routes": [], "labels": [], "associatedConnections": []},
    N + "virtualhubs/routingintent": {"routingPolicies": []},
    N + "virtualnetworkgateways": {
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "enableBgp": False,
        "activeActive": False,
        "ipConfigurations": [],
    },
    N + "privatednszones": {
        "maxNumberOfRecordSets": 25000,
        "maxNumberOfVirtualNetworkLinks": 1000,
        "numberOfRecordSets": 1,
        "numberOfVirtualNetworkLinks": 0,
    },
    N + "privatednszones/virtualnetworklinks": {
        "registrationEnabled": False,
        "virtualNetworkLinkState": "Completed",
    },
    "microsoft.compute/virtualmachines": {
        "provisioningState": "Succeeded",
        "networkProfile": {"networkInterfaces": []},
    },
    "microsoft.security/locations/jitnetworkaccesspolicies": {
        "provisioningState": "Succeeded",
        "virtualMachines": [],
        "requests": [],
    },
    "microsoft.authorization/policyexemptions": {"exemptionCategory": "Waiver"},
}


def documented(kind: str) -> dict[str, Any]:
    """What a type's `properties` hold besides what was sent; empty for types with nothing documented here."""
    return dict(DOCUMENTED.get(kind.lower(), {}))
