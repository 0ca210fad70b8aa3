"""`declare` and `accept` as they are typed: what is given, listed, taken back; every mistake one line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.arm import Arm, in_background
from remediation.adapters.storage.account import StorageAccount
from remediation.adapters.storage.declared_files import BlobDeclaredFiles
from tests.builders import SUBSCRIPTION, a_spoke, an_nsg
from tests.unit.declared.declaring import template
from tests.unit.on_call.test_cli import ENFORCING, Desk

NSG = {**template(an_nsg()), "type": "Microsoft.Network/networkSecurityGroups"}
STRANGER = json.loads(json.dumps(NSG).replace(SUBSCRIPTION, "99999999-2222-3333-4444-555555555555"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    arm = Arm()
    arm.seed([an_nsg(), *a_spoke()])
    files = {
        "main.snapshot.json": {"predictedResources": [NSG], "diagnostics": []},
        "stranger.snapshot.json": {"predictedResources": [STRANGER], "diagnostics": []},
        "plan.json": {"format_version": "1.2", "planned_values": {}, "resource_changes": []},
        "estate.json": [an_nsg()],
        "baseline.json": json.loads(ENFORCING),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "half.json").write_text(json.dumps(files["estate.json"])[:-20])
    with in_background(arm) as url:
        settings = {"ARM_ENDPOINT": url, "ARM_STATIC_TOKEN": "engineer", "SUBSCRIPTIONS": SUBSCRIPTION}
        yield Desk(arm, tmp_path, {**settings, "AzureWebJobsStorage": "memory://here"})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("declare",), "one of the arguments"),
        (("declare", "--snapshot", "main.snapshot.json"), "--as NAME is missing"),
        (("declare", "--snapshot", "main.snapshot.json", "--as", "a/b"), "--as 'a/b': letters, digits"),
        (("declare", "--snapshot", "no.json", "--as", "x"), "no.json: cannot be read"),
        (
            ("declare", "--snapshot", "estate.json", "--as", "x"),
            "not what --snapshot takes; give it with --estate",
        ),
        (("declare", "--terraform-state", "plan.json", "--as", "x"), "a Terraform plan"),
        (("declare", "--estate", "half.json", "--as", "x"), "half.json: "),
        (("declare", "--snapshot", "stranger.snapshot.json", "--as", "x"), "and the app watches"),
        (("declare", "--remove", "x"), "no declaration of this name; there are: none"),
        (("accept", "--baseline", "baseline.json", "nothing"), "nothing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_declared_is_one_line_and_nothing_of_it_is_taken(
    desk: Desk, arguments: tuple[str, ...], said: str
) -> None:
    run = desk.types(*arguments)

    assert (2, "") == (run.status, run.out)
    assert said in run.err
    assert 1 == run.err.count("\n")


def test_nothing_declared_is_said_so(desk: Desk) -> None:
    run = desk.types("declare", "--list")

    assert (0, "nothing is declared by a file\n") == (run.status, run.out)


@pytest.mark.azurite
def test_what_was_declared_is_listed_and_taken_back(desk: Desk, storage_account: StorageAccount) -> None:
    storage = {"AzureWebJobsStorage": storage_account.connection_string}

    given = desk.types("declare", "--snapshot", "main.snapshot.json", "--as", "stack-web", **storage)
    listed = desk.types("declare", "--list", **storage)
    told = json.loads(desk.types("declare", "--list", "--format", "json", **storage).out)
    removed = desk.types("declare", "--remove", "stack-web", **storage)

    assert 0 == given.status, given.err
    assert "declared: 1 resources as stack-web" in given.out
    assert "stack-web  1 resources" in listed.out
    assert "the app takes it in within a quarter of an hour" in listed.out
    assert ("stack-web", 1, 0) == (told[0]["name"], told[0]["resources"], told[0]["inForce"])
    assert 0 == removed.status
    assert {} == BlobDeclaredFiles(storage_account).versions()
