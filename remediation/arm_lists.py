"""How ARM lists resources: where a list stands, what belongs to it, which parents come first."""

from remediation.kinds import (
    APPLICATION_GATEWAY,
    AZURE_FIREWALL,
    BASTION,
    DENY_ASSIGNMENT,
    DIAGNOSTIC_SETTING,
    EFFECTIVE_ADMIN_RULE,
    FIREWALL_POLICY,
    IP_GROUP,
    JIT_POLICIES,
    LOAD_BALANCER,
    LOCK,
    MANAGED_CLUSTER,
    NAT_GATEWAY,
    NIC,
    NSG,
    POLICY_EXEMPTION,
    PRIVATE_DNS_ZONE,
    PRIVATE_LINK_SERVICE,
    PUBLIC_IP,
    RESOURCE_GROUP,
    ROLE_ASSIGNMENT,
    ROUTE_TABLE,
    SCALE_SET,
    SCALE_SET_NIC,
    SCALE_SET_PUBLIC_IP,
    SUBSCRIPTION,
    VIRTUAL_HUB,
    VIRTUAL_MACHINE,
    VNET,
    canonical,
)
from remediation.resource_id import ResourceId

LISTED = frozenset({
    APPLICATION_GATEWAY, AZURE_FIREWALL, BASTION, FIREWALL_POLICY, IP_GROUP, LOAD_BALANCER, MANAGED_CLUSTER,
    NAT_GATEWAY, NIC, NSG, PRIVATE_DNS_ZONE, PRIVATE_LINK_SERVICE, PUBLIC_IP, RESOURCE_GROUP, ROUTE_TABLE,
    SCALE_SET, VIRTUAL_HUB, VIRTUAL_MACHINE, VNET,
})  # fmt: skip
"""Types whose list of a subscription holds the same documents as a read of each."""

INHERITED = frozenset({LOCK, ROLE_ASSIGNMENT, POLICY_EXEMPTION, DENY_ASSIGNMENT})
"""Types that work on everything below the scope they stand on."""

ASKED_BY_POST = {EFFECTIVE_ADMIN_RULE: "listNetworkManagerEffectiveSecurityAdminRules"}
"""Lists that are an action on the resource they are asked of: its name. A page names the next by a token."""
# Lists that ARM gives of a resource further up than the parent: of all instances of a scale set at once.
_LISTED_ON = {SCALE_SET_NIC: SCALE_SET, SCALE_SET_PUBLIC_IP: SCALE_SET}


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
    if resource.type == DIAGNOSTIC_SETTING:
        return own == scope
    if resource.type in INHERITED and f"{scope}/".startswith(f"{own}/"):
        return True
    return resource.key.startswith(f"{scope}/")


def is_of_another(kind: str, identity: object, scope: str) -> bool:
    """Whether what ARM lists on a resource belongs to another scope, and is to be passed over.

    ARM lists the diagnostic settings of the subscription and its management groups beside a resource's own,
    their ids often without the leading slash.
    """
    if kind.lower() != DIAGNOSTIC_SETTING or not isinstance(identity, str):
        return False
    own = f"{scope.strip('/')}/providers/{DIAGNOSTIC_SETTING}/".lower()
    return not identity.strip().lstrip("/").lower().startswith(own)


def is_broad(scope: ResourceId) -> bool:
    """Whether a scope is a subscription or a resource group, which list resources and not children."""
    return scope.type in {SUBSCRIPTION, RESOURCE_GROUP}


def parent_to_list_first(kind: str, scope: ResourceId) -> str | None:
    """The type whose members must be listed first, because ARM lists `kind` under its parents only."""
    if not is_broad(scope) or canonical(kind) in {RESOURCE_GROUP, JIT_POLICIES}:
        return None
    return _LISTED_ON.get(canonical(kind)) or parent_type(kind.lower())


def collection_path(kind: str, scope: ResourceId) -> str:
    """Where ARM lists the resources of a type: children, extensions, or everything below a broad scope."""
    known = canonical(kind)
    if known == RESOURCE_GROUP:
        return f"{scope.text}/resourcegroups"
    if known == JIT_POLICIES:
        return f"{scope.text}/providers/Microsoft.Security/jitNetworkAccessPolicies"
    if known in ASKED_BY_POST:
        return f"{scope.text}/{ASKED_BY_POST[known]}"
    if scope.type in {parent_type(known), _LISTED_ON.get(known)}:
        return f"{scope.text}/{kind.rpartition('/')[2]}"
    return f"{scope.text}/providers/{kind}"
