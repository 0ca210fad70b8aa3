"""A change laid over what a subscription holds now, read from the lab's ARM; nothing is written to it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from lab.arm import Arm, in_background
from remediation.estates.files import OWN_KEY
from tests.builders import NIC_ID, NSG_ID, SUBSCRIPTION
from tests.measured import PASSED_ON
from tests.unit.deployments.judged import preflight
from tests.unit.scan.scanned import an_estate

ROOT = Path(__file__).parents[3]
OPEN = "nsg-mgmt-open-to-internet"


def opening(folder: Path) -> Path:
    """A template that puts a rule beside the group that is there."""
    group = NSG_ID.text.split("/")[4]
    rule = {
        "type": "Microsoft.Network/networkSecurityGroups/securityRules",
        "apiVersion": "2024-05-01",
        "name": f"{NSG_ID.name}/for-a-minute",
        "properties": {
            "priority": 110, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
            "sourcePortRange": "*", "sourceAddressPrefix": "*", "destinationAddressPrefix": "*",
            "destinationPortRange": "3389",
        },
    }  # fmt: skip
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    path = folder / f"{group}.json"
    path.write_text(json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", "resources": [rule]}))
    return path


def judged(told: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(one["rule"], one["resourceId"], one["change"]) for one in told["findings"]}


def test_a_change_over_a_subscription_is_judged_as_over_its_export(tmp_path: Path) -> None:
    lab = Arm()
    lab.seed(an_estate())
    arguments = ["--template", str(opening(tmp_path)), "--resource-group", NSG_ID.text.split("/")[4]]
    export = tmp_path / "estate.json"
    environment = os.environ | PASSED_ON | {"ARM_STATIC_TOKEN": "reader"}
    with in_background(lab) as url:
        environment["ARM_ENDPOINT"] = url
        command = [sys.executable, "-m", "remediation", "preflight", *arguments, "--live", SUBSCRIPTION]
        done = subprocess.run(
            [*command, "--format", "json"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        exported = subprocess.run(
            [*command[:3], "export", "--subscription", SUBSCRIPTION, "-o", str(export)],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, exported.returncode) == (1, 0), done.stderr + exported.stderr
    assert OWN_KEY in json.loads(export.read_text())
    live = json.loads(done.stdout)
    assert judged(live) == judged(preflight(*arguments, "--estate", export).document)
    assert (OPEN, NSG_ID.text, "new") in judged(live)
    assert any("3389" in line and NIC_ID.name not in line for line in live["effects"])
    assert {entry.method for entry in lab.log.entries()} <= {"GET", "POST"}
    assert {entry.path.rpartition("/")[2] for entry in lab.log.entries() if entry.method == "POST"} <= {
        "listNetworkManagerEffectiveSecurityAdminRules"
    }


def test_a_subscription_may_be_named_as_az_login_knows_it(tmp_path: Path) -> None:
    lab = Arm()
    lab.seed(an_estate())
    profile = {"subscriptions": [{"id": SUBSCRIPTION, "name": "Shop", "isDefault": False}]}
    (tmp_path / "azureProfile.json").write_text(json.dumps(profile), encoding="utf-8-sig")
    group = NSG_ID.text.split("/")[4]
    environment = os.environ | PASSED_ON | {"ARM_STATIC_TOKEN": "reader", "AZURE_CONFIG_DIR": str(tmp_path)}
    with in_background(lab) as url:
        done = subprocess.run(
            [sys.executable, "-m", "remediation", "preflight", "--template", str(opening(tmp_path)),
             "--resource-group", group, "--live", "shop", "--format", "json"],
            cwd=ROOT, env=environment | {"ARM_ENDPOINT": url}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert (OPEN, NSG_ID.text, "new") in judged(json.loads(done.stdout))
