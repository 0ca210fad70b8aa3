from collections.abc import Mapping
from typing import Any

from tests.builders import SETTLED, SUBNET_ID, a_bastion, a_rule, a_subnet, a_vnet, an_nsg, ports
from tests.unit.rules.case import Case, Document
from tests.unit.rules.estates_nsg import BASTION, BASTION_NSG, BASTION_SUBNET, a_hub

NSG = BASTION_NSG.text
HOST = {**a_bastion(), "id": BASTION}
PRIVATE = {**a_bastion("Premium"), "id": BASTION, "properties": {**SETTLED, "enablePrivateOnlyBastion": True}}
WITH_KERBEROS = {**HOST, "properties": {**SETTLED, "enableKerberos": True}}
OUT: dict[str, Any] = {"direction": "Outbound"}
BETWEEN = {
    "sourceAddressPrefix": "VirtualNetwork",
    "destinationAddressPrefix": "VirtualNetwork",
    "protocol": "*",
}

REQUIRED: Mapping[str, Document] = {
    "https": a_rule("https", 120, sourceAddressPrefix="Internet"),
    "control": a_rule("control", 130, sourceAddressPrefix="GatewayManager"),
    "probes": a_rule("probes", 140, sourceAddressPrefix="AzureLoadBalancer"),
    "between": a_rule("between", 150, **BETWEEN, **ports("8080", "5701")),
    "machines": a_rule(
        "machines", 100, destinationAddressPrefix="VirtualNetwork", protocol="*", **OUT, **ports("22", "3389")
    ),
    "azure": a_rule("azure", 110, destinationAddressPrefix="AzureCloud", **OUT),
    "between-out": a_rule("between-out", 120, **BETWEEN, **OUT, **ports("8080", "5701")),
    "certificates": a_rule(
        "certificates", 130, destinationAddressPrefix="Internet", protocol="*", **OUT, **ports("80")
    ),
}


def without(*names: str) -> tuple[Document, ...]:
    return tuple(rule for name, rule in REQUIRED.items() if name not in names)


def deny(priority: int = 4000, name: str = "deny", **more: Any) -> Document:
    return a_rule(name, priority, **{"access": "Deny", "protocol": "*", "destinationPortRange": "*", **more})


def case(name: str, says: Any, *rules: Document, host: Document = HOST, **more: Any) -> Case:
    nsg = an_nsg(*rules, identity=BASTION_NSG, subnets=(BASTION_SUBNET,))
    return Case(name, says, NSG, (nsg, a_hub(nsg=BASTION_NSG), host), **more)


def with_protocol(rule: Document, protocol: str) -> Document:
    return {**rule, "properties": {**rule["properties"], "protocol": protocol}}


def controllers(to: str, **more: Any) -> Document:
    """What the domain controllers need open."""
    wanted = {**OUT, **ports("53", "88", "389", "464", "636"), "protocol": "*", **more}
    return a_rule("controllers", 300, destinationAddressPrefix=to, **wanted)


def kerberos(name: str, says: Any, *rules: Document, **more: Any) -> Case:
    return case(f"Kerberos: {name}", says, *REQUIRED.values(), *rules, host=WITH_KERBEROS, **more)


FULL = [deny(priority, f"deny-{priority}", **ports("443")) for priority in range(111, 131)]
ELSEWHERE = an_nsg(*without("https"), deny(), identity=BASTION_NSG, subnets=(BASTION_SUBNET, SUBNET_ID))
OTHER = Case("of other subnets", "silent", NSG, (an_nsg(deny(), identity=BASTION_NSG), a_vnet(a_subnet())))

