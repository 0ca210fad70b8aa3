"""Azure Bastion hosts."""

from __future__ import annotations

from lab.arm.documents.tree import Document, present
from lab.arm.errors import ArmError, OperationError, bad_request
from lab.arm.kinds.base import (
    Kind,
    Patch,
    Pending,
    Put,
    World,
    named_children,
    new_guid,
    others,
    reference,
    sub_put,
    top,
)

BASTION = "Microsoft.Network/bastionHosts"
SWITCHES = (
    "enableTunneling", "enableIpConnect", "enableFileCopy", "disableCopyPaste", "enableShareableLink",
    "enableKerberos", "enableSessionRecording", "enablePrivateOnlyBastion",
)  # fmt: skip
RANK = {"Developer": 0, "Basic": 1, "Standard": 2, "Premium": 3}
TREATED = frozenset(
    {
        *SWITCHES,
        "provisioningState",
        "dnsName",
        "scaleUnits",
        "publicUri",
        "virtualNetwork",
        "networkAcls",
        "bastionShareableLinks",
        "ipConfigurations",
    }
)
IP_CONFIGURATIONS = "bastionHostIpConfigurations"


def sku_of(doc: Document) -> str:
    """The SKU; hosts older than SKUs count as Basic."""
    return str((doc.get("sku") or {}).get("name") or "Basic")


def _ip_configuration(put: Put) -> Document:
    properties = present(
        provisioningState="Succeeded",
        privateIPAllocationMethod=put.sent.get("privateIPAllocationMethod", "Dynamic"),
        publicIPAddress=reference(put.sent.get("publicIPAddress")),
        subnet=reference(put.sent.get("subnet")),
    )
    doc = top(put, "name id etag type properties", properties=properties)
    named = doc["id"].replace("/ipConfigurations/", f"/{IP_CONFIGURATIONS}/")
    return doc | {"id": named, "type": f"{BASTION}/{IP_CONFIGURATIONS}"}


def shape(put: Put) -> Document:
    """A full replace; a switch shows only if it was sent; dnsName appears on success."""
    sent, developer = put.sent, sku_of(put.body) == "Developer"
    configurations = [
        _ip_configuration(sub_put(put, "ipConfigurations", item))
        for item in named_children(put, "ipConfigurations")
    ]
    addresses = [
        each["properties"]["publicIPAddress"]["id"]
        for each in configurations
        if "publicIPAddress" in each["properties"]
    ]
    properties = present(
        provisioningState="Succeeded",
        dnsName=f"omnibrain.{put.location}.bastionglobal.azure.com"
        if developer
        else put.before.get("dnsName"),
        scaleUnits=sent.get("scaleUnits", 2),
        **{switch: sent.get(switch) for switch in SWITCHES},
        publicUri=addresses[0] if addresses else None,
        virtualNetwork=reference(sent.get("virtualNetwork")),
        networkAcls=sent.get("networkAcls"),
        # Answers of that time have it, whatever the host shares (as recorded).
        bastionShareableLinks={} if put.query.get("api-version", "9") < "2021" else None,
        **others(sent, TREATED),
        ipConfigurations=configurations,
    )
    sku = put.body.get("sku") or {"name": "Basic"}
    return top(put, "name id etag type location tags properties sku", properties=properties, sku=sku)


def pending(_: Put, doc: Document) -> Pending:
    return Pending.SETTLED if sku_of(doc) == "Developer" else Pending.UPDATING


def check(_: Put, doc: Document) -> None:
    """[?] texts ours: no recording shows a host refused for these."""
    developer = sku_of(doc) == "Developer"
    if sku_of(doc) not in RANK:
        raise bad_request(f"SKU '{sku_of(doc)}' of {doc['id']} is none of {', '.join(RANK)}.", "InvalidSku")
    if developer and "virtualNetwork" not in doc["properties"]:
        raise bad_request(
            f"A Developer host needs virtualNetwork: {doc['id']}.", "BastionHostVirtualNetworkMissing"
        )
    if not developer and not doc["properties"]["ipConfigurations"]:
        raise ArmError(
            400, "BastionHostIpConfigurationMissing", f"A host needs an ipConfiguration: {doc['id']}."
        )


def _places(doc: Document) -> set[str]:
    configurations = doc["properties"].get("ipConfigurations", ())
    members = (
        each["properties"].get(key) for each in configurations for key in ("subnet", "publicIPAddress")
    )
    return {each["id"].lower() for each in members if each}


def doom(put: Put, doc: Document) -> OperationError | None:
    """A downgrade, or another subnet or address, is accepted and then fails."""
    if put.existing is None:
        return None
    lower = RANK.get(sku_of(doc), 0) < RANK.get(sku_of(put.existing), 0)
    moved = _places(put.existing) and _places(doc) != _places(put.existing)
    if lower or moved:
        return OperationError(
            "BastionUpdateNotSupported",
            "Downgrading SKU or updating bastion host subnet or public ip is not allowed",
        )
    return None


def finish(_: World, doc: Document) -> Document:
    properties = doc["properties"]
    if "dnsName" in properties:
        return doc
    state = {
        "provisioningState": properties["provisioningState"],
        "dnsName": f"bst-{new_guid()}.bastion.azure.com",
    }
    return doc | {"properties": state | properties}


BASTION_KIND = Kind(
    BASTION,
    shape,
    pending=pending,
    check=check,
    doom=doom,
    finish=finish,
    patch=Patch.LONG,
    steady=frozenset({"ipConfigurations"}),
)
