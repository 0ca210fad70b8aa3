"""The baseline as a blob behind an https URL, read with the app's identity."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from remediation.adapters.azure_errors import azure_errors
from remediation.adapters.azure_hosts import BLOBS, is_at
from remediation.adapters.retrying import Retry
from remediation.errors import (
    LONGEST_KIND,
    LONGEST_PATH,
    BastionGuardError,
    ConfigurationError,
    Mistake,
    TransientError,
    UnreachableError,
)
from remediation.plain import clipped, plain

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.rest import HttpResponse

SCOPE = "https://storage.azure.com/.default"
API_VERSION = "2021-12-02"
MAX_BYTES = 1024 * 1024
BY, LONGEST_NAME = "x-ms-meta-by", 200
"""The blob's metadata in which whoever puts it there may leave a name."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob's text, the version it has, and who its metadata (`by`) says has put it there."""

    text: str
    version: str = ""
    by: str = ""


class BaselineBlob:
    """A blob that is read again and again: what has not changed is not sent again."""

    def __init__(self, url: str, identity: "TokenCredential") -> None:
        self._url = url
        self._identity = identity
        self._last: Blob | None = None

    def read(self) -> Blob:
        """The blob as it is now; raises as `fetch`."""
        self._last = _asked(self._url, self._identity, self._last)
        return self._last


def blob_of(url: str, *, client_id: str, in_azure: bool) -> BaselineBlob:
    """A blob that may be asked for a baseline; raises ConfigurationError for any other URL."""
    from remediation.adapters.credentials import credential

    _refuse_others(url)
    return BaselineBlob(url, credential(endpoint=url, client_id=client_id, in_azure=in_azure))


def read_blob(url: str, *, client_id: str, in_azure: bool) -> str:
    """The text of a blob; raises ConfigurationError that names it and what is wrong.

    Only hosts of Azure Blob storage are asked, because the request carries a token for storage.
    """
    from remediation.adapters.credentials import credential

    _refuse_others(url)
    # Nobody but Azure answers from here on; `fetch` is what can be tried on loopback.
    return fetch(url, credential(endpoint=url, client_id=client_id, in_azure=in_azure))  # pragma: no cover


def _refuse_others(url: str) -> None:
    if not is_blob(url):
        kind = "is not a blob of Azure storage"
        raise ConfigurationError(Mistake(f"{_named(url)} {kind}", "baseline", kind))


def is_blob(url: str) -> bool:
    """Whether a URL leads to a storage account of Azure, over https, and to nobody else.

    A query is refused too: the identity reads the blob, so a signature (SAS) would be a secret in a setting
    for nothing, and storage takes no token beside it.
    """
    return is_at(url, BLOBS) and not urlsplit(url).query and not urlsplit(url).fragment


def fetch(url: str, identity: "TokenCredential") -> str:
    """The text behind a URL that may be asked; raises ConfigurationError where there is none.

    That is an UnreachableError where nobody answers for now.
    """
    return _asked(url, identity, None).text


def _asked(url: str, identity: "TokenCredential", last: Blob | None) -> Blob:
    try:
        return Retry(of="storage").call(lambda: _blob(url, identity, last))
    except (BastionGuardError, UnicodeDecodeError) as error:
        kind = clipped(plain(error), LONGEST_KIND)
        mistake = Mistake(f"cannot read {_named(url)}: {kind}", "baseline", f"cannot be read: {kind}")
        if isinstance(error, TransientError):
            raise UnreachableError(mistake) from error
        raise ConfigurationError(mistake) from error


def _blob(url: str, identity: "TokenCredential", last: Blob | None) -> Blob:
    """The blob, or `last` where it still has the version of that."""
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy
    from azure.core.rest import HttpRequest, HttpResponse

    from remediation.adapters.credentials import is_loopback

    policies = [BearerTokenCredentialPolicy(identity, SCOPE)]  # retries are ours
    client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(url, policies=policies)
    with azure_errors("reading the baseline"), client:
        known = {"If-None-Match": last.version} if last is not None and last.version else {}
        request = HttpRequest("GET", url, headers={"x-ms-version": API_VERSION, **known})
        answer = client.send_request(request, stream=True, enforce_https=not is_loopback(url))
        try:
            if answer.status_code == 304 and last is not None:
                return last
            by = clipped(plain(answer.headers.get(BY, "")), LONGEST_NAME)
            return Blob(_content(answer).decode("utf-8"), answer.headers.get("ETag", ""), by)
        finally:
            answer.close()


def _content(answer: "HttpResponse") -> bytes:
    """The body of a 200, read no further than it may be long; of any other answer nothing is read."""
    if answer.status_code != 200:  # no redirect is followed: the token is for this host alone
        code = answer.headers.get("x-ms-error-code", "")[:80]
        raise ConfigurationError(f"HTTP {answer.status_code} {code}".rstrip())
    content = b""
    for chunk in answer.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise ConfigurationError(f"it has more than {MAX_BYTES} bytes")
    return content


def _named(url: str) -> str:
    """The URL, short, and without what may be secret in it: a signature, a user name."""
    return clipped(plain(url.partition("?")[0].partition("#")[0].rpartition("@")[2]), LONGEST_PATH)
