"""One finding for each kind of card, realistic enough to judge the pictures by."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from remediation.findings import FindingRecord, FixRecord, State

NOW = datetime(2026, 10, 20, 9, 18, 12, tzinfo=UTC)
SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/rg-spoke-orders/providers/Microsoft.Network"
NSG = f"{NETWORK}/networkSecurityGroups/nsg-orders"
BASTION = f"{SUBSCRIPTION}/resourceGroups/rg-hub/providers/Microsoft.Network/bastionHosts/bas-hub"
PUBLIC_IP = f"{NETWORK}/publicIPAddresses/pip-jump01"
WORKSPACE = (
    f"{SUBSCRIPTION}/resourceGroups/rg-management/providers/Microsoft.OperationalInsights/workspaces/central"
)

IN_NSG = "-g rg-spoke-orders --nsg-name nsg-orders"

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


def rule_fix(name: str = "allow-any") -> FixRecord:
    rule = f"{NSG}/securityRules/{name}"
    before = {"id": rule, "name": name, "etag": 'W/"1"', "properties": _RULE}
    after = {"id": rule, "name": name, "properties": _STRIPPED}
    return FixRecord(
        title=f"Take ports 22 and 3389 out of rule {name}",
        writes=[{"method": "PUT", "id": rule, "body": after}],
        inverse=[{"method": "PUT", "id": rule, "body": before}],
        before={rule: before},
        traffic=[
            "TCP 22 and 3389 from the internet: no longer let in.",
            "TCP 443 from the internet: still let in, as before.",
        ],
    )


def diagnostics_fix() -> FixRecord:
    setting = f"{BASTION}/providers/Microsoft.Insights/diagnosticSettings/setByPolicy-LogAnalytics"
    logs = [{"categoryGroup": "audit", "enabled": False}, {"categoryGroup": "allLogs", "enabled": True}]
    body = {"properties": {"workspaceId": WORKSPACE, "logs": logs, "metrics": []}}
    return FixRecord(
        title="Send the Bastion's logs to the central workspace again",
        writes=[{"method": "PUT", "id": setting, "body": body}],
        inverse=[{"method": "DELETE", "id": setting, "body": None}],
        before={setting: None},
    )


FOUND = FindingRecord(
    rule="nsg-mgmt-open-to-internet",
    resource=NSG,
    title="A management port is open to the internet",
    severity="critical",
    message="Rule allow-any lets the whole internet in on TCP 22 and 3389.",
    guidance=["C2", "R13", "R14"],
    evidence={
        "witness": {
            "source": "20.33.7.9",
            "sourcePort": 40000,
            "destination": "10.1.0.4",
            "port": 22,
            "protocol": "tcp",
            "allowedBy": "allow-any",
            "priority": 300,
        }
    },
    disposition="alert",
    state=State.OPEN,
    seq=1,
    opened_at=NOW - timedelta(seconds=150),
    changed_at=NOW - timedelta(seconds=150),
    actor={
        "name": "admin@contoso.example",
        "appId": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        "client": "Azure portal",
        "address": "203.0.113.10",
    },
    operation="Microsoft.Network/networkSecurityGroups/securityRules/write",
    event_time=NOW - timedelta(seconds=192),
    correlation_id="e0000000-0000-4000-8000-000000000048",
    commands=[f"az network nsg rule update {IN_NSG} -n allow-any --destination-port-ranges 443"],
)
_WITNESS: dict[str, Any] = FOUND.evidence
PROPOSED = replace(
    FOUND,
    change="DriftProposed",
    disposition="propose",
    fix=rule_fix(),
    evidence=_WITNESS
    | {
        "heldBackBy": [
            "attached to 7 subnets and NICs, more than 5",
            "tag azd-env-name says that infrastructure as code owns it",
        ]
    },
)
FIXED = replace(
    FOUND,
    change="DriftFixed",
    disposition="fix",
    state=State.FIXED,
    seq=2,
    changed_at=NOW - timedelta(seconds=140),
    fix=rule_fix(),
    commands=[],
    write_id="20261020-091607-4f1c",
)
RESOLVED = replace(
    FOUND,
    change="DriftResolved",
    state=State.RESOLVED,
    seq=3,
    changed_at=NOW,
    actor={"name": "kim@contoso.example", "client": "Azure CLI", "address": "203.0.113.44"},
    event_time=NOW - timedelta(seconds=20),
    opened_by=FOUND.deed,
)
CHANGED = replace(
    FOUND, change="DriftChanged", seq=2, note="The severity is now critical; it was medium before."
)
REMINDED = replace(FOUND, change="DriftReminded", seq=4, opened_at=NOW - timedelta(days=3))
REOPENED = replace(FOUND, change="DriftReopened", seq=4, note="It had been repaired 2 h ago.")
EXEMPTED = replace(
    FOUND,
    change="DriftExempted",
    state=State.EXEMPT,
    seq=2,
    evidence=_WITNESS | {"exemptUntil": "2026-12-31T18:00:00Z"},
    note="Reason: migration. Owner: network team.",
)
EXEMPTION_OVER = replace(FOUND, change="DriftExemptionExpired", seq=3)
FLAPPING = replace(
    PROPOSED,
    change="DriftFlapping",
    seq=8,
    evidence=_WITNESS | {"heldBackBy": ["repaired 3 times within 24 hours and undone each time"]},
    actor={"name": "sp-terraform-orders", "appId": "cccccccc-0000-4000-8000-0000000000a1"},
)
GAVE_UP = replace(
    FOUND,
    change="GaveUp",
    rule="gave-up",
    title="Bastion Guard gave up looking at this resource",
    severity="high",
    message="reading nsg-orders: HTTP 503 ServiceUnavailable, 12 tries within 6 hours",
    guidance=[],
    evidence={"attempts": 12},
    commands=[],
)
DIAGNOSTICS = replace(
    FIXED,
    rule="bastion-diagnostics",
    resource=BASTION,
    title="The Bastion's logs do not reach the central workspace",
    severity="medium",
    message="No diagnostic setting of bas-hub sends its audit logs to workspace central.",
    guidance=["R9"],
    evidence={},
    fix=diagnostics_fix(),
    operation="Microsoft.Insights/diagnosticSettings/delete",
)
SKU = replace(
    PROPOSED,
    rule="bastion-sku-tier",
    resource=BASTION,
    title="A production Bastion has a SKU that is not for production",
    severity="medium",
    message="bas-hub is Basic; production allows Standard and Premium.",
    guidance=["R1", "R7"],
    evidence={"heldBackBy": ["bastion-sku-tier is only offered unless the baseline says fix for it"]},
    fix=FixRecord(
        title="Raise the SKU from Basic to Standard (takes about 10 minutes, cannot be lowered again)",
        writes=[{"method": "PUT", "id": BASTION, "body": {"id": BASTION, "sku": {"name": "Standard"}}}],
        before={BASTION: {"id": BASTION, "sku": {"name": "Basic"}}},
    ),
    commands=["az network bastion update -g rg-hub -n bas-hub --sku Standard"],
    operation="Microsoft.Network/bastionHosts/write",
)
PIP = replace(
    FOUND,
    rule="pip-attached-to-vm-nic",
    resource=PUBLIC_IP,
    title="A public IP address is attached to a virtual machine",
    severity="high",
    message="pip-jump01 (20.61.4.17) is attached to NIC nic-jump01 of VM vm-jump01.",
    guidance=["R13"],
    evidence={},
    operation="Microsoft.Network/networkInterfaces/write",
    commands=[
        "az network nic ip-config update -g rg-spoke-orders --nic-name jump01 -n ip1 --remove publicIPAddress"
    ],
)
SPARSE = replace(
    SKU,
    actor={},
    event_time=None,
    operation="",
    fix=None,
    commands=[],
    evidence={},
    disposition="alert",
    change="DriftFound",
)
HOSTILE = replace(
    FOUND,
    title="**[Click me](https://evil.example/login)** <at>everyone</at>",
    message="# Approved\n\n- [x] safe\u202e gpj.exe {{DATE(2020-01-01T00:00:00Z,SHORT)}} ${payload} "
    "\u200b www.evil.example",
    actor={"name": "<at>Security Team</at>\r\n**All good**", "client": "`portal`", "address": "1.2.3.4"},
    note="See [the runbook](https://evil.example) to accept | this |",
    commands=["az group delete\u202e -n \u200brg", "echo <at>you</at>"],
    fix=rule_fix("_*allow*_~x~"),
)
LONG = replace(
    PROPOSED,
    message="Rule allow-any lets the whole internet in. " * 40,
    commands=[f"az network nsg rule delete {IN_NSG} -n rule-{n:03}" for n in range(60)],
    fix=FixRecord(
        title="Narrow 60 rules",
        writes=[{"method": "DELETE", "id": f"{NSG}/securityRules/rule-{n:03}"} for n in range(60)],
        before={f"{NSG}/securityRules/rule-{n:03}": {"properties": _RULE} for n in range(60)},
        traffic=[f"TCP {n}: no longer let in from the internet." for n in range(60)],
    ),
)

ENFORCED = replace(
    GAVE_UP,
    change="BaselineChanged",
    rule="baseline-changed",
    resource=f"{SUBSCRIPTION}/providers/BastionGuard.Settings/baselineChanges/b0c1",
    title="The baseline has changed: enforce mode, it was observe",
    severity="medium",
    message="1 value is different. Everything is looked at again.",
    state=State.RESOLVED,
    evidence={
        "baseline": "7a1f0c9e2b44",
        "mode": "enforce",
        "source": "https://stguard.blob.core.windows.net/config/baseline.yaml",
        "change": "20261020T091552000000Z-b0c1",
        "difference": [{"path": "mode", "before": "observe", "after": "enforce"}],
        "repairsAhead": {
            "count": 2,
            "rules": {"nsg-mgmt-open-to-internet": 2},
            "shown": [
                {
                    "severity": "critical",
                    "rule": "nsg-mgmt-open-to-internet",
                    "resource": NSG,
                    "title": "Take port 22 out of rule allow-any",
                }
            ],
        },
    },
    actor={"name": "kim@contoso.example"},
)
BROKEN = replace(
    ENFORCED,
    change="BaselineInvalid",
    rule="baseline-invalid",
    resource=f"{SUBSCRIPTION}/providers/BastionGuard.Settings/baselines/current",
    title="The baseline cannot be used as it is now",
    severity="high",
    message="baseline: mode: must be observe or enforce",
    state=State.OPEN,
    evidence={"baseline": "7a1f0c9e2b44", "mode": "enforce", "change": "20261020T091552000000Z-b0c2"},
    actor={},
)
STOPPED = replace(
    BROKEN,
    change="WritingStopped",
    rule="writing-stopped",
    title="All repairs are stopped",
    message="Stopped by kim at 2026-10-20 09:15 UTC: wrong repairs. Drift is told and proposed only.",
    actor={"name": "kim"},
    commands=["python -m remediation start"],
)
STARTED = replace(STOPPED, change="WritingStarted", seq=2, state=State.RESOLVED, commands=[])


def burst(count: int = 40) -> list[FindingRecord]:
    """A deployment that opened many ports at once, some of which are repaired already."""
    opened = [
        replace(
            FOUND,
            resource=f"{NETWORK}/networkSecurityGroups/nsg-orders-{number:02}",
            changed_at=NOW - timedelta(seconds=2 * number),
            actor={"name": "sp-deploy-orders", "address": "203.0.113.10"},
        )
        for number in range(count - 4)
    ]
    return [*opened, FIXED, DIAGNOSTICS, SKU, PIP]


SAMPLES: dict[str, FindingRecord] = {
    "found": FOUND,
    "found-public-ip": PIP,
    "found-sparse": SPARSE,
    "proposed": PROPOSED,
    "proposed-sku": SKU,
    "fixed": FIXED,
    "fixed-diagnostics": DIAGNOSTICS,
    "resolved": RESOLVED,
    "changed": CHANGED,
    "reopened": REOPENED,
    "reminded": REMINDED,
    "exempted": EXEMPTED,
    "exemption-over": EXEMPTION_OVER,
    "flapping": FLAPPING,
    "gave-up": GAVE_UP,
    "baseline-changed": ENFORCED,
    "baseline-broken": BROKEN,
    "stopped": STOPPED,
    "started": STARTED,
    "hostile": HOSTILE,
    "long": LONG,
}
