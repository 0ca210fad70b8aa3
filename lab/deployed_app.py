"""The app as ARM shows it where it is deployed: a function app with its settings, in a group of its own.

With it goes what infra/ makes around it and the doctor looks for: its functions, its identity with the roles
that are its own, and the event subscriptions by which it hears of changes. So that the command line finds it
by `--app rg-guard`, as it would in Azure. It is not part of the estate: it stands there only where somebody
asks for it, in a lab whose storage other processes can reach.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.arm.persona import persona
from remediation.reconciling.others.entitled import role_ids

INFRA = Path(__file__).resolve().parents[1] / "infra"
GROUP, NAME = "rg-guard", "func-guard-lab"
CLIENT = "0a0a0a0a-0000-4000-8000-000000000001"
"""The registration of the app, for which tokens are."""
CALLER = "bastion-guard"
OURS = {"application": "bastion-guard"}
AT = {"location": "westeurope"}
HEARD = [f"Microsoft.Resources.Resource{what}Success" for what in ("Write", "Delete", "Action")]
ROLES = ("observe", "fix", "logs")


@dataclass(frozen=True, slots=True)
class Deployed:
    """One app: what it and its group are called, and under which name it calls ARM."""

    name: str = NAME
    group: str = GROUP
    caller: str = CALLER

    @property
    def principal(self) -> str:
        """The object id of its identity, as events and the activity log have it."""
        return persona(self.caller, "").object_id

    def in_group(self, subscription: str, provider: str) -> str:
        return f"/subscriptions/{subscription}/resourceGroups/{self.group}/providers/{provider}"


FIRST = Deployed()
SECOND = Deployed("func-guard-two", "rg-guard-two", "mi-guard-two")


def documents(
    subscription: str, host: str, settings: Mapping[str, str], app: Deployed = FIRST
) -> list[dict[str, Any]]:
    """The app, its settings and what is around it, as they are seeded."""
    from remediation.on_call.doctor import FUNCTIONS  # not in a package, where the lab runs as well

    site = app.in_group(subscription, f"Microsoft.Web/sites/{app.name}")
    runtime = {"runtime": {"name": "python", "version": "3.13"}}
    properties = {"state": "Running", "defaultHostName": host, "functionAppConfig": runtime}
    identity = app.in_group(subscription, f"Microsoft.ManagedIdentity/userAssignedIdentities/id-{app.name}")
    held = {identity: {"principalId": app.principal}}
    return [
        *([_signing_in(site)] if settings.get("WEBSITE_AUTH_ENABLED", "").lower() == "true" else []),
        {
            "id": site, **AT, "tags": OURS, "kind": "functionapp,linux", "properties": properties,
            "identity": {"type": "UserAssigned", "userAssignedIdentities": held},
        },
        {"id": f"{site}/config/appsettings", **AT, "properties": dict(settings)},
        *({"id": f"{site}/functions/{name}", "properties": {}} for name in FUNCTIONS),
        *_roles(subscription, app),
        *_deliveries(subscription, site, app),
    ]  # fmt: skip


def _signing_in(site: str) -> dict[str, Any]:
    """App Service authentication with Entra ID, as its settings are shown."""
    entra = {"enabled": True, "registration": {"clientId": CLIENT}}
    properties = {"platform": {"enabled": True}, "identityProviders": {"azureActiveDirectory": entra}}
    return {"id": f"{site}/config/authsettingsV2", "location": "westeurope", "properties": properties}


def _roles(subscription: str, app: Deployed) -> Iterator[dict[str, Any]]:
    """The roles of the subscription, made once for every app, and this one's part in them."""
    scope = f"/subscriptions/{subscription}"
    at, guids = f"{scope}/providers/Microsoft.Authorization", role_ids(subscription)
    for guid, name in guids.items():
        role = json.loads((INFRA / "roles" / f"{name.rpartition(' ')[2]}.json").read_text())
        named = {"roleName": f"{name} ({subscription})", "type": "CustomRole", "assignableScopes": [scope]}
        permissions = [{"actions": role["actions"], "notActions": []}]
        definition = f"{at}/roleDefinitions/{guid}"
        yield {"id": definition, "properties": {**named, "permissions": permissions}}
        holding = {"principalId": app.principal, "principalType": "ServicePrincipal", "scope": scope}
        assignment = f"{at}/roleAssignments/{app.name}-{name.rpartition(' ')[2]}"
        yield {"id": assignment, "properties": {**holding, "roleDefinitionId": definition}}


def _deliveries(subscription: str, site: str, app: Deployed) -> Iterator[dict[str, Any]]:
    """The one system topic that a subscription has, and what of it is this app's."""
    topic = FIRST.in_group(subscription, f"Microsoft.EventGrid/systemTopics/evgst-guard-{subscription}")
    of_subscriptions = {"topicType": "Microsoft.Resources.Subscriptions"}
    yield {"id": topic, "location": "global", "tags": OURS, "properties": of_subscriptions}
    families: dict[str, list[str]] = json.loads((INFRA / "operations.json").read_text())
    for family, operations in families.items():
        only = {"operatorType": "StringIn", "key": "data.operationName", "values": operations}
        properties = {
            "provisioningState": "Succeeded",
            "destination": {"properties": {"resourceId": f"{site}/functions/on_resource_change"}},
            "deadLetterDestination": {"endpointType": "StorageBlob"},
            "filter": {"includedEventTypes": HEARD, "advancedFilters": [only]},
        }
        prefix = "guard" if app == FIRST else app.name
        yield {"id": f"{topic}/eventSubscriptions/{prefix}-{family}", "properties": properties}
