"""What must be known of ARM's resource types to speak of them: API versions, and children inside parents.

One version per type is pinned here, so that the shape of a document never changes under the rules. The
network types use the version that azure-mgmt-network 33.1.0 sends by default; private DNS zones live in the
same namespace but in another service with versions of its own.
"""

from collections.abc import Mapping

from remediation.errors import PermanentError
from remediation.kinds import SCALE_SET_NIC
from remediation.resource_id import ResourceId

NETWORK_VERSION = "2026-03-01"
SUBSCRIPTION = "microsoft.resources/subscriptions"
RESOURCE_GROUP = "microsoft.resources/subscriptions/resourcegroups"
DIAGNOSTIC_SETTINGS = "microsoft.insights/diagnosticsettings"
JIT_POLICIES = "microsoft.security/locations/jitnetworkaccesspolicies"
LOCKS = "microsoft.authorization/locks"
ROLE_ASSIGNMENTS = "microsoft.authorization/roleassignments"
POLICY_EXEMPTIONS = "microsoft.authorization/policyexemptions"
INHERITED = frozenset({LOCKS, ROLE_ASSIGNMENTS, POLICY_EXEMPTIONS})
"""Types that work on everything below the scope they stand on."""
LISTED_AS = {"microsoft.security/jitnetworkaccesspolicies": JIT_POLICIES}
"""Types that a subscription lists under a shorter name than the ids in the list have."""

API_VERSIONS: dict[str, str] = {
    DIAGNOSTIC_SETTINGS: "2021-05-01-preview",  # there is no GA version
    "microsoft.insights/diagnosticsettingscategories": "2021-05-01-preview",
    LOCKS: "2016-09-01",  # this and the next as recorded
    ROLE_ASSIGNMENTS: "2022-04-01",
    # Unconfirmed from here on: never seen in a recording of these types; `ArmCloud` takes others.
    SUBSCRIPTION: "2022-12-01",
    RESOURCE_GROUP: "2021-04-01",
    POLICY_EXEMPTIONS: "2022-07-01-preview",
    JIT_POLICIES: "2020-01-01",
    "microsoft.compute/virtualmachines": "2024-07-01",
    "microsoft.compute/virtualmachinescalesets": "2024-07-01",
    SCALE_SET_NIC: "2018-10-01",  # asked of Compute, answered by Network: what its clients send by default
    "microsoft.operationalinsights/workspaces": "2022-10-01",
    "microsoft.network/privatednszones": "2024-06-01",
    "microsoft.network/privatednszones/virtualnetworklinks": "2024-06-01",
}

INLINE_CHILDREN: dict[str, str] = {
    "microsoft.network/networksecuritygroups/securityrules": "securityRules",
    "microsoft.network/networksecuritygroups/defaultsecurityrules": "defaultSecurityRules",
    "microsoft.network/virtualnetworks/subnets": "subnets",
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": "virtualNetworkPeerings",
    "microsoft.network/loadbalancers/inboundnatrules": "inboundNatRules",
    "microsoft.network/routetables/routes": "routes",
}
"""Child types that their parent's document holds whole: the name of the array under its ``properties``."""


def canonical(kind: str) -> str:
    """The type as `ResourceId.type` spells it, under which its resources are found."""
    lowered = kind.lower()
    return LISTED_AS.get(lowered, lowered)


# Has no list by subscription, and the action that shows its effective rules is not confirmed.
_NETWORK_MANAGER = "microsoft.network/networkmanagers/"


def api_version(kind: str, versions: Mapping[str, str] = API_VERSIONS) -> str:
    """The version pinned for a type (in any case); PermanentError for a type we do not speak."""
    known = canonical(kind)
    version = versions.get(known)
    if known.startswith(_NETWORK_MANAGER):
        raise PermanentError("what a virtual network manager holds is not read", code="NotAsked")
    if version is None and known.startswith("microsoft.network/"):
        return NETWORK_VERSION
    if version is None:
        raise PermanentError(f"no API version is known for the resource type {kind}", code="UnknownType")
    return version


def parent_type(kind: str) -> str | None:
    """The type one level up in the same provider, or None for a type that stands by itself."""
    above, _, _ = kind.rpartition("/")
    return above if "/" in above else None


def stands_on(resource: ResourceId, scope: str) -> bool:
    """Whether a resource belongs to the list of its type at `scope` (a lower-case id): on it or under it.

    Diagnostic settings are listed for exactly one resource; those of a subnet are not its network's. What
    works downwards, such as a lock, is listed with the scopes above it too.
    """
    own = resource.key.rpartition("/providers/")[0]
    if resource.type == DIAGNOSTIC_SETTINGS:
        return own == scope
    if resource.type in INHERITED and f"{scope}/".startswith(f"{own}/"):
        return True
    return resource.key.startswith(f"{scope}/")


def is_broad(scope: ResourceId) -> bool:
    """Whether a scope is a subscription or a resource group, which list resources and not children."""
    return scope.type in {SUBSCRIPTION, RESOURCE_GROUP}


def parent_to_list_first(kind: str, scope: ResourceId) -> str | None:
    """The type whose members must be listed first, because ARM lists `kind` under its parents only."""
    if not is_broad(scope) or canonical(kind) in {RESOURCE_GROUP, JIT_POLICIES}:
        return None
    return parent_type(kind.lower())


def collection_path(kind: str, scope: ResourceId) -> str:
    """Where ARM lists the resources of a type: children, extensions, or everything below a broad scope."""
    known = canonical(kind)
    if known == RESOURCE_GROUP:
        return f"{scope.text}/resourcegroups"
    if known == JIT_POLICIES:
        return f"{scope.text}/providers/Microsoft.Security/jitNetworkAccessPolicies"
    if parent_type(known) == scope.type:
        return f"{scope.text}/{kind.rpartition('/')[2]}"
    return f"{scope.text}/providers/{kind}"
