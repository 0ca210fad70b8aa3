"""The pipeline that carries every ARM call: azure-mgmt-network's client with policies of our choice.

Left out on purpose: the SDK's retries (ours is the one owner), its redirects (a token must not follow one),
and its registering of resource providers (a mere read would change the subscription).
"""

from typing import TYPE_CHECKING, Any

from remediation.adapters.credentials import is_loopback
from remediation.errors import ConfigurationError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline import PipelineRequest
    from azure.core.pipeline.transport import HttpTransport
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
    from azure.mgmt.network import NetworkManagementClient

PUBLIC_ARM = "https://management.azure.com"
CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0


def arm_client(
    credential: "TokenCredential", endpoint: str, transport: "HttpTransport[Any, Any] | None" = None
) -> "NetworkManagementClient":
    """A client for one ARM endpoint; https everywhere but on loopback, else ConfigurationError."""
    if not endpoint.lower().startswith("https://") and not is_loopback(endpoint):
        raise ConfigurationError(f"the ARM endpoint must be https: {endpoint}")
    from azure.core.pipeline import policies
    from azure.mgmt.network import NetworkManagementClient

    local = is_loopback(endpoint)
    scope = f"{PUBLIC_ARM if local else endpoint}/.default"
    return NetworkManagementClient(
        credential,
        "-",  # every path we send names its own subscription
        base_url=endpoint,
        transport=transport or http_transport(use_env_settings=not local),
        policies=[
            policies.RequestIdPolicy(),
            policies.UserAgentPolicy("bastion-guard", sdk_moniker="mgmt-network"),
            authentication(credential, scope),
            policies.DistributedTracingPolicy(),
        ],
    )


def http_transport(*, use_env_settings: bool) -> "HttpTransport[Any, Any]":
    """A connection pool with time limits; a proxy of the environment is not asked about this machine."""
    from azure.core.pipeline.transport import RequestsTransport

    transport: HttpTransport[Any, Any] = RequestsTransport(
        connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, use_env_settings=use_env_settings
    )
    return transport


def authentication(credential: "TokenCredential", scope: str) -> "ARMChallengeAuthenticationPolicy":
    """The policy that signs requests to ARM, for every client of it."""
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    class LoopbackAwareAuthentication(ARMChallengeAuthenticationPolicy):
        """Sends the token over http to this machine, and over https only to every other."""

        def on_request(self, request: "PipelineRequest[Any]") -> None:
            if is_loopback(request.http_request.url):
                request.context.options["enforce_https"] = False
            super().on_request(request)

    return LoopbackAwareAuthentication(credential, scope)
