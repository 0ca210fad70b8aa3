"""App Service authentication, as far as the lab has it: a bearer token is whoever it names.

Azure checks a token, strips the headers of a principal from what comes in and sets them anew. Here any token
does, and its text is the caller's name; headers that come along stay, so that a test says who is signed in.
"""

import os
import uuid
from collections.abc import Mapping

ID, NAME = "x-ms-client-principal-id", "x-ms-client-principal-name"


def object_id(name: str) -> str:
    """The Entra object id of somebody of this name, the same each time."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"lab:{name.lower()}"))


def with_principal(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as the app gets them; names are lower case."""
    kind, _, name = headers.get("authorization", "").partition(" ")
    switched_on = os.environ.get("WEBSITE_AUTH_ENABLED", "").lower() == "true"
    if not switched_on or kind.lower() != "bearer" or not name.strip() or ID in headers:
        return dict(headers)
    return {**headers, ID: object_id(name.strip()), NAME: name.strip()}
