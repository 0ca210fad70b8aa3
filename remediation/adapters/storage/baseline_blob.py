"""The baseline as a blob behind an https URL, read with the app's identity."""

from urllib.parse import urlsplit

from remediation.adapters.azure_errors import azure_errors
from remediation.errors import BastionGuardError, ConfigurationError

SCOPE = "https://storage.azure.com/.default"
API_VERSION = "2021-12-02"
MAX_BYTES = 1024 * 1024


def read_blob(url: str, *, client_id: str, in_azure: bool) -> str:
    """The text of a blob; raises ConfigurationError that names it and what is wrong.

    Only hosts of Azure Blob storage are asked, because the request carries a token for storage.
    """
    host = urlsplit(url).hostname or ""
    if ".blob." not in host:
        raise ConfigurationError(f"{url.partition('?')[0]} is not a blob of Azure storage")
    try:
        return _read(url, client_id, in_azure=in_azure)
    except (BastionGuardError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {url.partition('?')[0]}: {error}") from error


def _read(url: str, client_id: str, *, in_azure: bool) -> str:
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
    from azure.core.rest import HttpRequest, HttpResponse

    from remediation.adapters.credentials import credential

    identity = credential(endpoint=url, client_id=client_id, in_azure=in_azure)
    policies = [RetryPolicy(retry_total=2), BearerTokenCredentialPolicy(identity, SCOPE)]
    client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(url, policies=policies)
    with azure_errors("reading the baseline"), client:
        answer = client.send_request(HttpRequest("GET", url, headers={"x-ms-version": API_VERSION}))
        answer.raise_for_status()
        content = answer.content
    if len(content) > MAX_BYTES:
        raise ConfigurationError(f"it has {len(content)} bytes, more than {MAX_BYTES}")
    return content.decode("utf-8")
