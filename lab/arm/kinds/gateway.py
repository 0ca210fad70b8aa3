"""Application gateways with their parts, and private link services.

[?] Shapes and defaults are those of the SDK and the REST documentation; nobody has recorded them.
"""

from __future__ import annotations

from lab.arm.documents.tree import Document, present
from lab.arm.kinds.base import (
    Kind,
    Patch,
    Put,
    named_children,
    new_guid,
    others,
    reference_list,
    sub_put,
    top,
)
from lab.arm.kinds.nic import private_address

GATEWAY = "Microsoft.Network/applicationGateways"
LINK = "Microsoft.Network/privateLinkServices"
PARTS = (
    "gatewayIPConfigurations", "sslCertificates", "trustedRootCertificates", "trustedClientCertificates",
    "sslProfiles", "frontendIPConfigurations", "frontendPorts", "backendAddressPools",
    "backendHttpSettingsCollection", "backendSettingsCollection", "httpListeners", "listeners",
    "urlPathMaps", "requestRoutingRules", "routingRules", "probes", "rewriteRuleSets",
    "redirectConfigurations", "privateLinkConfigurations",
)  # fmt: skip
DERIVED = frozenset({"provisioningState", "backendIPConfigurations"})
DEFAULTS: dict[str, Document] = {
    "backendAddressPools": {"backendAddresses": []},
    "frontendIPConfigurations": {"privateIPAllocationMethod": "Dynamic"},
    "backendSettingsCollection": {"timeout": 20, "enableL4ClientIpPreservation": False},
    "listeners": {"hostNames": []},
}


def _part(put: Put) -> Document:
    member = put.kind_name.rpartition("/")[2]
    properties = {
        "provisioningState": "Succeeded",
        **DEFAULTS.get(member, {}),
        **others(put.sent, DERIVED),
    }
    if member == "frontendIPConfigurations" and (address := private_address(put, set())):
        properties["privateIPAddress"] = address
    return top(put, "name id etag properties type", properties=properties)


def gateway_shape(put: Put) -> Document:
    sent = put.sent
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": put.kept("resourceGuid", new_guid),
        "operationalState": put.before.get("operationalState", "Running"),
        **{
            member: [_part(sub_put(put, member, item)) for item in named_children(put, member)]
            for member in PARTS
        },
        "enableHttp2": sent.get("enableHttp2", False),
        **others(sent, {"provisioningState", "resourceGuid", "operationalState", "enableHttp2", *PARTS}),
    }
    return top(put, "name id etag type location tags zones properties identity", properties=properties)


def _configuration(put: Put) -> Document:
    properties = present(
        provisioningState="Succeeded",
        privateIPAddress=private_address(put, set()),
        privateIPAllocationMethod="Dynamic",
        privateIPAddressVersion="IPv4",
        **others(put.sent, {"provisioningState", "privateIPAddress"}),
    )
    return top(put, "name id etag type properties", properties=properties)


def link_shape(put: Put) -> Document:
    """Nobody sees and nobody is approved until it is said."""
    sent, member = put.sent, "ipConfigurations"
    frontends = "loadBalancerFrontendIpConfigurations"
    treated = {
        "provisioningState", "alias", "visibility", "autoApproval", "enableProxyProtocol",
        "networkInterfaces", "privateEndpointConnections", "fqdns", frontends, member,
    }  # fmt: skip
    properties = {
        "provisioningState": "Succeeded",
        "fqdns": sent.get("fqdns") or [],
        "alias": put.kept(
            "alias", lambda: f"{put.name}.{new_guid()}.{put.location}.azure.privatelinkservice"
        ),
        "visibility": {"subscriptions": []} | (sent.get("visibility") or {}),
        "autoApproval": {"subscriptions": []} | (sent.get("autoApproval") or {}),
        "enableProxyProtocol": sent.get("enableProxyProtocol", False),
        frontends: reference_list(sent.get(frontends)) or [],
        member: [_configuration(sub_put(put, member, item)) for item in named_children(put, member)],
        "networkInterfaces": [],
        "privateEndpointConnections": put.before.get("privateEndpointConnections", []),
        **others(sent, treated),
    }
    return top(put, "name id etag type location tags properties", properties=properties)


GATEWAY_KIND = Kind(GATEWAY, gateway_shape, patch=Patch.TAGS)
LINK_KIND = Kind(LINK, link_shape, patch=Patch.NO)
