"""Who we are to Azure: the app's identity there, the engineer's own sign-in at a desk, a name in the lab."""

import ipaddress
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from remediation.adapters.azure_hosts import ANY, is_at
from remediation.errors import ConfigurationError, Mistake, SignedOutError
from remediation.plain import clipped, plain

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

_CLI = "AzureCliCredential:"
_LONGEST_REASON = 200
_FOREVER = 1 << 40
"""Seconds since 1970 at which a lab token expires: never, as far as anybody cares."""


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine and nowhere else."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class LabCredential:
    """A token that is merely a name. The lab takes any; it must never be sent to anybody else."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get_token(self, *_scopes: str, **_options: Any) -> "AccessToken":
        from azure.core.credentials import AccessToken

        return AccessToken(self.name, _FOREVER)

    def __repr__(self) -> str:
        return "LabCredential(...)"


class DeskCredential:
    """Whoever is signed in at this desk, by whatever tool; that nobody is comes at once and in one line.

    Raises SignedOutError, which no retry takes for something that passes.
    """

    def __init__(self) -> None:
        from azure.identity import DefaultAzureCredential

        # Its account of each way that failed goes into our line, where it says anything.
        logging.getLogger("azure.identity").addHandler(logging.NullHandler())
        self._chain = DefaultAzureCredential(exclude_managed_identity_credential=True)

    def get_token(self, *scopes: str, **options: Any) -> "AccessToken":
        from azure.core.exceptions import ClientAuthenticationError

        try:
            return self._chain.get_token(*scopes, **options)
        except ClientAuthenticationError as error:
            raise SignedOutError(signed_out(str(error))) from error


def signed_out(account: str) -> str:
    """One line out of what every way of signing in said: the Azure CLI's own words, where it has any."""
    said = next((line for line in map(str.strip, account.splitlines()) if line.startswith(_CLI)), "")
    why = said.removeprefix(_CLI).strip()
    if not why or "az login" in why:
        return "nobody is signed in to Azure: run az login"
    return f"nobody is signed in to Azure: run az login ({clipped(plain(why), _LONGEST_REASON)})"


def app_credential(host: str, static_token: str) -> "TokenCredential":
    """The credential for a deployed app of ours at `host`, as ARM names it; on loopback a static token alone.

    A token for the app is of use to nobody but the app. Raises ConfigurationError as `credential`.
    """
    if is_loopback(host if "://" in host else f"http://{host}"):
        return credential(endpoint="http://127.0.0.1", static_token=static_token)
    return DeskCredential()


def credential(
    *, endpoint: str, client_id: str = "", static_token: str = "", in_azure: bool = False
) -> "TokenCredential":
    """The credential for calls to `endpoint`.

    `client_id` names a user-assigned identity. On loopback a `static_token` is all that is ever sent: a real
    token would go over plain http, to whatever listens on this machine. Anywhere else it is a host of Azure
    that gets a real one. Raises ConfigurationError for a loopback or plain http endpoint without a static
    token, for a static token anywhere else, and for any other host.
    """
    if static_token:
        if not is_loopback(endpoint):
            raise ConfigurationError(
                Mistake.of_settings("a static token is for a lab on loopback, not for any other endpoint")
            )
        return LabCredential(static_token)
    if is_loopback(endpoint) or not endpoint.lower().startswith("https://"):
        raise ConfigurationError(
            Mistake.of_settings(
                "no real token is sent over plain http or to loopback: a lab takes a static one"
            )
        )
    if not is_at(endpoint, ANY):
        raise ConfigurationError(
            Mistake.of_settings(
                "a token is sent to hosts of Azure alone: its Resource Manager, storage and Event Grid"
            )
        )
    if in_azure:
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(client_id=client_id) if client_id else ManagedIdentityCredential()
    return DeskCredential()
