from typing import Any

from tests.builders import (
    HUB,
    NSG_ID,
    VNET_ID,
    a_group,
    a_nic,
    a_rule,
    a_spoke,
    a_subnet,
    a_vnet,
    an_nsg,
    ports,
)
from tests.rules.case import Case, Document

WEB_NSG = NSG_ID.text
REACHABLE = a_spoke(public_ip=True)
LATENT = a_spoke()
BASTION_SUBNET = VNET_ID.child("subnets", "AzureBastionSubnet")


def open_to(source: str, port: str = "22", **properties: Any) -> Document:
    return a_rule("open", **{"sourceAddressPrefix": source, "destinationPortRange": port, **properties})


def speaks(name: str, *rules: Document, severity: str = "critical", **more: Any) -> Case:
    return Case(name, "speaks", WEB_NSG, (an_nsg(*rules), *REACHABLE), severity=severity, **more)


def silent(name: str, *rules: Document, **more: Any) -> Case:
    return Case(name, "silent", WEB_NSG, (an_nsg(*rules), *REACHABLE), **more)


def managed(subnet: dict[str, Any]) -> tuple[Document, ...]:
    """The spoke, with more about its subnet."""
    document = a_subnet()
    document["properties"] |= subnet
    return (an_nsg(open_to("Internet")), a_vnet(document), a_nic(), a_group())


CASES = (
    silent("no rule of its own"),
    silent("https from anywhere", a_rule()),
    silent("ssh from a private network", open_to("10.0.0.0/8")),
    silent("ssh denied before it is allowed", a_rule("deny", 100, access="Deny", **ports("22")), open_to("*")),
    silent("an outbound rule", open_to("*", direction="Outbound")),
    silent("a rule for another protocol", open_to("*", protocol="Icmp")),
    silent("an approved source", open_to("20.1.2.0/24"), baseline={"allowedManagementSources": ["20.1.2.0/24"]}),
    silent("a port the team does not manage by", open_to("*"), baseline={"managementPorts": [5986]}),
    speaks("ssh from anywhere", open_to("*")),
    speaks("ssh from the tag Internet", open_to("Internet")),
    speaks("ssh from anywhere, IPv6 only", open_to("::/0"), severity="critical"),
    speaks("ssh from one public address", open_to("20.33.7.9"), severity="medium"),
    speaks("ssh among other ports, which stay", open_to("Internet", **ports("22", "80", "443"))),
    speaks("ssh within a range, which is split", open_to("Internet", "20-25")),
    speaks("every port and protocol", open_to("*", "*", protocol="*")),
    speaks("rdp over udp", open_to("*", "3389", protocol="Udp")),
    speaks("at the best priority there is", open_to("Internet", priority=100)),
    speaks("after a deny that covers half of the internet", a_rule(
        "deny", 100, access="Deny", sourceAddressPrefix="0.0.0.0/1", **ports("22")), open_to("*")),
    Case("behind nothing public", "speaks", WEB_NSG, (an_nsg(open_to("*")), *LATENT), severity="medium"),
    Case(
        "on the subnet of a bastion, which is never tightened",
        "speaks",
        WEB_NSG,
        (an_nsg(open_to("Internet"), subnets=(BASTION_SUBNET,)), a_vnet(a_subnet(BASTION_SUBNET, nics=())), a_group()),
    ),
    Case(
        "on a delegated subnet, which is never tightened",
        "speaks",
        WEB_NSG,
        managed({"delegations": [{"name": "d", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}]}),
    ),
    Case(
        "in a managed group, which is never tightened",
        "speaks",
        WEB_NSG,
        (an_nsg(open_to("Internet")), a_vnet(a_subnet()), a_nic(), a_group(managed_by=f"{HUB}/managedClusters/k")),
    ),
    Case("with a subnet nobody may read", "speaks", WEB_NSG, (an_nsg(open_to("Internet")), *REACHABLE),
         unread=(f"{VNET_ID}/subnets/web",)),
    Case("came without its rules", "unknown", WEB_NSG, ({"id": WEB_NSG, "name": "web"},)),
    Case("decided by a tag of unknown content", "unknown", WEB_NSG, (an_nsg(open_to("Storage")), *REACHABLE)),
    Case("a rule that cannot be read", "unknown", WEB_NSG,
         (an_nsg(open_to("*", access=None)), *REACHABLE)),
    Case("a copy with its id in other case", "speaks", WEB_NSG.upper(), (an_nsg(open_to("*")), *REACHABLE)),
)  # fmt: skip
