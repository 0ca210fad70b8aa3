from typing import Any

from tests.builders import (
    HUB,
    PIP_ID,
    VNET_ID,
    a_group,
    a_nic,
    a_public_ip,
    a_subnet,
    a_vnet,
    an_nsg,
)
from tests.unit.rules.case import Case, Document

VNET = VNET_ID.text
RULE = f"{HUB}/networkManagers/avnm/securityAdminConfigurations/guard/ruleCollections/base/rules/always-ssh"
APPROVED = {"allowedManagementSources": ["20.1.2.0/24"]}


def an_admin_rule(access: str = "AlwaysAllow", source: str = "*", *ports: str, **more: Any) -> Document:
    prefix = {"addressPrefix": source, "addressPrefixType": "IPPrefix"}
    properties = {
        "access": access,
        "direction": "Inbound",
        "priority": 10,
        "protocol": "Tcp",
        "sourcePortRanges": ["0-65535"],
        "destinationPortRanges": list(ports or ("22",)),
        "sources": [prefix],
        "destinations": [{"addressPrefix": "*", "addressPrefixType": "IPPrefix"}],
        **more,
    }
    kind = "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules"
    return {"id": RULE, "name": "always-ssh", "type": kind, "kind": "Custom", "properties": properties}


def case(name: str, says: Any, *rules: Document, public: bool = True, **more: Any) -> Case:
    """A machine whose group lets nobody in, below some admin rules."""
    nic = a_nic(public_ip=PIP_ID if public else None)
    network = a_vnet(a_subnet())
    return Case(name, says, VNET, (network, nic, a_public_ip(), an_nsg(), a_group(), *rules), **more)


BEFORE = {**an_admin_rule("Deny"), "id": RULE.replace("always-ssh", "deny"), "name": "deny"}
BEFORE["properties"] = {**BEFORE["properties"], "priority": 5}

CASES = (
    case("no admin rule at all", "silent"),
    case("an Allow, after which the groups decide", "silent", an_admin_rule("Allow")),
    case("a Deny", "silent", an_admin_rule("Deny")),
    case("a web port", "silent", an_admin_rule("AlwaysAllow", "*", "443")),
    case("for what leaves", "silent", an_admin_rule(direction="Outbound")),
    case("for a private network", "silent", an_admin_rule("AlwaysAllow", "10.0.0.0/8")),
    case("for the approved alone", "silent", an_admin_rule("AlwaysAllow", "20.1.2.0/24"), baseline=APPROVED),
    case("below a Deny that takes everything", "silent", BEFORE, an_admin_rule()),
    case("to a machine with an address", "speaks", an_admin_rule(), severity="critical", on=VNET),
    case("for the tag Internet", "speaks", an_admin_rule("AlwaysAllow", "Internet"), severity="critical"),
    case("for every protocol", "speaks", an_admin_rule(protocol="Any"), severity="critical"),
    case("where nothing has a public path", "speaks", an_admin_rule(), public=False, severity="medium"),
    case(
        "an address that was not read", "speaks", an_admin_rule(), unread=(PIP_ID.text,), severity="critical"
    ),
    Case("a network without its subnets", "unknown", VNET, ({"id": VNET, "properties": {}}, an_admin_rule())),
)
