"""Where a storage account is and who we are there: an identity in Azure, a key in an emulator."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from remediation.errors import ConfigurationError, Mistake

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

CLIENT_OPTIONS: dict[str, Any] = {
    "retry_total": 0,
    "permit_redirects": False,
    "connection_timeout": 5,
    "read_timeout": 30,
}
"""For every storage client: no retries of the SDK's own, no answer is waited for longer (seconds), and no
redirect is followed: the SDK would sign again for whoever it leads to."""


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """Either a connection string, or a service's https endpoint together with a credential."""

    connection_string: str = field(default="", repr=False)
    endpoint: str = ""
    credential: "TokenCredential | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.connection_string and not (self.endpoint and self.credential):
            raise ConfigurationError(
                Mistake.of_settings(
                    "a storage account needs a connection string, or an endpoint and a credential"
                )
            )
        if self.endpoint and not self.endpoint.lower().startswith("https://"):
            raise ConfigurationError(Mistake.of_settings("the endpoint of a storage account must be https"))