CASES = (
    OTHER,
    case("every documented rule", "silent", *REQUIRED.values()),
    case(
        "every documented rule and denies behind them",
        "silent",
        *REQUIRED.values(),
        deny(),
        deny(4001, "out", **OUT),
    ),
    case(
        "the operator's own ranges instead of Internet",
        "silent",
        *without("https"),
        a_rule("https", 120, sourceAddressPrefix="20.1.2.0/24"),
    ),
    case(
        "one rule for several flows, under another name",
        "silent",
        *without("https", "control", "probes"),
        a_rule("mine", 3000),
    ),
    case("people are not let in", "speaks", *without("https"), severity="high", on=NSG),
    case(
        "the control plane is denied before it is allowed",
        "speaks",
        *REQUIRED.values(),
        deny(115, sourceAddressPrefix="GatewayManager", **ports("443")),
        severity="high",
    ),
    case(
        "machines are denied from now on", "speaks", *without("machines"), deny(200, **OUT), severity="high"
    ),
    case(
        "TCP wherever any protocol is documented",
        "silent",
        *(with_protocol(rule, "Tcp") for rule in REQUIRED.values()),
        deny(),
        deny(4001, "out", **OUT),
    ),
    case(
        "UDP alone between instances",
        "speaks",
        *without("between"),
        with_protocol(REQUIRED["between"], "Udp"),
        deny(),
        severity="high",
    ),
    case(
        "probes are denied with the network, which holds their address",
        "speaks",
        *REQUIRED.values(),
        deny(115, sourceAddressPrefix="VirtualNetwork", **ports("443")),
        severity="high",
    ),
    kerberos("nothing is denied", "silent"),
    kerberos("everything else is denied", "speaks", deny(**OUT), severity="medium", on=NSG),
    kerberos(
        "TCP to its ports in the network",
        "silent",
        controllers("VirtualNetwork", protocol="Tcp"),
        deny(**OUT),
    ),
    kerberos("its ports on one server only", "silent", controllers("10.1.0.10"), deny(**OUT)),
    kerberos("its ports on a server somewhere else", "speaks", controllers("10.77.0.4"), deny(**OUT)),
    kerberos(
        "one of its ports is closed",
        "speaks",
        controllers("VirtualNetwork", **ports("53", "88", "389", "464")),
        deny(**OUT),
        severity="medium",
    ),
    kerberos("the ports in one span", "silent", controllers("*", **ports("53-636")), deny(**OUT)),
    case("no Kerberos, and everything else is denied", "silent", *REQUIRED.values(), deny(**OUT)),
    case(
        "Kerberos and people are kept out",
        "speaks",
        *without("https"),
        deny(**OUT),
        host=WITH_KERBEROS,
        severity="high",
    ),
    case(
        "a host nobody may read, and domain controllers are out of reach",
        "unknown",
        *REQUIRED.values(),
        deny(**OUT),
        unread=(BASTION,),
    ),
    case("certificates are denied", "speaks", *without("certificates"), deny(**OUT), severity="high"),
    case(
        "several flows at once",
        "speaks",
        *without("https", "control", "machines"),
        deny(),
        deny(4001, "out", **OUT),
    ),
    case("probes get through by a default rule only", "speaks", *without("probes"), severity="info"),
    case("no rule at all", "speaks", severity="high"),
    case(
        "no priority is free before the deny", "speaks", *without("https", "control"), *FULL, severity="high"
    ),
    case(
        "a rule of the fix's own name is there",
        "speaks",
        *without("https"),
        deny(),
        a_rule("bastion-guard-AllowHttpsInbound", 4002),
        severity="high",
    ),
    Case(
        "attached to a subnet of machines too",
        "speaks",
        NSG,
        (ELSEWHERE, a_hub(nsg=BASTION_NSG), HOST, a_vnet(a_subnet(nsg=BASTION_NSG))),
        severity="high",
    ),
    case(
        "a private host that nobody can reach",
        "speaks",
        *without("https"),
        deny(115, sourceAddressPrefix="VirtualNetwork", **ports("443")),
        host=PRIVATE,
        severity="high",
    ),
    case(
        "a private host reached from its network",
        "silent",
        *without("https"),
        a_rule("https", 120, sourceAddressPrefix="VirtualNetwork"),
        host=PRIVATE,
    ),
    case(
        "a private host reached from an office behind a VPN",
        "silent",
        *without("https"),
        a_rule("https", 120, sourceAddressPrefix="10.50.0.0/16"),
        deny(),
        host=PRIVATE,
    ),
    case(
        "a host nobody may read, and everything gets through", "silent", *REQUIRED.values(), unread=(BASTION,)
    ),
    case("a host nobody may read, and people are kept out", "unknown", *without("https"), unread=(BASTION,)),
    case(
        "a host nobody may read, and machines are denied",
        "speaks",
        *without("machines"),
        deny(**OUT),
        unread=(BASTION,),
    ),
    case(
        "a subnet nobody may read, and people are kept out",
        "unknown",
        *without("https"),
        unread=(BASTION_SUBNET.text,),
    ),
    case(
        "a deny from a tag that may hold a part",
        "unknown",
        *REQUIRED.values(),
        deny(105, destinationAddressPrefix="Storage", **OUT, **ports("443")),
    ),
    Case(
        "a group that came without its rules",
        "unknown",
        NSG,
        ({"id": NSG, "name": "bastion", "properties": None}, a_hub(nsg=BASTION_NSG), HOST),
    ),
)
