"""The app as ARM shows it where it is deployed: a function app with its settings, in a group of its own.

So that the command line finds it by `--app rg-guard`, as it would in Azure. It is not part of the estate: it
stands there only where somebody asks for it, in a lab whose storage other processes can reach.
"""

from collections.abc import Mapping
from typing import Any

GROUP, NAME = "rg-guard", "func-guard-lab"
CLIENT = "0a0a0a0a-0000-4000-8000-000000000001"
"""The registration of the app, for which tokens are."""


def documents(subscription: str, host: str, settings: Mapping[str, str]) -> list[dict[str, Any]]:
    """The app and its settings, as they are seeded."""
    site = f"/subscriptions/{subscription}/resourceGroups/{GROUP}/providers/Microsoft.Web/sites/{NAME}"
    runtime = {"runtime": {"name": "python", "version": "3.13"}}
    properties = {"state": "Running", "defaultHostName": host, "functionAppConfig": runtime}
    shared = {"location": "westeurope", "tags": {"application": "bastion-guard"}}
    return [
        *([_signing_in(site)] if settings.get("WEBSITE_AUTH_ENABLED", "").lower() == "true" else []),
        {"id": site, **shared, "kind": "functionapp,linux", "properties": properties},
        {"id": f"{site}/config/appsettings", "location": "westeurope", "properties": dict(settings)},
    ]


def _signing_in(site: str) -> dict[str, Any]:
    """App Service authentication with Entra ID, as its settings are shown."""
    entra = {"enabled": True, "registration": {"clientId": CLIENT}}
    properties = {"platform": {"enabled": True}, "identityProviders": {"azureActiveDirectory": entra}}
    return {"id": f"{site}/config/authsettingsV2", "location": "westeurope", "properties": properties}
