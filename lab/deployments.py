"""Deployments: several operations of one principal under one correlation id, resource by resource.

The lab evaluates no templates. What one would deploy is what `bicep snapshot` predicts of it, or any list of
resources as a PUT takes them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.actor import Actor

_SENT = frozenset({"id", "name", "type", "apiVersion", "etag"})


def predicted(snapshot: Path) -> Sequence[Mapping[str, Any]]:
    """The resources of a Bicep snapshot, in its order."""
    found: Sequence[Mapping[str, Any]] = json.loads(snapshot.read_bytes())["predictedResources"]
    return found


async def deploy(pipeline: Actor, resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """Put each, one after the other; `pipeline` acts in a deployment. Returns the ids that were written.

    Raises RefusedError where ARM refuses one: the ones before stay, as in Azure.
    """
    written = []
    for resource in resources:
        body = {key: value for key, value in resource.items() if key not in _SENT}
        await pipeline.put(str(resource["id"]), body)
        written.append(str(resource["id"]))
    return written
