"""infra/ as ARM templates that a linter can read: `python -m tools.arm_templates FOLDER`.

Linters look for a list of resources. What Bicep compiles to has them by name, in templates within
templates, so they are taken out and laid side by side (build-*.json, wants the Bicep CLI); and the
snapshots of the parameter sets are written as templates too, with every value worked out (set-*.json).
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.bicep import INFRA, TEMPLATES, cli, sets

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
DEPLOYMENT = "Microsoft.Resources/deployments"

type Json = dict[str, Any]


def flat(template: Json) -> Iterator[Json]:
    """Every resource of a template and of those within it, but for what is only referred to."""
    resources = template["resources"]
    for each in resources.values() if isinstance(resources, dict) else resources:
        if each["type"] == DEPLOYMENT:
            yield from flat(each["properties"]["template"])
        elif not each.get("existing"):
            yield each


def written(folder: Path) -> list[Path]:
    """Write them all; a template that could not be built is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    program = cli()
    lists = {f"set-{path.stem}": _resources(path) for path in sets() if path.parent.name == "sets"}
    for name in TEMPLATES if program else ():
        command = [str(program), "build", str(INFRA / name), "--stdout"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  the user's own
        lists[f"build-{Path(name).stem}"] = list(flat(json.loads(done.stdout)))
    return [_write(folder / f"{name}.json", resources) for name, resources in lists.items()]


def _resources(parameter_set: Path) -> list[Json]:
    read: Json = json.loads(parameter_set.with_suffix(".snapshot.json").read_text())
    found: list[Json] = read["predictedResources"]
    return found


def _write(path: Path, resources: list[Json]) -> Path:
    template = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "parameters": {}, "resources": resources}
    path.write_text(json.dumps(template, indent=2))
    return path


if __name__ == "__main__":
    sys.stdout.writelines(f"{path}\n" for path in written(Path(sys.argv[1])))
