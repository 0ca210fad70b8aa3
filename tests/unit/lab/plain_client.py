"""A plain HTTP client for the lab's ARM: what an answer really holds, nothing followed or smoothed over."""

from __future__ import annotations

import http.client
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from lab.arm import Arm, Clock, Settings, in_background

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000cafe"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-hub"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
VERSION = "2026-03-01"
WHERE = {"location": "westeurope"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def error(self) -> dict[str, Any]:
        found = self.body.get("error", self.body)
        assert isinstance(found, dict)
        return found

    @property
    def code(self) -> str:
        return str(self.error["code"])

    @property
    def state(self) -> str:
        return str(self.body["properties"]["provisioningState"])


class Plain:
    """One caller of the lab. Ids are paths; the api-version is added."""

    def __init__(self, url: str, caller: str = "ada") -> None:
        self.url = url
        self._caller = caller
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        target = path.removeprefix(self.url)
        if "api-version=" not in target and not target.startswith("/_lab"):
            target = f"{quote(target, safe='/%')}?api-version={VERSION}{query}"
        known = {"Authorization": f"Bearer {self._caller}"} if self._caller else {}
        payload = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        self._connection.request(method, target, payload, known | (headers or {}))
        response = self._connection.getresponse()
        raw = response.read()
        value = (
            json.loads(raw) if raw and "json" in response.headers.get("Content-Type", "") else raw.decode()
        )
        return Answer(response.status, {key.lower(): text for key, text in response.headers.items()}, value)

    def get(self, path: str, query: str = "") -> Answer:
        return self.send("GET", path, query=query)

    def put(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("PUT", path, body, headers=headers)

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", path)

    def lab(self, method: str, name: str, body: Any = None) -> Any:
        return self.send(method, f"/_lab/{name}", body).body

    def status_of(self, accepted: Answer) -> dict[str, Any]:
        """The operation of an accepted write, asked after once."""
        found = self.get(accepted.headers["azure-asyncoperation"]).body
        assert isinstance(found, dict)
        return found

    def finish(self, accepted: Answer) -> str:
        """Poll an accepted request to its end; its final status. Actions name their result's URL alone."""
        if "azure-asyncoperation" not in accepted.headers:
            while (answer := self.get(accepted.headers["location"])).status == 202:
                pass
            return "Succeeded" if answer.status < 300 else "Failed"
        while True:
            status = str(self.status_of(accepted)["status"])
            if status != "InProgress":
                return status

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """Put a resource, wait for it, and return it as it is then."""
        answer = self.put(path, body)
        assert answer.status in {200, 201}, answer.body
        if "azure-asyncoperation" in answer.headers:
            assert self.finish(answer) == "Succeeded"
        found = self.get(path).body
        assert isinstance(found, dict)
        return found

    def close(self) -> None:
        self._connection.close()


@contextmanager
def a_lab(arm: Arm | None = None, **settings: Any) -> Iterator[tuple[Plain, Arm]]:
    """An empty lab with one resource group, a clock that moves only when told, and a client."""
    lab = arm or Arm(Clock(1_800_000_000.0, running=False), Settings(**settings))
    with in_background(lab) as url:
        client = Plain(url)
        try:
            client.put(GROUP, WHERE)
            yield client, lab
        finally:
            client.close()


def a_rule(priority: int = 100, port: str = "443", **changes: Any) -> dict[str, Any]:
    """The body of an inbound allow rule."""
    properties = {
        "protocol": "Tcp",
        "sourcePortRange": "*",
        "destinationPortRange": port,
        "sourceAddressPrefix": "Internet",
        "destinationAddressPrefix": "*",
        "access": "Allow",
        "priority": priority,
        "direction": "Inbound",
    }
    return {"properties": properties | changes}


def named(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body of a child as it stands inside its parent's."""
    return {"name": name} | body


BASTION_RULES = [
    named("https", a_rule(120)),
    named("manager", a_rule(130, sourceAddressPrefix="GatewayManager")),
    named("balancer", a_rule(140, sourceAddressPrefix="AzureLoadBalancer")),
    named(
        "between",
        a_rule(
            150,
            destinationPortRanges=["8080", "5701"],
            sourceAddressPrefix="VirtualNetwork",
            destinationAddressPrefix="VirtualNetwork",
        ),
    ),
    named(
        "targets",
        a_rule(
            100,
            direction="Outbound",
            sourceAddressPrefix="*",
            destinationPortRanges=["22", "3389"],
            destinationAddressPrefix="VirtualNetwork",
        ),
    ),
    named(
        "cloud",
        a_rule(110, direction="Outbound", sourceAddressPrefix="*", destinationAddressPrefix="AzureCloud"),
    ),
    named(
        "between-out",
        a_rule(
            120,
            direction="Outbound",
            destinationPortRanges=["8080", "5701"],
            sourceAddressPrefix="VirtualNetwork",
            destinationAddressPrefix="VirtualNetwork",
        ),
    ),
    named(
        "session",
        a_rule(130, "80", direction="Outbound", sourceAddressPrefix="*", destinationAddressPrefix="Internet"),
    ),
]


def hub(client: Plain) -> dict[str, str]:
    """A hub as people build it; returns the ids by what they are."""
    ids = {
        "nsg": f"{NETWORK}/networkSecurityGroups/nsg-bastion",
        "vnet": f"{NETWORK}/virtualNetworks/hub",
        "address": f"{NETWORK}/publicIPAddresses/pip-bastion",
        "bastion": f"{NETWORK}/bastionHosts/bas-hub",
        "nic": f"{NETWORK}/networkInterfaces/nic-web",
    }
    ids["bastion subnet"] = f"{ids['vnet']}/subnets/AzureBastionSubnet"
    ids["web subnet"] = f"{ids['vnet']}/subnets/web"
    client.made(ids["nsg"], WHERE | {"properties": {"securityRules": BASTION_RULES}})
    client.made(ids["address"], WHERE | {"sku": {"name": "Standard"}})
    subnets = [
        named(
            "AzureBastionSubnet",
            {"properties": {"addressPrefix": "10.0.0.0/26", "networkSecurityGroup": {"id": ids["nsg"]}}},
        ),
        named("web", {"properties": {"addressPrefix": "10.0.1.0/24"}}),
    ]
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets}
    client.made(ids["vnet"], WHERE | {"properties": space})
    client.made(ids["bastion"], a_bastion(ids))
    client.made(ids["nic"], a_nic(ids["web subnet"]))
    return ids


def a_bastion(ids: dict[str, str], sku: str = "Standard", **properties: Any) -> dict[str, Any]:
    configuration = {"subnet": {"id": ids["bastion subnet"]}, "publicIPAddress": {"id": ids["address"]}}
    properties = {"ipConfigurations": [named("ip", {"properties": configuration})]} | properties
    return WHERE | {"sku": {"name": sku}, "properties": properties}


def a_nic(subnet: str, **more: Any) -> dict[str, Any]:
    configuration = {"subnet": {"id": subnet}} | more
    return WHERE | {"properties": {"ipConfigurations": [named("ip1", {"properties": configuration})]}}
