"""The snapshots beside the parameter sets of infra/, as data: what a deployment would make.

They are committed, and compared with the templates wherever there is a Bicep CLI (`make bicep`). What only
Azure knows, a principal's id say, stays an expression: text in brackets.
"""

import functools
import json
import re
from typing import Any

from tests.unit.infra.bicep import INFRA

SETS = ("plain", "several", "private", "no-keys", "sign-in")
OPEN = ("plain", "several", "no-keys", "sign-in")
EVENTS = ("events/plain", "events/several", "events/no-keys")

type Resource = dict[str, Any]

_SUFFIX = re.compile(r"-?[0-9a-z]{13}$")


@functools.cache
def _snapshot(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((INFRA / "sets" / f"{name}.snapshot.json").read_text())
    return read


def made(name: str, kind: str = "") -> list[Resource]:
    """The resources of a set, or those of one type."""
    return [each for each in _snapshot(name)["predictedResources"] if kind in {"", each["type"]}]


def the(name: str, kind: str, beginning: str = "") -> Resource:
    """The one resource of a type, or the one whose own name begins so."""
    [found] = [each for each in made(name, kind) if own_name(each).startswith(beginning)]
    return found


def outputs(name: str) -> dict[str, str]:
    given: dict[str, str] = _snapshot(name)["outputs"]
    return given


def own_name(resource: Resource) -> str:
    """The last part of a resource's name."""
    return str(resource["name"]).rpartition("/")[2]


def called(resource: Resource) -> str:
    """Its own name without what makes it unique."""
    return _SUFFIX.sub("", own_name(resource))


def at(body: Any, path: str) -> Any:
    """The value at a path of names separated by dots; None where a part is missing."""
    for step in path.split("."):
        body = body.get(step) if isinstance(body, dict) else None
    return body


def settings(name: str) -> dict[str, str]:
    """The app settings of a set: names, and values as far as they are known before deployment."""
    given: dict[str, str] = the(name, "Microsoft.Web/sites/config", "appsettings")["properties"]
    return given
