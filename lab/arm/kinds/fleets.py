"""Scale sets with their instances, and managed clusters with their node pools.

A scale set makes its instances from its model: a machine, its interfaces, and an address for each ip
configuration that is to have one. They are documents of their own, below it.

[?] Shapes and defaults are those of the REST documentation; nobody has recorded them. Writes take no
operation here, as with every type of another provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.arm.documents.addresses import next_free
from lab.arm.documents.etags import new_etag
from lab.arm.documents.tree import Document, present
from lab.arm.kinds.base import Kind, Patch, Pending, Put, World, new_guid, others, top
from lab.arm.kinds.public_ip import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SCALE_SET = "Microsoft.Compute/virtualMachineScaleSets"
MACHINE = f"{SCALE_SET}/virtualMachines"
INTERFACE = f"{MACHINE}/networkInterfaces"
ADDRESS = f"{INTERFACE}/ipConfigurations/publicIPAddresses"
CLUSTER = "Microsoft.ContainerService/managedClusters"
POOL = f"{CLUSTER}/agentPools"
POOL_DEFAULTS: dict[str, Any] = {
    "count": 1, "vmSize": "Standard_D2s_v5", "osType": "Linux", "type": "VirtualMachineScaleSets",
    "mode": "User", "enableNodePublicIP": False, "provisioningState": "Succeeded",
}  # fmt: skip
KEYS = "name id type location tags zones sku identity properties"


def _at_once(_: Put, __: Document) -> Pending:
    return Pending.NONE


def scale_set_shape(put: Put) -> Document:
    properties = {
        "singlePlacementGroup": True,
        "orchestrationMode": "Uniform",
        "upgradePolicy": {"mode": "Manual"},
        **others(put.sent, {"provisioningState", "uniqueId"}),
        "provisioningState": "Succeeded",
        "uniqueId": put.kept("uniqueId", new_guid),
    }
    sku = {"name": "Standard_D2s_v5", "tier": "Standard", "capacity": 0} | (put.body.get("sku") or {})
    return top(put, KEYS, properties=properties, sku=sku)


def make_instances(world: World, doc: Document) -> Document:
    """As many instances as the capacity says; those there are stay as they are, the last ones go."""
    if doc["properties"].get("orchestrationMode") == "Flexible":
        return doc  # its machines are resources of their own
    wanted = range(int(doc["sku"].get("capacity") or 0))
    for number in wanted:
        if world.store.get(f"{doc['id']}/virtualMachines/{number}") is None:
            for each in _instance(world, doc, number):
                world.store.put(each)
    for record in world.store.under(f"{doc['id']}/virtualMachines"):
        instance = record.key.rpartition("/virtualmachines/")[2].partition("/")[0]
        if instance.isdigit() and int(instance) not in wanted:
            world.store.remove(record.key)
    return doc


def _instance(world: World, doc: Document, number: int) -> Iterator[Document]:
    own = f"{doc['id']}/virtualMachines/{number}"
    profile = (doc["properties"].get("virtualMachineProfile") or {}).get("networkProfile") or {}
    models = [each for each in profile.get("networkInterfaceConfigurations") or () if each.get("name")]
    interfaces = [(f"{own}/networkInterfaces/{each['name']}", each) for each in models]
    yield {
        "name": f"{doc['name']}_{number}", "id": own, "type": MACHINE, "location": doc.get("location"),
        "instanceId": str(number), "sku": doc["sku"],
        "properties": {
            "latestModelApplied": True, "vmId": new_guid(), "provisioningState": "Succeeded",
            "networkProfile": {"networkInterfaces": [{"id": each} for each, _ in interfaces]},
            "networkProfileConfiguration": {"networkInterfaceConfigurations": models},
        },
    }  # fmt: skip
    for nic_id, model in interfaces:
        yield from _interface(world, own, nic_id, model)


def _interface(world: World, machine: str, nic_id: str, model: Document) -> Iterator[Document]:
    told, used, made = model.get("properties") or {}, set[str](), []
    addresses: list[Document] = []
    for each in told.get("ipConfigurations") or ():
        configuration_id = f"{nic_id}/ipConfigurations/{each['name']}"
        made.append(_configuration(world, configuration_id, each, used))
        wanted = (each.get("properties") or {}).get("publicIPAddressConfiguration")
        if isinstance(wanted, dict):
            addresses.append(_address(configuration_id, wanted))
            made[-1]["properties"]["publicIPAddress"] = {"id": addresses[-1]["id"]}
    properties = present(
        provisioningState="Succeeded",
        primary=bool(told.get("primary", True)),
        enableIPForwarding=bool(told.get("enableIPForwarding")),
        networkSecurityGroup=told.get("networkSecurityGroup"),
        virtualMachine={"id": machine},
        ipConfigurations=made,
    )
    yield {
        "name": model["name"],
        "id": nic_id,
        "etag": new_etag(),
        "properties": properties,
    }  # without a type
    yield from addresses


def _configuration(world: World, own: str, model: Document, used: set[str]) -> Document:
    told = model.get("properties") or {}
    subnet = (told.get("subnet") or {}).get("id")
    version = str(told.get("privateIPAddressVersion") or "IPv4")
    address = next_free(world.store, subnet, used, version) if subnet else None
    used.add(address or "")
    properties = present(
        provisioningState="Succeeded",
        privateIPAddress=address,
        privateIPAllocationMethod="Dynamic",
        **others(told, {"publicIPAddressConfiguration", "primary"}),
        primary=bool(told.get("primary", True)),
        privateIPAddressVersion=version,
    )
    return {"name": model["name"], "id": own, "etag": new_etag(), "properties": properties}


def _address(configuration: str, model: Document) -> Document:
    told = model.get("properties") or {}
    version = str(told.get("publicIPAddressVersion") or "IPv4")
    guid = new_guid()
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": guid,
        "ipAddress": address_of(guid, version),
        "publicIPAddressVersion": version,
        "publicIPAllocationMethod": "Dynamic",
        "idleTimeoutInMinutes": told.get("idleTimeoutInMinutes", 4),
        "ipConfiguration": {"id": configuration},
    }
    name = str(model.get("name") or "pub1")
    return {"name": name, "id": f"{configuration}/publicIPAddresses/{name}", "etag": new_etag(),
            "properties": properties} | present(sku=model.get("sku"))  # fmt: skip


def cluster_shape(put: Put) -> Document:
    sent = put.sent
    group = put.id.split("/")[4]
    pools = [POOL_DEFAULTS | each for each in sent.get("agentPoolProfiles") or ()]
    properties = {
        "powerState": {"code": "Running"},
        "kubernetesVersion": "1.33",
        "nodeResourceGroup": f"MC_{group}_{put.name}_{put.location}",
        "enableRBAC": True,
        **others(sent, {"provisioningState", "agentPoolProfiles"}),
        "provisioningState": "Succeeded",
        "agentPoolProfiles": pools,
    }
    sku = put.body.get("sku") or {"name": "Base", "tier": "Free"}
    return top(put, KEYS, properties=properties, sku=sku)


def pool_shape(put: Put) -> Document:
    return top(put, "name id type properties", properties=POOL_DEFAULTS | put.sent)


def into_cluster(world: World, pool_id: str) -> None:
    """A pool that was written or deleted by itself shows in its cluster."""
    cluster_id, _, name = pool_id.rpartition("/agentPools/")
    cluster, pool = world.store.get(cluster_id), world.store.get(pool_id)
    if cluster is None:
        return
    told = cluster.doc["properties"]
    kept = [each for each in told.get("agentPoolProfiles", ()) if each["name"].lower() != name.lower()]
    added = [{"name": pool.doc["name"], **pool.doc["properties"]}] if pool else []
    world.store.put(cluster.doc | {"properties": told | {"agentPoolProfiles": kept + added}})


SCALE_SET_KIND = Kind(SCALE_SET, scale_set_shape, pending=_at_once, finish=make_instances, patch=Patch.TAGS)
CLUSTER_KIND = Kind(CLUSTER, cluster_shape, pending=_at_once, patch=Patch.TAGS)
POOL_KIND = Kind(POOL, pool_shape, pending=_at_once, linked=into_cluster)
