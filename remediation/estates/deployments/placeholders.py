"""References whose target is not known yet, made ids of their own: the same wherever the same is meant.

They are unread, with the reason. A rule that asks for one hears why it cannot be known, and says so of
whatever rests on that reference alone.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from remediation.estates.deployments.documents import Document
from remediation.estates.deployments.templates.functions.ids import segment
from remediation.estates.deployments.templates.syntax import is_expression
from remediation.estates.deployments.templates.values import Unknown
from remediation.resource_id import ResourceId

_NETWORK = "Microsoft.Network"
# What a member refers to, by its name: the types along the id.
_TARGETS: Mapping[str, tuple[str, ...]] = {
    "subnet": ("virtualNetworks", "subnets"),
    "networkSecurityGroup": ("networkSecurityGroups",),
    "routeTable": ("routeTables",),
    "natGateway": ("natGateways",),
    "publicIPAddress": ("publicIPAddresses",),
    "remoteVirtualNetwork": ("virtualNetworks",),
    "virtualNetwork": ("virtualNetworks",),
    "virtualHub": ("virtualHubs",),
    "firewallPolicy": ("firewallPolicies",),
    "basePolicy": ("firewallPolicies",),
    "networkInterfaces": ("networkInterfaces",),
    "applicationSecurityGroups": ("applicationSecurityGroups",),
    "sourceApplicationSecurityGroups": ("applicationSecurityGroups",),
    "destinationApplicationSecurityGroups": ("applicationSecurityGroups",),
    "frontendIPConfiguration": ("loadBalancers", "frontendIPConfigurations"),
    "backendAddressPool": ("loadBalancers", "backendAddressPools"),
    "loadBalancerBackendAddressPools": ("loadBalancers", "backendAddressPools"),
    "loadBalancerInboundNatRules": ("loadBalancers", "inboundNatRules"),
    "loadBalancerInboundNatPools": ("loadBalancers", "inboundNatPools"),
}
_NOWHERE = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/not-known-yet"
_OURS = re.compile(re.escape(_NOWHERE) + r".*?: (?=which one it is)", re.IGNORECASE)


def put_ids(documents: Iterable[Document], unread: dict[str, str]) -> None:
    """Replace references that are expressions; `unread` gets each new id with its reason."""
    for document in documents:
        _walk(document.get("properties"), unread)


def _walk(value: Any, unread: dict[str, str]) -> None:
    if isinstance(value, list):
        for one in value:
            _walk(one, unread)
    elif isinstance(value, dict):
        for key, member in value.items():
            kinds = _TARGETS.get(key)
            for one in member if isinstance(member, list) else (member,):
                text = one.get("id") if isinstance(one, dict) else None
                if kinds is not None and isinstance(text, str) and is_expression(text):
                    one["id"] = identity = placeholder(kinds, text)
                    unread[identity] = f"which one it is will be known after the deployment: {text}"
            _walk(member, unread)


def spoken(text: str) -> str:
    """A text about ids of ours as people should read it: the reason that follows them says it better."""
    return _OURS.sub("", text)


def placeholder(kinds: tuple[str, ...], text: str) -> str:
    """An id of these types that stands for an expression."""
    name = segment(Unknown(text.removeprefix("[").removesuffix("]")))
    path = "/".join(f"{kind}/{name}" for kind in kinds)
    return ResourceId.parse(f"{_NOWHERE}/providers/{_NETWORK}/{path}").text
