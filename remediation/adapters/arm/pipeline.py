"""The pipeline that carries every ARM call: the SDK's clients with policies of our choice.

Our token goes with each request, so every request goes to ARM's own origin and to nobody else, whatever an
answer names as its next page. Left out on purpose: the SDK's retries (ours is the one owner), its redirects
(a token must not follow one), and its registering of resource providers (a mere read would change the
subscription).
"""

from typing import TYPE_CHECKING, Any, Protocol

from remediation.adapters.arm.answers import origin
from remediation.adapters.credentials import is_loopback
from remediation.errors import ConfigurationError, Mistake, PermanentError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline import PipelineRequest
    from azure.core.pipeline.transport import HttpTransport
    from azure.core.rest import HttpRequest, HttpResponse
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
    from azure.mgmt.monitor import MonitorManagementClient

PUBLIC_ARM = "https://management.azure.com"
CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
CONNECTIONS = 32
"""Kept to ARM by one process: for what several functions read at once (`adapters/together.py`)."""


class ArmClient(Protocol):
    """What carries a request through a pipeline."""

    def send_request(self, request: "HttpRequest", **options: Any) -> "HttpResponse": ...

    def close(self) -> None: ...


def arm_client(
    credential: "TokenCredential", endpoint: str, transport: "HttpTransport[Any, Any] | None" = None
) -> ArmClient:
    """A client for one ARM endpoint; https everywhere but on loopback, else ConfigurationError.

    At a desk without the parts for Functions it is the client that azure-mgmt-network's own is built on, with
    the same pipeline: its models would be a third of what is installed there, and nothing of ours reads them.
    """
    policies = policies_to(endpoint, credential, sdk="mgmt-network")
    carrier = transport or _transport_to(endpoint)
    try:
        from azure.mgmt.network import NetworkManagementClient
    except ModuleNotFoundError:
        from azure.mgmt.core import ARMPipelineClient

        return ARMPipelineClient(base_url=endpoint, transport=carrier, policies=policies)
    subscription = "-"  # every path we send names its own
    return NetworkManagementClient(
        credential, subscription, base_url=endpoint, transport=carrier, policies=policies
    )


def monitor_client(
    credential: "TokenCredential", endpoint: str, subscription: str, *more: Any
) -> "MonitorManagementClient":
    """The same for Azure Monitor, which answers at ARM's endpoint too; `more` policies see bodies decoded."""
    from azure.core.pipeline.policies import ContentDecodePolicy
    from azure.mgmt.monitor import MonitorManagementClient

    return MonitorManagementClient(
        credential,
        subscription,
        base_url=endpoint,
        transport=_transport_to(endpoint),
        # Its operations return models, which are made of the decoded body.
        policies=[*policies_to(endpoint, credential, sdk="mgmt-monitor"), *more, ContentDecodePolicy()],
    )


def refuse_foreign(url: str, endpoint: str, doing: str) -> None:
    """Raises PermanentError for a URL that is not on ARM's own origin."""
    if origin(url) != origin(endpoint):
        raise PermanentError(f"{doing}: ARM named a URL that is not on {endpoint}", code="ForeignUrl")


def policies_to(endpoint: str, credential: "TokenCredential", *, sdk: str) -> list[Any]:
    """What every request to ARM goes through, whichever SDK made it."""
    if not endpoint.lower().startswith("https://") and not is_loopback(endpoint):
        raise ConfigurationError(Mistake.of_settings("the ARM endpoint must be https"))
    from azure.core.pipeline import policies

    class SameOrigin(policies.SansIOHTTPPolicy[Any, Any]):
        """Lets no request leave for another origin; the SDK's pager would follow a link anywhere."""

        def on_request(self, request: "PipelineRequest[Any]") -> None:
            refuse_foreign(request.http_request.url, endpoint, "asking ARM")

    scope = f"{PUBLIC_ARM if is_loopback(endpoint) else endpoint}/.default"
    return [
        SameOrigin(),
        policies.RequestIdPolicy(),
        policies.UserAgentPolicy("bastion-guard", sdk_moniker=sdk),
        authentication(credential, scope),
        policies.DistributedTracingPolicy(),
    ]


def _transport_to(endpoint: str) -> "HttpTransport[Any, Any]":
    return http_transport(use_env_settings=not is_loopback(endpoint))


def http_transport(*, use_env_settings: bool) -> "HttpTransport[Any, Any]":
    """A connection pool with time limits; a proxy of the environment is not asked about this machine."""
    import requests
    from azure.core.pipeline.transport import RequestsTransport
    from requests.adapters import HTTPAdapter

    session = requests.Session()
    session.trust_env = use_env_settings
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=False, pool_maxsize=CONNECTIONS))
    transport: HttpTransport[Any, Any] = RequestsTransport(
        session=session,
        session_owner=True,
        connection_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        use_env_settings=use_env_settings,
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
