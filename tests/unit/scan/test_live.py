"""A live scan against the lab's ARM: each document once, nothing written, refusals unknown."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.arm import Arm, in_background
from remediation import baseline
from remediation.adapters.arm.cloud import ArmCloud
from remediation.adapters.clock import VirtualClock
from remediation.adapters.credentials import LabCredential
from remediation.adapters.retrying import Retry
from remediation.cli.estates.scan_live import Live
from remediation.errors import InputError, PermanentError
from remediation.estates.estate import Estate
from remediation.estates.files import EstateFile
from remediation.estates.scanning import Scan, scan
from remediation.kinds import (
    EFFECTIVE_ADMIN_RULE,
    LEADS,
    RULE_COLLECTION_GROUP,
    SCALE_SET,
    SCALE_SET_MACHINE,
    SCALE_SET_NIC,
    SCALE_SET_PUBLIC_IP,
    SUBNET,
)
from remediation.model import Listing
from remediation.rules import judged_types
from tests.builders import AT, BASTION_ID, NIC_ID, SUBNET_ID, SUBSCRIPTION, VNET_ID
from tests.measured import PASSED_ON
from tests.unit.scan.scanned import ENFORCING, Desk, an_estate

ROOT = Path(__file__).parents[3]
STANDARD = baseline.read(json.dumps(ENFORCING))
OPEN = "nsg-mgmt-open-to-internet"
ON_VM = "pip-attached-to-vm-nic"
LOGS = "bastion-diagnostics"
LOCKS = "*/providers/microsoft.authorization/locks*"


@dataclass(frozen=True)
class Subscription:
    """A subscription in the lab, read by somebody at a desk."""

    lab: Arm
    live: Live
    clock: VirtualClock
    said: list[str]

    def scan(self) -> Scan:
        return scan(self.live, self.live.subjects(judged_types()), STANDARD, self.clock.now())

    def requests(self) -> Counter[tuple[str, str]]:
        return Counter((entry.method, entry.path.lower()) for entry in self.lab.log.entries())


@contextmanager
def subscription(*faults: dict[str, Any], subscription_id: str = SUBSCRIPTION) -> Iterator[Subscription]:
    lab, clock, said = Arm(), VirtualClock(), list[str]()
    lab.seed(an_estate())
    for fault in faults:
        lab.faults.add(fault)
    with in_background(lab) as url:
        cloud = ArmCloud(LabCredential("reader"), endpoint=url, retry=Retry(clock))
        with closing(cloud):
            yield Subscription(lab, Live(cloud, subscription_id, clock, said.append), clock, said)


def forbidden(path: str) -> dict[str, Any]:
    return {"match": {"path": path}, "effect": {"preset": "forbidden"}}


def said(result: Scan) -> dict[str, Any]:
    return json.loads(json.dumps(result.to_json()))  # type: ignore[no-any-return]


def rules(found: Any) -> set[str]:
    return {one.rule for one in found}


def test_a_live_scan_finds_what_a_file_would_tell() -> None:
    with subscription() as azure:
        result = azure.scan()
    assert {OPEN, ON_VM} <= rules(result.findings)
    assert result.evaluated >= 4


def test_nothing_is_written_and_nothing_is_read_twice() -> None:
    with subscription() as azure:
        azure.scan()
        requests = azure.requests()
        assert all(entry.reads for entry in azure.lab.log.entries())
    assert set(requests.values()) == {1}


def test_children_come_out_of_their_parents_documents() -> None:
    with subscription() as azure:
        azure.scan()
        before = azure.requests()
        found = azure.live.list(Listing(SUBNET, f"/subscriptions/{SUBSCRIPTION}"))
        assert azure.live.get(SUBNET_ID) == found[0]
        assert azure.live.get(VNET_ID.child("subnets", "gone")) is None
        assert [one.id for one in found] == [SUBNET_ID]
        assert azure.requests() == before


def test_what_may_not_be_read_is_unknown() -> None:
    """A caller who may not list NICs, nor read the one that holds the address."""
    with subscription(forbidden("*/networkinterfaces*")) as azure:
        result = azure.scan()
    assert ON_VM in rules(result.unknowns)
    assert ON_VM not in rules(result.findings)
    assert OPEN in rules(result.findings)


def test_a_type_that_may_not_be_listed_is_told_as_unknown() -> None:
    with subscription(forbidden("*/bastionhosts")) as azure:
        result = azure.scan()
    reasons = [unknown.reason for unknown in result.unknowns if unknown.rule == "*"]
    assert any("bastionhosts cannot be listed" in reason for reason in reasons)


def test_locks_that_may_not_be_read_hold_repairs_back() -> None:
    with subscription(forbidden(LOCKS)) as azure:
        result = azure.scan()
    (found,) = [finding for finding in result.findings if finding.rule == OPEN]
    assert any("locks are unknown" in reason for reason in found.held_back_by)


def test_a_subscription_of_which_nothing_may_be_read_is_bad_input() -> None:
    with subscription(forbidden("*")) as azure, pytest.raises(InputError, match="--subscription"):
        azure.scan()


def test_throttling_is_waited_for_as_long_as_arm_asks() -> None:
    slow = {
        "match": {"path": "*/networksecuritygroups"},
        "effect": {"error": {"status": 429, "code": "TooManyRequests", "headers": {"Retry-After": "60"}}},
        "count": 2,
    }
    with subscription(slow) as azure:
        result = azure.scan()
    assert OPEN in rules(result.findings)
    assert sum(azure.clock.slept) >= 120
    assert len(azure.said) == 2


@pytest.mark.parametrize(
    "faults", [(), (forbidden("*/networkinterfaces*"), forbidden(LOCKS))], ids=["all", "partial"]
)
def test_an_export_says_what_the_live_scan_said(desk: Desk, faults: tuple[dict[str, Any], ...]) -> None:
    with subscription(*faults) as azure:
        live = said(azure.scan())
        exported = azure.live.export()
    file = desk.scanned(exported).document
    assert file["findings"] == live["findings"]
    assert [(one["rule"], one["resourceId"]) for one in file["unknown"]] == [
        (one["rule"], one["resourceId"]) for one in live["unknown"]
    ]
    assert file["evaluated"] == live["evaluated"]


def test_the_command_scans_a_subscription_and_exports_it(tmp_path: Path) -> None:
    lab = Arm()
    lab.seed(an_estate(logs=False))
    (tmp_path / "baseline.json").write_text(json.dumps(ENFORCING))
    with in_background(lab) as url:
        answer = subprocess.run(
            [
                *(sys.executable, "-m", "remediation", "scan", "--subscription", SUBSCRIPTION),
                *("--baseline", str(tmp_path / "baseline.json"), "--export", str(tmp_path / "estate.json")),
                *("--format", "json", "--fail-on", "critical"),
            ],
            cwd=ROOT,
            env=os.environ | PASSED_ON | {"ARM_ENDPOINT": url, "ARM_STATIC_TOKEN": "reader"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (answer.returncode, answer.stderr) == (1, "")
    assert LOGS in {one["rule"] for one in json.loads(answer.stdout)["findings"]}
    exported = json.loads((tmp_path / "estate.json").read_text())
    assert {BASTION_ID.text, NIC_ID.text} <= {one["id"] for one in exported["value"]}
    assert {*LEADS} <= {*exported["bastionGuard"]["listed"]}


FLEET = f"{AT}/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachineScaleSets/f"
HUB_NETWORK = f"{AT}/resourceGroups/rg-hub/providers/Microsoft.Network"
POLICY = f"{HUB_NETWORK}/firewallPolicies/base"
RULES = f"{HUB_NETWORK}/networkManagers/m/securityAdminConfigurations/c/ruleCollections/rc/rules"


def leads() -> list[dict[str, Any]]:
    nic = f"{FLEET}/virtualMachines/0/networkInterfaces/nic"
    every = [
        POLICY, f"{POLICY}/ruleCollectionGroups/dnat", f"{HUB_NETWORK}/azureFirewalls/fw", f"{RULES}/ssh",
        FLEET, f"{FLEET}/virtualMachines/0", nic, f"{nic}/ipConfigurations/ip/publicIPAddresses/pub",
    ]  # fmt: skip
    return [{"id": identity, "properties": {"known": True}} for identity in every]


def held_by(reads: Any) -> dict[tuple[str, str], list[str]]:
    """What is listed of whatever a way may lead through, by type and scope."""
    scopes = {EFFECTIVE_ADMIN_RULE: VNET_ID.text, RULE_COLLECTION_GROUP: POLICY}
    found = {}
    for kind in LEADS:
        scope = scopes.get(kind, AT)
        try:
            found[kind, scope] = sorted(one.id.name for one in reads.list(Listing(kind, scope)))
        except PermanentError:
            found[kind, scope] = ["unread"]
    return found


@pytest.mark.parametrize(
    "faults", [(), (forbidden("*/virtualmachinescalesets*"), forbidden("*/spoke/list*"))]
)
def test_an_export_holds_what_ways_lead_through_and_what_governs_each_network(
    faults: tuple[dict[str, Any], ...],
) -> None:
    with subscription(*faults) as azure:
        azure.lab.seed(leads())
        azure.live.read_leads()
        live, exported = held_by(azure.live), azure.live.export()
        requests = azure.requests()
    assert set(requests.values()) == {1}
    assert (
        held_by(Estate([EstateFile("export.json", exported["value"], facts=exported["bastionGuard"])]))
        == live
    )
    unread = {kind for (kind, _), names in live.items() if names == ["unread"]}
    fleets = {SCALE_SET, SCALE_SET_MACHINE, SCALE_SET_NIC, SCALE_SET_PUBLIC_IP}
    assert unread == ({EFFECTIVE_ADMIN_RULE, *fleets} if faults else set())


def test_a_static_token_is_never_sent_to_azure(desk: Desk) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "remediation", "scan", "--subscription", SUBSCRIPTION],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "ARM_ENDPOINT"}
        | {"ARM_STATIC_TOKEN": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert answer.stderr == (
        "remediation: a static token is for a lab on loopback, not for https://management.azure.com\n"
    )
