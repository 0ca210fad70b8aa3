"""What the Bicep compiler predicts of a JSON template: Microsoft's own evaluation, to hold ours against."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tools.bicep import cli

SUBSCRIPTION = "5ba5e000-1a2b-4c3d-8e4f-0123456789ab"
GROUP, LOCATION = "rg-shop", "westeurope"

type Document = dict[str, Any]


def compiler() -> str:
    """The program; skips the test where there is none."""
    found = cli()
    if found is None:
        pytest.skip("the Bicep CLI is not there")
    return found


def predicted(template: Path, values: Mapping[str, Any], folder: Path, *, in_group: bool) -> list[Document]:
    """The resources a template leaves behind, but for deployments, as the compiler sees them."""
    shutil.copy(template, folder / "template.json")
    lines = ["using 'template.json'"]
    lines += [f"param {name} = {_bicep(value)}" for name, value in values.items()]
    (folder / "template.bicepparam").write_text("\n".join(lines) + "\n")
    place = ["--subscription-id", SUBSCRIPTION, "--location", LOCATION, "--deployment-name", "deployment"]
    place += ["--resource-group", GROUP] if in_group else []
    command = [compiler(), "snapshot", str(folder / "template.bicepparam"), "--mode", "overwrite", *place]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads((folder / "template.snapshot.json").read_text())
    return [
        one for one in told["predictedResources"] if one["type"].lower() != "microsoft.resources/deployments"
    ]


def _bicep(value: Any) -> str:
    """A value as Bicep writes it."""
    return f"json({_text(json.dumps(value))})" if not isinstance(value, str) else _text(value)


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return f"'{escaped}'"
