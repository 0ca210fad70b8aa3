"""Whether what the app sends still gets in: its accounts and its topic, as their own documents say.

A policy of a landing zone closes public access at any later write of a resource (effect Modify), and nobody
who wrote it meant that. What is closed and has a private endpoint is meant to be.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

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


DEAD_LETTERS = "stdead"
"""How the name of the account of the dead letters begins, as the app's templates call it."""


def checks(resources: Iterable[Resource], site: Resource) -> Iterator[Check]:
    """What is closed to the app, and what lets in others that may or may not be the app.

    An account whose firewall lets nobody in is bad if it is the app's own. That of the dead letters has one
    as it is meant to be: Event Grid writes past it, and the app reads them where it was given a way in.
    """
    said, own = list[Check](), own_account(site)
    for one in resources:
        why = shut(one)
        if why:
            said.append(Check("network", "bad", f"{why}: closed, perhaps by a policy; {PAGE}", opened(one)))
        elif _is_walled(one):
            said += _walled(one, own)
        elif one.properties("inboundIpRules") and not _has_private_endpoint(one):
            text = f"{_named(one)} takes announcements from named addresses alone; is the app's among them?"
            said.append(Check("network", "unknown", text, _shown(one, "inboundIpRules")))
    yield from said or [Check("network", "good", "no account or topic of the app is closed to it")]


def shut(resource: Resource) -> str:
    """Why nothing gets in from outside; "" where something does, or a private endpoint leads in.

    A firewall without a rule shuts a vault; of accounts it depends on whose it is (`checks`).
    """
    if _has_private_endpoint(resource):
        return ""
    if str(resource.properties("publicNetworkAccess")).lower() == "disabled":
        return f"{_named(resource)} takes nothing from public networks, and no private endpoint leads there"
    return _nobody(resource) if resource.id.type == KEY_VAULT and _is_walled(resource) else ""


def own_account(site: Resource) -> str:
    """The account of package, queues and ledger, which ARM shows as the package's; "" where it does not."""
    package = dig(site.body, "properties", "functionAppConfig", "deployment", "storage", "value")
    return (urlsplit(str(package or "")).hostname or "").partition(".")[0]


def opened(resource: Resource, *more: str) -> str:
    """What opens it again, as the app's own templates have it in the open form."""
    verb, *options = _OPENED[resource.id.type]
    where = ("--name", resource.id.name, "--resource-group", resource.id.resource_group)
    return words(verb, *where, *options, *more)


def _is_walled(resource: Resource) -> bool:
    """Whether its firewall lets nobody in, and no private endpoint leads past it."""
    rules = resource.properties("networkAcls")
    if not isinstance(rules, Mapping) or _has_private_endpoint(resource):
        return False
    allowed = [*(rules.get("ipRules") or ()), *(rules.get("virtualNetworkRules") or ())]
    return str(rules.get("defaultAction")).lower() == "deny" and not allowed


def _walled(account: Resource, own: str) -> Iterator[Check]:
    if account.id.name == own:
        text = f"{_nobody(account)}: closed, perhaps by a policy; {PAGE}"
        yield Check("network", "bad", text, opened(account, "--default-action", "Allow"))
    elif not account.id.name.startswith(DEAD_LETTERS):
        text = f"{_nobody(account)}; does the app need it?"
        yield Check("network", "unknown", text, _shown(account, "networkAcls"))


def _nobody(resource: Resource) -> str:
    return f"the firewall of {_named(resource)} lets nobody in, and no private endpoint leads there"


def _named(resource: Resource) -> str:
    return f"{KINDS[resource.id.type]} {resource.id.name}"


def _shown(resource: Resource, name: str) -> str:
    return words(f"az resource show --query properties.{name} --ids", resource.id.text)


def _has_private_endpoint(resource: Resource) -> bool:
    state = ("properties", "privateLinkServiceConnectionState", "status")
    connections = resource.properties("privateEndpointConnections") or ()
    return any(str(dig(each, *state)).lower() == "approved" for each in connections)
