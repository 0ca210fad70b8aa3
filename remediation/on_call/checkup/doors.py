"""Whether what the app sends still gets in: its accounts and its topic, as their own documents say.

A policy of a landing zone closes public access at any later write of a resource (effect Modify), and nobody
who wrote it meant that. What is closed and has a private endpoint is meant to be.
"""

from collections.abc import Iterable, Iterator, Mapping

from remediation.kinds import KEY_VAULT, STORAGE_ACCOUNT, TOPIC
from remediation.landing_zone.commands import words
from remediation.model import Resource, dig
from remediation.on_call.checkup.answers import Check

KINDS: Mapping[str, str] = {STORAGE_ACCOUNT: "account", TOPIC: "topic", KEY_VAULT: "vault"}
_OPENED: Mapping[str, tuple[str, ...]] = {
    STORAGE_ACCOUNT: ("az storage account update", "--public-network-access", "Enabled"),
    TOPIC: ("az eventgrid topic update", "--public-network-access", "enabled"),
    KEY_VAULT: ("az keyvault update", "--public-network-access", "Enabled", "--default-action", "Allow"),
}
PAGE = "see docs/runbook.md, closed-by-a-policy"


def checks(resources: Iterable[Resource]) -> Iterator[Check]:
    """What is closed to the app, and topics that take announcements from named addresses alone."""
    said: list[Check] = []
    for one in resources:
        why = shut(one)
        if why:
            said.append(Check("network", "bad", f"{why}: closed, perhaps by a policy; {PAGE}", opened(one)))
        elif one.properties("inboundIpRules") and not _has_private_endpoint(one):
            text = f"{_named(one)} takes announcements from named addresses alone; is the app's among them?"
            said.append(Check("network", "unknown", text, _shown(one)))
    yield from said or [Check("network", "good", "no account or topic of the app is closed to it")]


def shut(resource: Resource) -> str:
    """Why nothing gets in from outside; "" where something does, or a private endpoint leads in.

    A firewall without a rule shuts a vault; the account of the dead letters has one as it is meant to be.
    """
    if _has_private_endpoint(resource):
        return ""
    if str(resource.properties("publicNetworkAccess")).lower() == "disabled":
        return f"{_named(resource)} takes nothing from public networks, and no private endpoint leads there"
    rules = resource.properties("networkAcls")
    if resource.id.type != KEY_VAULT or not isinstance(rules, Mapping):
        return ""
    allowed = [*(rules.get("ipRules") or ()), *(rules.get("virtualNetworkRules") or ())]
    if str(rules.get("defaultAction")).lower() == "deny" and not allowed:
        return f"the firewall of {_named(resource)} lets nobody in, and no private endpoint leads there"
    return ""


def opened(resource: Resource) -> str:
    """What opens it again, as the app's own templates have it in the open form."""
    verb, *options = _OPENED[resource.id.type]
    where = ("--name", resource.id.name, "--resource-group", resource.id.resource_group)
    return words(verb, *where, *options)


def _named(resource: Resource) -> str:
    return f"{KINDS[resource.id.type]} {resource.id.name}"


def _shown(resource: Resource) -> str:
    return words("az resource show --query properties.inboundIpRules --ids", resource.id.text)


def _has_private_endpoint(resource: Resource) -> bool:
    state = ("properties", "privateLinkServiceConnectionState", "status")
    connections = resource.properties("privateEndpointConnections") or ()
    return any(str(dig(each, *state)).lower() == "approved" for each in connections)
