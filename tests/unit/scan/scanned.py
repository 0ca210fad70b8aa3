"""Scans for tests: documents in, the command's own answer out; and the Azure CLI's way to print documents."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from remediation.cli import main
from tests.builders import (
    NIC_ID,
    PIP_ID,
    WORKSPACE,
    Document,
    a_bastion,
    a_group,
    a_nic,
    a_public_ip,
    a_setting,
    a_subnet,
    a_vnet,
    an_nsg,
)

ENFORCING: Document = {
    "version": 1,
    "mode": "enforce",
    "defaultEnvironment": "production",
    "centralWorkspaceId": WORKSPACE,
}


@dataclass(frozen=True)
class Answer:
    """What the command said; `status` is its exit status."""

    status: int
    text: str
    errors: str

    @property
    def document(self) -> Document:
        read: Document = json.loads(self.text)
        return read

    @property
    def found(self) -> set[tuple[str, str]]:
        """Rule and last name of each finding."""
        return {(one["rule"], last(one["resourceId"])) for one in self.document["findings"]}

    @property
    def unknown(self) -> set[tuple[str, str]]:
        return {(one["rule"], last(one["resourceId"])) for one in self.document["unknown"]}

    def finding(self, rule: str) -> Document:
        found: list[Document] = [one for one in self.document["findings"] if one["rule"] == rule]
        assert len(found) == 1, found
        return found[0]


def last(identity: str) -> str:
    return identity.rpartition("/")[2]


class Desk:
    """Somebody at a terminal with files in a folder."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def file(self, content: Any, name: str = "estate.json") -> str:
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    def scan(self, *arguments: str, baseline: Document | None = ENFORCING, form: str = "json") -> Answer:
        """Run `scan`; `baseline` None leaves it out."""
        given = [] if baseline is None else ["--baseline", self.file(baseline, "baseline.json")]
        status = main(["scan", *arguments, *given, "--format", form])
        told = self._capture.readouterr()
        return Answer(status, told.out, told.err)

    def scanned(self, content: Any, *arguments: str, baseline: Document | None = ENFORCING) -> Answer:
        """Scan one file with that content."""
        return self.scan("--estate", self.file(content), *arguments, baseline=baseline)


def an_estate(*, ssh_from: str | None = "*", sku: str = "Standard", logs: bool = True) -> list[Document]:
    """A spoke with a machine behind an NSG, and a hub with a Bastion; by default SSH is open to all."""
    documents = [
        an_nsg(allow_ssh_from=ssh_from),
        a_vnet(a_subnet()),
        a_nic(public_ip=PIP_ID),
        a_public_ip(attached_to=f"{NIC_ID}/ipConfigurations/ipconfig1"),
        a_group(),
        a_group("rg-hub"),
        a_bastion(sku),
    ]
    return [*documents, a_setting()] if logs else documents


# As the Azure CLI prints it --------------------------------------------------------------------------

OLD_SPELLING = {
    "publicIPAddress": "publicIpAddress",
    "publicIPAllocationMethod": "publicIpAllocationMethod",
    "privateIPAddress": "privateIpAddress",
    "enableIPForwarding": "enableIpForwarding",
    "frontendIPConfigurations": "frontendIpConfigurations",
}


def as_the_cli_prints(value: Any, *, old: bool = False) -> Any:
    """Flattened as `az network ... list` does it; `old` spells some names as its older commands did."""
    if isinstance(value, list):
        return [as_the_cli_prints(item, old=old) for item in value]
    if not isinstance(value, dict):
        return value
    members = {key: inner for key, inner in value.items() if key != "properties"}
    members |= value.get("properties") or {}
    if "id" in members:
        members["resourceGroup"] = "rg"
    return {
        OLD_SPELLING.get(key, key) if old else key: inner
        if key == "tags"
        else as_the_cli_prints(inner, old=old)
        for key, inner in members.items()
    }


def flattened(documents: Iterable[Document], *, old: bool = False) -> list[Document]:
    return [as_the_cli_prints(document, old=old) for document in documents]
