"""Findings as the app answers them: ordinary ones, one for each state, and some whose names mean harm."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

type Json = dict[str, Any]

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
SUBSCRIPTIONS = tuple(f"{digit * 8}-2222-4333-8444-555555555555" for digit in "123")
OWNERS = ("payments", "orders", "network team", "")
SEVERITIES = ("critical", "high", "medium", "low")
HOSTILE = "</script><img src=x onerror=alert(1)>\u202egnp.exe\u200b"
COMMAND = "az network nsg rule update -g rg-web --nsg-name nsg-web -n allow-any --destination-port-ranges 443"
BECAUSE = "A broad part of the internet is let in to a port where people sign in."
WHY_NOT = {
    "ok": False,
    "why": "your account has no right to do this; people.apply of the baseline names who has",
}

_RULE = {
    "priority": 300,
    "access": "Allow",
    "direction": "Inbound",
    "protocol": "Tcp",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRanges": ["22", "443", "3389"],
    "provisioningState": "Succeeded",
}
_STRIPPED = {key: value for key, value in _RULE.items() if key != "destinationPortRanges"} | {
    "destinationPortRange": "443"
}


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def nsg(number: int, name: str = "") -> str:
    group = f"rg-{('shop', 'orders', 'web', 'jump')[number % 4]}-{number % 7}"
    return (
        f"/subscriptions/{SUBSCRIPTIONS[number % 3]}/resourceGroups/{group}/providers/Microsoft.Network"
        f"/networkSecurityGroups/{name or f'nsg-{number:04}'}"
    )


def etag_of(finding: Json) -> str:
    """A digest of what was shown."""
    shown = {key: finding[key] for key in ("seq", "state", "message", "acknowledged")}
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


def finding(number: int, *, severity: str = "critical", name: str = "", **given: Any) -> Json:
    """A finding with everything that a detail has, and what the app keeps of it besides (`seq`)."""
    resource = given.pop("resource", nsg(number, name))
    rule = f"{resource}/securityRules/allow-any"
    opened = NOW - timedelta(minutes=3 + 47 * number)
    found: Json = {
        "id": f"{hashlib.sha256(resource.encode()).hexdigest()[:32]}-{number:032x}",
        "seq": 1,
        "rule": "nsg-mgmt-open-to-internet",
        "title": "A management port is open to the internet",
        "severity": severity,
        "resource": resource,
        "name": resource.rpartition("/")[2],
        "subscription": resource.split("/")[2],
        "resourceGroup": resource.split("/")[4],
        "state": "open",
        "disposition": "propose",
        "owner": OWNERS[number % 4],
        "channels": ["platform"],
        "message": "Rule allow-any lets the whole internet in on TCP 22 and 3389.",
        "openedAt": iso(opened),
        "changedAt": iso(opened),
        "change": "DriftProposed",
        "heldBackBy": ["the baseline only observes", "attached to 7 subnets and NICs, more than 5"],
        "exemptUntil": None,
        "acknowledged": None,
        "acknowledgedBy": None,
        "actor": {"name": "kim@contoso.example", "client": "Azure portal", "address": "203.0.113.10"},
        "guidance": ["C2"],
        "matters": ["People reach machines through Azure Bastion, so no port for them is open."],
        "evidence": {"publicSources": ["0.0.0.0/0"], "ports": [22, 3389], "severityBecause": BECAUSE},
        "witness": {
            "source": "20.33.7.9",
            "sourcePort": 40000,
            "destination": "10.1.0.4",
            "port": 22,
            "protocol": "tcp",
            "allowedBy": "allow-any",
            "priority": 300,
        },
        "ways": ["vm-web-01: TCP 22 through public IP pip-web-01, port 22"],
        "fix": {
            "title": "Take ports 22 and 3389 out of rule allow-any",
            "writes": [
                {
                    "method": "PUT",
                    "id": rule,
                    "body": {"id": rule, "name": "allow-any", "properties": _STRIPPED},
                }
            ],
            "before": {rule: {"id": rule, "name": "allow-any", "etag": 'W/"1"', "properties": _RULE}},
            "proof": "no packet from outside reaches port 22 or 3389, and whatever else got in still does",
            "traffic": [
                "TCP 22 and 3389 from the internet: no longer let in.",
                "TCP 443 from the internet: still let in, as before.",
            ],
            "closes": ["closes the only way in to vm-web-01"],
        },
        "commands": [COMMAND],
        "history": [
            {
                "id": "h2",
                "at": iso(opened + timedelta(seconds=9)),
                "kind": "announced",
                "what": "DriftProposed",
                "actor": {},
                "detail": "",
            },
            {
                "id": "h1",
                "at": iso(opened),
                "kind": "judged",
                "what": "violated",
                "actor": {"name": "kim@contoso.example"},
                "detail": "1 finding",
            },
        ],
        "writeId": "",
        "note": "",
    }
    return found | given


def hostile(number: int) -> Json:
    """A finding in which every text that somebody else chose means harm."""
    found = finding(number, name=HOSTILE)
    evil = {"name": HOSTILE, "client": HOSTILE, "address": HOSTILE}
    fix = json.loads(json.dumps(found["fix"]).replace("allow-any", json.dumps(HOSTILE)[1:-1]))
    return found | {
        "title": HOSTILE,
        "message": HOSTILE,
        "owner": HOSTILE,
        "actor": evil,
        "fix": fix,
        "ways": [HOSTILE],
        "resourceGroup": HOSTILE,
        "commands": [HOSTILE],
        "heldBackBy": [HOSTILE],
        "note": HOSTILE,
        "matters": [HOSTILE],
        "witness": {**found["witness"], "allowedBy": HOSTILE},
        "evidence": {HOSTILE: HOSTILE},
        "channels": [HOSTILE],
        "history": [
            {"id": HOSTILE, "at": found["openedAt"], "kind": HOSTILE, "what": HOSTILE, "actor": evil}
        ],
    }


def exempt(number: int) -> Json:
    until = iso(NOW + timedelta(hours=5))
    return finding(
        number, severity="medium", state="exempt", exemptUntil=until, heldBackBy=[], change="DriftExempted"
    )


def fixed(number: int) -> Json:
    at = iso(NOW - timedelta(hours=2))
    return finding(
        number,
        severity="high",
        state="fixed",
        writeId=f"20261129-{number:06}-4f1c",
        heldBackBy=[],
        change="DriftFixed",
        changedAt=at,
        disposition="fix",
    )


def alert(number: int) -> Json:
    return finding(
        number,
        severity="high",
        resource=nsg(number)
        .replace("networkSecurityGroups", "publicIPAddresses")
        .replace("nsg-0003", "pip-jump01"),
        disposition="alert",
        fix=None,
        change="DriftFound",
        heldBackBy=[],
        witness={},
        ways=[],
        rule="pip-attached-to-vm-nic",
        title="A public IP address is attached to a virtual machine",
        message="pip-jump01 (20.61.4.17) is attached to NIC nic-jump01 of VM vm-jump01.",
        evidence={"notFixable": "taking an address away may cut somebody off"},
    )


def declared(number: int) -> Json:
    rows = [
        {
            "path": "securityRules/allow-web/sourceAddressPrefix",
            "declared": "10.0.0.0/8",
            "live": "*",
            "effect": "opens",
        }
    ]
    return finding(
        number,
        severity="medium",
        rule="declared-drift",
        title="A group differs from what is declared",
        message="1 property differs from the snapshot network-prod.",
        evidence={"differences": rows},
    )


def many(count: int) -> Iterator[Json]:
    """Open findings, worst first, then oldest first, as the app orders them."""
    for place, severity in enumerate(SEVERITIES):
        numbers = range(place, count, len(SEVERITIES))
        for number in reversed(numbers):
            yield finding(number, severity=severity)


def gallery() -> list[Json]:
    """One of each kind: what the pictures show."""
    return [
        finding(0, name="nsg-web", owner="payments"),
        hostile(1),
        finding(2, severity="high", name="nsg-orders"),
        alert(3),
        finding(4, severity="medium", name="nsg-jump"),
        declared(5),
        finding(6, severity="low", name="nsg-build"),
        exempt(7),
        fixed(8),
    ]
