from typing import Any

from tests.builders import NSG_ID, a_rule, a_spoke, an_nsg, ports
from tests.unit.rules.case import Case, Document

WEB_NSG = NSG_ID.text
SPOKE = a_spoke()


def case(name: str, says: Any, *rules: Document, **more: Any) -> Case:
    return Case(name, says, WEB_NSG, (an_nsg(*rules), *SPOKE), **more)


def allow(source: str, port: str = "22", **more: Any) -> Document:
    return a_rule("allow-tag", **{"sourceAddressPrefix": source, "destinationPortRange": port, **more})


def deny(source: str, **more: Any) -> Document:
    properties = {"access": "Deny", "sourceAddressPrefix": source, **ports("22", "3389")}
    return a_rule("deny", 200, **{**properties, **more})


CASES = (
    case("no rule of its own", "silent"),
    case("https from Azure", "silent", allow("AzureCloud", "443")),
    case("ssh from Microsoft's control plane", "silent", allow("GatewayManager")),
    case("ssh from a service's control plane", "silent", allow("ApiManagement")),
    case("ssh from the control plane of workers", "silent", allow("AzureDatabricks")),
    case(
        "https from Azure below a rule that cannot be read",
        "silent",
        deny("Internet", access="Perhaps"),
        allow("AzureCloud", "443"),
    ),
    case("ssh from anywhere, which is another finding", "silent", allow("Internet")),
    case("denied before it is allowed", "silent", deny("Internet"), allow("AzureCloud")),
    case("denied by the same tag in other case", "silent", deny("azurecloud"), allow("AzureCloud")),
    case("a rule that denies Azure", "silent", deny("AzureCloud")),
    case("outbound to Azure", "silent", allow("AzureCloud", direction="Outbound")),
    case(
        "a tag allowed after all of the internet",
        "silent",
        a_rule("all", 150, destinationPortRange="22"),
        allow("AzureCloud"),
    ),
    case(
        "to a machine that is not there", "silent", allow("AzureCloud", destinationAddressPrefix="10.99.0.4")
    ),
    case(
        "a tag on another port, and a deny that may hold part of it",
        "silent",
        allow("AzureFrontDoor", "443"),
        deny("Storage"),
    ),
    case("ssh from a control plane, from which customers do not send", "silent", allow("AzureDatabricks")),
    case("ssh from connectors that all customers share", "speaks", allow("AzureConnectors")),
    case("ssh from Azure", "speaks", allow("AzureCloud"), severity="high"),
    case(
        "ssh from a region of Azure, in any case", "speaks", allow("azurecloud.WestEurope"), severity="high"
    ),
    case("ssh from the managed connectors of everybody", "speaks", allow("AzureConnectors"), severity="high"),
    case("rdp from the connectors of a region", "speaks", allow("AzureConnectors.WestEurope", "3389")),
    case("rdp over udp", "speaks", allow("AzureCloud", "3389", protocol="Udp")),
    case(
        "a tag in a list of sources",
        "speaks",
        allow("", sourceAddressPrefix=None, sourceAddressPrefixes=["10.0.0.0/8", "AzureCloud"]),
    ),
    case("within a range of ports", "speaks", allow("AzureCloud", "20-25")),
    case(
        "denied over another protocol only", "speaks", deny("Internet", protocol="Udp"), allow("AzureCloud")
    ),
    case(
        "behind a deny from a tag that may hold part of it", "unknown", deny("Storage"), allow("AzureCloud")
    ),
    case(
        "below a rule that cannot be read", "unknown", deny("Internet", access="Perhaps"), allow("AzureCloud")
    ),
)
