from tests.unit.rules.case import Case
from tests.unit.rules.estates_entries import RESOURCE_GROUPS, SCALE_SET, a_scale_set, named

CASES = (
    Case("instances without public addresses", "silent", SCALE_SET, (a_scale_set(public=False),)),
    Case(
        "interfaces left to the machines",
        "silent",
        SCALE_SET,
        (named(SCALE_SET, {"singlePlacementGroup": False}),),
    ),
    Case(
        "a public address for each",
        "speaks",
        SCALE_SET,
        (a_scale_set(), *RESOURCE_GROUPS),
        severity="high",
        on=SCALE_SET,
    ),
    Case(
        "a scale set that AKS keeps",
        "speaks",
        SCALE_SET,
        (a_scale_set() | {"tags": {"aks-managed-poolName": "system"}}, *RESOURCE_GROUPS),
    ),
    Case("a mere reference", "unknown", SCALE_SET, ({"id": SCALE_SET, "name": "web"},)),
)
