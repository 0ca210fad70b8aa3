"""What a session found already there is told from the session: interfaces made elsewhere, settings by id."""

from __future__ import annotations

from typing import Any

from lab.arm import in_background
from tests.conformance.recordings import Interaction, Session
from tests.conformance.replay import replay

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network"
NIC = f"{NETWORK}/networkInterfaces/made-with-its-machine"
RESULT = f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/westeurope/operationResults/11111111"
LATER = {
    "location": f"https://management.azure.com{RESULT}?api-version=2024-05-01",
    "azure-asyncnotification": "Enabled",
}


def an_interaction(number: int, method: str, path: str, status: int, body: Any, **more: Any) -> Interaction:
    known = {"source": "here", "query": "api-version=2024-05-01", "sent": None, "headers": {}} | more
    return Interaction(number=number, method=method, path=path, status=status, body=body, **known)


def differences(*interactions: Interaction) -> list[str]:
    with in_background() as url:
        outcomes = replay(url, [Session("here", interactions)])
    return [str(each) for one in outcomes for each in one.differences]


def a_route(prefix: str, hop: str) -> dict[str, Any]:
    return {
        "source": "Default",
        "state": "Active",
        "addressPrefix": [prefix],
        "nextHopType": hop,
        "nextHopIpAddress": [],
    }


def asked(action: str, result: dict[str, Any]) -> tuple[Interaction, ...]:
    return (
        an_interaction(1, "POST", f"{NIC}/{action}", 202, None, headers=LATER),
        an_interaction(2, "GET", RESULT, 202, None, headers=LATER),
        an_interaction(3, "GET", RESULT, 200, result, headers=LATER),
    )


def test_effective_routes_of_an_interface_the_session_never_shows_are_found() -> None:
    """Which ranges the platform drops is its own business; the network's addresses are compared."""
    routes = [a_route("172.20.2.0/24", "VnetLocal"), a_route("0.0.0.0/0", "Internet")]
    routes.append(a_route("10.0.0.0/8", "None"))
    assert differences(*asked("effectiveRouteTable", {"value": routes})) == []


def test_effective_rules_of_an_interface_the_session_never_shows_are_found() -> None:
    rule = {
        "name": "securityRules/ssh",
        "protocol": "Tcp",
        "sourcePortRange": "0-65535",
        "destinationPortRange": "22-22",
        "sourceAddressPrefix": "0.0.0.0/0",
        "destinationAddressPrefix": "0.0.0.0/0",
        "access": "Allow",
        "priority": 1000,
        "direction": "Inbound",
    }
    group = {
        "networkSecurityGroup": {"id": f"{NETWORK}/networkSecurityGroups/web"},
        "association": {"networkInterface": {"id": NIC}},
        "effectiveSecurityRules": [rule],
    }
    assert differences(*asked("effectiveNetworkSecurityGroups", {"value": [group]})) == []


def test_a_setting_of_the_subscription_is_its_own_although_its_id_has_no_slash() -> None:
    path = f"{SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings"
    logs = [{"category": "Security", "enabled": True, "categoryGroup": None}]
    sent = {"location": "westeurope", "properties": {"workspaceId": "/w", "logs": logs}}
    doc = {
        "id": f"{SUBSCRIPTION[1:]}/providers/microsoft.insights/diagnosticSettings/one",
        "name": "one",
        "type": "Microsoft.Insights/diagnosticSettings",
        "location": "westeurope",
        "properties": {"workspaceId": "/w", "logs": logs},
    }
    version = {"query": "api-version=2017-05-01-preview"}
    assert (
        differences(
            an_interaction(1, "PUT", f"{path}/one", 200, doc, sent=sent, **version),
            an_interaction(2, "GET", path, 200, {"value": [doc]}, **version),
            an_interaction(3, "DELETE", f"{path}/one", 200, "", **version),
            an_interaction(4, "GET", path, 200, {"value": []}, **version),
        )
        == []
    )
