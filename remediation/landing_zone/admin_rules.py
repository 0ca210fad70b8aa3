"""Which security admin rules of a virtual network manager may govern a network.

ARM tells which do. From the rules' own documents that cannot be worked out: members of a network group may
come from an Azure Policy, which no document shows, so every rule counts as one that may govern, but for what
lies outside its manager's scope.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from remediation.kinds import NETWORK_MANAGER
from remediation.model import Resource
from remediation.resource_id import ResourceId


def may_govern(
    rules: Iterable[Resource], network: ResourceId, find: Callable[[ResourceId], Resource | None]
) -> Iterator[Resource]:
    """The rules that may govern a network; `find` gives a manager's document, None where there is none."""
    return (rule for rule in rules if not _leaves_out(rule.id.up_to(NETWORK_MANAGER), network, find))


def _leaves_out(
    manager: ResourceId | None, network: ResourceId, find: Callable[[ResourceId], Resource | None]
) -> bool:
    """Whether a manager governs named subscriptions only, and this network's is none of them."""
    document = None if manager is None else find(manager)
    scopes = None if document is None else document.properties("networkManagerScopes")
    if not isinstance(scopes, Mapping) or scopes.get("managementGroups") or scopes.get("crossTenantScopes"):
        return False
    named = scopes.get("subscriptions")
    if not isinstance(named, list) or not named:
        return False
    return f"/subscriptions/{network.subscription}".lower() not in {str(one).lower() for one in named}
