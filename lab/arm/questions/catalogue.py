"""What clients ask before they begin: providers with their types, regions, the cloud's endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.arm import errors
from lab.arm.calls import Answer, Call, answered
from lab.arm.facts.cloud import CLOUD
from lab.arm.facts.providers import NOWHERE, OFFERED, offered
from lab.arm.facts.regions import REGIONS, paired
from lab.arm.kinds.table import NETWORK_TYPES
from lab.arm.verbs.paging import listing

if TYPE_CHECKING:
    from lab.arm.arm import Arm
    from lab.arm.documents.tree import Document


def providers(arm: Arm, call: Call) -> Answer:
    """All namespaces, or one with its types, their api-versions and where they can stand."""
    if not call.path.complete:
        found = [_provider(call, each) for each in OFFERED]
        return listing(call, found, arm.settings.page_size)
    return answered(_named(call, call.path.name))


def register(_: Arm, call: Call) -> Answer:
    """Registering finds the provider registered already, as most are."""
    return answered(_named(call, call.path.namespace))


def _named(call: Call, asked: str) -> Document:
    name = offered(asked)
    if name is None:
        raise errors.ArmError(
            404, "InvalidResourceNamespace", f"The resource namespace '{asked}' is invalid.", gateway=True
        )
    return _provider(call, name)


def _provider(call: Call, name: str) -> Document:
    versions, listed = OFFERED[name]
    types = [*NETWORK_TYPES, *listed] if name == "Microsoft.Network" else list(listed)
    where = [] if name in NOWHERE else [shown for shown, _, _ in REGIONS.values()]
    doc: Document = {
        "namespace": name,
        "resourceTypes": [
            {
                "resourceType": each,
                "locations": where,
                "apiVersions": list(versions),
                "capabilities": "None" if name in NOWHERE else "SupportsTags, SupportsLocation",
            }
            for each in dict.fromkeys(types)
        ],
    }
    if not call.path.subscription:
        return doc
    start = {"id": f"/subscriptions/{call.path.subscription}/providers/{name}"}
    return start | doc | {"registrationState": "Registered", "registrationPolicy": "RegistrationRequired"}


def locations(arm: Arm, call: Call) -> Answer:
    """The regions of a subscription."""
    found = [_location(call.path.subscription, each) for each in REGIONS]
    return listing(call, found, arm.settings.page_size)


def _location(subscription: str, name: str) -> Document:
    shown, geography, zoned = REGIONS[name]
    where = f"/subscriptions/{subscription}/locations"
    pair = paired(name)
    doc: dict[str, Any] = {
        "id": f"{where}/{name}",
        "name": name,
        "type": "Region",
        "displayName": shown,
        "regionalDisplayName": f"({geography}) {shown}",
        "metadata": {
            "regionType": "Physical",
            "regionCategory": "Recommended" if zoned else "Other",
            "geography": geography,
            "geographyGroup": geography,
            "pairedRegion": [{"name": pair, "id": f"{where}/{pair}"}] if pair else [],
        },
    }
    zones = [{"logicalZone": zone, "physicalZone": f"{name}-az{zone}"} for zone in "123"]
    return doc | ({"availabilityZoneMappings": zones} if zoned else {})


def endpoints(_: Arm, call: Call) -> Answer:
    """The cloud a client is in: this lab for ARM, the public cloud's names for the rest."""
    cloud = CLOUD | {"resourceManager": f"{call.base}/"}
    if call.api_version < "2019":
        old = {f"{each}Endpoint": cloud[each] for each in ("gallery", "graph", "portal")}
        return answered(old | {"authentication": cloud["authentication"]})
    return answered([cloud] if call.api_version < "2022" else cloud)
