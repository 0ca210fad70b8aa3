"""What must be known of ARM's resource types, each fact once: names, API versions, children, server's keys.

Type names are lower-cased, as `ResourceId.type` gives them. One API version per type is pinned, so that the
shape of a document never changes under the rules and a command that is printed reads what the rules read.
"""

from collections.abc import Mapping

from remediation.errors import PermanentError

BASTION = "microsoft.network/bastionhosts"
NSG = "microsoft.network/networksecuritygroups"
SECURITY_RULE = "microsoft.network/networksecuritygroups/securityrules"
PUBLIC_IP = "microsoft.network/publicipaddresses"
NIC = "microsoft.network/networkinterfaces"
VNET = "microsoft.network/virtualnetworks"
SUBNET = "microsoft.network/virtualnetworks/subnets"
PEERING = "microsoft.network/virtualnetworks/virtualnetworkpeerings"
LOAD_BALANCER = "microsoft.network/loadbalancers"
NAT_RULE = "microsoft.network/loadbalancers/inboundnatrules"
BACKEND_POOL = "microsoft.network/loadbalancers/backendaddresspools"
ROUTE_TABLE = "microsoft.network/routetables"
ROUTE = "microsoft.network/routetables/routes"
NAT_GATEWAY = "microsoft.network/natgateways"
VIRTUAL_HUB = "microsoft.network/virtualhubs"
HUB_CONNECTION = "microsoft.network/virtualhubs/hubvirtualnetworkconnections"
HUB_ROUTE_TABLE = "microsoft.network/virtualhubs/hubroutetables"
ROUTING_INTENT = "microsoft.network/virtualhubs/routingintent"
DIAGNOSTIC_SETTING = "microsoft.insights/diagnosticsettings"
TAGS = "microsoft.resources/tags"
LOCK = "microsoft.authorization/locks"
RESOURCE_GROUP = "microsoft.resources/subscriptions/resourcegroups"
SUBSCRIPTION = "microsoft.resources/subscriptions"
PRIVATE_DNS_ZONE = "microsoft.network/privatednszones"
PRIVATE_DNS_LINK = "microsoft.network/privatednszones/virtualnetworklinks"
ROLE_ASSIGNMENT = "microsoft.authorization/roleassignments"
DENY_ASSIGNMENT = "microsoft.authorization/denyassignments"
POLICY_EXEMPTION = "microsoft.authorization/policyexemptions"
VIRTUAL_NETWORK_GATEWAY = "microsoft.network/virtualnetworkgateways"
JIT_POLICY = "microsoft.security/jitnetworkaccesspolicies"
JIT_POLICIES = "microsoft.security/locations/jitnetworkaccesspolicies"
VIRTUAL_MACHINE = "microsoft.compute/virtualmachines"
API_MANAGEMENT = "microsoft.apimanagement/service"
SCALE_SET_NIC = "microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces"
NETWORK_MANAGER = "microsoft.network/networkmanagers"
NETWORK_GROUP = f"{NETWORK_MANAGER}/networkgroups"
STATIC_MEMBER = f"{NETWORK_GROUP}/staticmembers"
ADMIN_CONFIGURATION = f"{NETWORK_MANAGER}/securityadminconfigurations"
ADMIN_RULE_COLLECTION = f"{ADMIN_CONFIGURATION}/rulecollections"
ADMIN_RULE = f"{ADMIN_RULE_COLLECTION}/rules"
SCALE_SET = "microsoft.compute/virtualmachinescalesets"
SCALE_SET_MACHINE = "microsoft.compute/virtualmachinescalesets/virtualmachines"
SCALE_SET_PUBLIC_IP = f"{SCALE_SET_NIC}/ipconfigurations/publicipaddresses"
MANAGED_CLUSTER = "microsoft.containerservice/managedclusters"
AGENT_POOL = "microsoft.containerservice/managedclusters/agentpools"
AZURE_FIREWALL = "microsoft.network/azurefirewalls"
FIREWALL_POLICY = "microsoft.network/firewallpolicies"
RULE_COLLECTION_GROUP = "microsoft.network/firewallpolicies/rulecollectiongroups"
IP_GROUP = "microsoft.network/ipgroups"
APPLICATION_GATEWAY = "microsoft.network/applicationgateways"
PRIVATE_LINK_SERVICE = "microsoft.network/privatelinkservices"
PRIVATE_LINK_CONNECTION = "microsoft.network/privatelinkservices/privateendpointconnections"
EFFECTIVE_ADMIN_RULE = "microsoft.network/virtualnetworks/effectivesecurityadminrules"
"""No type of ARM's: what a network's own action answers, asked for as a list on the network."""
DIAGNOSTIC_CATEGORY = "microsoft.insights/diagnosticsettingscategories"
WORKSPACE = "microsoft.operationalinsights/workspaces"
WEB_SITE = "microsoft.web/sites"
WEB_FUNCTION = "microsoft.web/sites/functions"
WEB_SETTINGS = "microsoft.web/sites/config/appsettings"
SYSTEM_TOPIC = "microsoft.eventgrid/systemtopics"
SYSTEM_TOPIC_SUBSCRIPTION = "microsoft.eventgrid/systemtopics/eventsubscriptions"
TOPIC = "microsoft.eventgrid/topics"
TOPIC_SUBSCRIPTION = "microsoft.eventgrid/topics/eventsubscriptions"
ROLE_DEFINITION = "microsoft.authorization/roledefinitions"
STORAGE_ACCOUNT = "microsoft.storage/storageaccounts"
KEY_VAULT = "microsoft.keyvault/vaults"

