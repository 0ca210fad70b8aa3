"""Every kind of noise that users of comparing tools report is silent here.

The names are of what is reported in public against `arm-template-whatif` (its number) and
`terraform-provider-azurerm` (`azurerm` and its number); the documents are our own.
"""

from typing import Any

import pytest

from tests.builders import (
    AT,
    BASTION_ID,
    HUB,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    SUBNET_ID,
    WEB,
    WORKSPACE,
    Document,
    a_bastion,
    a_nic,
    a_public_ip,
    a_rule,
    a_setting,
    a_subnet,
    an_nsg,
)
from tests.unit.declared.declaring import declaration, paths, properties, template

BALANCER = f"{WEB}/loadBalancers/lb"
TABLE = f"{WEB}/routeTables/rt"
GROUP = f"{HUB}/firewallPolicies/fwp/ruleCollectionGroups/inbound"


def of(identity: str, **members: Any) -> Document:
    return {"id": identity, "name": identity.rpartition("/")[2], "properties": members}


def rule(**members: Any) -> Document:
    return an_nsg({**a_rule(), "properties": {**a_rule()["properties"], **members}})


def a_host(**members: Any) -> Document:
    configuration = {
        "name": "cfg",
        "properties": {"subnet": {"id": SUBNET_ID.text}, "publicIPAddress": {"id": PIP_ID.text}},
    }
    return properties(a_bastion(), ipConfigurations=[configuration], **members)


def a_front(**members: Any) -> Document:
    return of(BALANCER, frontendIPConfigurations=[{"name": "front", "properties": members}])


def a_nat(**members: Any) -> Document:
    told = {"name": "web", "ruleType": "NatRule", "destinationPorts": ["443"], **members}
    held = {
        "name": "dnat",
        "priority": 100,
        "ruleCollectionType": "FirewallPolicyNatRuleCollection",
        "rules": [told],
    }
    return of(GROUP, priority=200, ruleCollections=[held])


def logged(**members: Any) -> Document:
    return a_setting(logs=[{"categoryGroup": "allLogs", "enabled": True}], **members)


SUBNET_SHOWN = {"id": SUBNET_ID.text, "properties": {"addressPrefix": "10.1.0.0/24"}}

