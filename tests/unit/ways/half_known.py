"""Estates of which not everything is known, each with some of the whole estates that it may be.

Tags of unknown content stand in rules, or documents that others refer to are missing. A completion gives
every tag one content everywhere, and every missing document a body.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.unit.ways.documents import Document
from tests.unit.ways.drawing import Chance
from tests.unit.ways.estates import Estate, estate

TAGS = ("Storage", "storage", "AzureCloud", "Fabrikam.Edge")
_CONTENTS = ((), ("45.60.0.0/16",), ("20.1.2.0/24", "11.0.0.0/8"), ("2603:1:2::/48",), ("45.60.12.0/24",))
_NOBODY = "240.0.0.1"
_MISSED = (
    *("networksecuritygroups", "publicipaddresses", "loadbalancers", "routetables", "ipgroups"),
    *("rulecollectiongroups", "firewallpolicies"),
)
_TO_ALL = {
    "priority": 100,
    "access": "Allow",
    "protocol": "*",
    "direction": "Inbound",
    "sourceAddressPrefix": "*",
    "destinationAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationPortRange": "*",
}


@dataclass(frozen=True)
class HalfKnown:
    """What is known of an estate, and some estates that it may be."""

    documents: list[Document]
    completions: list[list[Document]]
    approved: tuple[str, ...]


def with_tags(random: Random) -> HalfKnown:
    """An estate whose rules name tags that nobody knows the content of."""
    chance, whole = Chance(random), estate(random)
    documents = deepcopy(whole.documents)
    for body in _rules(documents):
        if "sourceAddressPrefix" in body and chance.happens(40):
            body["sourceAddressPrefix"] = chance.one(TAGS)
    names = sorted({tag.lower() for tag in TAGS})
    contents = [{name: chance.one(_CONTENTS) for name in names} for _ in range(3)]
    return HalfKnown(documents, [_filled(documents, one) for one in contents], whole.approved)


def _rules(documents: Sequence[Document]) -> Iterator[dict[str, Any]]:
    for document in documents:
        for rule in document["properties"].get("securityRules") or []:
            yield rule["properties"]


def _filled(documents: Sequence[Document], contents: dict[str, tuple[str, ...]]) -> list[Document]:
    filled = deepcopy(list(documents))
    for body in _rules(filled):
        held = contents.get(str(body.get("sourceAddressPrefix")).lower())
        if held is not None:
            del body["sourceAddressPrefix"]
            body["sourceAddressPrefixes"] = list(held) or [_NOBODY]
    return filled


def with_gaps(random: Random) -> HalfKnown:
    """An estate from which one or two documents are missing that others refer to."""
    chance, whole = Chance(random), estate(random)
    pool = [one for one in whole.documents if _may_be_missed(whole, one)]
    missing = chance.some(pool, 2) if pool else []
    gone = {one["id"] for one in missing}
    kept = [one for one in whole.documents if one["id"] not in gone]
    completions = [whole.documents, *(_as_group(whole.documents, gone, rules) for rules in ([], [_TO_ALL]))]
    return HalfKnown(kept, completions, whole.approved)


def _may_be_missed(whole: Estate, document: Document) -> bool:
    """Whether its absence can be seen: another document refers to it."""
    if document["type"].lower().rsplit("/", 1)[-1] not in _MISSED:
        return False
    if _names_addresses(document):
        return False
    own = document["id"].lower()
    return any(_refers(other, own) for other in whole.documents if other is not document)


def _names_addresses(balancer: Document) -> bool:
    """Whether a pool leads to addresses: nothing at the machine says so, and nobody misses it there."""
    pools = balancer["properties"].get("backendAddressPools") or []
    held = [one for pool in pools for one in pool["properties"].get("loadBalancerBackendAddresses") or []]
    return any("ipAddress" in one["properties"] for one in held)


def _refers(value: Any, identity: str) -> bool:
    if isinstance(value, dict):
        return any(_refers(inner, identity) for inner in value.values())
    if isinstance(value, list):
        return any(_refers(inner, identity) for inner in value)
    return isinstance(value, str) and (value.lower() + "/").startswith(identity + "/")


def _as_group(documents: Sequence[Document], gone: set[str], rules: list[dict[str, Any]]) -> list[Document]:
    """The whole estate where every missing group has these rules instead of its own."""
    found = deepcopy(list(documents))
    for document in found:
        if document["id"] in gone and document["type"].lower().endswith("/networksecuritygroups"):
            named = [{"name": f"r{index}", "properties": rule} for index, rule in enumerate(rules)]
            document["properties"]["securityRules"] = named
    return found
