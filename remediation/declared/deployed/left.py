"""What a look has read, as the declaration of the deployment that left it.

Nothing is kept that is not compared: neither what only the server sets, nor who points to the resource.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from remediation.declared.declaration import Declaration, Document, Source
from remediation.declared.forms import name_of
from remediation.declared.kinds import KINDS, SERVERS
from remediation.estates.door.normal import normal
from remediation.kinds import SUBNET, VNET
from remediation.model import Json
from remediation.resource_id import ResourceId

_KEPT = frozenset({"id", "name", "location", "sku", "zones", "tags"})


def left(resource: ResourceId, body: Json, source: Source) -> Declaration:
    """The whole of a resource that a deployment wrote."""
    return Declaration(resource, _slim(resource, body), source)


def left_children(
    resource: ResourceId, body: Json, children: Collection[str], source: Source, before: Declaration | None
) -> Declaration | None:
    """The children (``array/name``, lower case) that a deployment wrote, in what was declared before.

    Without an earlier word each speaks for itself alone. A child that is not there was deleted. None where
    nothing is declared then.
    """
    live = _slim(resource, body)["properties"]
    base = before or Declaration(resource, {"id": resource.text, "name": resource.name}, source, itself=False)
    properties = dict(base.document.get("properties") or {})
    alone, sources = set(base.alone), dict(base.children)
    for child in children:
        array, name = _array(child, properties, live), child.partition("/")[2]
        if array not in properties:
            alone.add(array.lower())
        mine = [one for one in properties.get(array) or () if name_of(one).lower() != name]
        now = [one for one in live.get(array) or () if name_of(one).lower() == name]
        properties[array] = [*mine, *now]
        sources = {path: one for path, one in sources.items() if path != child}
        if now:
            sources[child] = source
    if not base.itself and not any(properties.values()):
        return None
    document = {**base.document, "properties": properties}
    return replace(base, document=document, source=source, alone=frozenset(alone), children=sources)


def subnets_of(network: Declaration) -> Iterator[Declaration]:
    """What a network's word says of each of its subnets."""
    for subnet in (network.document.get("properties") or {}).get("subnets") or ():
        identity = network.id.child("subnets", name_of(subnet))
        yield Declaration(identity, dict(subnet), network.source)


def _array(child: str, *documents: Mapping[str, Any]) -> str:
    """The array of a child as documents spell it."""
    wanted = child.partition("/")[0]
    return next((key for one in documents for key in one if key.lower() == wanted), wanted)


def _slim(resource: ResourceId, body: Json) -> Document:
    told = normal(dict(body), resource.type)
    kept = {key: value for key, value in told.items() if key in _KEPT}
    inner = told.get("properties")
    properties = dict(inner) if isinstance(inner, Mapping) else {}
    if resource.type == VNET:
        properties = {"subnets": [_subnet(one) for one in properties.get("subnets") or ()]}
    else:
        kind = KINDS[resource.type]
        properties = {
            key: _without_servers(value)
            for key, value in properties.items()
            if key not in kind.skipped and key not in SERVERS and (not kind.only or key in kind.only)
        }
    return {**kept, "id": resource.text, "name": resource.name, "properties": properties}


def _subnet(document: Mapping[str, Any]) -> Document:
    inner = document.get("properties")
    told = inner if isinstance(inner, Mapping) else {}
    only = KINDS[SUBNET].only
    return {
        "name": name_of(document),
        "properties": {key: value for key, value in told.items() if key in only},
    }


def _without_servers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_servers(inner) for key, inner in value.items() if key not in SERVERS}
    return [_without_servers(one) for one in value] if isinstance(value, list) else value
