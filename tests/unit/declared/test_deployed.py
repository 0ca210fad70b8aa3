"""What was just deployed differs in nothing from its snapshot, and what a person then does shows."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.arm import Arm
from remediation.declared.comparison import compare
from remediation.declared.declaration import Declared
from remediation.declared.difference import Difference
from remediation.declared.files import declared_in
from remediation.model import Resource
from tests.unit.lab.plain_client import Plain, a_lab
from tools.bicep import cli

TEMPLATES = Path(__file__).with_name("templates")
SNAPSHOT = TEMPLATES / "spoke.snapshot.json"
PLACE = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-web"
NETWORK = f"{PLACE}/providers/Microsoft.Network"


def snapshot() -> Declared:
    return declared_in(SNAPSHOT.name, SNAPSHOT.read_bytes())


def deployed(arm: Plain, declared: Declared) -> None:
    """Put what the snapshot predicts, one by one, in its order; references resolved as a deployment does."""
    arm.put(PLACE, {"location": "westeurope"})
    predicted = json.loads(SNAPSHOT.read_bytes())["predictedResources"]
    first = {"networksecuritygroups", "routetables", "publicipaddresses"}
    for resource in sorted(predicted, key=lambda one: one["type"].lower().split("/")[1] not in first):
        known = declared.declarations.get(resource["id"].lower())
        body = known.document if known is not None and "[reference(" in json.dumps(resource) else resource
        made = {key: value for key, value in body.items() if key not in {"apiVersion", "id"}}
        arm.made(resource["id"], {"location": "westeurope", **made})


def differences(arm: Plain, declared: Declared) -> Iterator[Difference]:
    for declaration in declared.declarations.values():
        answer = arm.get(declaration.id.text)
        live = None if answer.status == 404 else Resource(declaration.id, answer.body)
        yield from compare(declaration, live)


@pytest.fixture
def pipeline() -> Iterator[tuple[Plain, Declared]]:
    """A subscription into which the template was just deployed."""
    with a_lab(Arm()) as (arm, _):
        declared = snapshot()
        deployed(arm, declared)
        yield arm, declared


def test_a_resource_just_deployed_differs_in_nothing(pipeline: tuple[Plain, Declared]) -> None:
    arm, declared = pipeline
    assert len(declared.declarations) == 13
    assert list(differences(arm, declared)) == []


def changed(arm: Plain, path: str, *keys: Any, value: Any) -> None:
    """Read a resource, set one member, write it back: what a person in the portal does."""
    body = arm.get(path).body
    at = body
    for key in keys[:-1]:
        at = at[key]
    at[keys[-1]] = value
    arm.made(path, body)


def test_what_people_change_is_told_by_name(pipeline: tuple[Plain, Declared]) -> None:
    """A rule widened, one added, one deleted, a route turned, a subnet without its group, a log gone."""
    arm, declared = pipeline
    group = f"{NETWORK}/networkSecurityGroups/nsg-web"
    changed(arm, f"{group}/securityRules/allow-ssh", "properties", "sourceAddressPrefixes", value=["*"])
    minute = arm.get(f"{group}/securityRules/allow-web").body["properties"] | {"priority": 310}
    arm.made(f"{group}/securityRules/for-a-minute", {"properties": minute})
    arm.finish(arm.delete(f"{NETWORK}/networkSecurityGroups/nsg-data/securityRules/deny-web"))
    turned = "properties", "routes", 0, "properties", "nextHopType"
    changed(arm, f"{NETWORK}/routeTables/rt-web", *turned, value="Internet")
    changed(
        arm,
        f"{NETWORK}/virtualNetworks/vnet-web/subnets/data",
        "properties",
        "networkSecurityGroup",
        value=None,
    )
    setting = f"{NETWORK}/bastionHosts/bas-web/providers/Microsoft.Insights/diagnosticSettings/to-central"
    arm.delete(setting)

    told = {(one.path, one.live is None, one.declared is None) for one in differences(arm, declared)}

    assert {
        ("securityRules/allow-ssh/sourceAddressPrefix", False, False),
        ("securityRules/for-a-minute", False, True),
        ("securityRules/deny-web", True, False),
        ("routes/default/nextHopType", False, False),
        ("networkSecurityGroup", True, False),
        ("", True, False),
    } <= told


def test_a_rule_that_others_add_to_a_group_declared_without_any_is_theirs(
    pipeline: tuple[Plain, Declared],
) -> None:
    """`nsg-data` declares no list: its rule was declared by itself and speaks for itself alone."""
    arm, declared = pipeline
    web = arm.get(f"{NETWORK}/networkSecurityGroups/nsg-web/securityRules/allow-web").body["properties"]
    arm.made(f"{NETWORK}/networkSecurityGroups/nsg-data/securityRules/theirs", {"properties": web})

    assert list(differences(arm, declared)) == []


@pytest.mark.skipif(cli() is None, reason="there is no Bicep CLI here")
def test_the_snapshot_is_what_the_compiler_predicts(tmp_path: Path) -> None:
    for path in TEMPLATES.glob("spoke.bicep*"):
        shutil.copy(path, tmp_path)
    place = [
        "--subscription-id",
        PLACE.split("/")[2],
        "--resource-group",
        "rg-web",
        "--location",
        "westeurope",
    ]
    command = [str(cli()), "snapshot", str(tmp_path / "spoke.bicepparam"), *place, "--mode", "overwrite"]
    subprocess.run(command, check=True, capture_output=True)

    fresh = json.loads((tmp_path / SNAPSHOT.name).read_text("utf-8"))

    assert json.loads(SNAPSHOT.read_text("utf-8")) == fresh
