"""What ARM shows of those that refer to a resource: subnets their members, groups what they are on."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from tests.unit.ways.documents import Document, reference

# Where a reference stands, by its last key -> the list on the other side that names the one who refers.
_SHOWN = {
    "publicIPAddress": "ipConfiguration",
    "subnet": "ipConfigurations",
    "loadBalancerBackendAddressPools": "backendIPConfigurations",
    "loadBalancerInboundNatRules": "backendIPConfiguration",
    "routeTable": "subnets",
    "firewallPolicy": "firewalls",
}
_ONE = frozenset({"ipConfiguration", "backendIPConfiguration"})


def as_read(documents: Sequence[Document]) -> list[Document]:
    """Copies of the documents with what ARM shows of those that refer to them."""
    read = [deepcopy(document) for document in documents]
    found = {one["id"].lower(): one for document in read for one in _elements(document)}
    for holder in list(found.values()):
        for key, value in holder.get("properties", {}).items():
            for other in value if isinstance(value, list) else [value]:
                if isinstance(other, dict) and set(other) == {"id"}:
                    _show(found, holder, key, other["id"])
    return read


def _elements(value: Any) -> Iterator[Document]:
    """Everything with an id and properties of its own."""
    if isinstance(value, dict):
        if "id" in value and "properties" in value:
            yield value
        for inner in value.values():
            yield from _elements(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _elements(inner)


def _show(found: dict[str, Document], holder: Document, key: str, identity: str) -> None:
    other = found.get(identity.lower())
    if key == "networkSecurityGroup":
        shown = "networkInterfaces" if "/networkinterfaces/" in holder["id"].lower() else "subnets"
    else:
        shown = _SHOWN.get(key, "")
    if other is None or not shown or _listens(holder, key):
        return
    if shown in _ONE:
        other["properties"][shown] = reference(holder["id"])
    else:
        other["properties"].setdefault(shown, []).append(reference(holder["id"]))


def _listens(holder: Document, key: str) -> bool:
    """A gateway's subnet shows the gateway by its own configurations, its frontends apart."""
    return (
        key == "subnet"
        and "/applicationgateways/" in holder["id"].lower()
        and ("/frontendipconfigurations/" in holder["id"].lower())
    )
