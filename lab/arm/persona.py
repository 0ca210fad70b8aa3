"""Who a caller is: a client's token is only a name, and all that Azure would tell of them follows from it.

`bastion-guard`, and any name that starts with `mi-`, is a managed identity; `terraform` and names that
start with `sp-` are service principals; all others are people. The client application follows from the
user agent. Values of idtyp and xms_mirid are unconfirmed [?].
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import lru_cache

TENANT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
NAMES = uuid.UUID("6f2d9c1e-0f5b-4d52-9f4e-0d1b4a7f3c55")
SCHEMAS = "http://schemas.microsoft.com/"
SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
OBJECT_ID = SCHEMAS + "identity/claims/objectidentifier"
PORTAL = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
POWERSHELL = "1950a258-227b-4e31-a9cf-717495945fc2"
CLIENTS = (
    ("azurecli", AZURE_CLI),
    ("azure-cli", AZURE_CLI),
    ("terraform", AZURE_CLI),
    ("azurepowershell", POWERSHELL),
)


def guid(*words: str) -> str:
    """A guid that follows from words: the same caller is the same principal in every run."""
    return str(uuid.uuid5(NAMES, "/".join(words)))


@dataclass(frozen=True, slots=True)
class Persona:
    """One caller. `application` is the client id in claims.appid."""

    caller: str
    kind: str  # User, ServicePrincipal, ManagedIdentity
    object_id: str
    application: str

    @property
    def upn(self) -> str:
        return f"{self.caller}@contoso.example"

    @property
    def shown(self) -> str:
        """What the activity log calls the caller: a person's address, anyone else's object id."""
        return self.upn if self.kind == "User" else self.object_id

    @property
    def role(self) -> str:
        return "Network Contributor" if self.kind == "User" else "Guard Remediator"


def _kind(caller: str) -> str:
    if caller == "bastion-guard" or caller.startswith("mi-"):
        return "ManagedIdentity"
    return "ServicePrincipal" if caller == "terraform" or caller.startswith("sp-") else "User"


def _application(caller: str, kind: str, user_agent: str) -> str:
    if kind != "User":
        return guid("application", caller)
    agent = user_agent.lower()
    return next((client for word, client in CLIENTS if word in agent), PORTAL)


@lru_cache(maxsize=4096)
def persona(caller: str, user_agent: str = "") -> Persona:
    kind = _kind(caller)
    return Persona(caller, kind, guid("object", caller), _application(caller, kind, user_agent))


def claims(who: Persona, subscription: str, issued: int) -> dict[str, str]:
    """The claims of the caller's token as they stand in events and in the activity log."""
    common = {
        "aud": "https://management.core.windows.net/",
        "iss": f"https://sts.windows.net/{TENANT}/",
        "iat": str(issued),
        "nbf": str(issued),
        "exp": str(issued + 3900),
        "aio": guid("aio", who.caller).replace("-", "")[:16],
        "appid": who.application,
        "appidacr": "2",
        OBJECT_ID: who.object_id,
        SCHEMAS + "identity/claims/tenantid": TENANT,
        "uti": guid("uti", who.caller)[:22],
        "ver": "1.0",
    }
    return common | (_person(who) if who.kind == "User" else _program(who, subscription, issued))


def _person(who: Persona) -> dict[str, str]:
    return {
        SCHEMAS + "claims/authnclassreference": "1",
        SCHEMAS + "claims/authnmethodsreferences": "pwd,mfa",
        "ipaddr": "203.0.113.10",
        "name": who.caller.replace(".", " ").replace("-", " ").title(),
        "puid": str(int(guid("puid", who.caller)[:8], 16)),
        SCHEMAS + "identity/claims/scope": "user_impersonation",
        SOAP + "nameidentifier": guid("nameidentifier", who.caller),
        SOAP + "name": who.upn,
        SOAP + "upn": who.upn,
    }


def _program(who: Persona, subscription: str, issued: int) -> dict[str, str]:
    found = {
        "aud": "https://management.azure.com",
        "exp": str(issued + 86_400),
        SCHEMAS + "identity/claims/identityprovider": f"https://sts.windows.net/{TENANT}/",
        "idtyp": "app",
        SOAP + "nameidentifier": who.object_id,
    }
    if who.kind == "ManagedIdentity":
        found["xms_mirid"] = (
            f"/subscriptions/{subscription}/resourcegroups/rg-guard/providers/"
            f"Microsoft.ManagedIdentity/userAssignedIdentities/{who.caller}"
        )
    return found


def authorization(who: Persona, scope: str, action: str, subscription: str) -> dict[str, object]:
    """The authorization an event shows: the action, and the role assignment that allowed it."""
    evidence = {
        "role": who.role,
        "roleAssignmentScope": f"/subscriptions/{subscription}",
        "roleAssignmentId": guid("assignment", who.caller).replace("-", ""),
        "roleDefinitionId": guid("role", who.role).replace("-", ""),
        "principalId": who.object_id.replace("-", ""),
        "principalType": "User" if who.kind == "User" else "ServicePrincipal",
    }
    return {"scope": scope, "action": action, "evidence": evidence}