NOISE: dict[str, tuple[Document, Document]] = {
    "whatif 60: rules in another order": (
        an_nsg(a_rule("one"), a_rule("two", 310)),
        an_nsg(a_rule("two", 310), a_rule("one")),
    ),
    "whatif 60: default rules": (
        template(an_nsg()),
        properties(an_nsg(), defaultSecurityRules=[a_rule("AllowVnetInBound", 65000)]),
    ),
    "whatif 169: the tier of an address's SKU": (
        template(a_public_ip()),
        {**a_public_ip(), "sku": {"name": "Standard", "tier": "Regional"}},
    ),
    "whatif 59: who else points to an address": (
        template(a_public_ip()),
        properties(a_public_ip(), natGateway={"id": "x"}, ipConfiguration={"id": "y"}),
    ),
    "whatif 99: the address a balancer was given": (
        a_front(privateIPAllocationMethod="Dynamic", privateIPAddress=None, subnet={"id": SUBNET_ID.text}),
        a_front(
            privateIPAllocationMethod="Dynamic", privateIPAddress="10.1.0.4", subnet={"id": SUBNET_ID.text}
        ),
    ),
    "whatif 168 and 369: what an interface was given": (
        template(a_nic()),
        {
            **properties(
                a_nic(),
                allowPort25Out=True,
                macAddress="00-0D",
                nicType="Standard",
                auxiliaryMode="None",
                vnetEncryptionSupported=False,
                hostedWorkloads=[],
                disableTcpStateTracking=False,
            ),
            "kind": "Regular",
        },
    ),
    "whatif 279: an interface's primary configuration": (
        template(a_nic()),
        properties(
            a_nic(),
            ipConfigurations=[
                {
                    "name": "ipconfig1",
                    "etag": "x",
                    "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
                    "properties": {
                        "primary": True,
                        "privateIPAddress": "10.1.0.7",
                        "privateIPAllocationMethod": "Dynamic",
                        "privateIPAddressVersion": "IPv4",
                        "subnet": SUBNET_SHOWN,
                        "provisioningState": "Succeeded",
                    },
                }
            ],
        ),
    ),
    "whatif 255: ids of a host's configurations and its name in the DNS": (
        template(a_host()),
        a_host(dnsName="bst-1.bastion.azure.com", scaleUnits=2, enableTunneling=False),
    ),
    "whatif 370: how a firewall's address is given": (
        a_front(subnet={"id": SUBNET_ID.text}),
        a_front(subnet={"id": SUBNET_ID.text}, privateIPAllocationMethod="Dynamic"),
    ),
    "whatif 337: ipv6Rule of a firewall's rules": (a_nat(), a_nat(ipv6Rule=False)),
    "whatif 383: the size of a collection group": (a_nat(), properties(a_nat(), size="0.1 MB")),
    "whatif 200: categories of a log that nobody declared and that are off": (
        a_setting(logs=[{"category": "Audit", "enabled": True}]),
        a_setting(logs=[{"category": "Audit", "enabled": True}, {"category": "Noise", "enabled": False}]),
    ),
    "whatif 310: retention of none, and where logs go": (
        logged(),
        properties(
            logged(),
            logs=[
                {
                    "categoryGroup": "allLogs",
                    "enabled": True,
                    "retentionPolicy": {"enabled": False, "days": 0},
                }
            ],
            logAnalyticsDestinationType="AzureDiagnostics",
        ),
    ),
    "whatif 110: no metrics, and the empty list": (logged(metrics=[]), logged(metrics=None)),
    "whatif 290: a metric that is not there": (
        logged(metrics=[]),
        logged(metrics=[{"category": "AllMetrics", "enabled": False, "timeGrain": None}]),
    ),
    "whatif 54: an expression that is not evaluated": (
        logged(workspaceId="[reference('log').id]"),
        logged(workspaceId=WORKSPACE),
    ),
    "azurerm 6676 and 17172: a destination that the service forgets": (
        logged(logAnalyticsDestinationType="Dedicated"),
        logged(logAnalyticsDestinationType=None),
    ),
    "azurerm 23025: days of retention": (
        properties(
            logged(), logs=[{"categoryGroup": "allLogs", "enabled": True, "retentionPolicy": {"days": 60}}]
        ),
        logged(),
    ),
    "azurerm 2466: a log of all, shown by its categories": (
        logged(),
        properties(
            logged(),
            logs=[
                {"categoryGroup": "allLogs", "enabled": True},
                {"category": "BastionAuditLogs", "enabled": True},
            ],
        ),
    ),
    "azurerm 20164: a firewall's rules and sources in another order": (
        a_nat(sourceAddresses=["20.1.2.3", "20.1.2.4"]),
        a_nat(sourceAddresses=["20.1.2.4", "20.1.2.3"]),
    ),
    "an id in another case": (
        a_subnet(),
        properties(a_subnet(), networkSecurityGroup={"id": NSG_ID.text.upper().replace("/SUBS", "/subs")}),
    ),
    "enums in another case": (rule(protocol="TCP", access="allow"), rule(protocol="Tcp", access="Allow")),
    "one prefix as a list of one": (
        rule(sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/8"]),
        rule(sourceAddressPrefix="10.0.0.0/8", sourceAddressPrefixes=[]),
    ),
    "prefixes in another order": (
        rule(sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/8", "20.0.0.0/8"]),
        rule(sourceAddressPrefix=None, sourceAddressPrefixes=["20.0.0.0/8", "10.0.0.0/8"]),
    ),
    "one address as a prefix": (
        rule(sourceAddressPrefix="10.0.0.4/32"),
        rule(sourceAddressPrefix="10.0.0.4"),
    ),
    "an IPv6 prefix in another spelling": (
        rule(sourceAddressPrefix="2001:DB8:0::/48"),
        rule(sourceAddressPrefix="2001:db8::/48"),
    ),
    "a port as a range of one": (rule(destinationPortRange="443-443"), rule(destinationPortRange="443")),
    "every port": (rule(destinationPortRange="0-65535"), rule(destinationPortRange="*")),
    "a number as text": (rule(priority="300"), rule(priority=300)),
    "names of properties in another case": (
        {
            "id": NSG_ID.text,
            "Properties": {"SecurityRules": [{"Name": "allow-web", "Properties": {"Priority": 300}}]},
        },
        an_nsg(a_rule()),
    ),
    "an empty description": (rule(description=""), rule()),
    "null members": (rule(description=None, sourceApplicationSecurityGroups=None), rule()),
    "a default that was declared": (
        properties(a_public_ip(), idleTimeoutInMinutes=4, publicIPAddressVersion="IPv4"),
        a_public_ip(),
    ),
    "false, and nothing said": (of(TABLE, disableBgpRoutePropagation=False, routes=[]), of(TABLE)),
    "a protection that is the network's": (
        properties(a_public_ip(), ddosSettings={"protectionMode": "VirtualNetworkInherited"}),
        a_public_ip(),
    ),
    "an address prefix that a route has in another case": (
        of(
            TABLE,
            routes=[{"name": "Out", "properties": {"addressPrefix": "Storage", "nextHopType": "internet"}}],
        ),
        of(
            TABLE,
            routes=[{"name": "out", "properties": {"addressPrefix": "storage", "nextHopType": "Internet"}}],
        ),
    ),
    "references shown whole": (
        of(NIC_ID.text, ipConfigurations=[{"name": "c", "properties": {"subnet": {"id": SUBNET_ID.text}}}]),
        of(NIC_ID.text, ipConfigurations=[{"name": "c", "properties": {"subnet": SUBNET_SHOWN}}]),
    ),
    "who points to a balancer's parts": (
        of(
            BALANCER,
            backendAddressPools=[{"name": "pool"}],
            probes=[{"name": "p", "properties": {"port": 443}}],
        ),
        of(
            BALANCER,
            backendAddressPools=[
                {
                    "name": "pool",
                    "properties": {
                        "backendIPConfigurations": [{"id": f"{NIC_ID}/ipConfigurations/c"}],
                        "loadBalancingRules": [{"id": f"{BALANCER}/loadBalancingRules/web"}],
                        "loadBalancerBackendAddresses": [
                            {"name": "n", "properties": {"networkInterfaceIPConfiguration": {"id": "c"}}}
                        ],
                    },
                }
            ],
            probes=[{"name": "p", "properties": {"port": 443, "loadBalancingRules": [{"id": "x"}]}}],
        ),
    ),
    "a rule's pool, one and many": (
        of(
            BALANCER,
            loadBalancingRules=[
                {"name": "r", "properties": {"backendAddressPool": {"id": f"{BALANCER}/x/p"}}}
            ],
        ),
        of(
            BALANCER,
            loadBalancingRules=[
                {
                    "name": "r",
                    "properties": {
                        "backendAddressPool": {"id": f"{BALANCER}/x/p"},
                        "backendAddressPools": [{"id": f"{BALANCER}/x/P"}],
                        "enableTcpReset": False,
                        "idleTimeoutInMinutes": 4,
                        "loadDistribution": "Default",
                    },
                }
            ],
        ),
    ),
    "a slash at the end of an id": (
        logged(workspaceId=f"{WORKSPACE}/"),
        logged(),
    ),
    "ports in front that a rule has not": (
        of(BALANCER, inboundNatRules=[{"name": "n", "properties": {"frontendPort": 22}}]),
        of(
            BALANCER,
            inboundNatRules=[
                {
                    "name": "n",
                    "properties": {
                        "frontendPort": 22,
                        "frontendPortRangeStart": 0,
                        "frontendPortRangeEnd": 0,
                    },
                }
            ],
        ),
    ),
}


@pytest.mark.parametrize("name", NOISE)
def test_noise_is_silent(name: str) -> None:
    told, live = NOISE[name]
    assert paths(declaration(told), live) == []


@pytest.mark.parametrize("name", NOISE)
def test_noise_the_other_way_round_tells_at_most_what_was_declared_and_is_not_there(name: str) -> None:
    """An export that is a declaration says more than a template, and still nothing of what Azure gives."""
    _, live = NOISE[name]
    assert paths(declaration(live), live) == []


def test_a_setting_of_another_host_is_another_setting() -> None:
    told = declaration(a_setting(on=BASTION_ID))
    assert told.id.text.startswith(f"{AT}/resourceGroups/rg-hub")
