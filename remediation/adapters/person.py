"""Who somebody at a desk is, by the token they are signed in with: for the history, never for a decision.

The token is our own, fresh from Entra ID, and only read; no right to anything follows from what it says.
"""

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from remediation.adapters.azure_errors import azure_errors
from remediation.errors import BastionGuardError
from remediation.plain import plain

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

NAMES = ("upn", "preferred_username", "unique_name", "email", "name", "app_displayname", "appid", "oid")
"""Claims that name a person or an application, the best first."""
LONGEST = 200


def signed_in(credential: "TokenCredential", scope: str) -> str:
    """The name in the token for a scope; "" where nobody is signed in, or the token names nobody."""
    try:
        with azure_errors("asking who is signed in"):
            token = credential.get_token(scope).token
    except BastionGuardError:
        return ""
    return name_in(token)


def object_id(credential: "TokenCredential", scope: str) -> str:
    """The Entra object id in the token for a scope; "" where nobody is signed in, or it names none."""
    try:
        with azure_errors("asking who is signed in"):
            token = credential.get_token(scope).token
    except BastionGuardError:
        return ""
    found = _claims(token).get("oid")
    return plain(found)[:LONGEST] if isinstance(found, str) else ""


def name_in(token: str) -> str:
    """The name in a token: by its claims, or the token itself where it is a lab's, which is but a name."""
    if token.count(".") != 2:
        return plain(token)[:LONGEST]
    claims = _claims(token)
    named = (claims.get(claim) for claim in NAMES)
    return next((plain(name)[:LONGEST] for name in named if isinstance(name, str) and name.strip()), "")


def _claims(token: str) -> dict[str, Any]:
    """The claims of a token; none of what cannot be read."""
    _, _, rest = token.partition(".")
    part = rest.partition(".")[0]
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
