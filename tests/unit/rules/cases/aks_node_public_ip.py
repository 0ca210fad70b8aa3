from tests.unit.rules.case import Case
from tests.unit.rules.estates_entries import CLUSTER, RESOURCE_GROUPS, a_cluster

CASES = (
    Case("nodes without public addresses", "silent", CLUSTER, (a_cluster(False),)),
    Case("a pool that does not say", "silent", CLUSTER, (a_cluster(None),)),
    Case(
        "a public address for each node",
        "speaks",
        CLUSTER,
        (a_cluster(), *RESOURCE_GROUPS),
        severity="high",
        on=CLUSTER,
    ),
    Case(
        "windows nodes in a subnet of ours",
        "speaks",
        CLUSTER,
        (
            a_cluster(
                name="win", osType="Windows", vmSize="Standard_D4s_v5", vnetSubnetID="/subscriptions/x"
            ),
            *RESOURCE_GROUPS,
        ),
    ),
    Case(
        "a cluster that somebody else keeps",
        "speaks",
        CLUSTER,
        (a_cluster() | {"managedBy": "the platform"}, *RESOURCE_GROUPS),
    ),
    Case("a setting that is neither", "unknown", CLUSTER, (a_cluster("[parameters('public')]"),)),
    Case("a mere reference", "unknown", CLUSTER, ({"id": CLUSTER, "name": "aks"},)),
)