LEADS = (
    AZURE_FIREWALL, FIREWALL_POLICY, RULE_COLLECTION_GROUP, IP_GROUP, APPLICATION_GATEWAY, LOAD_BALANCER,
    PRIVATE_LINK_SERVICE, SCALE_SET, SCALE_SET_MACHINE, SCALE_SET_NIC, SCALE_SET_PUBLIC_IP, MANAGED_CLUSTER,
    NIC, PUBLIC_IP, VNET, EFFECTIVE_ADMIN_RULE,
)  # fmt: skip
"""What a way from the internet to a machine can lead through; parents stand before their children."""

HOSTS = frozenset({
    APPLICATION_GATEWAY, AZURE_FIREWALL, BASTION, LOAD_BALANCER, MANAGED_CLUSTER, NSG, PRIVATE_LINK_SERVICE,
    PUBLIC_IP, ROUTE_TABLE, RULE_COLLECTION_GROUP, SCALE_SET, VIRTUAL_MACHINE, VNET,
})  # fmt: skip
"""Types that are looked at for themselves, and their diagnostic settings with them."""

BY_WORD_ALONE = frozenset({NIC, DIAGNOSTIC_SETTING})
"""Types of targets that no rule judges: they are looked at where somebody declared them, and only there. A
setting is one where its host is not looked at for itself."""

LISTED_AS = {JIT_POLICY: JIT_POLICIES}
"""Types that a subscription lists under a shorter name than the ids in the list have."""

NETWORK_VERSION = "2026-03-01"
"""What azure-mgmt-network 33.1.0 sends by default; private DNS zones have versions of their own."""

API_VERSIONS: Mapping[str, str] = {
    DIAGNOSTIC_SETTING: "2021-05-01-preview",  # there is no GA version
    DIAGNOSTIC_CATEGORY: "2021-05-01-preview",
    LOCK: "2016-09-01",  # this and the next as recorded
    ROLE_ASSIGNMENT: "2022-04-01",
    # Unconfirmed from here on: never seen in a recording of these types; `ArmCloud` takes others.
    SUBSCRIPTION: "2022-12-01",
    RESOURCE_GROUP: "2021-04-01",
    DENY_ASSIGNMENT: "2022-04-01",
    POLICY_EXEMPTION: "2022-07-01-preview",
    JIT_POLICIES: "2020-01-01",
    VIRTUAL_MACHINE: "2024-07-01",
    SCALE_SET: "2024-07-01",
    SCALE_SET_MACHINE: "2024-07-01",
    SCALE_SET_NIC: "2018-10-01",  # this and the next are asked of Compute and answered by Network, at the
    SCALE_SET_PUBLIC_IP: "2018-10-01",  # version its clients send by default
    MANAGED_CLUSTER: "2025-08-01",  # a stable one; `agentPoolProfiles` are the same since 2020
    WORKSPACE: "2022-10-01",
    PRIVATE_DNS_ZONE: "2024-06-01",
    PRIVATE_DNS_LINK: "2024-06-01",
}

DEPLOYMENT_VERSIONS: Mapping[str, str] = {
    WEB_SITE: "2025-03-01",
    WEB_FUNCTION: "2025-03-01",
    WEB_SETTINGS: "2025-03-01",
    SYSTEM_TOPIC: "2025-02-15",
    SYSTEM_TOPIC_SUBSCRIPTION: "2025-02-15",
    TOPIC: "2025-02-15",
    TOPIC_SUBSCRIPTION: "2025-02-15",
    ROLE_DEFINITION: "2022-04-01",
    STORAGE_ACCOUNT: "2025-06-01",
    KEY_VAULT: "2025-05-01",
}
"""Of what the app itself is deployed as; only the doctor asks for these."""

INLINE_CHILDREN: Mapping[str, str] = {
    SECURITY_RULE: "securityRules",
    "microsoft.network/networksecuritygroups/defaultsecurityrules": "defaultSecurityRules",
    SUBNET: "subnets",
    PEERING: "virtualNetworkPeerings",
    NAT_RULE: "inboundNatRules",
    ROUTE: "routes",
}
"""Child types that their parent's document holds whole: the name of the array under its ``properties``."""

SERVER_KEYS = frozenset({"etag", "provisioningState", "resourceGuid"})
"""Keys that only the server sets, wherever they stand; a write need not carry them."""
NAMING_KEYS = frozenset({"id", "name", "type", "systemData"})
"""Keys that say which resource a document is, and not how it is set."""

TERMINAL_STATES = frozenset({"succeeded", "failed", "canceled", "cancelled", ""})
"""Provisioning states (lower case) in which ARM is done with a resource; absent means the type has none."""

# Has no list by subscription; what of it governs a network is asked of the network, as effective rules.
_NETWORK_MANAGER = f"{NETWORK_MANAGER}/"


def canonical(kind: str) -> str:
    """The type as `ResourceId.type` spells it, under which its resources are found."""
    lowered = kind.lower()
    return LISTED_AS.get(lowered, lowered)


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
