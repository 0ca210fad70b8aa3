from typing import Any

from remediation.resource_id import ResourceId
from tests.builders import (
    HUB,
    NIC_ID,
    NSG_ID,
    PIP_ID,
    VNET_ID,
    a_group,
    a_nic,
    a_public_ip,
    a_rule,
    a_spoke,
    a_subnet,
    a_vnet,
    an_nsg,
    ports,
)
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import (
    JIT_LIST,
    NOON,
    OVER,
    TABLE_ID,
    a_jit_allow,
    a_jit_deny,
    a_policy,
    a_route_table,
    routed,
)

WEB_NSG = NSG_ID.text
REACHABLE = a_spoke(public_ip=True)
LATENT = a_spoke()
APPROVED = {"allowedManagementSources": ["20.1.2.0/24"]}
CLUSTER = f"{HUB}/managedClusters/k"
BASTION_SUBNET = VNET_ID.child("subnets", "AzureBastionSubnet")


def open_to(source: str, port: str = "22", **properties: Any) -> Document:
    return a_rule("open", **{"sourceAddressPrefix": source, "destinationPortRange": port, **properties})


def speaks(name: str, *rules: Document, severity: str = "critical", **more: Any) -> Case:
    return Case(name, "speaks", WEB_NSG, (an_nsg(*rules), *REACHABLE), severity=severity, **more)


def silent(name: str, *rules: Document, **more: Any) -> Case:
    return Case(name, "silent", WEB_NSG, (an_nsg(*rules), *REACHABLE), **more)


def just_in_time(
    name: str,
    says: Any,
    *documents: Document,
    others: tuple[Document, ...] = (),
    priority: int = 100,
    **more: Any,
) -> Case:
    """Ssh from one public address through a rule of just-in-time access, above its own deny."""
    nsg = an_nsg(a_jit_allow(priority=priority), *others, a_jit_deny())
    return Case(name, says, WEB_NSG, (nsg, *REACHABLE, *documents), **{"moment": NOON, **more})


def managed(subnet: dict[str, Any]) -> tuple[Document, ...]:
    """The spoke, with more about its subnet."""
    document = a_subnet()
    document["properties"] |= subnet
    return (an_nsg(open_to("Internet")), a_vnet(document), a_nic(), a_group())


def behind_routes(name: str, says: Any, table: Document, *, public: bool = True, **more: Any) -> Case:
    """Default rules, in front of a machine whose subnet has a route table; it may have a public address."""
    nic = a_nic(public_ip=PIP_ID if public else None)
    spoke = (a_vnet(routed(a_subnet(), table)), nic, a_group(), a_public_ip(), table)
    rules, nsg = more.pop("rules", ()), more.pop("nsg", None)
    return Case(name, says, WEB_NSG, (nsg or an_nsg(*rules), *spoke), **more)


def on_the_nic(name: str, says: Any, *, public: bool, **more: Any) -> Case:
    """The group stands on the interface, and the interface's subnet has a default route to an appliance."""
    nsg = an_nsg(subnets=())
    nsg["properties"]["networkInterfaces"] = [{"id": NIC_ID.text}]
    return behind_routes(name, says, EVERYTHING, public=public, nsg=nsg, **more)


EVERYTHING, HALVES = a_route_table("0.0.0.0/0"), a_route_table("0.0.0.0/1", "128.0.0.0/1")
DENY_SSH_RDP = a_rule("deny", 4000, access="Deny", protocol="*", **ports("22", "3389"))


def dual_stack(ipv6: str | None, *rules: Document) -> tuple[Document, ...]:
    """The spoke whose machine can be reached, in a subnet of both families."""
    subnet, nic = a_subnet(), a_nic(public_ip=PIP_ID)
    subnet["properties"]["addressPrefixes"] = [subnet["properties"].pop("addressPrefix"), "fd00:1::/64"]
    if ipv6:
        front = {"id": f"{PIP_ID}-six"}
        where = {"privateIPAddress": ipv6, "subnet": {"id": subnet["id"]}, "publicIPAddress": front}
        second = {"name": "six", "properties": where}
        nic["properties"]["ipConfigurations"].append(second)
    six = a_public_ip(ResourceId.parse(f"{PIP_ID}-six"))
    six["properties"] |= {"ipAddress": "2603:1020::9", "publicIPAddressVersion": "IPv6"}
    return (an_nsg(*rules), a_vnet(subnet), nic, a_public_ip(), six, a_group())


