"""Node pools of AKS: nodes with public addresses, and what stands before them as far as it is known."""

from typing import Any

from remediation.model import Resource
from remediation.ways.entries.node_pools import leads, pool_targets, unseen_pools
from tests.unit.ways.estate_of_entries import APPS, AT, GROUP, Document, a_nic, around, named, target_of

CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
NODES = "MC_rg_aks_westeurope"


def a_cluster(*pools: Document, **more: Any) -> Resource:
    return Resource.of(named(CLUSTER, {"nodeResourceGroup": NODES, "agentPoolProfiles": list(pools), **more}))


def a_pool(name: str = "system", **more: Any) -> Document:
    return {"name": name, "enableNodePublicIP": True, "vnetSubnetID": APPS, **more}


def test_the_nodes_of_a_pool_may_have_public_addresses_of_their_own() -> None:
    (target,) = pool_targets(a_cluster(a_pool(), networkProfile={"loadBalancerSku": "Standard"}))
    (lead,) = leads(target, around())

    assert (f"{CLUSTER}/agentPools/system", APPS) == (target.machine.text, str(target.subnet))
    assert ("aks-node-ip", "standard") == (lead.kind, lead.sku)


def test_which_group_stands_before_nodes_is_not_known() -> None:
    (target,) = pool_targets(a_cluster(a_pool()))

    assert f"export resource group {NODES}" in target.doubt


def test_a_pool_without_public_addresses_leads_nowhere() -> None:
    (target,) = pool_targets(a_cluster(a_pool(enableNodePublicIP=False)))

    assert [] == list(leads(target, around()))


def test_a_pool_in_a_network_that_aks_made_has_no_subnet_we_know() -> None:
    (target,) = pool_targets(a_cluster(a_pool(vnetSubnetID=None)))

    assert (None, None) == (target.subnet, target.network)


def test_a_machine_is_no_pool() -> None:
    assert [] == list(leads(target_of(a_nic()), around()))


def a_scale_set(name: str, group: str = NODES, **tags: str) -> Document:
    own = f"{AT}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"
    return named(own, {}, tags=tags)


def test_a_pool_whose_scale_set_was_read_adds_nothing_to_it() -> None:
    cluster = a_cluster(a_pool("system"), a_pool("user"), a_pool("gpu"))
    by_name, by_tag = (
        a_scale_set("aks-system-12345678-vmss"),
        a_scale_set("x", **{"aks-managed-poolName": "user"}),
    )
    elsewhere = a_scale_set("aks-gpu-12345678-vmss", "another")

    unseen = unseen_pools(cluster, around(by_name, by_tag, elsewhere))

    assert ["gpu"] == [target.machine.name for target in unseen]
