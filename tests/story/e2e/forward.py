"""Documents that hold together from both sides.

A case may show only what ARM derives (a subnet's ipConfigurations, a NIC's machine), since that is what its
rule reads. The lab derives these itself, from what people write; so the written side is added here.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from remediation.kinds import NIC, VIRTUAL_MACHINE
from remediation.resource_id import ResourceId
from remediation.rule import values_at

type Document = dict[str, Any]


def completed(documents: Iterable[Document]) -> list[Document]:
    """The documents with the forward references that their back references imply."""
    known = {document["id"].lower(): copy.deepcopy(document) for document in documents}
    for subnet in [found for document in list(known.values()) for found in _subnets(document)]:
        for identity in list(values_at(subnet, "properties.ipConfigurations[].id")):
            _configured(known, ResourceId.parse(identity), subnet["id"])
    for nic in [document for document in known.values() if "/networkinterfaces/" in document["id"].lower()]:
        for machine in list(values_at(nic, "properties.virtualMachine.id")):
            _machine(known, machine, nic["id"])
    return list(known.values())


def _subnets(document: Document) -> Iterator[Document]:
    if "/subnets/" in document["id"].lower():
        yield document
    yield from (found for found in values_at(document, "properties.subnets[]") if "id" in found)


def _configured(known: dict[str, Document], configuration: ResourceId, subnet: str) -> None:
    """The owner of an ip configuration, with the subnet it lies in."""
    owner = configuration.up_to(NIC) or configuration.parent
    assert owner is not None
    document = known.setdefault(owner.key, _bare(owner))
    configurations = document["properties"].setdefault("ipConfigurations", [])
    named = [one for one in configurations if one.get("name", "").lower() == configuration.name.lower()]
    one: Document = named[0] if named else {"name": configuration.name}
    one.setdefault("id", configuration.text)
    one.setdefault("properties", {}).setdefault("subnet", {"id": subnet})
    if not named:
        configurations.append(one)


def _machine(known: dict[str, Document], machine: str, nic: str) -> None:
    identity = ResourceId.parse(machine)
    assert identity.type == VIRTUAL_MACHINE
    document = known.setdefault(identity.key, _bare(identity))
    profile = document["properties"].setdefault("networkProfile", {})
    nics = profile.setdefault("networkInterfaces", [])
    if nic.lower() not in {one["id"].lower() for one in nics}:
        nics.append({"id": nic})


def _bare(identity: ResourceId) -> Document:
    return {
        "id": identity.text,
        "name": identity.name,
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded"},
    }