CASES = (
    silent("no rule of its own"),
    silent("https from anywhere", a_rule()),
    silent("ssh from a private network", open_to("10.0.0.0/8")),
    silent(
        "ssh denied before it is allowed", a_rule("deny", 100, access="Deny", **ports("22")), open_to("*")
    ),
    silent("an outbound rule", open_to("*", direction="Outbound")),
    silent("a rule for another protocol", open_to("*", protocol="Icmp")),
    silent("an approved source", open_to("20.1.2.0/24"), baseline=APPROVED),
    silent("a port the team does not manage by", open_to("*"), baseline={"managementPorts": [5986]}),
    speaks("ssh from anywhere", open_to("*")),
    speaks("ssh from the tag Internet", open_to("Internet")),
    silent("ssh from anywhere in IPv6, where everything has IPv4 addresses only", open_to("::/0")),
    Case(
        "ssh from anywhere in IPv6, to a subnet of both families",
        "speaks",
        WEB_NSG,
        dual_stack("fd00:1::4", open_to("::/0")),
        severity="critical",
    ),
    Case(
        "ssh from anywhere in IPv6, to a machine with IPv4 in a subnet of both families",
        "silent",
        WEB_NSG,
        dual_stack(None, open_to("::/0")),
    ),
    speaks("ssh from one public address", open_to("20.33.7.9"), severity="medium"),
    speaks("ssh among other ports, which stay", open_to("Internet", **ports("22", "80", "443"))),
    speaks("ssh within a range, which is split", open_to("Internet", "20-25")),
    speaks("every port and protocol", open_to("*", "*", protocol="*")),
    speaks("rdp over udp", open_to("*", "3389", protocol="Udp")),
    speaks("at the best priority there is", open_to("Internet", priority=100)),
    speaks(
        "after a deny that covers half of the internet",
        a_rule("deny", 100, access="Deny", sourceAddressPrefix="0.0.0.0/1", **ports("22")),
        open_to("*"),
    ),
    Case("behind nothing public", "speaks", WEB_NSG, (an_nsg(open_to("*")), *LATENT), severity="medium"),
    Case(
        "on the subnet of a bastion, which is never tightened",
        "speaks",
        WEB_NSG,
        (
            an_nsg(open_to("Internet"), subnets=(BASTION_SUBNET,)),
            a_vnet(a_subnet(BASTION_SUBNET, nics=())),
            a_group(),
        ),
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
        (an_nsg(open_to("Internet")), a_vnet(a_subnet()), a_nic(), a_group(managed_by=CLUSTER)),
    ),
    Case(
        "with a subnet nobody may read",
        "speaks",
        WEB_NSG,
        (an_nsg(open_to("Internet")), *REACHABLE),
        unread=(f"{VNET_ID}/subnets/web",),
    ),
    just_in_time("just-in-time access with a live request", "silent", a_policy()),
    just_in_time(
        "ssh and https from anywhere above a live request",
        "speaks",
        a_policy(),
        priority=400,
        others=(open_to("*", **ports("22", "443")),),
        severity="critical",
    ),
    just_in_time(
        "just-in-time access whose request is over", "speaks", a_policy(end=OVER), severity="medium"
    ),
    just_in_time("a request for ever", "speaks", a_policy(end="2099-01-01T00:00:00Z"), severity="medium"),
    just_in_time(
        "a request by a policy of another group", "speaks", a_policy(group="rg-other"), severity="medium"
    ),
    just_in_time("a rule that is only named like just-in-time access", "speaks", severity="medium"),
    just_in_time(
        "rdp from anywhere beside a live request",
        "speaks",
        a_policy(),
        others=(open_to("*", "3389"),),
        severity="critical",
    ),
    just_in_time(
        "ssh from anywhere to the same machine, below a live request",
        "speaks",
        a_policy(),
        others=(open_to("*"),),
        severity="critical",
    ),
    just_in_time(
        "rdp from anywhere beside a request nobody may see",
        "speaks",
        others=(open_to("*", "3389"),),
        unread=(JIT_LIST,),
        severity="critical",
    ),
    just_in_time("just-in-time access with policies nobody may read", "unknown", unread=(JIT_LIST,)),
    behind_routes("a default route and no public path", "silent", EVERYTHING, public=False),
    behind_routes(
        "a route table nobody may read and no public path",
        "silent",
        EVERYTHING,
        public=False,
        unread=(TABLE_ID,),
    ),
    behind_routes("a route to an office", "silent", a_route_table("10.0.0.0/8", "172.16.0.0/12")),
    behind_routes("a route to a partner's addresses", "silent", a_route_table("20.1.2.0/24")),
    behind_routes("one address straight out", "silent", a_route_table("23.102.135.246/32", hop="Internet")),
    behind_routes("a default route and a deny of its own", "silent", EVERYTHING, rules=(DENY_SSH_RDP,)),
    on_the_nic("a group on an interface whose subnet has a default route", "silent", public=False),
    behind_routes("a default route beside a public address", "unknown", EVERYTHING),
    behind_routes("a default route in two halves", "unknown", HALVES),
    behind_routes("half a default route", "unknown", a_route_table("128.0.0.0/1")),
    behind_routes(
        "a default route to a gateway", "unknown", a_route_table("0.0.0.0/0", hop="VirtualNetworkGateway")
    ),
    behind_routes("a default route straight out", "unknown", a_route_table("0.0.0.0/0", hop="Internet")),
    behind_routes("a route table nobody may read", "unknown", EVERYTHING, unread=(TABLE_ID,)),
    behind_routes("a route table without its routes", "unknown", {"id": TABLE_ID, "name": "rt"}),
    behind_routes("an interface nobody may read", "unknown", EVERYTHING, public=False, unread=(NIC_ID.text,)),
    on_the_nic("a group on an interface with a public address and a default route", "unknown", public=True),
    on_the_nic("a group on an interface nobody may read", "unknown", public=False, unread=(NIC_ID.text,)),
    Case("came without its rules", "unknown", WEB_NSG, ({"id": WEB_NSG, "name": "web"},)),
    Case("decided by a tag of unknown content", "unknown", WEB_NSG, (an_nsg(open_to("Storage")), *REACHABLE)),
    Case("a rule that cannot be read", "unknown", WEB_NSG, (an_nsg(open_to("*", access=None)), *REACHABLE)),
    Case("a copy with its id in other case", "speaks", WEB_NSG.upper(), (an_nsg(open_to("*")), *REACHABLE)),
)
